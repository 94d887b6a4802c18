import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { close, type OpenBoard, open, openBoard, type Purpose } from '../state/board';

/** The board with this id, as long as the view is shown. */
export function useOpenBoard(id: number, purpose: Purpose): OpenBoard {
  // Until it is asked for, what is open may still be what another view has left.
  const isAsked = useSignal(false);
  useEffect(() => {
    open(id, purpose);
    isAsked.value = true;
    return close;
  }, [id, purpose, isAsked]);
  return isAsked.value ? openBoard.value : { state: 'loading' };
}
