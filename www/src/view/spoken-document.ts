// What of the document is outside the views and follows the language: its own language and direction, title, description.

import { effect } from "@preact/signals";
import { paced } from "../base/paced.ts";
import { LANGUAGES, language } from "../words/language.ts";
import { words } from "../words/words.ts";
import type { Workbench } from "../workbench.ts";

/** The title follows a run no oftener than this, in milliseconds: each change is news to the browser's own process. */
const TITLE_MS = 1000;

/** From now on the document says in which language it is, and its title how far a run is. */
export function speak(document: Document, { study }: Workbench): void {
  effect(() => {
    const { description } = words.value.page;
    document.documentElement.lang = language.value;
    document.documentElement.dir = LANGUAGES[language.value].dir;
    document.querySelector<HTMLMetaElement>("meta[name=description]")?.setAttribute("content", description);
  });
  const show = () => {
    const { title } = words.peek().page;
    const [total, open] = [study.total.peek(), study.open.peek()];
    document.title = open === 0 ? title : `(${total - open}/${total}) ${title}`;
  };
  const follow = paced(TITLE_MS, show);
  effect(() => {
    words.value;
    show();
  });
  effect(() => {
    study.total.value;
    study.open.value;
    follow();
  });
}
