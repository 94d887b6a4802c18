import { matches, oneOf, Setting } from '../../setting';

const wantsContrast = matches('(prefers-contrast: more)');

/** Whether dots carry the letters of their pairs. By default only where the system asks for more contrast. */
export const letters = new Setting(
  'dotcast.letters',
  oneOf(true, false),
  () => wantsContrast.value,
);
