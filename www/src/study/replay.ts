// A saved result as the map reads it.

import type { ImageReport, Plan, Probabilities } from "./report.ts";

/** A report's patches as the map reads them: the plan, and the voters' probabilities, `[voters, 2]`. */
export function replay({ filename, image: size, grid, patches }: ImageReport): {
  plan: Plan;
  probabilities: Float32Array<ArrayBuffer>;
} {
  const votes = patches.flatMap(({ probabilities }, index) =>
    probabilities === null ? [] : [{ index, probabilities }],
  );
  return {
    plan: {
      filename,
      ...size,
      grid: { patch_size: patches[0]?.width ?? 1, stride: Math.max(1, grid.stride) },
      patches,
      voters: votes.map(({ index }) => index),
    },
    probabilities: Float32Array.from(votes.flatMap((vote) => pair(vote.probabilities))),
  };
}

const pair = ({ benign, malignant }: Probabilities): number[] => [benign, malignant];
