// The colour map and the geometry of patches.

import { describe, expect, it } from "vitest";
import { OWN_CLASSES } from "../src/study/classes.ts";
import { STOPS } from "../src/study/core-types.ts";
import { colourOf } from "../src/view/colours.ts";
import {
  mapPatches,
  nextPatch,
  type PatchMap,
  paintedAreas,
  patchAt,
  sharesAt,
} from "../src/view/patch-map.ts";

/** Relative luminance after WCAG. */
function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

describe("colour map", () => {
  it("meets its stops and stays within its ends", () => {
    expect([0, 0.25, 0.5, 0.75, 1].map(colourOf)).toEqual(STOPS);
    expect(colourOf(-1)).toEqual(STOPS[0]);
    expect(colourOf(2)).toEqual(STOPS[4]);
  });

  it("grows darker from the middle to both ends, so that it reads without hue", () => {
    const steps = Array.from({ length: 51 }, (_, index) => index / 100);
    for (const towards of [1, -1]) {
      const path = steps.map((step) => luminance(colourOf(0.5 + towards * step)));
      expect(path).toEqual([...path].sort((a, b) => b - a));
    }
  });

  it("sets the ends apart for eyes without red or without green cones: blue against not blue", () => {
    const [low, high] = [colourOf(0), colourOf(1)];
    expect(low[2] - low[0]).toBeGreaterThan(100);
    expect(high[0] - high[2]).toBeGreaterThan(100);
  });
});

/** Three by two patches with a remainder at the right. */
const map: PatchMap = {
  width: 700,
  height: 460,
  patchSize: 224,
  stride: 224,
  patches: [0, 1, 2, 3, 4, 5].map((index) => ({
    x: 224 * (index % 3),
    y: 224 * Math.floor(index / 3),
    screen: "assessable",
    row: index,
  })),
  classes: OWN_CLASSES,
  probabilities: null,
  cam: null,
};

const FIRST = { x: 0, y: 0, screen: "assessable", row: 0 } as const;

describe("patches", () => {
  it.each([
    [0, 0, 0],
    [223.9, 0, 0],
    [224, 0, 1],
    [500, 300, 5],
    [690, 300, null],
    [10, 455, null],
  ])("at %s, %s there is patch %s", (x, y, patch) => {
    expect(patchAt(map, x, y)).toBe(patch);
  });

  it.each([
    [null, "ArrowRight", 0],
    [0, "ArrowRight", 1],
    [2, "ArrowRight", 2],
    [4, "ArrowUp", 1],
    [1, "ArrowDown", 4],
    [3, "ArrowLeft", 3],
    [2, "Home", 0],
    [2, "End", 5],
    [2, "a", undefined],
  ])("from %s, %s leads to %s", (from, key, to) => {
    expect(nextPatch(map, from, key)).toBe(to);
  });
});

describe("patches that overlap", () => {
  const close = { ...map, stride: 112, patches: [0, 112, 224].map((x) => ({ ...FIRST, x })) };

  it("are told apart by whose middle is nearest", () => {
    expect([0, 167, 169, 279, 281, 447].map((x) => patchAt(close, x, 100))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it("are painted as far as the middle between two, and whole where there is no other", () => {
    expect(paintedAreas(close).map(({ left, right, top, bottom }) => [left, right, top, bottom])).toEqual([
      [0, 168, 0, 224],
      [168, 280, 0, 224],
      [280, 448, 0, 224],
    ]);
    const sparse = { ...close, stride: 56 };
    expect(paintedAreas(sparse)).toEqual(paintedAreas(close));
  });

  it("are painted whole where they touch", () => {
    expect(paintedAreas(map)).toEqual(
      map.patches.map(({ x, y }) => ({ left: x, top: y, right: x + 224, bottom: y + 224 })),
    );
  });
});

describe("results on the map", () => {
  const screens = ["background", "assessable", "blurred", "assessable"] as const;
  const plan = {
    filename: "field.png",
    width: 896,
    height: 224,
    grid: { patch_size: 224, stride: 224 },
    options: { batch_size: 16 },
    patches: screens.map((screen, index) => ({ x: 224 * index, y: 0, screen })),
  };

  it("go to the patches that vote, in their order", () => {
    const patches = mapPatches({ ...plan, voters: [1, 3] });
    expect(patches.map(({ row }) => row)).toEqual([null, 0, null, 1]);
    const probabilities = Float32Array.of(0.75, 0.25, Number.NaN, Number.NaN);
    const shown = patches.map((_, index) => sharesAt({ ...map, patches, probabilities }, index)?.[1] ?? null);
    expect(shown).toEqual([null, 0.25, null, null]);
  });

  it("are none where nothing votes", () => {
    const patches = mapPatches({ ...plan, voters: [] });
    expect(patches.every(({ row }) => row === null)).toBe(true);
    expect(sharesAt({ ...map, patches, probabilities: new Float32Array(0) }, 1)).toBeNull();
  });
});
