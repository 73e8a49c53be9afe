// A saved result as the map reads it.

import { patchShares, spokenOf } from "./classes.ts";
import type { ImageReport, Plan } from "./report.ts";

/** A report's patches as the map reads them: the plan, and the voters' probabilities, `[voters, classes]`. */
export function replay(report: ImageReport): {
  plan: Plan;
  classes: readonly string[];
  probabilities: Float32Array<ArrayBuffer>;
} {
  const { filename, image: size, grid, patches } = report;
  const votes = patchShares(report).flatMap((shares, index) => (shares === null ? [] : [{ index, shares }]));
  return {
    plan: {
      filename,
      ...size,
      grid: { patch_size: patches[0]?.width ?? 1, stride: Math.max(1, grid.stride) },
      patches,
      voters: votes.map(({ index }) => index),
    },
    classes: spokenOf(report).classes,
    probabilities: Float32Array.from(votes.flatMap(({ shares }) => shares)),
  };
}
