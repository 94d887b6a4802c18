/**
 * The claim of the tab that leads, for tabs that are opened later; null when it has left. Storage may be switched off,
 * full or changed by hand: then there is none.
 */
export class Mark {
  constructor(private readonly key: string) {}

  read(): number | null {
    try {
      return Number(localStorage.getItem(this.key)) || null;
    } catch {
      return null;
    }
  }

  set(claim: number | null): void {
    try {
      if (claim === null) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, String(claim));
    } catch {
      // Tabs ask each other then.
    }
  }
}
