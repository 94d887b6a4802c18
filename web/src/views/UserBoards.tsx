import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { api } from '../api/client';
import { t } from '../language/texts';
import { replaceWith, route } from '../router';
import { userPath } from '../routes';
import { erasures } from '../state/erasure';
import { found } from '../state/found';
import { user } from '../state/session';
import { Page } from '../ui/Page';
import { Finder } from './boards/Finder';
import { FoundBoards } from './boards/FoundBoards';
import { choiceIn, type Show, wishFor } from './boards/wish';

const SHOWS: readonly Show[] = ['all', 'unsolved'];

/** The boards that one user has made, as they are when one looks. */
export function UserBoards({ username }: { username: string }) {
  useRenamed(username);
  const words = t().boards;
  const me = user.value?.username ?? null;
  const isMe = me !== null && isSame(me, username);
  const wish = wishFor(choiceIn(route.value.query), me, username);
  const isFiltered = wish.name !== undefined || wish.solved !== undefined;
  return (
    <Page title={isMe ? words.mine : words.by(username)}>
      <Finder shows={SHOWS} />
      <FoundBoards
        wish={wish}
        isFiltered={isFiltered}
        nothing={
          isFiltered ? (
            <div class="empty">
              <p>{words.nothing}</p>
              <a class="button plain" href={userPath(username)}>
                {words.showAllBy(isMe ? null : username)}
              </a>
            </div>
          ) : (
            <p class="page-lead">{words.noneOf}</p>
          )
        }
      />
    </Page>
  );
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** Leads to the user's present address when their name is erased while one looks: a board of theirs tells it. */
function useRenamed(username: string): void {
  const board = useRef<number | undefined>(undefined);
  const now = found.value;
  const theirs =
    now.state === 'ready' && now.items.find((it) => isSame(it.creator_username, username));
  if (theirs) board.current = theirs.id;

  useSignalEffect(() => {
    if (erasures.value === 0 || board.current === undefined) return;
    api.getBoard(board.current).then(
      ({ board: { creator_username: maker } }) => {
        if (!isSame(maker, username)) replaceWith(userPath(maker));
      },
      // It cannot be told then, and the list says what there is.
      () => {},
    );
  });
}
