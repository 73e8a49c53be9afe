// Words for verdicts, reasons and states that more than one view uses.

import type { Entry, State } from "./entry.ts";
import { integer, percent, plural } from "./format.ts";
import {
  type ImageReport,
  type Judged,
  REASONS,
  type Reason,
  type Screen,
  type ScreenCounts,
  type Verdict,
} from "./report.ts";

export const RESEARCH_USE = "Research use only. Not a medical device, not a diagnosis.";

const VERDICTS: Readonly<Record<Verdict, string>> = {
  benign: "Benign",
  malignant: "Malignant",
  uncertain: "Uncertain",
  "not assessable": "Not assessable",
};

export const verdictWord = (verdict: Verdict): string => VERDICTS[verdict] ?? verdict;

export const UNCERTAIN_ADVICE =
  "The network is not sure enough to call it. Do not take its leaning for an answer: see whether tissue, " +
  "focus and stain are good, or add more fields of the same patient.";

interface ReasonWords {
  /** In counts and in the legend. */
  readonly name: string;
  /** For those to whom the name says nothing. */
  readonly why: string;
  readonly remedy: string;
}

const REASON_WORDS: Readonly<Record<Reason, ReasonWords>> = {
  background: {
    name: "background",
    why: "hardly any tissue",
    remedy: "Choose a field that holds more tissue.",
  },
  blurred: {
    name: "blurred",
    why: "not in focus",
    remedy: "Focus again, or use the image at its original resolution.",
  },
  not_he: {
    name: "not H&E",
    why: "colours unlike H&E",
    remedy: "Use a bright-field image of a section stained with haematoxylin and eosin (H&E).",
  },
};

export const reasonName = (reason: Reason): string => REASON_WORDS[reason].name;

export const isReason = (screen: Screen): screen is Reason => REASONS.includes(screen as never);

/** "2 background, 1 blurred"; empty if every patch passed. */
export function leftOutWords(counts: ScreenCounts): string {
  const there = REASONS.filter((reason) => counts[reason] > 0);
  return there.map((reason) => `${integer(counts[reason])} ${reasonName(reason)}`).join(", ");
}

/** Why a patch that did not vote did not. */
export function patchWords(screen: Screen): string {
  if (!isReason(screen)) return "could be assessed, but too few like it";
  const { name, why } = REASON_WORDS[screen];
  return `did not vote, ${name} (${why})`;
}

/** What kept an image from being assessed, most frequent first. */
function obstacles(counts: ScreenCounts): Reason[] {
  // Glass beside tissue that passed does not count against an image.
  const counted = REASONS.filter((reason) => reason !== "background" || counts.assessable === 0);
  return counted.filter((reason) => counts[reason] > 0).sort((a, b) => counts[b] - counts[a]);
}

export function notAssessableWhy(counts: ScreenCounts): string {
  const total = counts.assessable + counts.background + counts.blurred + counts.not_he;
  const share =
    counts.assessable === 0
      ? `none of its ${plural(total, "patch", "patches")} can`
      : `only ${integer(counts.assessable)} of its ${plural(total, "patch", "patches")} can`;
  return `The image was not classified: ${share} be assessed (${leftOutWords(counts)}).`;
}

export const remedies = (counts: ScreenCounts): string[] =>
  obstacles(counts).map((reason) => REASON_WORDS[reason].remedy);

export const ALL_THE_SAME =
  "To classify it all the same, switch off the check of patches in the options and run it again.";

/** "6 patches of 30: 4 malignant, 2 benign.", or "4 of 6 patches voted: ..." where some were left out. */
export function votesWords({ num_patches, patch_breakdown, grid, screen }: ImageReport): string {
  const { malignant_patches: malignant, benign_patches: benign } = patch_breakdown;
  const patches = plural(num_patches, "patch", "patches");
  const leftOut = leftOutWords(screen);
  const votes = `${integer(malignant)} malignant, ${integer(benign)} benign.`;
  if (leftOut !== "") {
    return `${integer(malignant + benign)} of ${patches} voted: ${votes} Left out: ${leftOut}.`;
  }
  const sampled = grid.total_patches > num_patches ? ` of ${integer(grid.total_patches)}` : "";
  return `${patches}${sampled}: ${votes}`;
}

/** Whether a sentence of the core only says again what the page says of the screen, in the words of a program. */
export const repeatsScreen = (warning: string): boolean =>
  /^Not assessable: |^\d+ of \d+ patch(es)? did not vote: /.test(warning);

/** "Malignant, 87.0%", or where the verdict is open, "Uncertain, 55.0% malignant". */
export function judgementWords({ verdict, prediction, confidence }: Judged): string {
  const share = percent(confidence);
  return verdict === prediction
    ? `${verdictWord(verdict)}, ${share}`
    : `${verdictWord(verdict)}, ${share} ${prediction}`;
}

/** As for a judgement, or "Not assessable: hardly any tissue". */
export function reportWords(report: ImageReport): string {
  if (report.prediction !== null) return judgementWords(report);
  const why = obstacleWords(report.screen);
  return why === "" ? verdictWord(report.verdict) : `${verdictWord(report.verdict)}: ${why}`;
}

/** What above all kept an image from being assessed. */
export function obstacleWords(counts: ScreenCounts): string {
  const [reason] = obstacles(counts);
  return reason === undefined ? "" : REASON_WORDS[reason].why;
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
      return reportWords(state.report);
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
