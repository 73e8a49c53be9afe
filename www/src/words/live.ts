// The words about looking through a camera in the language that the page speaks now. They are not among the page's other
// words: few ever look through a camera, and the page's first scripts are small.

import { computed } from "@preact/signals";
import * as de from "./de-live.ts";
import * as en from "./en-live.ts";
import { type Language, language } from "./language.ts";

const ALL = { en: en.liveWords, de: de.liveWords } satisfies Record<Language, en.LiveWords>;

export const liveWords = computed((): en.LiveWords => ALL[language.value]);
