// What a row of the table says of how far its image has come.

import type { Entry } from "../study/entry.ts";
import { words } from "../words/words.ts";
import { stateWords } from "./wording.ts";

interface RowWords {
  /** As short as a cell of the table. */
  readonly brief: string;
  /** What stands behind it. */
  readonly title: string;
}

/** `taught`: what was said of an image that a lesson has learned from while it was left out; null of any other. */
export function rowWords(
  { demo, line, leftOut, trouble, hasFile, state }: Entry,
  taught: string | null,
): RowWords {
  const { states, teach } = words.value;
  const title = stateWords(state.value);
  if (state.value.kind !== "done") return { brief: title, title };
  if (leftOut.value) return { brief: states.leftOut, title };
  if (demo && !line.value.counts) return { brief: states.demo, title };
  if (trouble.value !== null) return { brief: states.stayed, title };
  if (taught !== null) return { brief: teach.leftOut.brief, title: teach.leftOut.note(taught) };
  return { brief: hasFile ? states.done : states.fromReport, title };
}
