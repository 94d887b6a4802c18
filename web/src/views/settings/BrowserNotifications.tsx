import { t } from '../../language/texts';
import { notifies, permission, turnOn } from '../../state/notifications';

/** The browser's own notifications: whether they come, why not if they cannot, and a button where they may. */
export function BrowserNotifications() {
  const texts = t().settings;
  const may = permission.value;
  const isPossible = may === 'granted' || may === 'unasked';
  const isOn = notifies.value && may === 'granted';
  return (
    <div class="browser-notifications">
      <h3>{texts.elsewhere}</h3>
      <p role="status">{isPossible ? texts.notifies[isOn ? 'on' : 'off'] : texts.notifies[may]}</p>
      {isPossible && (
        <div class="actions">
          <button
            type="button"
            class="button plain small"
            onClick={isOn ? () => notifies.choose(false) : turnOn}
          >
            {isOn ? texts.turnOff : texts.turnOn}
          </button>
        </div>
      )}
    </div>
  );
}
