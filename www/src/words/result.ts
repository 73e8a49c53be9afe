// The words about results in the language that the page speaks now. They are not among the page's other words: before the
// first image there is nothing to say with them, and the page's first scripts are small.

import * as de from "./de-result.ts";
import * as en from "./en-result.ts";
import { inLanguage } from "./language.ts";

export const resultWords = inLanguage<en.ResultWords>({ en: en.resultWords, de: de.resultWords });
