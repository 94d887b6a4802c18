import { effect } from '@preact/signals';
import drawing from '../favicon.svg?raw';
import { unread } from '../state/unread';

const link = document.querySelector<HTMLLinkElement>('link[rel="icon"][type="image/svg+xml"]');
const plain = link?.href ?? '';

effect(() => {
  const count = unread.value;
  if (link) link.href = count > 0 ? withBadge(count) : plain;
  // On the icon of the installed page, where there is one.
  const told = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.();
  told?.catch(() => {});
});

/** The icon with a number, as an address. Dark with a light rim, so that it holds on bars of any colour. */
function withBadge(count: number): string {
  const text = count > 9 ? '9+' : String(count);
  const badge = `<circle cx="22.5" cy="22.5" r="9.5" fill="#17171f" stroke="#fff" stroke-width="1.5"/><text x="22.5" y="27.5" font-family="system-ui, sans-serif" font-size="${text.length > 1 ? 12 : 14}" font-weight="700" text-anchor="middle" fill="#fff">${text}</text>`;
  return `data:image/svg+xml,${encodeURIComponent(drawing.replace('</svg>', `${badge}</svg>`))}`;
}
