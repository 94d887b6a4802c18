import { Problem } from '../../api/problem';
import { loadSession } from '../../state/session';

/** Finds out who is signed in if somebody has been refused who was an administrator: perhaps no longer. */
export function noteRefusal(error: unknown): void {
  if (error instanceof Problem && error.code === 'not_administrator') loadSession();
}
