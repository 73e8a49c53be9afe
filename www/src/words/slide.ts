// The words about slides in the language that the page speaks now. They are not among the page's other
// words: few studies have any, and the page's first scripts are small.

import { computed } from "@preact/signals";
import * as de from "./de-slide.ts";
import * as en from "./en-slide.ts";
import { type Language, language } from "./language.ts";

const ALL = { en: en.slideWords, de: de.slideWords } satisfies Record<Language, en.SlideWords>;

export const slideWords = computed((): en.SlideWords => ALL[language.value]);
