// What the head that judged says of an image, by its own classes: the model's benign and malignant, or those of a lesson of
// other classes, which speaks beside the model's own two.

import { TIED } from "./core-types.ts";
import type { Familiarity, ImageReport } from "./report.ts";

/** The two of the model's own head, in its order. */
export const OWN_CLASSES = ["benign", "malignant"] as const;

export type Rgb = readonly [red: number, green: number, blue: number];

/** On a map, and where it goes: benign and malignant as they always are. */
const OWN_TONES: readonly Rgb[] = [
  [12, 84, 158],
  [168, 67, 0],
];

/**
 * Of up to twelve other classes by their places: those of Paul Tol's schemes "muted", "vibrant" and "bright", which people
 * with any of the common colour-vision deficiencies tell apart (https://sronpersonalpages.nl/~pault/), neighbours by
 * lightness, too. A name always stands beside them.
 */
const TONES: readonly Rgb[] = [
  [51, 34, 136],
  [221, 204, 119],
  [68, 170, 153],
  [204, 102, 119],
  [136, 204, 238],
  [136, 34, 85],
  [17, 119, 51],
  [238, 119, 51],
  [170, 68, 153],
  [153, 153, 51],
  [68, 119, 170],
  [187, 187, 187],
];

/** The colour of the class at this place. */
export function toneOf(classes: readonly string[], place: number): Rgb {
  const tones = isOwn(classes) ? OWN_TONES : TONES;
  return tones[place % tones.length] as Rgb;
}

export interface Spoken {
  /** In the order of all shares. */
  readonly classes: readonly string[];
  /** Null where nothing voted, like the next two. */
  readonly prediction: string | null;
  readonly confidence: number | null;
  readonly shares: readonly number[] | null;
  /** A class, "uncertain", "unfamiliar" or "not assessable". */
  readonly verdict: string;
  readonly familiarity: Familiarity | null;
}

export const sameClasses = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((name, index) => name === others[index]);

export const isOwn = (classes: readonly string[]): boolean => sameClasses(classes, OWN_CLASSES);

export type Taught = NonNullable<ImageReport["taught"]>;

/** Whether a lesson told benign and malignant apart, in the place of the model's own head. */
export const judgedInPlace = ({ taught }: ImageReport): boolean =>
  // Older files say no more of a lesson than which it was.
  taught !== undefined && (taught.classes === undefined || isOwn(taught.classes));

/** What a lesson of other classes says; null where benign and malignant were told apart. */
export const taughtOf = (report: ImageReport): Taught | null =>
  report.taught === undefined || judgedInPlace(report) ? null : report.taught;

const spoken = new WeakMap<ImageReport, Spoken>();

export function spokenOf(report: ImageReport): Spoken {
  const known = spoken.get(report);
  if (known !== undefined) return known;
  const found = speak(report);
  spoken.set(report, found);
  return found;
}

function speak(report: ImageReport): Spoken {
  const taught = taughtOf(report);
  if (taught !== null) {
    const { classes, prediction, confidence, probabilities, verdict, familiarity } = taught;
    return { classes, prediction, confidence, shares: probabilities, verdict, familiarity };
  }
  const { prediction, confidence, probabilities, verdict, familiarity = null } = report;
  const shares = probabilities && OWN_CLASSES.map((name) => probabilities[name]);
  return { classes: OWN_CLASSES, prediction, confidence, shares, verdict, familiarity };
}

/** The same under another threshold of certainty; null is the lesson's own. */
export function taughtAgain(said: Taught, threshold: number | null): Taught {
  const { lesson, classes, prediction, confidence, verdict } = said;
  // However sure it is, of what it does not know.
  if (prediction === null || confidence === null || verdict === "unfamiliar") return said;
  const least = threshold ?? lesson.uncertain_below ?? null;
  return { ...said, verdict: verdictAmong(classes, prediction, confidence, least) };
}

/** The verdict of one of these classes; `threshold` null is "uncertain" only of a tie of two. */
export function verdictAmong<T extends string>(
  { length }: readonly T[],
  prediction: T,
  confidence: number,
  threshold: number | null,
): T | "uncertain" {
  return confidence < Math.max(threshold ?? 0, length === 2 ? TIED : 0) ? "uncertain" : prediction;
}

/** Of each patch, the shares by the classes of {@link spokenOf}; null for one that did not vote. */
export function patchShares(report: ImageReport): (readonly number[] | null)[] {
  const voters = taughtOf(report)?.voters;
  let next = 0;
  return report.patches.map(({ probabilities }) => {
    if (probabilities === null) return null;
    return voters?.[next++] ?? OWN_CLASSES.map((name) => probabilities[name]);
  });
}

/** How many patches voted for each class of {@link spokenOf}, by their greatest share. */
export function votesOf(report: ImageReport): readonly number[] {
  if (taughtOf(report) === null) {
    const { benign_patches: benign, malignant_patches: malignant } = report.patch_breakdown;
    return [benign, malignant];
  }
  const votes = spokenOf(report).classes.map(() => 0);
  for (const shares of patchShares(report)) {
    if (shares === null) continue;
    const place = greatest(shares);
    votes[place] = (votes[place] ?? 0) + 1;
  }
  return votes;
}

/** The place of the greatest share; the first of equals. */
export function greatest(shares: readonly number[]): number {
  let best = 0;
  shares.forEach((share, index) => {
    if (share > (shares[best] ?? 0)) best = index;
  });
  return best;
}
