// What is said of verdicts, reasons and states in more than one view: which of the words, and with what values.

import type { Cause } from "../engine/protocol.ts";
import { NEVER_UNCERTAIN } from "../run/options.ts";
import { spokenOf, taughtOf, votesOf } from "../study/classes.ts";
import { type OwnThreshold, thresholdIn } from "../study/diagnosis.ts";
import type { Entry, State } from "../study/entry.ts";
import {
  type Familiarity,
  type ImageReport,
  isReason,
  REASONS,
  type Reason,
  type Scale,
  type Screen,
  type ScreenCounts,
} from "../study/report.ts";
import type { Shown } from "../study/table.ts";
import { plain, told } from "../words/told.ts";
import { decimal, labelIn, length, percent, words } from "../words/words.ts";

/** A class of a lesson, or of a model's own, is shown by its own name, and so is a verdict that a later version may know. */
export const verdictWord = (verdict: string): string =>
  (words.value.verdicts as Readonly<Record<string, string>>)[verdict] ?? verdict;

export const labelWord = (label: string): string => labelIn(words.value, label);

/** What the list shows: a class of a lesson by its own name. */
export const shownWord = (shown: Shown): string =>
  (words.value.list.shown as Readonly<Record<string, string>>)[shown] ?? shown;

/** "0.25 µm per pixel, objective 40×, from OME-XML". */
export function scaleWords({ um_per_pixel, source, objective }: Scale): string {
  const { scale } = words.value;
  return scale.told(length(um_per_pixel), objective ?? null, scale.sources[source] ?? source);
}

export const reasonName = (reason: Reason): string => words.value.reasons[reason].name;

/** "2 background, 1 blurred"; empty if every patch passed. */
export function leftOutWords(counts: ScreenCounts): string {
  const { votes } = words.value;
  const there = REASONS.filter((reason) => counts[reason] > 0);
  return there.map((reason) => votes.leftOut(counts[reason], reasonName(reason))).join(", ");
}

/** Why a patch that did not vote did not. */
export function patchWords(screen: Screen): string {
  const { readout, reasons } = words.value;
  if (!isReason(screen)) return readout.tooFew;
  return readout.leftOut(reasons[screen].name, reasons[screen].why);
}

/** What kept an image from being assessed, most frequent first. */
function obstacles(counts: ScreenCounts): Reason[] {
  // Glass beside tissue that passed does not count against an image.
  const counted = REASONS.filter((reason) => reason !== "background" || counts.assessable === 0);
  return counted.filter((reason) => counts[reason] > 0).sort((a, b) => counts[b] - counts[a]);
}

export function notAssessableWhy(counts: ScreenCounts): string {
  const total = counts.assessable + counts.background + counts.blurred + counts.not_he;
  return words.value.judgement.notClassified(counts.assessable, total, leftOutWords(counts));
}

/** What it means that an image is unfamiliar, with the figures where there are some. */
export function unfamiliarWhy(familiarity: Familiarity | null | undefined): string {
  const { unfamiliar, unfamiliarBy } = words.value.judgement;
  return familiarity
    ? `${unfamiliar} ${unfamiliarBy(decimal(familiarity.distance, 1), decimal(familiarity.limit, 1))}`
    : unfamiliar;
}

/** "yes; distance 0.8, limit 1.0", or why nobody knows; null of a report that says nothing of it, as old ones do. */
export function familiarityWords(report: ImageReport): string | null {
  const { familiar, familiarUnknown } = words.value.provenance;
  const { familiarity } = spokenOf(report);
  if (familiarity !== null) {
    return familiar(familiarity.familiar, decimal(familiarity.distance, 2), decimal(familiarity.limit, 2));
  }
  const why = report.familiarity_unknown;
  return why === undefined ? null : familiarUnknown[why];
}

export const remedies = (counts: ScreenCounts): string[] =>
  obstacles(counts).map((reason) => words.value.reasons[reason].remedy);

/** "6 patches of 30: 4 malignant, 2 benign.", or "4 of 6 patches voted: ..." where some were left out. */
export function votesWords(report: ImageReport): string {
  const { num_patches, patch_breakdown, grid, screen } = report;
  const { malignant_patches: malignant, benign_patches: benign } = patch_breakdown;
  const { votes, teach } = words.value;
  const leftOut = leftOutWords(screen);
  if (taughtOf(report) !== null) {
    const { classes } = spokenOf(report);
    return teach.classes.votes(namedCounts(classes, votesOf(report)), leftOut);
  }
  if (leftOut !== "") return votes.some(malignant + benign, num_patches, malignant, benign, leftOut);
  const of = grid.total_patches > num_patches ? grid.total_patches : null;
  return votes.all(num_patches, of, malignant, benign);
}

/** What the page says in its own words, of screen and scale. */
const OWN_WORDS: ReadonlySet<string> = new Set(["patches_left_out", "not_assessable", "unseen_scale"]);

/** Whether a warning of the core only says again what the page says in its own words. */
export const saidElsewhere = (cause: Cause | undefined): boolean =>
  cause !== undefined && OWN_WORDS.has(cause.kind);

/** "4 normal, 2 in situ"; classes without any are left out. */
export function namedCounts(classes: readonly string[], counts: readonly number[]): string {
  const { part } = words.value.teach.lessons;
  return classes
    .flatMap((name, place) => (counts[place] ? [part(counts[place], labelWord(name))] : []))
    .join(", ");
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

/** Under which confidence a report's verdict is "uncertain". `ofModel`: what is known of models' own thresholds. */
export function thresholdWords(report: ImageReport, ofModel: OwnThreshold): string {
  const { lessonThreshold, ownThreshold, never, below } = words.value.provenance;
  const threshold = thresholdIn(report);
  // Reports of earlier versions say nothing of a threshold: theirs was the model's.
  if (threshold === null) {
    const { model, taught } = report;
    return taught?.lesson === undefined
      ? ownThreshold(ofModel(model.sha256) ?? null)
      : lessonThreshold(taught.lesson.uncertain_below ?? null);
  }
  return threshold === NEVER_UNCERTAIN ? never : below(threshold);
}

/** With what an image was analysed, in a sentence without a full stop. */
export function optionsWords(report: ImageReport, ofModel: OwnThreshold): string {
  const { options, print } = words.value;
  const most = report.options["max_patches"];
  return [
    typeof most === "number" ? options.now.upTo(most) : options.now.allPatches,
    options.now.stride(report.grid.stride),
    report.screen.unchecked > 0 ? options.now.unchecked : print.checked,
    print.uncertain(thresholdWords(report, ofModel)),
  ].join(", ");
}
