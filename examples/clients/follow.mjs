// Prints each event of a board once: node follow.mjs http://127.0.0.1:8000 7 (after `npm install eventsource`).
import { EventSource } from 'eventsource';

const [server, board] = process.argv.slice(2);
const types = ['newBoard', 'newPath', 'boardUpdated', 'boardDeleted', 'boardSolved'];
let last = 0; // After this event; 0 for all that are kept.

function follow() {
  const url = new URL('/sse/notifications/', server);
  url.searchParams.set('board_id', board);
  url.searchParams.set('last_event_id', last);
  const stream = new EventSource(url);
  for (const type of types) {
    stream.addEventListener(type, ({ lastEventId, data }) => {
      last = lastEventId;
      console.log(lastEventId, type, data);
    });
  }
  stream.addEventListener('cursor', ({ lastEventId }) => {
    last = lastEventId;
  });
  stream.addEventListener('reset', ({ data }) => console.error('events are missing:', data));
  stream.addEventListener('bye', () => stream.close());
  stream.addEventListener('error', ({ code, message }) => {
    // It comes back from a cut by itself. At any answer other than 200, such as a proxy's 502, it gives up.
    if (stream.readyState !== EventSource.CLOSED) return;
    if (code === 400 || code === 401) throw new Error(message);
    setTimeout(follow, 1000 + 2000 * Math.random());
  });
}

follow();
