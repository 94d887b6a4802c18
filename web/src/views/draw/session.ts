import { type Signal, signal } from '@preact/signals';
import type { Drawing } from '../../rules/drawing';
import { type History, NO_HISTORY } from './history';

/** What one is at on a board. It outlives the view, because signing in leads away from it. */
interface Session {
  drawing: Signal<Drawing | null>;
  history: Signal<History>;
  /** Of the board on which that was drawn; 0 if nothing was yet. */
  version: number;
}

const sessions = new Map<number, Session>();

export function sessionOn(boardId: number): Session {
  const session = sessions.get(boardId) ?? {
    drawing: signal(null),
    history: signal(NO_HISTORY),
    version: 0,
  };
  sessions.set(boardId, session);
  return session;
}
