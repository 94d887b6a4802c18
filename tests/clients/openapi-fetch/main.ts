// A client with types from openapi-typescript. What it asserts of types, tsc asserts.
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/schema.js';

type Event = components['schemas']['Event'];
type Code = components['schemas']['Problem']['code'];

/** Fails to compile unless both types are the same. */
const same = <A, B>(_: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false) => {};

/** What happened, in words. It compiles only where `type` narrows `data`. */
function inWords(event: Event): string {
  switch (event.type) {
    case 'newBoard':
      same<typeof event.data, components['schemas']['NewBoardData']>(true);
      return `${event.data.creator_username} made ${event.data.board_name}`;
    case 'newPath':
      return `${event.data.user_username} drew path ${event.data.path_id}`;
    case 'boardUpdated':
    case 'boardDeleted':
    case 'boardSolved':
      return `${event.data.user_username} changed ${event.data.board_name}`;
    case 'userErased':
      return `${event.data.event_ids.length} events are now by ${event.data.pseudonym}`;
    default:
      same<typeof event.data, { [key: string]: unknown }>(true);
      return `something else about board ${event.board_id}`;
  }
}

const baseUrl = process.argv[2] ?? '';
const client = createClient<paths>({ baseUrl });
const body = { username: 'ofelia', password: 'correct horse' };
assert.equal((await client.POST('/api/v1/users', { body })).response.status, 201);
const session = await client.POST('/api/v1/sessions', { body });
assert(session.data);
client.use({
  onRequest: ({ request }) => request.headers.set('Authorization', `Bearer ${session.data.token}`),
});

const board = { name: 'by openapi-fetch', rows: 3, cols: 3, dots: [] };
const created = await client.POST('/api/v1/boards', { body: board });
assert(created.data);
const { id } = created.data;
const params = { path: { id }, header: { 'If-Match': '"77"' } };
const stale = await client.PUT('/api/v1/boards/{id}', { params, body: board });
assert.equal(stale.response.status, 412);
const code: Code | undefined = stale.error?.code;
assert.equal(code, 'stale_version');
// @ts-expect-error: no problem has this code.
'no_such_code' satisfies Code;

const page = await client.GET('/api/v1/events', { params: { query: { after: 0 } } });
assert(page.data);
const words = page.data.items.map(inWords);
assert.deepEqual(words, ['something else about board 1', 'ofelia made by openapi-fetch']);

const stream = await client.GET('/sse/notifications/', {
  params: { header: { 'Last-Event-ID': 0 } },
  parseAs: 'stream',
});
assert(stream.data);
let text = '';
for await (const chunk of stream.data.pipeThrough(new TextDecoderStream())) {
  text += chunk;
  if (text.includes('event: newBoard\n') && text.endsWith('\n\n')) break;
}
console.log('done');
process.exit();
