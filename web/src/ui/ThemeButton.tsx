import { t } from '../language/texts';
import { Icon } from './Icon';
import { theme, toggleTheme } from './theme';

export function ThemeButton() {
  const texts = t().shell;
  const isDark = theme() === 'dark';
  const words = isDark ? texts.useLight : texts.useDark;
  return (
    <button
      type="button"
      class="icon-button theme-button"
      aria-label={words}
      title={words}
      onClick={toggleTheme}
    >
      <Icon name={isDark ? 'sun' : 'moon'} />
    </button>
  );
}
