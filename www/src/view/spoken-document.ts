// What of the document is outside the views and follows the language: its own language and direction, title, description.

import { effect } from "@preact/signals";
import { LANGUAGES, language } from "../words/language.ts";
import { words } from "../words/words.ts";

/** From now on the document says in which language it is. */
export function speak(document: Document): void {
  effect(() => {
    const { title, description } = words.value.page;
    document.documentElement.lang = language.value;
    document.documentElement.dir = LANGUAGES[language.value].dir;
    document.title = title;
    document.querySelector<HTMLMetaElement>("meta[name=description]")?.setAttribute("content", description);
  });
}
