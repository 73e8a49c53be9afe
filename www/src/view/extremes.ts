// The patches that speak loudest, for either side.

import { malignantAt, type PatchMap } from "./patch-map.ts";

/** Indices of patches, the clearest first. */
export interface Extremes {
  readonly benign: readonly number[];
  readonly malignant: readonly number[];
}

/** At most so many for each side. */
export const EXTREMES = 5;

/** A patch stands on the side that it votes for, as in the report's breakdown, so never on both. */
export function extremes(map: PatchMap): Extremes {
  const voters = map.patches
    .map((_, patch) => ({ patch, malignant: malignantAt(map, patch) }))
    .filter(({ malignant }) => !Number.isNaN(malignant))
    .sort((a, b) => a.malignant - b.malignant);
  const take = (side: typeof voters) => side.slice(0, EXTREMES).map(({ patch }) => patch);
  return {
    benign: take(voters.filter(({ malignant }) => malignant <= 0.5)),
    malignant: take(voters.filter(({ malignant }) => malignant > 0.5).reverse()),
  };
}
