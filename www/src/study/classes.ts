// What the head that judged says of an image, by its own classes: benign and malignant, or those of a lesson of other
// classes, which speaks beside the model's own two, or those of a model that has others, which speaks of no benign or
// malignant.

import { OWN_TONES, TIED, TONES } from "./core-types.ts";
import { type Familiarity, type ImageReport, isReason, type RegionReport } from "./report.ts";

/** The two that most heads tell apart, in their order. */
export const OWN_CLASSES = ["benign", "malignant"] as const;

export type Rgb = readonly [red: number, green: number, blue: number];

/** As many classes as have a colour of their own are told side by side. */
export const MOST_TOLD = TONES.length;

/** The colour of the class at this place; of more classes than colours all from the last one on share that, a grey. */
export function toneOf(classes: readonly string[], place: number): Rgb {
  const tones: readonly Rgb[] = isOwn(classes) ? OWN_TONES : TONES;
  return tones[Math.min(place, tones.length - 1)] as Rgb;
}

/** Names for a legend: `others` stands for those that share the last colour. */
export function legendNames(
  classes: readonly string[],
  others: (count: number) => string,
): readonly string[] {
  const left = classes.length - MOST_TOLD;
  return left > 0 ? [...classes.slice(0, MOST_TOLD - 1), others(left + 1)] : classes;
}

/** Places of the classes that are told: all, or of more than can be told those with the greatest values, in their order. */
export function toldPlaces(values: ArrayLike<number>): readonly number[] {
  const places = Array.from(values, (_, place) => place);
  if (places.length <= MOST_TOLD) return places;
  const ranked = places.filter((place) => (values[place] ?? 0) > 0);
  ranked.sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  return ranked.slice(0, MOST_TOLD).sort((a, b) => a - b);
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

/** What a head of other classes says, a lesson or the model; null where benign and malignant were told apart. */
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

/** The same of what was outlined on a slide, of which `report` is. */
export function spokenOfRegion(report: ImageReport, region: RegionReport): Spoken {
  const head = taughtOf(report);
  // Older files say of regions only what the model's own head does.
  if (head !== null && region.taught !== undefined) {
    const { probabilities: shares, ...said } = region.taught;
    return { ...said, classes: head.classes, shares };
  }
  const { probabilities, verdict, familiarity = null } = region;
  const shares = probabilities && OWN_CLASSES.map((name) => probabilities[name]);
  const place = shares && greatest(shares);
  const prediction = place === null ? null : (OWN_CLASSES[place] ?? null);
  const confidence = shares && Math.max(...shares);
  return { classes: OWN_CLASSES, prediction, confidence, shares, verdict, familiarity };
}

/** A verdict under another threshold of certainty; null is none. */
export function verdictAgain(
  {
    classes,
    prediction,
    confidence,
    verdict,
  }: Pick<Spoken, "classes" | "prediction" | "confidence" | "verdict">,
  threshold: number | null,
): string {
  // However sure it is, of what it does not know.
  if (prediction === null || confidence === null || verdict === "unfamiliar") return verdict;
  return verdictAmong(classes, prediction, confidence, threshold);
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

/** Whether patches of it voted, for whichever classes. */
export const hasVoted = (report: ImageReport): boolean => spokenOf(report).prediction !== null;

/** Of each patch, the shares by the classes of {@link spokenOf}; null for one that did not vote. */
export function patchShares(report: ImageReport): (readonly number[] | null)[] {
  const voters = taughtOf(report)?.voters;
  if (voters === undefined) {
    return report.patches.map(
      ({ probabilities }) => probabilities && OWN_CLASSES.map((name) => probabilities[name]),
    );
  }
  // All that may vote do, or none does.
  let next = 0;
  return report.patches.map(({ screen }) => (isReason(screen) ? null : (voters[next++] ?? null)));
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
