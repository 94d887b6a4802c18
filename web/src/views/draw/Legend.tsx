import type { Board } from '../../api/client';
import { t } from '../../language/texts';
import { crossings } from '../../rules/lines';
import { progress } from '../../rules/path';
import { colorName } from '../../ui/grid/colors';
import { LetterDot } from '../../ui/grid/LetterDot';
import { Icon } from '../../ui/Icon';
import type { Names } from './pairs';
import type { Finished } from './useLines';

interface Props {
  board: Board;
  names: Names;
  lines: readonly Finished[];
}

/** Which pairs are joined already, and what still keeps the board from being solved. */
export function Legend({ board: { dots, solved, solved_count: count }, names, lines }: Props) {
  const texts = t().draw;
  const { letters, marks, joined } = names;
  const crossing = progress(dots, lines) === 'crossing' ? crossings(dots, lines) : [];
  return (
    <section class="panel" aria-labelledby="pairs">
      <div class="section-head">
        <h2 id="pairs">{texts.pairs}</h2>
        <span>{texts.progress(joined.size, letters.size)}</span>
      </div>
      {letters.size === 0 && <p class="quiet-text">{texts.noDots}</p>}
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
                <span class="sr-only">{texts.joined}</span>
              </>
            )}
          </li>
        ))}
      </ul>
      {count > 0 && !solved && <p class="quiet-text">{texts.solvedBy(count)}</p>}
      {crossing.length > 0 && (
        <div class="crossings">
          <p>
            <Icon name="warning" />
            {texts.crossLead}
          </p>
          <ul>
            {crossing.map(([one, other]) => (
              <li key={`${one} ${other}`}>
                {texts.cross(names.ofColor(one), names.ofColor(other))}
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
