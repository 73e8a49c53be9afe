// What a thousand images cost the page besides the engine: counted, not timed.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Entry } from "../src/study/entry.ts";
import { PLAIN_VIEW, type View } from "../src/study/table.ts";
import { bench, settled } from "./studies.ts";
import { watch } from "./watching.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How often an image is asked for its state, its patient or its line, for each image of a study of so many. */
async function readsPerImage(count: number, view: View, end: "done" | "cancelled"): Promise<number> {
  const made = bench();
  const { study, run, add } = made;
  study.view.value = view;
  const stop = watch(made);
  const reads = (["state", "line", "patient", "settled"] as const).map((name) =>
    vi.spyOn(Entry.prototype, name, "get"),
  );
  add(...Array.from({ length: count }, (_, index) => `case-${index % 50}/${index}.png`));
  if (end === "cancelled") run.cancel(study.openEntries());
  while (study.open.value > 0) await settled();
  expect(study.counts.value[end]).toBe(count);
  if (end === "done") study.rejudge(0.9);
  study.remove(study.entries.value);
  const all = reads.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  stop();
  vi.restoreAllMocks();
  return all / count;
}

it.each<[string, View, "done" | "cancelled"]>([
  ["a run", PLAIN_VIEW, "done"],
  ["a run that is seen sorted and grouped", { ...PLAIN_VIEW, sort: "malignant", grouped: true }, "done"],
  ["a run that is seen filtered", { ...PLAIN_VIEW, shown: "malignant", text: "case-1" }, "done"],
  ["a run that is cancelled", PLAIN_VIEW, "cancelled"],
])(
  "%s asks each image as often in a large study as in a small one",
  async (_, view, end) => {
    const small = await readsPerImage(200, view, end);
    const large = await readsPerImage(1600, view, end);
    expect(small).toBeGreaterThan(0);
    expect(large).toBeLessThan(1.2 * small);
  },
  20_000,
);
