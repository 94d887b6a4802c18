import { type Signal, signal } from '@preact/signals';
import { keep, onKeptElsewhere, recall } from './storage';

/** Something that one chooses and the browser keeps, the same in all tabs. Until one does, the system's wish counts. */
export class Setting<T> {
  readonly #chosen: Signal<T | null>;

  constructor(
    private readonly key: string,
    private readonly isValid: (value: unknown) => value is T,
    private readonly byDefault: () => T,
  ) {
    this.#chosen = signal(this.#kept());
    onKeptElsewhere(key, () => {
      this.#chosen.value = this.#kept();
    });
  }

  /** What counts; whoever reads it in a component follows it. */
  get value(): T {
    return this.#chosen.value ?? this.byDefault();
  }

  /** What was chosen; null where the system's wish counts. */
  get chosen(): T | null {
    return this.#chosen.value;
  }

  /** Chooses a value, or, with null, to do as the system wishes again. */
  choose(value: T | null): void {
    this.#chosen.value = value;
    keep(this.key, value);
  }

  #kept(): T | null {
    const value = recall(this.key);
    return this.isValid(value) ? value : null;
  }
}

/** Whether a kept value is one of these. */
export function oneOf<T>(...values: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => (values as readonly unknown[]).includes(value);
}

/** What a media query says now and whenever that changes. */
export function matches(query: string): Signal<boolean> {
  const media = matchMedia(query);
  const now = signal(media.matches);
  media.addEventListener('change', () => {
    now.value = media.matches;
  });
  return now;
}
