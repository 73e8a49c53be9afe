// Entry point of the page.

import { render } from "preact";
import { App } from "./view/app.tsx";
import { guardAgainstLoss } from "./view/leaving.ts";
import { paceRendering } from "./view/pace.ts";
import { speak } from "./view/spoken-document.ts";
import { language } from "./words/language.ts";
import { loadWords } from "./words/words.ts";
import { Workbench } from "./workbench.ts";

/**
 * Milliseconds between two renders while more images than these are open. Of a few nobody sees single steps that follow each
 * other so soon, of a crowd nobody follows them, and of a large one only how far it is.
 */
const CROWDS = [
  { images: 1000, ms: 1000 },
  { images: 100, ms: 500 },
  { images: 8, ms: 350 },
  { images: 1, ms: 100 },
] as const;

async function main(root: HTMLElement): Promise<void> {
  const workbench = new Workbench();
  // First, so that the engine is fetched while the page is being shown.
  void workbench.start();
  await loadWords(language.value).catch(() => {
    // Without a network, and never kept: English came with the page.
    language.value = "en";
  });
  speak(document, workbench);
  void workbench.keeper.look();
  guardAgainstLoss(workbench);
  paceRendering(() => {
    const open = workbench.study.open.peek();
    return CROWDS.find(({ images }) => open > images)?.ms ?? 0;
  });
  root.replaceChildren();
  render(<App workbench={workbench} />, root);
}

const root = document.getElementById("app");
if (root !== null) void main(root);
