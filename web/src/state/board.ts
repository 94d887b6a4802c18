import { signal } from '@preact/signals';
import { api, type Board, type BoardDraft, type Cell, type Path } from '../api/client';
import type { Problem } from '../api/problem';
import { t } from '../language/texts';
import { showBoard } from './boards';
import { deleteSoon } from './deletions';
import { withPresentNames } from './erasure';
import type { StreamEvent } from './event';
import { paced } from './pace';
import { pathsChanged } from './progress';
import { isMine, whoIsSignedIn } from './session';
import { solvedJustNow } from './solved';

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
      /** Whose paths: who was signed in when they were read. */
      owner: string | null;
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
    const ready = await withPresentNames(() => read(asked.id));
    if (asked === opened) openBoard.value = ready;
  } catch (error) {
    if (asked === opened) failed(error as Problem);
  }
}

/** Whether a board is to be seen. */
function isOpen(id: number): boolean {
  const now = openBoard.peek();
  return opened?.id === id && now.state === 'ready' && now.board.id === id;
}

/** Shows what has been read of a board once more, if it is open. */
export function showAgain(read: Board): void {
  if (isOpen(read.id)) update(read.id, ({ board }) => ({ board: merged(board, read) }));
  else if (read.solved) solvedJustNow(read.id);
}

/** Reads the open board again if that has failed before. */
export function repairBoard(): void {
  if (openBoard.peek().state === 'error') reload();
}

/** A board, and the paths of whoever is signed in: as they are shown, or else read. */
export async function lookAt(id: number): Promise<Pick<Ready, 'board' | 'paths'>> {
  const me = await whoIsSignedIn();
  const now = openBoard.peek();
  const isShown = now.state === 'ready' && now.board.id === id;
  return isShown && now.owner === (me?.username ?? null) ? now : read(id);
}

/** Saves a path on a board, which need not be open; once for a key. */
export async function savePath(boardId: number, cells: Cell[], key: string): Promise<Path> {
  const path = await api.createPath(boardId, cells, key);
  updatePaths(boardId, (paths) => withPath(paths, path));
  return path;
}

/** Deletes one of one's own paths on a board, which need not be open any more. */
export async function removePath(boardId: number, id: number): Promise<void> {
  await api.deletePath(id);
  pathsChanged(boardId);
  updatePaths(boardId, (paths) => paths.filter((it) => it.id !== id));
}

/** Deletes some of one's own paths on a board; they can be taken back together. */
export function deletePathsSoon({ id: boardId, name }: Board, ids: readonly number[]): void {
  if (ids.length === 0) return;
  deleteSoon({
    kind: 'path',
    ids,
    deleted: () => t().draw.pathsDeleted(ids.length, name),
    kept: () => t().draw.pathsKept(ids.length),
    act: (id) => removePath(boardId, id),
  });
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
  // What one does in another tab or on another device.
  const isNews = (it: StreamEvent) =>
    it.type === 'boardUpdated' ||
    ((it.type === 'newPath' || it.type === 'boardSolved') && isMine(it));
  if (about.some(isNews)) refreshSoon();
}

/** Brings the open board up to date. False if that fails, and without a word: what is shown stays. */
export async function refresh(): Promise<boolean> {
  const asked = opened;
  await saving;
  if (!asked || openBoard.value.state !== 'ready') return true;
  const now = await withPresentNames(() => read(asked.id)).catch(() => null);
  if (asked !== opened) return true;
  if (!now) return false;
  update(asked.id, ({ board }) => {
    if (asked.purpose === 'draw') return { ...now, board: merged(board, now.board) };
    const { creator_username } = now.board;
    const named = { board: { ...board, creator_username } };
    return now.board.version > board.version ? { ...named, stale: true } : named;
  });
  return true;
}

/** What is the same stays the same object, so that it is not painted again. That it was solved makes no new version. */
function merged(shown: Board, read: Board): Board {
  if (shown.solved === false && read.solved) solvedJustNow(read.id);
  if (shown.version !== read.version) return read;
  const { solved, solved_count, creator_username: maker } = read;
  const isSame =
    shown.solved === solved &&
    shown.solved_count === solved_count &&
    shown.creator_username === maker;
  return isSame ? shown : { ...read, dots: shown.dots };
}

/** Least time between two reads of the open board that events cause, in milliseconds. */
const REFRESH = 250;

const refreshSoon = paced(refresh, REFRESH);

type ChangePaths = (paths: Path[]) => Path[];

/** What has happened to the paths on boards while they are being read: an answer may be older. */
const meanwhile = new Set<{ id: number; changes: ChangePaths[] }>();

async function read(id: number): Promise<Ready> {
  const reading = { id, changes: [] as ChangePaths[] };
  meanwhile.add(reading);
  try {
    const [{ board, etag }, [owner, listed]] = await Promise.all([
      api.getBoard(id),
      whoIsSignedIn().then(async (me): Promise<[string | null, Path[]]> => {
        return me ? [me.username, await api.listPaths(id)] : [null, []];
      }),
    ]);
    const paths = reading.changes.reduce((now, change) => change(now), listed);
    return { state: 'ready', board, etag, paths, owner, stale: false };
  } finally {
    meanwhile.delete(reading);
  }
}

function updatePaths(id: number, change: ChangePaths): void {
  for (const reading of meanwhile) if (reading.id === id) reading.changes.push(change);
  update(id, ({ paths }) => ({ paths: change(paths) }));
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
