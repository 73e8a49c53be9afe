// What a thousand images cost the page besides the engine: counted, not timed.

import { effect } from "@preact/signals";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { preview } from "../src/study/assignment.ts";
import { Entry } from "../src/study/entry.ts";
import { Study } from "../src/study/study.ts";
import { PLAIN_VIEW, type View } from "../src/study/table.ts";
import { zipNames } from "../src/view/zip-names.ts";
import { imageReport } from "./reports.ts";
import { bench, settled } from "./studies.ts";
import { watch } from "./watching.ts";

// As long as a busy machine takes.
vi.setConfig({ testTimeout: 60_000 });

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

/** How often `work` calls these functions, which it must leave in their place. */
function calls(work: () => void, ...of: { mock: { calls: unknown[] } }[]): number {
  work();
  const all = of.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  vi.restoreAllMocks();
  return all;
}

const MANY = 5000;
/** No two alike. */
const shareOf = (index: number) => 0.5 + index / 20_000;
const results = (name: (index: number) => string) =>
  Array.from({ length: MANY }, (_, index) => Entry.of(name(index), imageReport("field.png", shareOf(index))));

it("saved results of one name are looked for without asking each of them", () => {
  const study = new Study();
  const [first, again] = [results((index) => `a/${index}.png`), results((index) => `b/${index}.png`)];
  const come = (entries: readonly Entry[]) =>
    entries.map((entry) => {
      const known = study.has(entry);
      if (!known) study.add([entry]);
      return known;
    });
  const written = calls(
    () => {
      expect(come(first)).not.toContain(true);
      expect(come(again)).not.toContain(false);
    },
    vi.spyOn(JSON, "stringify"),
  );
  expect(written).toBeLessThanOrEqual(6 * MANY);
  expect(study.total.value).toBe(MANY);
});

it("files that turn out to be those of saved results of one name are put to them one by one", () => {
  const study = new Study();
  study.add(results((index) => `a/${index}.png`));
  const files = Array.from({ length: MANY }, (_, index) => {
    const path = `b/${index}.png`;
    return new Entry({ path, file: new File([path], "field.png") });
  });
  study.add(files);
  const asked = calls(
    () => {
      files.forEach((entry, index) => {
        const twin = study.twin(entry, imageReport("field.png", shareOf(index)));
        if (twin !== null) study.merge(entry, twin);
      });
    },
    vi.spyOn(JSON, "stringify"),
    vi.spyOn(Set.prototype, "has"),
  );
  expect(asked).toBeLessThanOrEqual(20 * MANY);
  expect(study.total.value).toBe(MANY);
  expect(study.entries.value.every(({ hasFile }) => hasFile)).toBe(true);
});

it("a label of its own for each image is put in order once", () => {
  const study = new Study();
  const entries = results((index) => `${index}.png`);
  study.add(entries);
  let seen: readonly string[] = [];
  const stop = effect(() => {
    seen = study.labels.value;
  });
  const sorted = calls(
    () =>
      study.assign(entries.map((entry, index) => ({ entry, patient: null, label: `type ${MANY - index}` }))),
    vi.spyOn(Array.prototype, "sort"),
  );
  stop();
  expect(sorted).toBe(1);
  expect(seen.slice(0, 2)).toEqual(["type 1", "type 2"]);
});

it("a table finds images of one name in many folders without asking each of them", () => {
  const entries = results((index) => `study/case-${index}/field.png`);
  const rows = entries.map((_, index) => ({
    file: `case-${index}/field.png`,
    patient: `P${index}`,
    label: null,
  }));
  const compared = calls(
    () => {
      const { changes, ambiguous } = preview(entries, { kind: "table", table: { name: "t.csv", rows } });
      expect(changes.map(({ patient }) => patient).slice(0, 2)).toEqual(["P0", "P1"]);
      expect([changes.length, ambiguous.length]).toEqual([MANY, 0]);
    },
    vi.spyOn(String.prototype, "endsWith"),
  );
  expect(compared).toBeLessThanOrEqual(5 * MANY);
});

it("files of one name are told apart in an archive without trying every number for each", () => {
  const tried = calls(
    () => {
      const names = zipNames(Array.from({ length: MANY }, () => "field.png"));
      expect([names[1], names.at(-1)]).toEqual(["field (2).png", `field (${MANY}).png`]);
    },
    vi.spyOn(Set.prototype, "has"),
  );
  expect(tried).toBeLessThanOrEqual(3 * MANY);
});
