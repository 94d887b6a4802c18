import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface Props {
  isOn: boolean;
  onSwitch(isOn: boolean): void;
  hint?: string;
  children: ComponentChildren;
}

/** Something that is or is not. */
export function Switch({ isOn, onSwitch, hint, children }: Props) {
  const id = useId();
  return (
    <div class="switch">
      <label>
        <input
          type="checkbox"
          checked={isOn}
          aria-describedby={hint && id}
          onChange={(event) => onSwitch(event.currentTarget.checked)}
        />
        {children}
      </label>
      {hint && (
        <p class="field-hint" id={id}>
          {hint}
        </p>
      )}
    </div>
  );
}
