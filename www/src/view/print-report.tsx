// When the report on paper is on the page: only while it is printed; the rest of the page is not printed.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Workbench } from "../workbench.ts";
import { useWorkbench } from "./context.ts";
import { Paper, paperThere, takeAway } from "./later.tsx";

export interface Printing {
  readonly when: Date;
  /** Of the selected image, with its map; empty where there is none. */
  readonly picture: string;
}

const printing = signal<Printing | null>(null);

function letGo(): void {
  if (printing.peek() !== null) URL.revokeObjectURL(printing.peek()?.picture ?? "");
}

/** Opens the browser's print dialogue on the report. */
export async function printReport(workbench: Workbench): Promise<void> {
  const [{ selectedPicture }] = await Promise.all([takeAway(), paperThere()]);
  const picture = await selectedPicture(workbench);
  const url = picture === null ? "" : URL.createObjectURL(picture);
  letGo();
  printing.value = { when: new Date(), picture: url };
  // The picture must be there before the dialogue, which shows the page as it is.
  await new Promise((go) => setTimeout(go, 0));
  await document.querySelector<HTMLImageElement>(".print img")?.decode();
  print();
}

export function PrintReport() {
  const { study } = useWorkbench();
  // The empty page is printed as it is.
  const something = () => study.finished.peek() > 0;
  useEffect(() => {
    const stop = new AbortController();
    const { signal: stopped } = stop;
    // The browser's own menu prints the report too, without the picture.
    const begin = () => {
      if (something()) printing.value ??= { when: new Date(), picture: "" };
    };
    addEventListener("beforeprint", begin, { signal: stopped });
    addEventListener(
      "afterprint",
      () => {
        letGo();
        printing.value = null;
      },
      { signal: stopped },
    );
    return () => stop.abort();
  }, []);
  return printing.value === null ? null : <Paper {...printing.value} />;
}
