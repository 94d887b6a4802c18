import { effect, signal } from '@preact/signals';
import { oneOf, Setting } from '../setting';
import { en } from './en';
import { type Language, spoken } from './texts';

/** The languages in their own words. */
export const LANGUAGES: Record<Language, string> = { en: 'English', pl: 'Polski' };

const isLanguage = oneOf<Language>('en', 'pl');

const setting = new Setting('dotcast.language', isLanguage, ofBrowser);

/** The first of the browser's languages that the page speaks (`navigator.languages` has the preferred one first). */
function ofBrowser(): Language {
  return navigator.languages.map((it) => it.split('-')[0]).find(isLanguage) ?? 'en';
}

/** A language that was chosen and could not be loaded; until the page is loaded again it stays so. */
export const unspoken = signal<Language | null>(null);

export const chosenLanguage = (): Language => setting.value;

export function chooseLanguage(language: Language): void {
  setting.choose(language);
}

/** How long the page waits for its first texts before it begins in English, in milliseconds. */
const PATIENCE = 3000;

/**
 * Speaks the language that was chosen, here or in another tab. Resolves when the first of them is there, cannot be
 * loaded, or takes too long; then it is spoken as soon as it is there.
 */
export function followLanguage(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PATIENCE);
    effect(() => {
      speak(setting.value).then(resolve);
    });
  });
}

/** What is not English is loaded when it is needed; while it cannot be, the page speaks as before. */
async function speak(language: Language): Promise<void> {
  const texts =
    language === 'en'
      ? en
      : await import('./pl').then(
          (it) => it.pl,
          () => null,
        );
  if (setting.value !== language) return;
  unspoken.value = texts ? null : language;
  if (!texts) return;
  spoken.value = { language, texts };
  document.documentElement.lang = language;
}
