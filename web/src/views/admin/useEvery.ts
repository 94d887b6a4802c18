import { useEffect, useRef } from 'preact/hooks';

/** Acts at once, and again that many milliseconds after it was done, while the page is to be seen. */
export function useEvery(pause: number, act: () => Promise<unknown>): void {
  const latest = useRef(act);
  latest.current = act;

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let isBusy = false;
    const go = async () => {
      clearTimeout(timer);
      if (isBusy || document.visibilityState !== 'visible') return;
      isBusy = true;
      await latest.current();
      isBusy = false;
      if (!isOver) timer = setTimeout(go, pause);
    };
    go();
    document.addEventListener('visibilitychange', go);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', go);
    };
  }, [pause]);
}
