// What this is not. One notice stays in sight while the page scrolls, so that every verdict is seen under it.

import { words } from "../words/words.ts";

export function ResearchNotice() {
  return <p class="research">{words.value.researchUse}</p>;
}
