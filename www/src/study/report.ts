// The report as the page reads it. The core writes it; here are its types and the one report that the page makes
// itself, that of an image which failed.

import type { HistoscopeError } from "../base/errors.ts";
import type { Timings, WireError } from "../engine/protocol.ts";

/** Of the format that this page reads and writes. */
export const SCHEMA_VERSION = 2;

export type Label = "benign" | "malignant";
export type Probabilities = Readonly<Record<Label, number>>;

/** Why a patch may not vote. */
export const REASONS = ["background", "blurred", "not_he"] as const;
export type Reason = (typeof REASONS)[number];

/** What the screen found of a patch; "unchecked" where it was switched off. */
export const SCREENS = ["assessable", ...REASONS, "unchecked"] as const;
export type Screen = (typeof SCREENS)[number];

export const isReason = (screen: Screen): screen is Reason => REASONS.includes(screen as never);

/** How many of an image's patches were found to be what. */
export type ScreenCounts = Readonly<Record<Screen, number>>;

export interface PatchReport {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly screen: Screen;
  /** Null if the patch did not vote. */
  readonly probabilities: Probabilities | null;
}

export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  readonly variant: string;
  readonly sha256: string;
}

/** Which program made a report and how; all but name and version are missing from those of earlier versions. */
export interface EngineSummary {
  readonly name: string;
  readonly version: string;
  readonly edition?: "int8" | "general";
  readonly kernels?: string;
  /** "exact" is the same to the bit on every machine, "float" to about four digits. */
  readonly arithmetic?: "exact" | "float";
  /** What computed the network: fused layers, fused layers and tract, or tract alone. */
  readonly runtime?: "fused" | "mixed" | "tract";
  /** Why no layer was fused although some could be; missing where that was not so. */
  readonly fallback?: string;
}

/** How far an image lies from what the model has learned from, and how far it may. */
export interface Familiarity {
  readonly distance: number;
  readonly limit: number;
  readonly familiar: boolean;
}

/**
 * What the network says: "uncertain" where it is not sure enough of its own prediction, "unfamiliar" where the image is
 * unlike all that it has learned from, so that neither is claimed.
 */
export interface Judged {
  readonly prediction: Label;
  readonly prediction_idx: number;
  readonly confidence: number;
  readonly probabilities: Probabilities;
  readonly verdict: Label | "uncertain" | "unfamiliar";
}

/** Nothing could vote. A result, not a failure. */
export interface Unjudged {
  readonly prediction: null;
  readonly prediction_idx: null;
  readonly confidence: null;
  readonly probabilities: null;
  readonly verdict: "not assessable";
}

export type Judgement = Judged | Unjudged;
export type Verdict = Judgement["verdict"];

/** Which lesson judged. */
export interface LessonName {
  readonly name: string;
  /** Of the lesson's file. */
  readonly sha256: string;
}

/** What a lesson says of an image, by its own classes. */
export interface TaughtReport {
  readonly lesson: LessonName;
  /** In the order of all probabilities. */
  readonly classes: readonly string[];
  /** This and the next three are null where nothing voted. */
  readonly prediction: string | null;
  readonly prediction_idx: number | null;
  readonly confidence: number | null;
  readonly probabilities: readonly number[] | null;
  /** Of each patch that voted, in the order of the report's patches. */
  readonly voters: readonly (readonly number[])[];
  readonly familiarity?: Familiarity | null;
  /** A class, or as of any verdict. */
  readonly verdict: string;
}

export type ImageReport = Judgement & {
  readonly schema_version: typeof SCHEMA_VERSION;
  readonly success: true;
  readonly filename: string;
  /** Those that were sampled, whether they voted or not. */
  readonly num_patches: number;
  /** Of those that voted. */
  readonly patch_breakdown: { readonly benign_patches: number; readonly malignant_patches: number };
  readonly screen: ScreenCounts;
  readonly image: { readonly width: number; readonly height: number };
  readonly grid: {
    readonly columns: number;
    readonly rows: number;
    readonly stride: number;
    readonly total_patches: number;
  };
  readonly patches: readonly PatchReport[];
  readonly model: ModelIdentity;
  readonly engine: EngineSummary;
  readonly options: Readonly<Record<string, unknown>>;
  readonly timings_ms: Timings;
  /** Sentences. */
  readonly warnings: readonly string[];
  /** Of the image file; reports of earlier versions have none. */
  readonly sha256?: string;
  /** Null or absent where the model does not know what it has learned from. */
  readonly familiarity?: Familiarity | null;
  /** Why that is so. */
  readonly familiarity_unknown?: string | null;
  /** Absent where the model's own head judged. A lesson of benign and malignant speaks in the fields above, too. */
  readonly taught?: TaughtReport | null;
  /** In a folder's report, the place of an earlier image of the same bytes, which votes for both. */
  readonly duplicate_of?: number;
};

export interface FailureReport {
  readonly schema_version: typeof SCHEMA_VERSION;
  readonly success: false;
  readonly filename: string;
  readonly error: WireError;
}

export interface FolderReport {
  readonly schema_version: typeof SCHEMA_VERSION;
  readonly success: boolean;
  readonly num_images: number;
  readonly num_failed: number;
  readonly num_not_assessable: number;
  /** Absent where there are none. They do not vote, unless a person wants them to. */
  readonly num_unfamiliar?: number;
  readonly num_duplicates: number;
  /** Whether something failed, so that the diagnosis does not speak for all. */
  readonly partial: boolean;
  /** Null if every image failed. */
  readonly verdict: Verdict | null;
  /** This and the breakdown are null where no image voted. */
  readonly aggregated_diagnosis: Judged | null;
  readonly image_breakdown: {
    readonly benign_images: number;
    readonly malignant_images: number;
  } | null;
  readonly individual_results: readonly (ImageReport | FailureReport)[];
}

/** What the core decided before any patch was classified. */
export interface Plan {
  readonly filename: string;
  readonly width: number;
  readonly height: number;
  readonly grid: { readonly patch_size: number; readonly stride: number };
  readonly options: { readonly batch_size: number };
  readonly patches: readonly { readonly x: number; readonly y: number; readonly screen: Screen }[];
  /** Indices into `patches`, ascending: those that are classified. None if the image is not assessable. */
  readonly voters: readonly number[];
}

export function failureReport(filename: string, error: HistoscopeError): FailureReport {
  return { schema_version: SCHEMA_VERSION, success: false, filename, error: error.toWire() };
}
