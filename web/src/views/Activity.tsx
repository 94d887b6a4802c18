import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { lastReset } from '../state/connection';
import { markRead, type Notice, notices, unread } from '../state/notifications';
import { Alert } from '../ui/Alert';
import { Icon, type IconName } from '../ui/Icon';
import { NoticeText } from '../ui/NoticeText';
import { Page } from '../ui/Page';
import { ago } from '../ui/words';

const ICONS: Record<Notice['type'], IconName> = {
  newBoard: 'board',
  newPath: 'path',
  boardUpdated: 'pencil',
  boardDeleted: 'trash',
  boardSolved: 'check',
};

/** Why the list is not complete. */
const GAPS = {
  expired:
    'More has happened while you were away than the server keeps, so this list has a gap. The boards that you see are up to date.',
  ahead:
    'The server has gone back to an earlier state. The boards that you see are as they are there now.',
  restored:
    'The server was restored to an earlier state. The boards that you see are as they are there now.',
} as const;

export function Activity() {
  const list = notices.value;
  // What was unread when one came, or has come since, stays marked while one looks.
  const readUpTo = useRef(list.filter((it) => !it.mine)[unread.value]?.id ?? 0);

  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 30_000);
    return () => clearInterval(timer);
  }, [now]);

  // Whatever comes while one looks is read, too.
  useEffect(markRead, [list]);

  return (
    <Page title="Activity" lead="What people did on the boards, newest first.">
      {lastReset.value && (
        <Alert kind="warning">
          <p>{GAPS[lastReset.value.reason]}</p>
        </Alert>
      )}
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
              now={now.value}
            />
          ))}
        </ul>
      )}
    </Page>
  );
}

interface RowProps {
  notice: Notice;
  isNew: boolean;
  now: number;
}

function Row({ notice, isNew, now }: RowProps) {
  const when = new Date(notice.at);
  return (
    <li class={isNew ? 'fresh' : undefined}>
      <Icon name={ICONS[notice.type]} />
      <p>
        <NoticeText notice={notice} /> {isNew && <span class="tag">new</span>}{' '}
        {notice.whileAway && !notice.mine && <span class="tag">while you were away</span>}
      </p>
      <time dateTime={when.toISOString()} title={when.toLocaleString('en')}>
        {ago(notice.at, now)}
      </time>
    </li>
  );
}
