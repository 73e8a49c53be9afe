// What several images say together: the mean of their probabilities, as the core takes it, in numbers alone.
//
// The core has the same rule for the command line and the package (`FolderReport::new` in `report/folder.rs`); an end-to-end
// test holds both against each other to the last digit. The page needs it without an engine, for saved results, and
// often, while a thousand images come in.

import {
  greatest,
  hasVoted,
  judgedInPlace,
  OWN_CLASSES,
  type Spoken,
  spokenOf,
  spokenOfRegion,
  taughtOf,
  verdictAgain,
  verdictAmong,
} from "./classes.ts";
import type {
  FailureReport,
  FolderReport,
  ImageReport,
  Judged,
  Label,
  Probabilities,
  RegionReport,
  TaughtTogether,
  Verdict,
} from "./report.ts";

type Outcome = ImageReport | FailureReport;

/** What a folder's report says of all its images. */
export type Diagnosis = Omit<
  FolderReport,
  "individual_results" | "schema_version" | "patients" | "no_verdict"
>;

/**
 * The least confidence that is no "uncertain" of a model by its SHA-256; null where the model has none, undefined where
 * nobody knows.
 */
export type OwnThreshold = (sha256: string) => number | null | undefined;

/** The threshold of the head that judged benign and malignant: a lesson's own, which may have none, or the model's. */
export const ownThreshold = (report: ImageReport, ofModel: OwnThreshold): number | null | undefined =>
  judgedInPlace(report) ? thresholdOf(report, ofModel) : ofModel(report.model.sha256);

/** That of the head that speaks, whatever its classes. */
function thresholdOf({ model, taught }: ImageReport, ofModel: OwnThreshold): number | null | undefined {
  return taught?.lesson === undefined ? ofModel(model.sha256) : (taught.lesson.uncertain_below ?? null);
}

export interface Together extends Diagnosis {
  /** How many different models, lessons counted apart, and different options, the results came from. */
  readonly models: number;
  readonly options: number;
  /** What a lesson of other classes says of all of them, where one judged them all. */
  readonly taught?: TaughtTogether;
}

const LABELS: readonly Label[] = ["benign", "malignant"];

/** A model with the head that judged: a lesson, or the classes that its manifest gives it. */
function headOf({ model, taught }: ImageReport): string {
  if (taught === undefined) return model.sha256;
  return `${model.sha256} ${taught.lesson?.sha256 ?? JSON.stringify(taught.classes)}`;
}

const optionKeys = new WeakMap<ImageReport["options"], string>();

function kept<K extends WeakKey>(keys: WeakMap<K, string>, of: K, make: () => string): string {
  const known = keys.get(of);
  if (known !== undefined) return known;
  const key = make();
  keys.set(of, key);
  return key;
}

/** Options as one text. Batches change nothing about a result, and what has no threshold has the model's own. */
function telling(options: ImageReport["options"]): string {
  return kept(optionKeys, options, () => {
    const { batch_size: _, uncertain_below = null, ...rest } = options;
    return JSON.stringify({ ...rest, uncertain_below });
  });
}

export const thresholdIn = ({ options }: ImageReport): number | null => {
  const threshold = options["uncertain_below"];
  return typeof threshold === "number" ? threshold : null;
};

/**
 * Averages the images' probabilities in the order given. The threshold of "uncertain" is that of the images' options
 * where they all have the same, else that of the head that judged. Over several models there is no mean, and so no verdict: their
 * probabilities are not of one kind. Unfamiliar images vote only where `countUnfamiliar` says so.
 */
export function diagnose(outcomes: readonly Outcome[], own: OwnThreshold, countUnfamiliar = false): Together {
  const sums: Record<Label, number> = { benign: 0, malignant: 0 };
  const votes: Record<Label, number> = { benign: 0, malignant: 0 };
  const heads = new Set<string>();
  let first: ImageReport | null = null;
  const options = new Set<string>();
  const thresholds = new Set<number | null>();
  /** Of each label in the model's own order. */
  const places: Record<Label, number> = { benign: 0, malignant: 1 };
  let failed = 0;
  let mute = 0;
  let strange = 0;
  /** For classes that are neither. */
  let otherwise = 0;
  for (const outcome of outcomes) {
    if (!outcome.success) {
      failed++;
      continue;
    }
    heads.add(headOf(outcome));
    first ??= outcome;
    options.add(telling(outcome.options));
    thresholds.add(thresholdIn(outcome));
    if (!hasVoted(outcome)) {
      mute++;
      continue;
    }
    if (outcome.verdict === "unfamiliar") {
      strange++;
      if (!countUnfamiliar) continue;
    }
    if (outcome.prediction === null) {
      otherwise++;
      continue;
    }
    for (const label of LABELS) sums[label] += outcome.probabilities[label];
    votes[outcome.prediction]++;
    places[outcome.prediction] = outcome.prediction_idx;
    places[other(outcome.prediction)] = 1 - outcome.prediction_idx;
  }
  const voters = outcomes.length - failed - mute - (countUnfamiliar ? 0 : strange);
  const [threshold = null] = thresholds.size === 1 ? thresholds : [];
  const judged =
    voters === otherwise || heads.size > 1 || first === null
      ? null
      : judge(sums, voters, places, threshold ?? ownThreshold(first, own) ?? null);
  return {
    success: voters > 0,
    num_images: outcomes.length,
    num_failed: failed,
    num_not_assessable: mute,
    ...(strange > 0 && { num_unfamiliar: strange }),
    // Every copy of an image votes here.
    num_duplicates: 0,
    partial: failed > 0,
    verdict: judged?.verdict ?? unjudged(outcomes.length - failed, voters, strange, heads.size),
    aggregated_diagnosis: judged,
    image_breakdown:
      voters === otherwise ? null : { benign_images: votes.benign, malignant_images: votes.malignant },
    models: heads.size,
    options: options.size,
    ...(heads.size === 1 &&
      first &&
      taughtTogether(outcomes, threshold ?? thresholdOf(first, own) ?? null, countUnfamiliar)),
  };
}

/** Of images that one head of other classes judged; nothing where that is not so. */
function taughtTogether(
  outcomes: readonly Outcome[],
  threshold: number | null,
  countUnfamiliar: boolean,
): { readonly taught: TaughtTogether } | null {
  const said = outcomes.flatMap((outcome) => (outcome.success ? (taughtOf(outcome) ?? []) : []));
  const [first] = said;
  if (first === undefined) return null;
  const { classes } = first;
  const sums = classes.map(() => 0);
  const images = classes.map(() => 0);
  let voters = 0;
  for (const { probabilities: shares, verdict } of said) {
    if (shares === null || (verdict === "unfamiliar" && !countUnfamiliar)) continue;
    voters++;
    shares.forEach((share, place) => {
      sums[place] = (sums[place] ?? 0) + share;
    });
    const place = greatest(shares);
    images[place] = (images[place] ?? 0) + 1;
  }
  if (voters === 0) {
    const strange = said.filter(({ verdict }) => verdict === "unfamiliar").length;
    const verdict = without(said.length, strange) ?? "not assessable";
    return { taught: { classes, prediction: null, confidence: null, probabilities: null, images, verdict } };
  }
  const probabilities = sums.map((sum) => sum / voters);
  const place = greatest(probabilities);
  const [prediction = "", confidence = 0] = [classes[place], probabilities[place]];
  const verdict = verdictAmong(classes, prediction, confidence, threshold);
  return { taught: { classes, prediction, confidence, probabilities, images, verdict } };
}

/** Of images of which none voted for benign or malignant by one head. */
function unjudged(opened: number, voters: number, strange: number, heads: number): Verdict | null {
  if (voters === 0) return without(opened, strange);
  return heads === 1 ? "uncertain" : null;
}

/** Of images of which none voted; none where none opened. */
function without(opened: number, strange: number): Verdict | null {
  if (strange > 0) return "unfamiliar";
  return opened > 0 ? "not assessable" : null;
}

const other = (label: Label): Label => (label === "benign" ? "malignant" : "benign");

function judge(
  sums: Probabilities,
  voters: number,
  places: Readonly<Record<Label, number>>,
  threshold: number | null,
): Judged {
  const probabilities = { benign: sums.benign / voters, malignant: sums.malignant / voters };
  // The first of equals in the model's own order, as in the core.
  const first: Label = places.benign === 0 ? "benign" : "malignant";
  const prediction = probabilities[other(first)] > probabilities[first] ? other(first) : first;
  const confidence = probabilities[prediction];
  return {
    prediction,
    prediction_idx: places[prediction],
    confidence,
    probabilities,
    verdict: verdictAmong(OWN_CLASSES, prediction, confidence, threshold),
  };
}

/**
 * The report under another threshold of certainty, `null` being that of the head that judged: what the core would say of
 * the same logits. Where that is asked for and nobody knows it, the report stays as it is.
 */
export function rejudged(report: ImageReport, threshold: number | null, ofModel: OwnThreshold): ImageReport {
  const own = ownThreshold(report, ofModel);
  if (thresholdIn(report) === threshold || (threshold === null && own === undefined)) return report;
  // As the core writes it: the head's own threshold stands in no options.
  const { uncertain_below: _, ...others } = report.options;
  const options = threshold === null ? others : { ...others, uncertain_below: threshold };
  const { slide } = report;
  const taught = taughtOf(report);
  const least = threshold ?? own ?? null;
  const spoken = threshold ?? thresholdOf(report, ofModel) ?? null;
  const again = {
    ...(taught !== null && { taught: { ...taught, verdict: verdictAgain(taught, spoken) } }),
    ...(slide !== undefined && {
      slide: {
        ...slide,
        regions: slide.regions.map((region) => regionAgain(report, region, least, spoken)),
      },
    }),
  };
  // However sure it is, of what it does not know.
  if (report.prediction === null || report.verdict === "unfamiliar") return { ...report, ...again, options };
  const verdict = verdictAmong(OWN_CLASSES, report.prediction, report.confidence, least);
  return { ...report, ...again, options, verdict };
}

/** What was outlined on a slide; `least` is the threshold of benign and malignant, `spoken` that of other classes. */
function regionAgain(
  report: ImageReport,
  region: RegionReport,
  least: number | null,
  spoken: number | null,
): RegionReport {
  const { taught, ...own } = region;
  const verdict = verdictAgain(spokenOfRegion(report, own), least) as RegionReport["verdict"];
  if (taught === undefined) return { ...own, verdict };
  const said = spokenOfRegion(report, region);
  return { ...own, verdict, taught: { ...taught, verdict: verdictAgain(said, spoken) } };
}

/**
 * The models' own thresholds, as far as they are known: told by a manifest, or read off the results of a model that is
 * not at hand. Whatever was "uncertain" under a model's own threshold lay below it.
 */
export class Thresholds {
  readonly #told = new Map<string, number | null>();
  readonly #seen = new Map<string, number>();

  tell(sha256: string, threshold: number | null): void {
    this.#told.set(sha256, threshold);
  }

  /** Learns from a result as the model gave it. */
  see(report: ImageReport): void {
    if (thresholdIn(report) !== null || judgedInPlace(report)) return;
    const { verdict, confidence } = report.taught?.lesson === undefined ? spokenOf(report) : report;
    if (verdict !== "uncertain" || confidence === null) return;
    const { sha256 } = report.model;
    this.#seen.set(sha256, Math.max(this.#seen.get(sha256) ?? 0, confidence));
  }

  /** As its manifest has it: nothing that is only gathered from results. */
  readonly told: OwnThreshold = (sha256) => this.#told.get(sha256);

  readonly of: OwnThreshold = (sha256) => {
    const told = this.told(sha256);
    if (told !== undefined) return told;
    const seen = this.#seen.get(sha256);
    // The least number above: that confidence itself was "uncertain".
    return seen === undefined ? undefined : seen * (1 + Number.EPSILON);
  };
}

/** What several images say together by the classes that were told apart; null where they say nothing. */
export function spokenTogether({
  taught,
  verdict,
  aggregated_diagnosis: own,
}: Together): Omit<Spoken, "familiarity"> | null {
  if (taught !== undefined) {
    const { probabilities: shares, images: _, ...said } = taught;
    return { ...said, shares };
  }
  if (own !== null) {
    const shares = OWN_CLASSES.map((name) => own.probabilities[name]);
    const { prediction, confidence } = own;
    return { classes: OWN_CLASSES, prediction, confidence, shares, verdict: own.verdict };
  }
  if (verdict === null) return null;
  return { classes: OWN_CLASSES, prediction: null, confidence: null, shares: null, verdict };
}

/** How many images were rather of each class. */
export function togetherVotes({
  taught,
  image_breakdown: own,
}: Together): { name: string; images: number }[] {
  if (taught !== undefined) {
    return taught.classes.map((name, place) => ({ name, images: taught.images[place] ?? 0 }));
  }
  return [
    { name: "benign", images: own?.benign_images ?? 0 },
    { name: "malignant", images: own?.malignant_images ?? 0 },
  ];
}
