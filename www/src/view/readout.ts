// What is said of the patch that is pointed at or was chosen.

import { isOwn, toldPlaces } from "../study/classes.ts";
import { isReason, type Screen } from "../study/report.ts";
import { resultWords } from "../words/result.ts";
import { percent, words } from "../words/words.ts";
import { type PatchMap, sharesAt } from "./patch-map.ts";

/** Why a patch that did not vote did not. */
export function silenceWords(screen: Screen): string {
  const { readout: said } = resultWords.value;
  if (!isReason(screen)) return said.tooFew;
  const { name, why } = words.value.reasons[screen];
  return said.leftOut(name, why);
}

/** What is known of one patch. */
function finding(map: PatchMap, index: number): string {
  const patch = map.patches[index];
  if (patch !== undefined && patch.row === null) return silenceWords(patch.screen);
  const { readout: said } = resultWords.value;
  const shares = sharesAt(map, index);
  if (shares === null) return said.notYet;
  const { classes } = map;
  if (!isOwn(classes)) {
    const { part } = resultWords.value.judgement;
    const order = [...toldPlaces(shares)].sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0));
    return order.map((place) => part(classes[place] ?? "", percent(shares[place] ?? 0))).join(", ");
  }
  const [, malignant = 0] = shares;
  const tell = patch?.screen === "unchecked" ? said.uncheckedShares : said.shares;
  return tell(percent(malignant), percent(1 - malignant));
}

/** Its place, both probabilities, or why it has none. */
export function readout(map: PatchMap, chosen: number | null): string {
  const { readout: said } = resultWords.value;
  const patch = chosen === null ? undefined : map.patches[chosen];
  if (patch === undefined || chosen === null) return said.none(map.patches.length);
  return said.patch(chosen + 1, map.patches.length, patch.x, patch.y, finding(map, chosen));
}
