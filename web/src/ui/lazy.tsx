import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../language/texts';
import { Alert } from './Alert';
import { Page } from './Page';

/** A view whose code is loaded when somebody goes there. Until then, and where that fails, it has a title already. */
export function lazy<P extends object>(
  title: () => string,
  load: () => Promise<ComponentType<P>>,
): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;

  return function LazyView(props: P) {
    const view = useSignal(loaded);
    const hasFailed = useSignal(false);

    const begin = () => {
      hasFailed.value = false;
      load().then(
        (it) => {
          loaded = it;
          view.value = it;
        },
        () => {
          hasFailed.value = true;
        },
      );
    };
    useEffect(() => {
      if (!loaded) begin();
    }, []);

    const View = view.value;
    if (View) return <View {...props} />;
    return (
      <Page title={title()}>{hasFailed.value ? <Missing retry={begin} /> : <Skeleton />}</Page>
    );
  };
}

/** Either there is no connection, or the server has another version of the page by now, without this file. */
function Missing({ retry }: { retry(): void }) {
  const texts = t().shell;
  return (
    <Alert>
      <p>{texts.notLoaded}</p>
      <div class="actions">
        <button type="button" class="button plain small" onClick={retry}>
          {t().common.retry}
        </button>
        {/* Some browsers remember that it failed. */}
        <button type="button" class="button plain small" onClick={() => location.reload()}>
          {texts.reload}
        </button>
      </div>
    </Alert>
  );
}

function Skeleton() {
  return (
    <div aria-busy="true">
      <div class="skeleton line" />
      <div class="skeleton line short" />
    </div>
  );
}
