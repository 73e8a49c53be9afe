// Options and their form in the address.

import { describe, expect, it } from "vitest";
import {
  defaultSettings,
  defaultWorkers,
  queryFromSettings,
  type Settings,
  sameAnalysis,
  settingsFromQuery,
} from "../src/run/options.ts";

const defaults = defaultSettings(4, "relaxed");

describe("default number of workers", () => {
  it.each([
    [undefined, 1],
    [0, 1],
    [1, 1],
    [6, 6],
    [64, 8],
  ])("for %s cores is %s", (cores, workers) => {
    expect(defaultWorkers(cores)).toBe(workers);
  });
});

describe("the address", () => {
  it("is bare when all is default", () => {
    expect(queryFromSettings(defaults, defaults)).toBe("");
    expect(settingsFromQuery("", defaults)).toEqual(defaults);
  });

  it.each<Settings>([
    {
      maxPatches: "all",
      variant: "f32",
      screen: false,
      stride: 112,
      batchSize: 1,
      workers: 1,
      kernels: "simd128",
      runtime: "tract",
      map: "detail",
      countUnfamiliar: true,
      uncertainBelow: 0.7,
      opacity: 0.05,
    },
    { ...defaults, maxPatches: 7, stride: 16, batchSize: 256, workers: 8 },
    { ...defaults, uncertainBelow: 0.5, opacity: 1 },
    { ...defaults, uncertainBelow: 1, opacity: 0 },
  ])("brings %j back", (settings) => {
    expect(settingsFromQuery(queryFromSettings(settings, defaults), defaults)).toEqual(settings);
  });

  it.each([
    "?max_patches=0",
    "?max_patches=-3",
    "?max_patches=1e3",
    "?precision=f64",
    "?screen=maybe",
    "?count_unfamiliar=maybe",
    "?engine=onnxruntime",
    "?stride=15",
    "?batch_size=0",
    "?batch_size=257",
    "?map=both",
    "?uncertain_below=0.49",
    "?uncertain_below=1.1",
    "?uncertain_below=.7",
    "?uncertain_below=null",
    "?opacity=-0.1",
    "?opacity=2",
    "?opacity=",
    "?workers=9",
    "?workers=",
  ])("ignores %s", (query) => {
    expect(settingsFromQuery(query, defaults)).toEqual(defaults);
  });
});

it("the number of workers does not make an analysis another one", () => {
  expect(
    sameAnalysis(defaults, { ...defaults, workers: 1, batchSize: 1, map: "detail", opacity: 1 } as Settings),
  ).toBe(true);
  expect(sameAnalysis(defaults, { ...defaults, variant: "f32" })).toBe(false);
  expect(sameAnalysis(defaults, { ...defaults, maxPatches: "all" })).toBe(false);
  expect(sameAnalysis(defaults, { ...defaults, screen: false })).toBe(false);
  expect(sameAnalysis(defaults, { ...defaults, stride: 112 })).toBe(false);
  expect(sameAnalysis(defaults, { ...defaults, uncertainBelow: 0.7 })).toBe(true);
});
