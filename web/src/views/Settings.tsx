import '../style/settings.css';
import { t } from '../language/texts';
import { Page } from '../ui/Page';
import { Appearance } from './settings/Appearance';
import { LanguageChoice } from './settings/LanguageChoice';
import { Notifications } from './settings/Notifications';

/** What one chooses for this browser. Everything counts at once, so there is nothing to save. */
export function Settings() {
  const texts = t().settings;
  return (
    <Page title={texts.title} lead={texts.lead} class="settings">
      <LanguageChoice />
      <Appearance />
      <Notifications />
    </Page>
  );
}
