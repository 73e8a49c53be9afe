// The report as the page reads it. The core writes it; here are its types and the one report that the page makes
// itself, that of an image which failed.

import type { HistoscopeError } from "./errors.ts";
import type { Timings, WireError } from "./protocol.ts";

export type Label = "benign" | "malignant";
export type Verdict = Label | "uncertain" | "not_assessable";
export type Probabilities = Readonly<Record<Label, number>>;

export interface PatchReport {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly probabilities: Probabilities;
}

export interface ModelIdentity {
  readonly name: string;
  readonly version: string;
  readonly variant: string;
  readonly sha256: string;
}

interface Judgement {
  readonly prediction: Label;
  readonly prediction_idx: number;
  readonly confidence: number;
  readonly probabilities: Probabilities;
  readonly verdict: Verdict;
}

export interface ImageReport extends Judgement {
  readonly schema_version: 1;
  readonly success: true;
  readonly filename: string;
  readonly num_patches: number;
  readonly patch_breakdown: { readonly benign_patches: number; readonly malignant_patches: number };
  readonly image: { readonly width: number; readonly height: number };
  readonly grid: {
    readonly columns: number;
    readonly rows: number;
    readonly stride: number;
    readonly total_patches: number;
  };
  readonly patches: readonly PatchReport[];
  readonly model: ModelIdentity;
  readonly engine: { readonly name: string; readonly version: string };
  readonly options: Readonly<Record<string, unknown>>;
  readonly timings_ms: Timings;
  /** Sentences. */
  readonly warnings: readonly string[];
}

export interface FailureReport {
  readonly schema_version: 1;
  readonly success: false;
  readonly filename: string;
  readonly error: WireError;
}

export interface FolderReport {
  readonly schema_version: 1;
  readonly success: boolean;
  readonly num_images: number;
  readonly num_failed: number;
  /** This and the breakdown are null where no image succeeded. */
  readonly aggregated_diagnosis: Judgement | null;
  readonly image_breakdown: {
    readonly benign_images: number;
    readonly malignant_images: number;
  } | null;
  readonly individual_results: readonly (ImageReport | FailureReport)[];
}

/** What the core decided before any patch was looked at. */
export interface Plan {
  readonly filename: string;
  readonly width: number;
  readonly height: number;
  readonly grid: { readonly patch_size: number };
  readonly options: { readonly batch_size: number };
  readonly patches: readonly { readonly x: number; readonly y: number }[];
}

export function failureReport(filename: string, error: HistoscopeError): FailureReport {
  return { schema_version: 1, success: false, filename, error: error.toWire() };
}
