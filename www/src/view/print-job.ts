// Prints the report: makes the pictures that go with it, puts it on the page and opens the browser's dialogue.

import type { Entry } from "../study/entry.ts";
import type { Workbench } from "../workbench.ts";
import { paperThere, takeAway } from "./later.tsx";
import { letGo, type Picture, printing } from "./print-report.tsx";

/** More pictures than these are not printed at once: all of them are open while the browser lays the sheets out. */
export const MOST_PICTURES = 300;

export interface PrintChoices {
  readonly caseNumber: string;
  /** Whether all images come with their pictures. */
  readonly all: boolean;
}

/** Those of which there is something to show. */
export const pictured = (entries: readonly Entry[]): Entry[] =>
  entries.filter((entry) => entry.plan.value !== null);

/** Opens the browser's print dialogue on the report. */
export async function printReport(workbench: Workbench, { caseNumber, all }: PrintChoices): Promise<void> {
  const { study } = workbench;
  const selected = study.selected.peek();
  const wanted = all ? study.entries.peek() : selected === null ? [] : [selected];
  const pictures = await picturesOf(workbench, pictured(wanted).slice(0, MOST_PICTURES));
  if (pictures === null) return;
  await paperThere();
  letGo(printing.peek()?.pictures ?? []);
  printing.value = { when: new Date(), caseNumber, pictures };
  // The pictures must be there before the dialogue, which shows the page as it is.
  await new Promise((go) => setTimeout(go, 0));
  const shown = [...document.querySelectorAll<HTMLImageElement>(".print img")];
  await Promise.all(shown.map((picture) => picture.decode()));
  print();
}

/** Null where a person would not wait for them. */
async function picturesOf(
  { notices, settings }: Workbench,
  entries: readonly Entry[],
): Promise<readonly Picture[] | null> {
  const { pictureOf } = await takeAway();
  const pictures: Picture[] = [];
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  for (const [done, entry] of entries.entries()) {
    if (entries.length > 1) {
      notices.tell("zip", ({ notices }) => notices.packing(done, entries.length), {
        say: ({ toolbar }) => toolbar.cancel,
        act: stop,
      });
    }
    const content = await pictureOf(entry, settings.peek());
    if (content !== null) pictures.push({ path: entry.path, url: URL.createObjectURL(content) });
    if (stopped) break;
  }
  notices.drop("zip");
  if (stopped) letGo(pictures);
  return stopped ? null : pictures;
}
