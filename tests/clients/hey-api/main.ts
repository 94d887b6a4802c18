// A client that @hey-api/openapi-ts generates. What it asserts of types, tsc asserts.
import assert from 'node:assert/strict';
import { client } from './generated/client.gen.js';
import * as api from './generated/index.js';

/** Who made the board, if that is what happened. It compiles only where `type` narrows `data`. */
function maker(event: api.Event): string | undefined {
  return event.type === 'newBoard' ? (event.data satisfies api.NewBoardData).creator_username : undefined;
}

client.setConfig({ baseUrl: process.argv[2] ?? '' });
const body = { username: 'hettie', password: 'correct horse' };
assert.equal((await api.register({ body })).response?.status, 201);
const session = await api.logIn({ body });
assert(session.data);
client.setConfig({ auth: session.data.token });

const board = { name: 'by hey-api', rows: 3, cols: 3, dots: [] };
const created = await api.createBoard({ body: board });
assert(created.data);
const { id } = created.data;
const headers = { 'If-Match': '"77"' };
const stale = await api.replaceBoard({ path: { id }, headers, body: board });
assert.equal(stale.response?.status, 412);
assert(stale.error);
const problem: api.Problem = stale.error;
assert.equal(problem.code, 'stale_version');
// @ts-expect-error: no problem has this code.
'no_such_code' satisfies api.Problem['code'];

const page = await api.listEvents({ query: { after: 0 } });
assert(page.data);
assert.deepEqual(page.data.items.map(maker), [undefined, 'hettie']);

const seen: (string | undefined)[] = [];
const { stream } = await api.followEvents({
  headers: { 'Last-Event-ID': 0 },
  onSseEvent: ({ event }) => seen.push(event),
});
for await (const _ of stream) {
  if (seen.includes('newBoard')) break;
}
assert.deepEqual(seen, ['cursor', 'boardStarred', 'newBoard']);
console.log('done');
process.exit();
