import type { ComponentChildren } from 'preact';
import { Icon } from './Icon';

interface Props {
  kind?: 'error' | 'warning';
  children: ComponentChildren;
}

/** Something that went wrong or needs a decision, read out when it appears. */
export function Alert({ kind = 'error', children }: Props) {
  return (
    <div class={`alert ${kind}`} role="alert">
      <Icon name="warning" />
      <div>{children}</div>
    </div>
  );
}
