// Prints the report: makes the pictures that go with it, puts it on the page and opens the browser's dialogue.

import type { Settings } from "../run/options.ts";
import type { Entry } from "../study/entry.ts";
import { selectionOf } from "../study/selection.ts";
import type { Workbench } from "../workbench.ts";
import { paperThere, takeAway } from "./later.tsx";
import { type Progress, packing } from "./packing.ts";
import { letGo, type Picture, printing } from "./print-report.tsx";

/** More pictures than these are not printed at once: all of them are open while the browser lays the sheets out. */
export const MOST_PICTURES = 300;

export interface PrintChoices {
  readonly caseNumber: string;
  /** Whether all images of the report come with their pictures. */
  readonly all: boolean;
}

/** Those of which there is something to show. */
export const pictured = (entries: readonly Entry[]): Entry[] =>
  entries.filter((entry) => entry.plan.value !== null);

/** Opens the browser's print dialogue on the report. */
export async function printReport(workbench: Workbench, { caseNumber, all }: PrintChoices): Promise<void> {
  const { study } = workbench;
  const selected = study.selected.peek();
  const wanted = all ? selectionOf(study).entries : selected === null ? [] : [selected];
  const entries = pictured(wanted).slice(0, MOST_PICTURES);
  const make = (progress?: Progress) => picturesOf(entries, workbench.settings.peek(), progress);
  const pictures = await (entries.length > 1 ? packing(workbench.notices, entries.length, make) : make());
  if (pictures === null) return;
  await paperThere();
  letGo(printing.peek()?.pictures ?? []);
  printing.value = { when: new Date(), caseNumber, pictures, ofAll: all };
  // The pictures must be there before the dialogue, which shows the page as it is.
  await new Promise((go) => setTimeout(go, 0));
  const shown = [...document.querySelectorAll<HTMLImageElement>(".print img")];
  await Promise.all(shown.map((picture) => picture.decode()));
  print();
}

/** Stopped by the signal, or where one cannot be made, it rejects and holds none. */
async function picturesOf(
  entries: readonly Entry[],
  settings: Settings,
  progress?: Progress,
): Promise<readonly Picture[]> {
  const { pictureOf } = await takeAway();
  const pictures: Picture[] = [];
  try {
    for (const [index, entry] of entries.entries()) {
      const content = await pictureOf(entry, settings);
      if (content !== null) pictures.push({ path: entry.path, url: URL.createObjectURL(content) });
      progress?.onDone(index + 1);
      progress?.signal.throwIfAborted();
    }
    return pictures;
  } catch (error) {
    letGo(pictures);
    throw error;
  }
}
