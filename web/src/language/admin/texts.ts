import { type Language, spoken } from '../texts';
import { type AdminCatalogue, en } from './en';
import { pl } from './pl';

const CATALOGUES: Record<Language, AdminCatalogue> = { en, pl };

/** The texts for administrators in the language that is shown. A component that asks follows it. */
export const adminTexts = (): AdminCatalogue => CATALOGUES[spoken.value.language];
