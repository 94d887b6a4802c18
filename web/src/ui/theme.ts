import { effect, signal } from '@preact/signals';
import { keep, onKeptElsewhere, recall } from '../storage';

type Theme = 'light' | 'dark';

const KEY = 'dotcast.theme';
const wantsDark = matchMedia('(prefers-color-scheme: dark)');

function kept(): Theme | null {
  const value = recall(KEY);
  return value === 'light' || value === 'dark' ? value : null;
}

const chosen = signal(kept());
const system = signal<Theme>(wantsDark.matches ? 'dark' : 'light');

wantsDark.addEventListener('change', () => {
  system.value = wantsDark.matches ? 'dark' : 'light';
});
onKeptElsewhere(KEY, () => {
  chosen.value = kept();
});

/** What is shown: what was chosen here, or else what the system wants. */
export const theme = () => chosen.value ?? system.value;

effect(() => {
  if (chosen.value) document.documentElement.dataset.theme = chosen.value;
});

export function toggleTheme(): void {
  chosen.value = theme() === 'dark' ? 'light' : 'dark';
  keep(KEY, chosen.value);
}
