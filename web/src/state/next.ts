import { api, type Board } from '../api/client';
import { connects, progress } from '../rules/path';
import { linesOn } from './lines';
import { user } from './session';

/** How many boards to look at in one request. */
const PAGE = 50;

/**
 * The id of the next board to solve: the newest of those that are older than this one, or else the newest of all.
 * Null if there is none. Rejects with a `Problem`.
 */
export async function nextBoard(after: number): Promise<number | null> {
  return (await firstUnsolved(after, after)) ?? (await firstUnsolved(after));
}

async function firstUnsolved(except: number, before?: number): Promise<number | null> {
  // For users the server leaves out what they have solved.
  const query = user.peek() ? { limit: PAGE, solved: false } : { limit: PAGE };
  for (let from: number | null | undefined = before; from !== null; ) {
    const page = await api.listBoards(from === undefined ? query : { ...query, before: from });
    const found = page.items.find((it) => it.id !== except && isToSolve(it));
    if (found) return found.id;
    from = page.next_before;
  }
  return null;
}

/** What one has drawn without an account counts, too. */
function isToSolve({ id, dots, solved }: Board): boolean {
  const lines = linesOn(id).map(({ cells }) => ({ cells, connects: connects(dots, cells) }));
  return dots.length > 0 && solved !== true && progress(dots, lines) !== 'complete';
}
