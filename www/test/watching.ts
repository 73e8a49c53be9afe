// What the page's views read of a study while it runs, without a document: one effect for each component.

import { effect } from "@preact/signals";
import type { Bench } from "./studies.ts";

/** Reads as the views do, anew with each change. Gives what stops it. */
export function watch({ study, run, origin }: Bench): () => void {
  const views = [
    () => [study.total.value],
    () => [study.counts.value.retriable, study.open.value, run.paused.value],
    () => [study.outdated(origin).count, study.open.value],
    () => [study.finished.value, study.selected.value],
    () => [study.total.value - study.open.value, study.patients.value, study.whole.value],
    () => [study.listed.value, study.total.value],
    () => {
      // The rows in sight: each says what its entry's line says.
      for (const item of study.items.value.slice(0, 30)) {
        if (item.kind === "line") item.line.entry.line.value;
      }
    },
    () => [study.selected.value?.state.value],
  ].map((view) => effect(() => void view()));
  return () => {
    for (const stop of views) stop();
  };
}
