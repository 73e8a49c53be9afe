// The words about slides in the language that the page speaks now. They are not among the page's other
// words: few studies have any, and the page's first scripts are small.

import * as de from "./de-slide.ts";
import * as en from "./en-slide.ts";
import { inLanguage } from "./language.ts";

export const slideWords = inLanguage<en.SlideWords>({ en: en.slideWords, de: de.slideWords });
