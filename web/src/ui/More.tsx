import { useEffect, useRef } from 'preact/hooks';
import { t } from '../language/texts';

interface Props {
  label: string;
  isBusy: boolean;
  /** Load more without being asked when one scrolls near the end. */
  byItself?: boolean;
  onMore(): void;
}

/** How near to the window the end of a list must come before more is loaded. */
const AHEAD = '800px';

/** The end of a list that goes on. */
export function More({ label, isBusy, byItself = false, onMore }: Props) {
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!byItself || isBusy || !place.current) return;
    // Observed anew after each page, which may leave this where it was.
    const observer = new IntersectionObserver(
      (entries) => entries.at(-1)?.isIntersecting && onMore(),
      {
        rootMargin: AHEAD,
      },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [byItself, isBusy, onMore]);

  return (
    <div class="more" ref={place}>
      <button type="button" class="button plain" aria-disabled={isBusy} onClick={onMore}>
        {isBusy ? t().common.loading : label}
      </button>
    </div>
  );
}
