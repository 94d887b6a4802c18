// Follows the stream at the given address as a page does that uses `event-source-polyfill`. Prints a line
// of JSON for each event, and for each cut whether it has given up.
import polyfill from 'event-source-polyfill';

const types = ['cursor', 'reset', 'newBoard', 'newPath', 'boardUpdated', 'boardDeleted', 'boardSolved'];
const source = new polyfill.EventSourcePolyfill(process.argv[2]);
for (const type of types) {
  source.addEventListener(type, ({ lastEventId }) => print({ type, id: Number(lastEventId) }));
}
source.onerror = () => print({ type: 'cut', gaveUp: source.readyState === 2 });

function print(line) {
  console.log(JSON.stringify(line));
}
