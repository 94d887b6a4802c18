import { signal } from '@preact/signals';
import { type Catalogue, en } from './en';

/** A language that the page speaks. */
export type Language = 'en' | 'pl';

/** The language of what is shown, with its texts: they change together, when the texts have been loaded. */
export const spoken = signal<{ language: Language; texts: Catalogue }>({
  language: 'en',
  texts: en,
});

/** The texts of the language that is shown. A component that asks follows it; the same object for a language. */
export const t = (): Catalogue => spoken.value.texts;
