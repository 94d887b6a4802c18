import { t } from '../language/texts';
import { route } from '../router';
import { boardPath } from '../routes';
import { boards } from '../state/boards';
import { user } from '../state/session';
import { GridPicture } from '../ui/grid/GridPicture';
import { Icon } from '../ui/Icon';
import { Page } from '../ui/Page';
import { AllBoards, NewBoardLink } from './boards/AllBoards';
import { Finder } from './boards/Finder';
import { FoundBoards } from './boards/FoundBoards';
import { firstBoard } from './boards/first';
import { Skeleton } from './boards/Skeleton';
import { choiceIn, isPlain, type Show, wishFor } from './boards/wish';

const SHOWS: readonly Show[] = ['all', 'mine', 'unsolved'];

export function Boards() {
  const words = t().boards;
  const me = user.value;
  const choice = choiceIn(route.value.query);
  const wish = wishFor(choice, me?.username ?? null);
  // Until it is known who asks, it is not known what is one's own.
  const isKnown = me !== undefined || choice.show === 'all';
  const now = boards.value;
  const isEmpty = now.state === 'ready' && now.items.length === 0 && !now.more;
  return (
    <Page title={words.title} lead={words.lead} actions={<Actions />}>
      {(!isEmpty || !isPlain(wish)) && <Finder shows={SHOWS} />}
      {!isKnown && <Skeleton />}
      {isKnown && isPlain(wish) && <AllBoards />}
      {isKnown && !isPlain(wish) && <FoundBoards wish={wish} isFiltered nothing={<Nothing />} />}
    </Page>
  );
}

/** A board to begin with, and the way to make one. */
function Actions() {
  const now = boards.value;
  const first = now.state === 'ready' ? firstBoard(now.items) : null;
  return (
    <>
      {first && (
        <a class="button" href={boardPath(first.id)}>
          <Icon name="play" />
          {t().boards.begin}
        </a>
      )}
      <NewBoardLink plain={first !== null} />
    </>
  );
}

const SAMPLE = [
  { row: 0, col: 0, color: '#2f6bff' },
  { row: 2, col: 2, color: '#f4503b' },
];

function Nothing() {
  return (
    <div class="empty">
      <GridPicture rows={3} cols={3} dots={SAMPLE} />
      <p>{t().boards.nothing}</p>
      <a class="button plain" href="/">
        {t().boards.showAll}
      </a>
    </div>
  );
}
