import { useEffect, useRef } from 'preact/hooks';
import { markRead, type Notice, notices, unread } from '../state/notifications';
import { Icon, type IconName } from '../ui/Icon';
import { NoticeText } from '../ui/NoticeText';
import { Page } from '../ui/Page';
import { ago } from '../ui/words';

const ICONS: Record<Notice['type'], IconName> = {
  newBoard: 'board',
  newPath: 'path',
  boardUpdated: 'pencil',
  boardDeleted: 'trash',
};

export function Activity() {
  const list = notices.value;
  // What was unread when one came, or has come since, stays marked while one looks.
  const readUpTo = useRef(list.filter((it) => !it.mine)[unread.value]?.id ?? 0);

  // Whatever comes while one looks is read, too.
  useEffect(markRead, [list]);

  return (
    <Page title="Activity" lead="What people did on the boards, newest first.">
      {list.length === 0 ? (
        <div class="empty">
          <p>
            Nothing has happened since you first came here. New boards and paths will be listed as
            they come.
          </p>
        </div>
      ) : (
        <ul class="notices">
          {list.map((notice) => (
            <Row
              key={notice.id}
              notice={notice}
              isNew={notice.id > readUpTo.current && !notice.mine}
            />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Row({ notice, isNew }: { notice: Notice; isNew: boolean }) {
  const when = new Date(notice.at);
  return (
    <li class={isNew ? 'fresh' : undefined}>
      <Icon name={ICONS[notice.type]} />
      <p>
        <NoticeText notice={notice} /> {isNew && <span class="tag">new</span>}{' '}
        {notice.whileAway && <span class="tag">while you were away</span>}
      </p>
      <time dateTime={when.toISOString()} title={when.toLocaleString('en')}>
        {ago(notice.at, Date.now())}
      </time>
    </li>
  );
}
