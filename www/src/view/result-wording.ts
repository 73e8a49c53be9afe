// What is said of results in more than one view: which of the words, and with what values.

import type { Cause } from "../engine/protocol.ts";
import { NEVER_UNCERTAIN } from "../run/options.ts";
import { spokenOf, taughtOf, votesOf } from "../study/classes.ts";
import { type OwnThreshold, thresholdIn } from "../study/diagnosis.ts";
import {
  type Familiarity,
  type ImageReport,
  REASONS,
  type Reason,
  type Scale,
  type ScreenCounts,
} from "../study/report.ts";
import type { Shown } from "../study/table.ts";
import { resultWords } from "../words/result.ts";
import { decimal, length, words } from "../words/words.ts";
import { labelWord, obstacles } from "./wording.ts";

/** What the list shows: a class of a lesson by its own name. */
export const shownWord = (shown: Shown): string =>
  (resultWords.value.list.shown as Readonly<Record<string, string>>)[shown] ?? shown;

/** "0.25 µm per pixel, objective 40×, from OME-XML". */
export function scaleWords({ um_per_pixel, source, objective }: Scale): string {
  const { scale } = resultWords.value;
  return scale.told(length(um_per_pixel), objective ?? null, scale.sources[source] ?? source);
}

export const reasonName = (reason: Reason): string => words.value.reasons[reason].name;

/** "2 background, 1 blurred"; empty if every patch passed. */
export function leftOutWords(counts: ScreenCounts): string {
  const { votes } = resultWords.value;
  const there = REASONS.filter((reason) => counts[reason] > 0);
  return there.map((reason) => votes.leftOut(counts[reason], reasonName(reason))).join(", ");
}

export function notAssessableWhy(counts: ScreenCounts): string {
  const total = counts.assessable + counts.background + counts.blurred + counts.not_he;
  return resultWords.value.judgement.notClassified(counts.assessable, total, leftOutWords(counts));
}

/** What it means that an image is unfamiliar, with the figures where there are some. */
export function unfamiliarWhy(familiarity: Familiarity | null | undefined): string {
  const { unfamiliar, unfamiliarBy } = resultWords.value.judgement;
  return familiarity
    ? `${unfamiliar} ${unfamiliarBy(decimal(familiarity.distance, 1), decimal(familiarity.limit, 1))}`
    : unfamiliar;
}

/** "yes; distance 0.8, limit 1.0", or why nobody knows; null of a report that says nothing of it, as old ones do. */
export function familiarityWords(report: ImageReport): string | null {
  const { familiar, familiarUnknown } = resultWords.value.provenance;
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
  const { teach } = words.value;
  const { votes } = resultWords.value;
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

/** Under which confidence a report's verdict is "uncertain". `ofModel`: what is known of models' own thresholds. */
export function thresholdWords(report: ImageReport, ofModel: OwnThreshold): string {
  const { lessonThreshold, ownThreshold, never, below } = resultWords.value.provenance;
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
  const { options } = words.value;
  const { print } = resultWords.value;
  const most = report.options["max_patches"];
  return [
    typeof most === "number" ? options.now.upTo(most) : options.now.allPatches,
    options.now.stride(report.grid.stride),
    report.screen.unchecked > 0 ? options.now.unchecked : print.checked,
    print.uncertain(thresholdWords(report, ofModel)),
  ].join(", ");
}
