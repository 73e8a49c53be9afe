// How good verdicts are, as the core reckons it from images whose truth is known: its types, and what can be read off them.

/** An estimate with the interval that holds it in 95 of 100 draws of patients. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of images, or of patients. A measure is null where there is nothing to reckon it from. */
export interface Scores {
  /** By label, then by the greatest probability: `confusion[truth][leaning]`, in the order of the classes. */
  readonly confusion: readonly (readonly number[])[];
  readonly accuracy: Estimate | null;
  readonly balanced_accuracy: Estimate | null;
  /** Of the second of two classes; null where there are more. */
  readonly sensitivity: Estimate | null;
  readonly specificity: Estimate | null;
  readonly auc: Estimate | null;
  /** How far confidence and the share that is right lie apart on average. */
  readonly calibration_error: Estimate | null;
  readonly curves: Curves;
}

/** What scores are of. */
export const SUBJECTS = ["image", "patient"] as const;
export type Subject = (typeof SUBJECTS)[number];

export const MEASURES = [
  "accuracy",
  "balanced_accuracy",
  "sensitivity",
  "specificity",
  "auc",
  "calibration_error",
] as const;
export type Measure = (typeof MEASURES)[number];

/** Images, or patients, whose confidence lies in a tenth, with their mean confidence and the share that is right. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** These two are null where there is none. */
  readonly confidence: number | null;
  readonly right: Estimate | null;
}

/** What is left, and how much of it is right, if only confidences from a threshold on count. Shares, 0 to 1. */
export interface CoveragePoint {
  readonly threshold: number;
  readonly kept: number;
  /** Null where nothing is left. */
  readonly right: Estimate | null;
}

export interface RocPoint {
  readonly threshold: number;
  readonly sensitivity: number;
  readonly specificity: number;
}

/** What is to be plotted. */
export interface Curves {
  readonly calibration: readonly CalibrationBin[];
  readonly coverage: readonly CoveragePoint[];
  /** These two are empty of more than two classes. */
  readonly roc: readonly RocPoint[];
  /** At each hundredth of false alarms. */
  readonly roc_band: readonly { readonly false_alarms: number; readonly sensitivity: Estimate }[];
}

/** An image that was judged wrongly, and how surely. */
export interface Wrong {
  readonly name: string;
  readonly patient: string | null;
  /** The truth. */
  readonly label: string;
  readonly prediction: string;
  /** Of the prediction. */
  readonly probability: number;
}

/** Something that the core says by a code with values; its words are the page's. */
export interface Remark {
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
}

export interface Evaluation {
  /** In the order of all that follows. */
  readonly classes: readonly string[];
  /** Images that count: with a label and probabilities. */
  readonly images: number;
  readonly patients: number;
  /** Labelled images without probabilities. */
  readonly not_judged: number;
  /** Labelled images that do not count because the lesson knows them, or their patients. */
  readonly taught: number;
  /** How often each verdict was said of labelled images, those without probabilities included. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** These two are null where it is refused. */
  readonly by_image: Scores | null;
  readonly by_patient: Scores | null;
  /** The surest first. */
  readonly worst: readonly Wrong[];
  readonly warnings: readonly Remark[];
  /** Why nothing can be said. */
  readonly refused: Remark | null;
}

/** One that says something. */
export type Sound = Evaluation & {
  readonly by_image: Scores;
  readonly by_patient: Scores;
};

export const isSound = (evaluation: Evaluation): evaluation is Sound =>
  evaluation.by_image !== null && evaluation.by_patient !== null;

export const scoresOf = ({ by_image, by_patient }: Sound, subject: Subject): Scores =>
  subject === "image" ? by_image : by_patient;

/**
 * What is left at a threshold: the first point that lies at it or above. Null where nothing is as sure as that. `points`
 * rise in their thresholds.
 */
export function coverageAt<P extends CoveragePoint>(points: readonly P[], threshold: number): P | null {
  return points.find((point) => point.threshold >= threshold - 1e-9) ?? null;
}
