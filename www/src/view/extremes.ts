// The patches that speak loudest for each class.

import { greatest } from "../study/classes.ts";
import { type PatchMap, sharesAt } from "./patch-map.ts";

/** At most so many for each class. */
export const EXTREMES = 5;

/**
 * Indices of patches by class, the clearest first. A patch stands with the class that it votes for, as in the report's
 * breakdown, so never with two.
 */
export function extremes(map: PatchMap): readonly (readonly number[])[] {
  const voters = map.patches.flatMap((_, patch) => {
    const shares = sharesAt(map, patch);
    return shares === null ? [] : [{ patch, shares, vote: greatest(Array.from(shares)) }];
  });
  return map.classes.map((_, place) =>
    voters
      .filter(({ vote }) => vote === place)
      .sort((a, b) => (b.shares[place] ?? 0) - (a.shares[place] ?? 0))
      .slice(0, EXTREMES)
      .map(({ patch }) => patch),
  );
}
