import '../style/log.css';
import { EVENT_TYPES } from '@dotcast/stream';
import { useSignal } from '@preact/signals';
import { inWords } from '../api/problem';
import { t } from '../language/texts';
import { Alert } from '../ui/Alert';
import { Icon } from '../ui/Icon';
import { Page } from '../ui/Page';
import { Command } from './log/Command';
import { EntryList } from './log/EntryList';
import { FilterForm } from './log/FilterForm';
import { curl, type Filter } from './log/raw';
import { useLog } from './log/useLog';

/** The event stream as a developer wants to see it. */
export function Log() {
  const filter = useSignal<Filter>({ types: EVENT_TYPES, boardIds: '', since: '', after: '' });
  const log = useLog(filter.value);
  const texts = t().log;
  const { state, why } = log.connection.value;
  const paused = log.paused.value;
  const held = log.held.value.length;
  return (
    <Page title={texts.title} lead={texts.lead}>
      <FilterForm
        filter={filter.value}
        onChange={(next) => {
          filter.value = next;
        }}
      />
      <Command text={curl(location.origin, filter.value)} />
      {why && (
        <Alert>
          <p>{why === 'session_ended' ? texts.sessionEnded : inWords(why)}</p>
        </Alert>
      )}
      <div class="log-bar">
        <p role="status">
          <strong>{texts.states[state]}</strong>
          {paused && <span class="quiet-text"> · {texts.paused(held)}</span>}
        </p>
        <div class="actions">
          <button type="button" class="button plain small" onClick={log.pause}>
            <Icon name={paused ? 'play' : 'pause'} />
            {paused ? texts.goOn : texts.pause}
          </button>
          <button type="button" class="button plain small" onClick={log.clear}>
            {texts.clear}
          </button>
        </div>
      </div>
      <EntryList entries={log.entries.value} />
    </Page>
  );
}
