import { useSignal } from '@preact/signals';
import { copy } from '../../ui/clipboard';
import { Icon } from '../../ui/Icon';

/** How to get the same in a terminal. */
export function Command({ text }: { text: string }) {
  const says = useSignal('');
  const onCopy = async () => {
    says.value = (await copy(text)) ? 'Copied.' : 'Not copied: select the command.';
  };
  return (
    <>
      <div class="command">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long commands scroll. */}
        <code tabIndex={0}>{text}</code>
        <button
          type="button"
          class="icon-button"
          aria-label="Copy the command"
          title="Copy the command"
          onClick={onCopy}
        >
          <Icon name="copy" />
        </button>
      </div>
      <p class="field-hint" role="status">
        {says.value}
      </p>
    </>
  );
}
