// How tables are written for the spreadsheets of the language that the page speaks.

import { type CsvForm, PLAIN_FORM } from "../study/csv.ts";
import { language } from "../words/language.ts";

/** Where the decimal sign is a comma, a spreadsheet reads columns apart at semicolons. */
const FORMS: Readonly<Partial<Record<string, CsvForm>>> = { de: { separator: ";", decimal: "," } };

export const csvForm = (): CsvForm => FORMS[language.value] ?? PLAIN_FORM;
