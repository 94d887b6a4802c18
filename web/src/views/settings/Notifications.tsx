import { t } from '../../language/texts';
import { EVENT_TYPES } from '../../state/event';
import { muted, mutedTypes, want } from '../../state/news';
import { BrowserNotifications } from './BrowserNotifications';
import { Switch } from './Switch';

/** What one is told, and how. */
export function Notifications() {
  const texts = t().settings;
  return (
    <section class="panel">
      <h2>{texts.notifications}</h2>
      <p class="quiet-text">{texts.notificationsHint}</p>
      <Switch isOn={muted.value} onSwitch={(isOn) => muted.choose(isOn)}>
        {texts.muted}
      </Switch>
      <fieldset disabled={muted.value}>
        <legend class="field-label">{texts.kinds}</legend>
        {EVENT_TYPES.map((type) => (
          <Switch
            key={type}
            isOn={!mutedTypes.value.includes(type)}
            onSwitch={(isOn) => want(type, isOn)}
          >
            {texts.kind[type]}
          </Switch>
        ))}
      </fieldset>
      <BrowserNotifications />
    </section>
  );
}
