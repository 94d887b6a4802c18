import { t } from '../../language/texts';
import { type Theme, themeSetting } from '../../ui/theme';
import { Choice } from './Choice';

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
    </section>
  );
}
