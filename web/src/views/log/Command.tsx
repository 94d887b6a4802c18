import { useSignal } from '@preact/signals';
import { t } from '../../language/texts';
import { copy } from '../../ui/clipboard';
import { Icon } from '../../ui/Icon';

/** How to get the same in a terminal. */
export function Command({ text }: { text: string }) {
  const texts = t().log;
  const outcome = useSignal<'copied' | 'notCopied' | null>(null);
  const onCopy = async () => {
    outcome.value = (await copy(text)) ? 'copied' : 'notCopied';
  };
  return (
    <>
      <div class="command">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long commands scroll. */}
        <code tabIndex={0}>{text}</code>
        <button
          type="button"
          class="icon-button"
          aria-label={texts.copy}
          title={texts.copy}
          onClick={onCopy}
        >
          <Icon name="copy" />
        </button>
      </div>
      <p class="field-hint" role="status">
        {outcome.value && texts[outcome.value]}
      </p>
    </>
  );
}
