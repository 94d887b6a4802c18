import { Icon } from './Icon';
import { theme, toggleTheme } from './theme';

export function ThemeButton() {
  const other = theme() === 'dark' ? 'light' : 'dark';
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={`Use the ${other} scheme`}
      title={`Use the ${other} scheme`}
      onClick={toggleTheme}
    >
      <Icon name={other === 'light' ? 'sun' : 'moon'} />
    </button>
  );
}
