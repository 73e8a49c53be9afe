// When the report on paper is on the page: only while it is printed; the rest of the page is not printed.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Entry } from "../study/entry.ts";
import type { Workbench } from "../workbench.ts";
import { useWorkbench } from "./context.ts";
import { Paper, paperThere, takeAway } from "./later.tsx";

/** More pictures than these are not printed at once: all of them are open while the browser lays the sheets out. */
export const MOST_PICTURES = 300;

/** An image with its map, for as long as it is printed. */
interface Picture {
  readonly path: string;
  readonly url: string;
}

export interface Printing {
  readonly when: Date;
  /** Empty where it is to be written by hand. */
  readonly caseNumber: string;
  /** Of the selected image, or of all that have a map. */
  readonly pictures: readonly Picture[];
}

export interface PrintChoices {
  readonly caseNumber: string;
  /** Whether all images come with their pictures. */
  readonly all: boolean;
}

/** Whether a person is asked what is to be printed. */
export const printWanted = signal(false);
const printing = signal<Printing | null>(null);

/** Those of which there is something to show. */
export const pictured = (entries: readonly Entry[]): Entry[] =>
  entries.filter((entry) => entry.plan.value !== null);

function letGo(pictures: readonly Picture[]): void {
  for (const { url } of pictures) URL.revokeObjectURL(url);
}

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

export function PrintReport() {
  const { study } = useWorkbench();
  // The empty page is printed as it is.
  const something = () => study.finished.peek() > 0;
  useEffect(() => {
    const stop = new AbortController();
    const { signal: stopped } = stop;
    // The browser's own menu prints the report too, without pictures.
    const begin = () => {
      if (something()) printing.value ??= { when: new Date(), caseNumber: "", pictures: [] };
    };
    addEventListener("beforeprint", begin, { signal: stopped });
    addEventListener(
      "afterprint",
      () => {
        letGo(printing.peek()?.pictures ?? []);
        printing.value = null;
      },
      { signal: stopped },
    );
    return () => stop.abort();
  }, []);
  return printing.value === null ? null : <Paper {...printing.value} />;
}
