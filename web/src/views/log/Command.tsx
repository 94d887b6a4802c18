import { useSignal } from '@preact/signals';
import { Icon } from '../../ui/Icon';

/** How to get the same in a terminal. */
export function Command({ text }: { text: string }) {
  const says = useSignal('');
  const copy = () => {
    // Without HTTPS a browser may give no access to the clipboard; then the text can be selected.
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject();
    written.then(
      () => {
        says.value = 'Copied.';
      },
      () => {
        says.value = 'Not copied: select the command.';
      },
    );
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
          onClick={copy}
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
