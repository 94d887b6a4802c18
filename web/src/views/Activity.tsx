import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../language/texts';
import {
  activity,
  away,
  closeActivity,
  type Happening,
  loadActivity,
  loadOlder,
  openActivity,
} from '../state/activity';
import { lastReset } from '../state/connection';
import type { EventType } from '../state/event';
import { isMine } from '../state/session';
import { markRead, readThrough, unread } from '../state/unread';
import { Alert } from '../ui/Alert';
import { EventText } from '../ui/EventText';
import { Failure } from '../ui/Failure';
import { Icon, type IconName } from '../ui/Icon';
import { More } from '../ui/More';
import { Page } from '../ui/Page';
import { group } from './activity/group';

const ICONS: Record<EventType, IconName> = {
  newBoard: 'board',
  newPath: 'path',
  boardUpdated: 'pencil',
  boardDeleted: 'trash',
  boardSolved: 'check',
};

/** What is said of something besides what it is. */
type Tag = '' | 'new' | 'away' | 'new away';

export function Activity() {
  useEffect(() => {
    openActivity();
    return closeActivity;
  }, []);

  // What was unread when one came, or has come since, stays marked while one looks.
  const readUpTo = useRef<number | null>(null);
  readUpTo.current ??= readThrough.value;
  const news = useSignal(0);
  useEffect(() => {
    // Whatever comes while one looks is read, too.
    news.value += markRead();
  }, [unread.value, news]);

  const now = activity.value;
  const texts = t().activity;
  return (
    <Page title={texts.title} lead={texts.lead}>
      {lastReset.value && (
        <Alert kind="warning">
          <p>{texts.gaps[lastReset.value.reason]}</p>
        </Alert>
      )}
      {now.state === 'loading' && <Skeleton />}
      {now.state === 'error' && <Failure error={now.problem} retry={loadActivity} />}
      {now.state === 'ready' && now.items.length === 0 && (
        <div class="empty">
          <p>{texts.empty}</p>
        </div>
      )}
      {now.state === 'ready' && now.items.length > 0 && (
        <>
          {news.value > 0 && <p class="quiet-text">{texts.news(news.value)}</p>}
          <Rows items={now.items} readUpTo={readUpTo.current} />
        </>
      )}
      {now.state === 'ready' && now.problem && <Failure error={now.problem} retry={loadOlder} />}
      {now.state === 'ready' && now.before !== null && !now.problem && (
        <More label={texts.older} isBusy={now.loadingMore} onMore={loadOlder} />
      )}
    </Page>
  );
}

interface RowsProps {
  items: readonly Happening[];
  readUpTo: number | null;
}

function Rows({ items, readUpTo }: RowsProps) {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 30_000);
    return () => clearInterval(timer);
  }, [now]);

  const tagOf = (item: Happening): Tag => {
    if (isMine(item)) return '';
    const isNew = readUpTo !== null && item.id > readUpTo;
    const wasAway = item.id > away.value.after && item.id <= away.value.through;
    if (wasAway) return isNew ? 'new away' : 'away';
    return isNew ? 'new' : '';
  };
  const { ago } = t().common;
  return (
    <ul class="notices">
      {group(items, tagOf).map(({ newest, oldest, times, tag }) => (
        <Row key={oldest} event={newest} times={times} tag={tag} when={ago(newest.at, now.value)} />
      ))}
    </ul>
  );
}

interface RowProps {
  event: Happening;
  times: number;
  tag: Tag;
  /** In words. */
  when: string;
}

function Row({ event, times, tag, when }: RowProps) {
  const mine = isMine(event);
  const texts = t();
  return useMemo(() => {
    const isNew = tag.startsWith('new');
    return (
      <li class={isNew ? 'fresh' : undefined}>
        <Icon name={ICONS[event.type]} />
        <p>
          <EventText event={event} times={times} />{' '}
          {isNew && <span class="tag">{texts.activity.isNew}</span>}{' '}
          {tag.endsWith('away') && <span class="tag">{texts.activity.wasAway}</span>}
        </p>
        <time dateTime={new Date(event.at).toISOString()} title={texts.common.moment(event.at)}>
          {when}
        </time>
      </li>
    );
    // `mine` changes the words.
  }, [event, times, tag, when, mine, texts]);
}

function Skeleton() {
  return (
    <div aria-busy="true">
      <div class="skeleton line" />
      <div class="skeleton line short" />
    </div>
  );
}
