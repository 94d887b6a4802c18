import { useId } from 'preact/hooks';
import { t } from '../../language/texts';
import { navigate, replaceWith, route } from '../../router';
import { user } from '../../state/session';
import { SearchField } from '../../ui/SearchField';
import { addressOf, type Choice, choiceIn, LONGEST, type Show, type Sort } from './wish';

interface Props {
  /** What can be shown by somebody who is signed in. */
  shows: readonly Show[];
}

/** Where one says which boards one wants. The address has it, so that it can be sent and gone back to. */
export function Finder({ shows }: Props) {
  const words = t().boards;
  const name = useId();
  const { path, query } = route.value;
  const choice = choiceIn(query);

  const choose = (change: Partial<Choice>) => navigate(addressOf(path, { ...choice, ...change }));
  const type = (text: string) => {
    const address = addressOf(path, { ...choice, text });
    // One step back leads to what there was before one began to type.
    if (choice.text && text) replaceWith(address);
    else navigate(address);
  };

  return (
    <search>
      <form class="finder" onSubmit={(event) => event.preventDefault()}>
        <SearchField label={words.search} maxLength={LONGEST} value={choice.text} onType={type} />
        {user.value && (
          <fieldset class="finder-shows">
            <legend class="sr-only">{words.show}</legend>
            {shows.map((show) => (
              <label key={show}>
                <input
                  type="radio"
                  name={name}
                  class="sr-only"
                  checked={choice.show === show}
                  onChange={() => choose({ show })}
                />
                <span>{words.shows[show]}</span>
              </label>
            ))}
          </fieldset>
        )}
        <select
          aria-label={words.sort}
          value={choice.sort}
          onChange={(event) => choose({ sort: event.currentTarget.value as Sort })}
        >
          <option value="newest">{words.sorts.newest}</option>
          <option value="most_solved">{words.sorts.most_solved}</option>
        </select>
      </form>
    </search>
  );
}
