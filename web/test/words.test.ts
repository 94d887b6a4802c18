import { expect, test } from 'vitest';
import type { StreamEvent } from '../src/state/event';
import { user } from '../src/state/session';
import { deed } from '../src/ui/words';

const ada = { id: 1, username: 'ada', is_admin: false, created_at: '2026-11-01T12:00:00+00:00' };

test.each([
  ['newBoard', 'ada made the board {board}', 'You made the board {board}'],
  ['newPath', 'ada saved a path on {board}', 'You saved a path on {board}'],
  ['boardUpdated', 'ada changed the board {board}', 'You changed the board {board}'],
  ['boardDeleted', 'ada deleted the board {board}', 'You deleted the board {board}'],
  ['boardSolved', 'ada solved {board}', 'You solved {board}'],
] as const)('%s is told with who did it', (type, others, own) => {
  const event: StreamEvent = { id: 1, type, boardId: 1, boardName: 'Metro', username: 'ada' };
  user.value = null;
  expect(deed(event)).toBe(others);
  user.value = ada;
  expect(deed(event)).toBe(own);
});
