import { expect, test } from 'vitest';
import type { Notice } from '../src/state/notifications';
import type { EventType } from '../src/stream/event';
import { deed } from '../src/ui/words';

function notice(type: EventType, mine: boolean): Notice {
  const what = { id: 1, type, boardId: 1, boardName: 'Night metro', username: 'ada' };
  return { ...what, at: 0, whileAway: false, mine };
}

test.each([
  ['newBoard', 'ada made the board', 'You made the board'],
  ['newPath', 'ada saved a path on', 'You saved a path on'],
  ['boardUpdated', 'ada changed the board', 'You changed the board'],
  ['boardDeleted', 'ada deleted the board', 'You deleted the board'],
  ['boardSolved', 'ada solved', 'You solved'],
] as const)('%s is told with who did it', (type, others, own) => {
  expect(deed(notice(type, false))).toBe(others);
  expect(deed(notice(type, true))).toBe(own);
});
