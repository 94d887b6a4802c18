import { useSignal } from '@preact/signals';
import { adminApi, type LogState } from '../../api/admin';
import { inWords } from '../../api/problem';
import { adminTexts } from '../../language/admin/texts';
import { Alert } from '../../ui/Alert';
import { Failure } from '../../ui/Failure';
import { Field } from '../../ui/Field';
import { Question } from './Question';
import { noteRefusal } from './refusal';
import { useEvery } from './useEvery';

/** How often the state is read, in milliseconds. */
const OFTEN = 5000;
const DAY = 86_400;
/** A hundred years: what the server takes, and a round number. */
const MOST_DAYS = 36_500;

/** Where the log begins and ends, and a way to delete old events. */
export function EventLog() {
  const texts = adminTexts().log;
  const log = useSignal<LogState | null>(null);
  const fault = useSignal<unknown>(null);

  const read = async () => {
    try {
      log.value = await adminApi.logState();
      fault.value = null;
    } catch (reason) {
      noteRefusal(reason);
      fault.value = reason;
    }
  };
  useEvery(OFTEN, read);

  return (
    <section class="panel" aria-labelledby="admin-log">
      <h2 id="admin-log">{texts.title}</h2>
      {log.value ? (
        <Facts log={log.value} />
      ) : fault.value === null ? (
        <div class="skeleton line" aria-busy="true" />
      ) : (
        <Failure error={fault.value} retry={read} />
      )}
      <Trim onTrimmed={read} />
    </section>
  );
}

function Facts({ log }: { log: LogState }) {
  const texts = adminTexts().log;
  const { oldest_id, newest_id, settled_id, trimmed_through, breaks } = log;
  const idOr = (id: number) => (id > 0 ? texts.id(id) : texts.nothing);
  const facts: [name: string, value: string][] = [
    [texts.oldest, oldest_id <= newest_id ? texts.id(oldest_id) : texts.nothing],
    [texts.newest, idOr(newest_id)],
    [texts.settled, idOr(settled_id)],
    [texts.trimmed, idOr(trimmed_through)],
    ...breaks.map(({ first_id, last_id }): [string, string] => [
      texts.lost,
      texts.span(first_id, last_id),
    ]),
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value], index) => (
        <div key={index}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Trim({ onTrimmed }: { onTrimmed(): void }) {
  const texts = adminTexts().log;
  const days = useSignal('30');
  const asked = useSignal<number | null>(null);
  const isWrong = useSignal(false);
  const error = useSignal<unknown>(null);
  const deleted = useSignal<number | null>(null);

  const submit = () => {
    const number = /^\d{1,5}$/.test(days.value) ? Number(days.value) : Number.POSITIVE_INFINITY;
    isWrong.value = number > MOST_DAYS;
    if (!isWrong.value) asked.value = number;
  };
  const trim = async (olderThan: number) => {
    error.value = null;
    deleted.value = null;
    try {
      deleted.value = await adminApi.trimLog(olderThan * DAY);
      onTrimmed();
    } catch (reason) {
      noteRefusal(reason);
      error.value = reason;
    }
  };

  return (
    <form
      class="trim"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Field
        label={texts.days}
        hint={texts.daysHint}
        error={isWrong.value ? texts.daysWrong : undefined}
      >
        {(control) => (
          <input
            {...control}
            type="text"
            inputMode="numeric"
            autocomplete="off"
            value={days.value}
            onInput={(event) => {
              days.value = event.currentTarget.value.trim();
            }}
          />
        )}
      </Field>
      {error.value !== null && (
        <Alert>
          <p>{inWords(error.value)}</p>
        </Alert>
      )}
      <p role="status">{deleted.value !== null && texts.done(deleted.value)}</p>
      <div class="actions">
        <button type="submit" class="button danger small">
          {texts.trim}
        </button>
      </div>
      {asked.value !== null && (
        <Question
          title={texts.ask(asked.value)}
          lead={texts.askLead}
          action={texts.trim}
          onYes={() => asked.value !== null && trim(asked.value)}
          onClose={() => {
            asked.value = null;
          }}
        />
      )}
    </form>
  );
}
