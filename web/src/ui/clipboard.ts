/** Puts text on the clipboard. False where the browser gives no access to it, as without HTTPS. */
export async function copy(text: string): Promise<boolean> {
  try {
    // Not there in insecure contexts; calling it then throws, too.
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
