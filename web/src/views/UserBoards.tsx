import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { api, type Board } from '../api/client';
import { hiddenBoards } from '../state/deletions';
import { user } from '../state/session';
import { BoardCard } from '../ui/BoardCard';
import { Failure } from '../ui/Failure';
import { More } from '../ui/More';
import { Page } from '../ui/Page';

/** The boards that one user has made, as they are when one looks. */
export function UserBoards({ username }: { username: string }) {
  const { items, isWhole, isLoading, error, load } = useBoardsOf(username);
  const shown = items.filter((it) => !hiddenBoards.value.has(it.id));
  const isMe = user.value?.username.toLowerCase() === username.toLowerCase();
  return (
    <Page title={isMe ? 'My boards' : `Boards by ${username}`}>
      {shown.length > 0 && (
        <ul class="cards">
          {shown.map((board) => (
            <BoardCard key={board.id} board={board} arrived={false} />
          ))}
        </ul>
      )}
      {shown.length === 0 && isWhole && <p class="page-lead">There are none.</p>}
      {error && <Failure error={error} retry={load} />}
      {!isWhole && !error && <More label="Load more" isBusy={isLoading} onMore={load} />}
    </Page>
  );
}

function useBoardsOf(creator: string) {
  const items = useSignal<readonly Board[]>([]);
  const isWhole = useSignal(false);
  const isLoading = useSignal(false);
  const error = useSignal<unknown>(null);
  const before = useRef<number | null>(null);

  const load = async () => {
    if (isLoading.value) return;
    isLoading.value = true;
    error.value = null;
    try {
      const from = before.current === null ? {} : { before: before.current };
      const page = await api.listBoards({ creator, ...from });
      items.value = [...items.value, ...page.items];
      before.current = page.next_before;
      isWhole.value = page.next_before === null;
    } catch (reason) {
      error.value = reason;
    } finally {
      isLoading.value = false;
    }
  };

  useEffect(() => {
    load();
  }, []);

  return {
    items: items.value,
    isWhole: isWhole.value,
    isLoading: isLoading.value,
    error: error.value,
    load,
  };
}
