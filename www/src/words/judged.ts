// The words about how good verdicts are, and about making a lesson, in the language that the page speaks now. They are not
// among the page's other words: nothing is judged before there are results, and the page's first scripts are small.

import * as de from "./de-judged.ts";
import * as en from "./en-judged.ts";
import { inLanguage } from "./language.ts";

export const judgedWords = inLanguage<en.JudgedWords>({ en: en.judgedWords, de: de.judgedWords });
