import { t } from '../language/texts';
import { route } from '../router';
import { userPath } from '../routes';
import { user } from '../state/session';
import { Page } from '../ui/Page';
import { Finder } from './boards/Finder';
import { FoundBoards } from './boards/FoundBoards';
import { choiceIn, type Show, wishFor } from './boards/wish';

const SHOWS: readonly Show[] = ['all', 'unsolved'];

/** The boards that one user has made, as they are when one looks. */
export function UserBoards({ username }: { username: string }) {
  const words = t().boards;
  const me = user.value?.username ?? null;
  const isMe = me?.toLowerCase() === username.toLowerCase();
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
