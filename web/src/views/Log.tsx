import { useSignal } from '@preact/signals';
import { EVENT_TYPES } from '../stream/event';
import { curl, type Filter, type State } from '../stream/raw';
import { Alert } from '../ui/Alert';
import { Icon } from '../ui/Icon';
import { Page } from '../ui/Page';
import { Command } from './log/Command';
import { EntryList } from './log/EntryList';
import { FilterForm } from './log/FilterForm';
import { useLog } from './log/useLog';

const WORDS: Record<State, string> = {
  connecting: 'Connecting…',
  open: 'Stream is open',
  waiting: 'Cut off, about to connect again…',
  refused: 'The server refused',
};

/** The event stream as a developer wants to see it. */
export function Log() {
  const filter = useSignal<Filter>({ types: EVENT_TYPES, boardId: '', after: '' });
  const log = useLog(filter.value);
  const { state, detail } = log.connection.value;
  const paused = log.paused.value;
  const held = log.held.value.length;
  return (
    <Page title="Log" lead="The raw event stream, on a connection of its own.">
      <FilterForm
        filter={filter.value}
        onChange={(next) => {
          filter.value = next;
        }}
      />
      <Command text={curl(location.origin, filter.value)} />
      {detail && (
        <Alert>
          <p>{detail}</p>
        </Alert>
      )}
      <div class="log-bar">
        <p role="status">
          <strong>{WORDS[state]}</strong>
          {paused && <span class="quiet-text"> · paused, {held} held back</span>}
        </p>
        <div class="actions">
          <button type="button" class="button plain small" onClick={log.pause}>
            <Icon name={paused ? 'play' : 'pause'} />
            {paused ? 'Go on' : 'Pause'}
          </button>
          <button type="button" class="button plain small" onClick={log.clear}>
            Clear
          </button>
        </div>
      </div>
      <EntryList entries={log.entries.value} />
    </Page>
  );
}
