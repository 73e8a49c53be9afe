// Asks before the page is left while something would be lost by it.

import { effect } from "@preact/signals";
import type { Workbench } from "../workbench.ts";

/** The browser asks in its own words. Only while there is a reason: a page that may ask is kept in memory less readily. */
export function guardAgainstLoss({ keeper }: Workbench): void {
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  effect(() => {
    if (keeper.atRisk.value) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  });
  // Phones end pages that are out of sight without a question.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void keeper.flush();
  });
}
