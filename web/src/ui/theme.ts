import { effect } from '@preact/signals';
import { matches, oneOf, Setting } from '../setting';

const wantsDark = matches('(prefers-color-scheme: dark)');

const setting = new Setting<'light' | 'dark'>('dotcast.theme', oneOf('light', 'dark'), () =>
  wantsDark.value ? 'dark' : 'light',
);

/** What is shown: what was chosen here, or else what the system wants. */
export const theme = () => setting.value;

effect(() => {
  document.documentElement.dataset.theme = theme();
});

export function toggleTheme(): void {
  setting.choose(theme() === 'dark' ? 'light' : 'dark');
}
