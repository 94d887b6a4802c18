import { useEffect, useState } from 'preact/hooks';
import { t } from '../language/texts';
import { type OpenBoard, reload } from '../state/board';
import { dropLines, linesOn } from '../state/lines';
import { Failure } from '../ui/Failure';
import { Page } from '../ui/Page';

interface Props {
  id: number;
  now: Exclude<OpenBoard, { state: 'ready' }>;
}

/** What is shown of a board that cannot be shown (yet). */
export function BoardStates({ id, now }: Props) {
  const texts = t();
  switch (now.state) {
    case 'loading':
      return (
        <div class="draw-room">
          <Page title={texts.draw.loading} class="draw-page">
            <div class="workbench" aria-busy="true">
              <div class="skeleton square board-skeleton" />
              <div>
                <div class="skeleton line" />
                <div class="skeleton line short" />
              </div>
            </div>
          </Page>
        </div>
      );
    case 'gone':
      return <Gone id={id} />;
    case 'error':
      return (
        <Page title={texts.draw.loading}>
          <Failure error={now.problem} retry={reload} />
        </Page>
      );
  }
}

function Gone({ id }: { id: number }) {
  const { draw, common } = t();
  // Nobody can save them any more.
  const [lost] = useState(() => linesOn(id));
  useEffect(() => {
    dropLines(
      id,
      lost.map((it) => it.key),
    );
  }, [id, lost]);
  return (
    <Page title={draw.gone}>
      <div class="empty" role="status">
        <p>
          {draw.goneLead} {lost.length > 0 && draw.linesGone(lost.length)}
        </p>
        <a class="button" href="/">
          {common.allBoards}
        </a>
      </div>
    </Page>
  );
}
