// Scales: what a person may write, what is unlike the model's images, bars of round lengths, and what lasts.

import { describe, expect, it } from "vitest";
import { Entry } from "../src/study/entry.ts";
import { toKept } from "../src/study/kept.ts";
import { fromKept } from "../src/study/restore.ts";
import { isBeyond, parseScale } from "../src/study/scales.ts";
import { Study } from "../src/study/study.ts";
import { barOf } from "../src/view/scale-bars.ts";
import { numbersOf } from "../src/words/numbers.ts";
import { imported, trusting } from "./reading.ts";
import { imageReport } from "./reports.ts";

it.each([
  ["0.25", 0.25],
  [" 0,25 µm", 0.25],
  [".5", 0.5],
  ["100", 100],
  ["", null],
  ["  ", null],
  ["0", Number.NaN],
  ["0.009", Number.NaN],
  ["101", Number.NaN],
  ["40x", Number.NaN],
  ["1e1", Number.NaN],
  ["-1", Number.NaN],
  ["NaN", Number.NaN],
])("of %j is %d", (text, scale) => {
  expect(parseScale(text)).toBe(scale);
});

it("beyond what the model has seen begins a quarter outside of it", () => {
  const beyond = (um_per_pixel: number) => isBeyond({ um_per_pixel, source: "set" }, [0.05, 0.49]);
  expect([0.039, 0.041, 0.05, 0.3, 0.6, 0.62].map(beyond)).toEqual([true, false, false, false, false, true]);
});

describe("a bar", () => {
  it.each([
    [0.25, 160, 20],
    [0.5, 100, 50],
    [1, 100, 100],
    [0.05, 160, 5],
    [0.001, 100, 0.1],
    [12.5, 160, 2000],
  ])("of %d µm a pixel and %d pixels is %d µm long", (um, most, length) => {
    const bar = barOf(um, most);
    expect(bar.um).toBe(length);
    expect(bar.pixels).toBeCloseTo(length / um);
    expect(bar.pixels).toBeLessThanOrEqual(most * (1 + 1e-9));
    // More would not have had room.
    expect(2.5 * bar.pixels).toBeGreaterThan(most);
  });

  it("is told in the unit that fits", () => {
    expect([0.5, 20, 2000].map((um) => numbersOf("de").length(um))).toEqual([
      "0,5\u00a0µm",
      "20\u00a0µm",
      "2\u00a0mm",
    ]);
  });
});

function done(): Entry {
  const entry = new Entry({ path: "a.tif", file: new File([], "a.tif") });
  entry.finish({ ...imageReport("a.tif"), scale: { um_per_pixel: 0.5, source: "ome", objective: 20 } });
  return entry;
}

const reportOf = (entry: Entry) => {
  const state = entry.state.value;
  if (state.kind !== "done") throw new Error(state.kind);
  return state.report;
};

describe("a scale that a person sets", () => {
  it("stands before the file's, in the report too, until it is taken away", () => {
    const entry = done();
    expect(entry.umPerPixel).toBe(0.5);
    entry.setScale(0.25);
    expect(reportOf(entry).scale).toEqual({ um_per_pixel: 0.25, source: "set" });
    entry.setScale(null);
    expect(reportOf(entry).scale).toEqual({ um_per_pixel: 0.5, source: "ome", objective: 20 });
  });

  it("before there is a result counts for it, and for the next", () => {
    const entry = new Entry({ path: "a.tif", file: new File([], "a.tif") });
    entry.setScale(0.25);
    entry.finish(imageReport("a.tif"));
    expect(entry.umPerPixel).toBe(0.25);
    entry.restart();
    entry.finish(imageReport("a.tif", 0.9));
    expect(entry.umPerPixel).toBe(0.25);
    entry.setScale(null);
    expect(reportOf(entry)).not.toHaveProperty("scale");
  });

  it("outlives another threshold, a visit and a saved report", async () => {
    const study = new Study();
    const entry = done();
    study.add([entry]);
    study.setScale([entry], 0.25);
    study.rejudge(0.9);
    expect(reportOf(entry)).toMatchObject({ verdict: "uncertain", scale: { um_per_pixel: 0.25 } });
    const [back] = await fromKept([structuredClone(toKept(entry))], trusting);
    expect(back?.umPerPixel).toBe(0.25);
    back?.setScale(null);
    expect(back?.umPerPixel).toBe(0.5);
    const [saved] = await imported(new File([JSON.stringify(reportOf(entry))], "a.json"));
    expect(saved?.original).toMatchObject({ scale: { um_per_pixel: 0.25, source: "set" } });
  });
});

it("that was set of a slide is that of its finest level, also when its report is opened again", () => {
  const source = { format: "SVS", width: 8000, height: 6000, downsample: 2, candidates: 90 };
  const slide = { source, regions: [] };
  const scale = { um_per_pixel: 0.5, source: "set" } as const;
  expect(Entry.of("a.svs", { ...imageReport("a.svs"), slide, scale }).scaleSet).toBe(0.25);
  expect(Entry.of("a.png", { ...imageReport("a.png"), scale }).scaleSet).toBe(0.5);
});
