// What is said of the patch that is pointed at or was chosen.

import { percent, plural } from "../format.ts";
import { patchWords } from "../wording.ts";
import { malignantAt, type PatchMap } from "./patch-map.ts";

/** What is known of one patch. */
function words(map: PatchMap, index: number): string {
  const patch = map.patches[index];
  if (patch !== undefined && patch.row === null) return patchWords(patch.screen);
  const malignant = malignantAt(map, index);
  if (Number.isNaN(malignant)) return "not yet";
  const unchecked = patch?.screen === "unchecked" ? ", not checked" : "";
  return `malignant ${percent(malignant)}, benign ${percent(1 - malignant)}${unchecked}`;
}

/** Its place, both probabilities, or why it has none. */
export function readout(map: PatchMap, chosen: number | null): string {
  const patch = chosen === null ? undefined : map.patches[chosen];
  if (patch === undefined || chosen === null) {
    return `${plural(map.patches.length, "patch", "patches")}: point at one, or use the arrow keys.`;
  }
  return `Patch ${chosen + 1} of ${map.patches.length} at ${patch.x}, ${patch.y}: ${words(map, chosen)}`;
}
