// The words about looking through a camera in the language that the page speaks now. They are not among the page's other
// words: few ever look through a camera, and the page's first scripts are small.

import * as de from "./de-live.ts";
import * as en from "./en-live.ts";
import { inLanguage } from "./language.ts";

export const liveWords = inLanguage<en.LiveWords>({ en: en.liveWords, de: de.liveWords });
