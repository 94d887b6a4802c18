import { expect, test } from 'vitest';
import { user } from '../src/state/session';
import type { StreamEvent } from '../src/stream/event';
import { deed } from '../src/ui/words';

const ada = { id: 1, username: 'ada', is_admin: false, created_at: '2026-11-01T12:00:00+00:00' };

test.each([
  ['newBoard', 'ada made the board', 'You made the board'],
  ['newPath', 'ada saved a path on', 'You saved a path on'],
  ['boardUpdated', 'ada changed the board', 'You changed the board'],
  ['boardDeleted', 'ada deleted the board', 'You deleted the board'],
  ['boardSolved', 'ada solved', 'You solved'],
] as const)('%s is told with who did it', (type, others, own) => {
  const event: StreamEvent = { id: 1, type, boardId: 1, boardName: 'Metro', username: 'ada' };
  user.value = null;
  expect(deed(event)).toBe(others);
  user.value = ada;
  expect(deed(event)).toBe(own);
});
