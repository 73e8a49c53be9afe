// How tables are written for the spreadsheets of the language that the page speaks.

import type { CsvForm } from "../study/csv.ts";
import { language } from "../words/language.ts";

/** Where the decimal sign is a comma, a spreadsheet reads columns apart at semicolons. */
const FORMS: Readonly<Partial<Record<string, CsvForm>>> = { de: { separator: ";", decimal: "," } };

/** Undefined where it is the plain one. */
export const csvForm = (): CsvForm | undefined => FORMS[language.value];
