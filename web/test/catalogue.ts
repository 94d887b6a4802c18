export type Text = string | ((...values: never[]) => unknown);

/** All texts of a catalogue, or functions of them, by the ways to them: `activity.deeds.newPath`. */
export function flat(catalogue: object, way = ''): Map<string, Text> {
  const texts = new Map<string, Text>();
  for (const [key, value] of Object.entries(catalogue)) {
    const here = way ? `${way}.${key}` : key;
    if (typeof value !== 'object') texts.set(here, value);
    else for (const [below, text] of flat(value, here)) texts.set(below, text);
  }
  return texts;
}

/** What a text says with this in the place of each of its values. Digits do for numbers, too. */
export function sample(text: Text, value: string): string {
  return String(typeof text === 'string' ? text : text(...(Array(4).fill(value) as never[])));
}
