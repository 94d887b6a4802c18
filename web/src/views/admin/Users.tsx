import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Account, type AccountChange, adminApi } from '../../api/admin';
import { inWords } from '../../api/problem';
import { adminTexts } from '../../language/admin/texts';
import { t } from '../../language/texts';
import { userPath } from '../../routes';
import { erasures } from '../../state/erasure';
import { isMine, loadSession } from '../../state/session';
import { Alert } from '../../ui/Alert';
import { Filled } from '../../ui/Filled';
import { SearchField } from '../../ui/SearchField';
import { List } from './List';
import { Question } from './Question';
import { noteRefusal } from './refusal';
import { usePages } from './usePages';

type Action = 'promote' | 'demote' | 'disable' | 'enable' | 'endSessions';

const CHANGES: Record<Exclude<Action, 'endSessions'>, AccountChange> = {
  promote: { is_admin: true },
  demote: { is_admin: false },
  disable: { disabled: true },
  enable: { disabled: false },
};

/** What only the operator does, by commands that are the same in every language. */
const DELETE = 'dotcast user delete';
const ERASE = 'dotcast user erase';
/** How long to wait for more of what is typed, in milliseconds. */
const PAUSE = 150;
/** As long as names can be. */
const LONGEST = 32;

/** All users, and what administrators do to them. */
export function Users() {
  const texts = adminTexts().users;
  const part = useSignal('');
  const { now, reload, more, put } = usePages((query) =>
    adminApi.listAccounts({ ...query, ...(part.value && { q: part.value }) }),
  );
  const asked = useSignal<{ action: Action; account: Account } | null>(null);
  const error = useSignal<unknown>(null);
  /** Put into words when it is shown, in the language of then. */
  const says = useSignal<(() => string) | null>(null);

  useEffect(() => {
    const timer = setTimeout(() => reload(true), part.value ? PAUSE : 0);
    return () => clearTimeout(timer);
  }, [part.value, reload]);

  // A name that was erased goes from here, too.
  useEffect(() => {
    if (erasures.value === 0) return;
    asked.value = null;
    says.value = null;
    reload();
  }, [erasures.value, reload, asked, says]);

  const act = async (action: Action, account: Account) => {
    const { username } = account;
    error.value = null;
    says.value = null;
    try {
      if (action === 'endSessions') await adminApi.endSessions(username);
      else put(await adminApi.changeAccount(username, CHANGES[action]));
      says.value = () => adminTexts().users.done[action](username);
      if (isMine(account)) loadSession();
    } catch (reason) {
      noteRefusal(reason);
      error.value = reason;
    }
  };
  const press = (action: Action, account: Account) => {
    if (isAsked(action, account)) asked.value = { action, account };
    else act(action, account);
  };

  return (
    <section class="panel" aria-labelledby="admin-users">
      <h2 id="admin-users">{texts.title}</h2>
      <p class="quiet-text">
        <Filled
          text={texts.lead}
          with={{
            delete: <code>{DELETE}</code>,
            erase: <code>{ERASE}</code>,
          }}
        />
      </p>
      <search class="finder">
        <SearchField
          label={texts.search}
          maxLength={LONGEST}
          value={part.value}
          onType={(text) => {
            part.value = text.trim();
          }}
        />
      </search>
      {error.value !== null && (
        <Alert>
          <p>{inWords(error.value)}</p>
        </Alert>
      )}
      <p role="status">{says.value?.()}</p>
      <List now={now} nothing={texts.none} reload={() => reload(true)} more={more}>
        {(account) => <Row account={account} onPress={(action) => press(action, account)} />}
      </List>
      {asked.value && (
        <Ask
          {...asked.value}
          onYes={act}
          onClose={() => {
            asked.value = null;
          }}
        />
      )}
    </section>
  );
}

/** What can be undone from here is not asked about. Whoever gives up their own rights cannot. */
function isAsked(action: Action, account: Account): boolean {
  return action === 'demote' ? isMine(account) : action !== 'enable';
}

interface AskProps {
  action: Action;
  account: Account;
  onYes(action: Action, account: Account): void;
  onClose(): void;
}

function Ask({ action, account, onYes, onClose }: AskProps) {
  const texts = adminTexts().users;
  if (action === 'enable') return null;
  return (
    <Question
      title={texts.ask[action](account.username)}
      lead={texts.ask[`${action}Lead`]}
      action={texts[action]}
      onYes={() => onYes(action, account)}
      onClose={onClose}
    />
  );
}

function Row({ account, onPress }: { account: Account; onPress(action: Action): void }) {
  const texts = adminTexts().users;
  const { username, is_admin, disabled, boards, created_at } = account;
  const actions: Action[] = [
    is_admin ? 'demote' : 'promote',
    disabled ? 'enable' : 'disable',
    ...(disabled ? [] : (['endSessions'] as const)),
  ];
  return (
    <>
      <div>
        <p>
          <a href={userPath(username)}>{username}</a>
          {is_admin && <span class="tag">{texts.administrator}</span>}
          {disabled && <span class="tag">{texts.disabled}</span>}
        </p>
        <p class="quiet-text">{texts.facts(boards, t().common.moment(Date.parse(created_at)))}</p>
      </div>
      <div class="actions">
        {/* The first two change what they say and stay where they are, so that the focus does. */}
        {actions.map((action, index) => (
          <button
            key={index}
            type="button"
            class="button plain small"
            aria-label={texts.of(texts[action], username)}
            onClick={() => onPress(action)}
          >
            {texts[action]}
          </button>
        ))}
      </div>
    </>
  );
}
