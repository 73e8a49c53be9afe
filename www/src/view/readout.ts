// What is said of the patch that is pointed at or was chosen.

import { isOwn, toldPlaces } from "../study/classes.ts";
import { percent, words } from "../words/words.ts";
import { type PatchMap, sharesAt } from "./patch-map.ts";
import { patchWords } from "./wording.ts";

/** What is known of one patch. */
function finding(map: PatchMap, index: number): string {
  const patch = map.patches[index];
  if (patch !== undefined && patch.row === null) return patchWords(patch.screen);
  const { readout: said } = words.value;
  const shares = sharesAt(map, index);
  if (shares === null) return said.notYet;
  const { classes } = map;
  if (!isOwn(classes)) {
    const { part } = words.value.judgement;
    const order = [...toldPlaces(shares)].sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
    return order.map((place) => part(classes[place] ?? "", percent(shares[place] ?? 0))).join(", ");
  }
  const [, malignant = 0] = shares;
  const tell = patch?.screen === "unchecked" ? said.uncheckedShares : said.shares;
  return tell(percent(malignant), percent(1 - malignant));
}

/** Its place, both probabilities, or why it has none. */
export function readout(map: PatchMap, chosen: number | null): string {
  const { readout: said } = words.value;
  const patch = chosen === null ? undefined : map.patches[chosen];
  if (patch === undefined || chosen === null) return said.none(map.patches.length);
  return said.patch(chosen + 1, map.patches.length, patch.x, patch.y, finding(map, chosen));
}
