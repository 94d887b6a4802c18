import { chooseLanguage, chosenLanguage, LANGUAGES, unspoken } from '../../language/choice';
import { type Language, t } from '../../language/texts';
import { Alert } from '../../ui/Alert';
import { Choice } from './Choice';

const OPTIONS = Object.entries(LANGUAGES).map(([value, text]) => ({
  value: value as Language,
  text,
  lang: value,
}));

export function LanguageChoice() {
  const texts = t().settings;
  return (
    <section class="panel">
      <Choice
        legend={texts.language}
        options={OPTIONS}
        chosen={chosenLanguage()}
        onChoose={chooseLanguage}
      />
      {unspoken.value && (
        <Alert>
          <p>{texts.languageMissing}</p>
          <div class="actions">
            <button type="button" class="button plain small" onClick={() => location.reload()}>
              {t().shell.reload}
            </button>
          </div>
        </Alert>
      )}
    </section>
  );
}
