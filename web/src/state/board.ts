import { signal } from '@preact/signals';
import { api, type Board, type BoardDraft, type Cell, type Path } from '../api/client';
import type { Problem } from '../api/problem';
import type { StreamEvent } from '../stream/event';
import { showBoard } from './boards';
import { paced } from './pace';
import { pathsChanged } from './progress';
import { isMine, whoIsSignedIn } from './session';

/** A board that is drawn on changes as it does elsewhere; one that is edited is only marked stale. */
export type Purpose = 'draw' | 'edit';

export type OpenBoard =
  | { state: 'loading' | 'gone' }
  | { state: 'error'; problem: Problem }
  | {
      state: 'ready';
      board: Board;
      etag: string;
      /** One's own, oldest first. */
      paths: Path[];
      /** It was changed elsewhere since it was loaded for editing. */
      stale: boolean;
    };

type Ready = Extract<OpenBoard, { state: 'ready' }>;

/** The board that is looked at. */
export const openBoard = signal<OpenBoard>({ state: 'loading' });

let opened: { id: number; purpose: Purpose } | null = null;
/** A save that is on its way: what it does is no change made elsewhere. */
let saving: Promise<unknown> = Promise.resolve();

/** Opens a board instead of the one that is open. */
export function open(id: number, purpose: Purpose = 'draw'): Promise<void> {
  opened = { id, purpose };
  openBoard.value = { state: 'loading' };
  return reload();
}

export function close(): void {
  opened = null;
}

/** Reads the open board and its paths again. */
export async function reload(): Promise<void> {
  const asked = opened;
  if (!asked) return;
  try {
    const ready = await read(asked.id);
    if (asked === opened) openBoard.value = ready;
  } catch (error) {
    if (asked === opened) failed(error as Problem);
  }
}

/** Reads the open board again if that has failed before. */
export function repairBoard(): void {
  if (openBoard.peek().state === 'error') reload();
}

/** Saves a path on the open board. */
export async function savePath(cells: Cell[]): Promise<Path> {
  const { board } = ready();
  const path = await api.createPath(board.id, cells);
  update(board.id, ({ paths }) => ({ paths: withPath(paths, path) }));
  return path;
}

/** Deletes one of one's own paths on a board, which need not be open any more. */
export async function removePath(boardId: number, id: number): Promise<void> {
  await api.deletePath(id);
  pathsChanged(boardId);
  update(boardId, ({ paths }) => ({ paths: paths.filter((it) => it.id !== id) }));
}

/**
 * Saves the open board if it is still what was loaded, or over whatever it is now. Rejects with a
 * `stale_version` if it is not.
 */
export async function saveBoard(draft: BoardDraft, { overwrite = false } = {}): Promise<Board> {
  const { board, etag } = ready();
  const save = api.replaceBoard(board.id, draft, overwrite ? null : etag);
  saving = save.catch(() => {});
  try {
    const saved = await save;
    update(board.id, () => ({ ...saved, stale: false }));
    showBoard(saved.board);
    return saved.board;
  } catch (error) {
    if ((error as Problem).code === 'stale_version') update(board.id, () => ({ stale: true }));
    throw error;
  }
}

/** What events do to the open board. */
export function applyToOpenBoard(events: readonly StreamEvent[]): void {
  const about = events.filter((it) => it.boardId === opened?.id);
  if (about.some((it) => it.type === 'boardDeleted')) openBoard.value = { state: 'gone' };
  // Paths from another tab or device.
  const isNews = (it: StreamEvent) =>
    it.type === 'boardUpdated' || (it.type === 'newPath' && isMine(it));
  if (about.some(isNews)) refreshSoon();
}

/** Brings the open board up to date, without a word if that fails: what is shown stays. */
export async function refresh(): Promise<void> {
  const asked = opened;
  await saving;
  if (!asked || openBoard.value.state !== 'ready') return;
  const now = await read(asked.id).catch(() => null);
  if (!now || asked !== opened) return;
  update(asked.id, ({ board }) => {
    // The same board stays the same object, so that it is not painted again.
    if (asked.purpose === 'draw')
      return now.board.version === board.version ? { ...now, board } : now;
    return now.board.version > board.version ? { stale: true } : {};
  });
}

/** Least time between two reads of the open board that events cause, in milliseconds. */
const REFRESH = 250;

const refreshSoon = paced(refresh, REFRESH);

async function read(id: number): Promise<Ready> {
  const [{ board, etag }, paths] = await Promise.all([
    api.getBoard(id),
    whoIsSignedIn().then((me) => (me ? api.listPaths(id) : [])),
  ]);
  return { state: 'ready', board, etag, paths, stale: false };
}

function failed(problem: Problem): void {
  openBoard.value = problem.status === 404 ? { state: 'gone' } : { state: 'error', problem };
}

function ready(): Ready {
  if (openBoard.value.state !== 'ready') throw new Error('no board is open');
  return openBoard.value;
}

/** Changes what is shown of a board, unless another one is open by now. */
function update(id: number, change: (now: Ready) => Partial<Ready>): void {
  const now = openBoard.value;
  if (now.state !== 'ready' || now.board.id !== id) return;
  openBoard.value = { ...now, ...change(now) };
}

function withPath(paths: Path[], path: Path): Path[] {
  return paths.some((it) => it.id === path.id) ? paths : [...paths, path];
}
