import { effect } from '@preact/signals';
import { matches, oneOf, Setting } from '../setting';

const wantsDark = matches('(prefers-color-scheme: dark)');

export type Theme = 'light' | 'dark';

export const themeSetting = new Setting<Theme>('dotcast.theme', oneOf('light', 'dark'), () =>
  wantsDark.value ? 'dark' : 'light',
);

/** What is shown: what was chosen here, or else what the system wants. */
export const theme = () => themeSetting.value;

/** `--ground`, for the browser's own bars around the page. */
const GROUND: Record<Theme, string> = { light: '#f4f4f7', dark: '#101117' };

effect(() => {
  document.documentElement.dataset.theme = theme();
  // There is one for each wish of the system, and a choice overrules both.
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
    meta.content = GROUND[theme()];
  }
});

export function toggleTheme(): void {
  themeSetting.choose(theme() === 'dark' ? 'light' : 'dark');
}
