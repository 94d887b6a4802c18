import type { progress } from '../../rules/path';
import { colorName } from '../../ui/grid/colors';
import { LetterDot } from '../../ui/grid/LetterDot';
import { Icon } from '../../ui/Icon';
import type { Names } from './pairs';

interface Props {
  names: Names;
  progress: ReturnType<typeof progress>;
}

/** Which pairs are joined already. */
export function Legend({ names, progress: now }: Props) {
  const { letters, marks, joined } = names;
  return (
    <section class="panel" aria-labelledby="pairs">
      <div class="section-head">
        <h2 id="pairs">Pairs</h2>
        <span>
          {joined.size} of {letters.size} joined
        </span>
      </div>
      {letters.size === 0 && (
        <p class="quiet-text">This board has no dots yet, so there is nothing to join.</p>
      )}
      <ul class="legend" tabIndex={letters.size > 20 ? 0 : undefined}>
        {[...letters.keys()].map((color) => (
          <li key={color} class={joined.has(color) ? 'joined' : undefined}>
            <LetterDot color={color} text={marks.get(color)} />
            <span>
              {colorName(color)}
              <span class="sr-only"> {marks.get(color)}</span>
            </span>
            {joined.has(color) && (
              <>
                <Icon name="check" />
                <span class="sr-only">joined</span>
              </>
            )}
          </li>
        ))}
      </ul>
      {now === 'crossing' && <p class="quiet-text">Every pair is joined, but some lines cross.</p>}
      {now === 'complete' && (
        <p class="complete">
          <Icon name="check" />
          Complete: every pair is joined.
        </p>
      )}
    </section>
  );
}
