import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** The name of the view that is shown, for the window. */
export const pageTitle = signal('');

// The first view is where the reader already is; each later one takes the focus to its heading.
let isFirst = true;

interface Props {
  title: string;
  lead?: ComponentChildren;
  /** Beside the heading. */
  actions?: ComponentChildren;
  /** One more class, for pages with a layout of their own. */
  class?: string;
  children: ComponentChildren;
}

/** What all views have in common: a heading that has the focus after navigation, and a window title. */
export function Page({ title, lead, actions, class: name, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);

  useLayoutEffect(() => {
    pageTitle.value = title;
  }, [title]);

  useEffect(() => {
    if (!isFirst) {
      heading.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst = false;
  }, []);

  return (
    <div class={name}>
      <div class="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p class="page-lead">{lead}</p>}
        </div>
        {actions && <div class="actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
