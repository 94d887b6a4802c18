import { t } from '../../language/texts';
import { letters } from '../../ui/grid/letters';
import { type Theme, themeSetting } from '../../ui/theme';
import { Choice } from './Choice';
import { Switch } from './Switch';

export function Appearance() {
  const texts = t().settings;
  const options: { value: Theme | null; text: string }[] = [
    { value: null, text: texts.themes.system },
    { value: 'light', text: texts.themes.light },
    { value: 'dark', text: texts.themes.dark },
  ];
  return (
    <section class="panel">
      <Choice
        legend={texts.theme}
        options={options}
        chosen={themeSetting.chosen}
        onChoose={(value) => themeSetting.choose(value)}
      />
      <Switch
        isOn={letters.value}
        onSwitch={(isOn) => letters.choose(isOn)}
        hint={texts.lettersHint}
      >
        {texts.letters}
      </Switch>
    </section>
  );
}
