// When the report on paper is on the page: only while it is printed; the rest of the page is not printed.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useWorkbench } from "./context.ts";
import { Paper } from "./later.tsx";

/** An image with its map, for as long as it is printed. */
export interface Picture {
  readonly path: string;
  readonly url: string;
}

export interface Printing {
  readonly when: Date;
  /** Empty where it is to be written by hand. */
  readonly caseNumber: string;
  readonly pictures: readonly Picture[];
  /** Whether those are of all images that have a map, and not of the selected one. */
  readonly ofAll: boolean;
}

/** Whether a person is asked what is to be printed. */
export const printWanted = signal(false);
/** What is printed now. */
export const printing = signal<Printing | null>(null);

/** The pictures are not needed any more. */
export function letGo(pictures: readonly Picture[]): void {
  for (const { url } of pictures) URL.revokeObjectURL(url);
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
      if (something()) printing.value ??= { when: new Date(), caseNumber: "", pictures: [], ofAll: false };
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
