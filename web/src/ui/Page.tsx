import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { route, scrollStart } from '../router';

/** The name of the view that is shown, for the window. */
export const pageTitle = signal('');

/** The path whose view is shown; null until there was one. */
let shown: string | null = null;
/** What had the focus went away together with its view. */
let isFocusLost = false;

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
  const page = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  useLayoutEffect(() => {
    pageTitle.value = title;
  }, [title]);

  useEffect(() => {
    const { path } = route.peek();
    const isNavigation = shown !== null && shown !== path;
    shown = path;
    if (isNavigation || isFocusLost) heading.current?.focus({ preventScroll: true });
    if (isNavigation) scrollTo(0, scrollStart);
    isFocusLost = false;
    return () => {
      isFocusLost = page.current?.contains(document.activeElement) ?? false;
    };
  }, []);

  return (
    <div class={name} ref={page}>
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
