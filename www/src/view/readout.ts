// What is said of the patch that is pointed at or was chosen.

import { percent, words } from "../words/words.ts";
import { malignantAt, type PatchMap } from "./patch-map.ts";
import { patchWords } from "./wording.ts";

/** What is known of one patch. */
function finding(map: PatchMap, index: number): string {
  const patch = map.patches[index];
  if (patch !== undefined && patch.row === null) return patchWords(patch.screen);
  const { readout: said } = words.value;
  const malignant = malignantAt(map, index);
  if (Number.isNaN(malignant)) return said.notYet;
  const shares = patch?.screen === "unchecked" ? said.uncheckedShares : said.shares;
  return shares(percent(malignant), percent(1 - malignant));
}

/** Its place, both probabilities, or why it has none. */
export function readout(map: PatchMap, chosen: number | null): string {
  const { readout: said } = words.value;
  const patch = chosen === null ? undefined : map.patches[chosen];
  if (patch === undefined || chosen === null) return said.none(map.patches.length);
  return said.patch(chosen + 1, map.patches.length, patch.x, patch.y, finding(map, chosen));
}
