// What is said of verdicts and states in more than one view: which of the words, and with what values. `result-wording.ts`
// has what only results say.

import { spokenOf } from "../study/classes.ts";
import type { Entry, State } from "../study/entry.ts";
import { type ImageReport, REASONS, type Reason, type ScreenCounts } from "../study/report.ts";
import { plain, told } from "../words/told.ts";
import { labelIn, percent, words } from "../words/words.ts";

/** A class of a lesson, or of a model's own, is shown by its own name, and so is a verdict that a later version may know. */
export const verdictWord = (verdict: string): string =>
  (words.value.verdicts as Readonly<Record<string, string>>)[verdict] ?? verdict;

export const labelWord = (label: string): string => labelIn(words.value, label);

/** What kept an image from being assessed, most frequent first. */
export function obstacles(counts: ScreenCounts): Reason[] {
  // Glass beside tissue that passed does not count against an image.
  const counted = REASONS.filter((reason) => reason !== "background" || counts.assessable === 0);
  return counted.filter((reason) => counts[reason] > 0).sort((a, b) => counts[b] - counts[a]);
}

/** "Malignant, 87.0%", or where the verdict is open, "Uncertain, 55.0% malignant". */
export function judgementWords(verdict: string, prediction: string, confidence: number): string {
  const { sure, open } = words.value.judgement;
  const share = percent(confidence);
  return verdict === prediction
    ? sure(verdictWord(verdict), share)
    : open(verdictWord(verdict), share, labelWord(prediction));
}

/** As for a judgement, or "Not assessable: hardly any tissue". */
export function reportWords(report: ImageReport): string {
  const { verdict: said, prediction, confidence } = spokenOf(report);
  if (said === "unfamiliar") return verdictWord(said);
  if (prediction !== null && confidence !== null) return judgementWords(said, prediction, confidence);
  const why = obstacleWords(report.screen);
  const verdict = verdictWord(said);
  return why === "" ? verdict : words.value.judgement.because(verdict, why);
}

/** What above all kept an image from being assessed. */
export function obstacleWords(counts: ScreenCounts): string {
  const [reason] = obstacles(counts);
  return reason === undefined ? "" : words.value.reasons[reason].why;
}

export function stateWords(state: State): string {
  const { states } = words.value;
  switch (state.kind) {
    case "waiting":
      return states.waiting;
    case "decoding":
      return states.decoding;
    case "classifying":
      return states.classifying(state.done, state.total);
    case "done":
      return reportWords(state.report);
    case "failed":
      return states.failed(plain(told(state.error).message));
    case "cancelled":
      return states.cancelled;
    case "same":
      return states.same(state.as.path);
    default:
      return state satisfies never;
  }
}

/** What a screen reader is told when an image is settled. */
export function spoken(entry: Entry): string {
  const state = entry.state.value;
  const what =
    state.kind === "failed"
      ? words.value.states.failedAloud(plain(told(state.error).message))
      : stateWords(state);
  return `${entry.name}: ${what}`;
}
