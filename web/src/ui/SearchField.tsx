import { Icon } from './Icon';

interface Props {
  label: string;
  /** Upper bound on the characters that can be typed. */
  maxLength: number;
  value: string;
  onType(text: string): void;
}

/** Where one types what to look for. */
export function SearchField({ label, maxLength, value, onType }: Props) {
  return (
    <div class="finder-text">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        maxLength={maxLength}
        autocomplete="off"
        enterkeyhint="search"
        value={value}
        onInput={(event) => onType(event.currentTarget.value)}
      />
    </div>
  );
}
