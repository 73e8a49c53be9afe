// Words for verdicts and states that more than one view uses.

import type { Entry, State } from "./entry.ts";
import { percent } from "./format.ts";
import type { Label, Verdict } from "./report.ts";

export const RESEARCH_USE = "Research use only. Not a medical device, not a diagnosis.";

const VERDICTS: Readonly<Record<Verdict, string>> = {
  benign: "Benign",
  malignant: "Malignant",
  uncertain: "Uncertain",
  not_assessable: "Not assessable",
};

export const verdictWord = (verdict: Verdict): string => VERDICTS[verdict] ?? verdict;

interface Judged {
  readonly verdict: Verdict;
  readonly prediction: Label;
  readonly confidence: number;
}

/** "Malignant, 87.0%", or where the verdict is open, "Uncertain, 55.0% malignant". */
export function judgementWords({ verdict, prediction, confidence }: Judged): string {
  const share = percent(confidence);
  return verdict === prediction
    ? `${verdictWord(verdict)}, ${share}`
    : `${verdictWord(verdict)}, ${share} ${prediction}`;
}

export function stateWords(state: State): string {
  switch (state.kind) {
    case "waiting":
      return "Waiting";
    case "decoding":
      return "Reading";
    case "classifying":
      return `${state.done} of ${state.total} patches`;
    case "done":
      return judgementWords(state.report);
    case "failed":
      return `Failed: ${state.error.code}`;
    case "cancelled":
      return "Cancelled";
    default:
      return state satisfies never;
  }
}

/** What a screen reader is told when an image is settled. */
export function spoken(entry: Entry): string {
  const state = entry.state.value;
  const what = state.kind === "failed" ? `failed. ${state.error.message}` : stateWords(state);
  return `${entry.file.name}: ${what}`;
}
