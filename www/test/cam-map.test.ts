// The class-activation map: smooth within patches and across their edges, and honest where a neighbour is missing.

import { describe, expect, it } from "vitest";
import { type Cam, LessonCam } from "../src/run/cam.ts";
import { OWN_CLASSES } from "../src/study/classes.ts";
import { rowsByPlace, smoothPatch } from "../src/view/cam-map.ts";
import { extremes } from "../src/view/extremes.ts";
import type { PatchMap } from "../src/view/patch-map.ts";

const SIDE = 7;

/** Patches edge to edge in a row, one of them apart at the end. */
function mapOf(patches: number, probabilities: Float32Array | null = null): PatchMap {
  return {
    width: 224 * (patches + 1),
    height: 224,
    patchSize: 224,
    stride: 224,
    patches: Array.from({ length: patches }, (_, index) => ({
      x: 224 * (index === patches - 1 ? index + 1 : index),
      y: 0,
      screen: "assessable",
      row: index,
    })),
    classes: OWN_CLASSES,
    probabilities,
    cam: null,
  };
}

/** Cells whose difference is given by their patch and column; NaN of a patch without a result. */
function camOf(patches: number, difference: (patch: number, column: number) => number): Cam {
  const values = Float32Array.from({ length: patches * SIDE * SIDE * 2 }, (_, score) => {
    const cell = score >> 1;
    return (score & 1) * difference(Math.floor(cell / (SIDE * SIDE)), cell % SIDE);
  });
  return new LessonCam({ width: SIDE, height: SIDE, values }, 2);
}

/** Four points a cell, all over a patch. */
const EVERYWHERE = { x: 0.125, y: 0.125, step: 0.25, columns: 4 * SIDE, lines: 4 * SIDE };

const smooth = (map: PatchMap, cam: Cam, patch: number) =>
  smoothPatch(map, cam, rowsByPlace(map), patch, EVERYWHERE);

const line = (values: Float32Array) => Array.from(values.subarray(0, Math.sqrt(values.length)));

describe("class-activation map", () => {
  it("stays even where it is even", () => {
    expect(
      new Set(
        smooth(
          mapOf(3),
          camOf(3, () => 1.5),
          0,
        ),
      ),
    ).toEqual(new Set([1.5]));
  });

  it("rises evenly through the edge between two neighbours", () => {
    const cam = camOf(3, (patch, column) => SIDE * patch + column);
    const whole = [...line(smooth(mapOf(3), cam, 0)), ...line(smooth(mapOf(3), cam, 1))];
    // The outer half cells have no neighbour and are level.
    const steps = whole.slice(2, -2).map((value, at, all) => value - (all[at - 1] ?? value - 0.25));
    for (const step of steps) expect(step).toBeCloseTo(0.25, 5);
  });

  it("takes nothing from a patch that lies apart or has no result yet", () => {
    const cam = camOf(3, (patch) => (patch === 1 ? Number.NaN : patch));
    expect(new Set(smooth(mapOf(3), cam, 0))).toEqual(new Set([0]));
    expect(new Set(smooth(mapOf(3), cam, 2))).toEqual(new Set([2]));
    expect(smooth(mapOf(3), cam, 1).every(Number.isNaN)).toBe(true);
  });
});

describe("the patches that speak loudest", () => {
  const given = (...malignant: number[]) =>
    extremes(mapOf(malignant.length, Float32Array.from(malignant.flatMap((value) => [1 - value, value]))));

  it("are at most five of each class, the clearest first", () => {
    const [benign, malignant] = given(0.9, 0.1, 0.6, 0.2, 0.8, 0.7, 0.95, 0.55, 0.3);
    expect(malignant).toEqual([6, 0, 4, 5, 2]);
    expect(benign).toEqual([1, 3, 8]);
  });

  it("are on one side only, and none without a result", () => {
    expect(given(0.5, Number.NaN)).toEqual([[0], []]);
    expect(extremes(mapOf(2))).toEqual([[], []]);
  });
});
