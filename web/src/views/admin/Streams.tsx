import { adminApi, type OpenStream } from '../../api/admin';
import { adminTexts } from '../../language/admin/texts';
import { t } from '../../language/texts';
import { List } from './List';
import { useEvery } from './useEvery';
import { usePages } from './usePages';

/** How often the list is read, in milliseconds. */
const OFTEN = 5000;

/** The streams that the server has open. */
export function Streams() {
  const texts = adminTexts().streams;
  const { now, reload, more } = usePages(adminApi.listStreams);
  useEvery(OFTEN, reload);
  return (
    <section class="panel" aria-labelledby="admin-streams">
      <h2 id="admin-streams">{texts.title}</h2>
      <p class="quiet-text">{texts.lead}</p>
      <List now={now} reload={reload} more={more}>
        {(stream) => <Row stream={stream} />}
      </List>
    </section>
  );
}

function Row({ stream }: { stream: OpenStream }) {
  const texts = adminTexts().streams;
  const { client, username, opened_at, transport, types, board_ids, events, lag } = stream;
  const wanted = [
    types ? texts.types(types) : board_ids == null && texts.all,
    board_ids != null && texts.boards(board_ids.join(', ')),
  ];
  const is = [texts.sent(events), lag > 0 ? texts.behind(lag) : texts.upToDate];
  return (
    <div>
      <p>
        <strong>{client ?? texts.unknown}</strong>
        {username && <span class="tag">{username}</span>}
      </p>
      <p class="quiet-text">
        {joined(texts.transports[transport], texts.since(t().common.moment(Date.parse(opened_at))))}
      </p>
      <p class="quiet-text">{joined(...wanted, ...is)}</p>
    </div>
  );
}

const joined = (...parts: (string | false)[]) => parts.filter(Boolean).join(' · ');
