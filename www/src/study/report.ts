// The report as the page reads it: the core's own types, narrowed to what they can be together, and the one report that the
// page makes itself, that of an image which failed.

import type { HistoscopeError } from "../base/errors.ts";
import type { Cause, WireError } from "../engine/protocol.ts";
import type * as core from "./core-types.ts";

/** As the core has it, and nobody changes it here. */
type Fixed<T> = T extends readonly (infer E)[]
  ? readonly Fixed<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Fixed<T[K]> }
    : T;

/** Of the format that this page reads and writes. */
export const SCHEMA_VERSION = 2;

/** What tells a report from that of a failure. */
interface Tag<S extends boolean> {
  readonly schema_version: typeof SCHEMA_VERSION;
  readonly success: S;
}

export type Label = core.Class;
export type Probabilities = Fixed<core.ByClass<number>>;

/** Why a patch may not vote. */
export const REASONS = ["background", "blurred", "not_he"] as const satisfies readonly core.Screen[];
export type Reason = (typeof REASONS)[number];

/** What the screen found of a patch; "unchecked" where it was switched off. */
export const SCREENS = ["assessable", ...REASONS, "unchecked"] as const satisfies readonly core.Screen[];
export type Screen = core.Screen;

export const isReason = (screen: Screen): screen is Reason => REASONS.includes(screen as never);

export type ScreenCounts = Fixed<core.Counts>;
export type PatchReport = Fixed<core.PatchReport>;
/** What was outlined on a slide. */
export type RegionReport = Fixed<core.RegionReport>;
export type ModelIdentity = Fixed<core.ModelSummary>;
export type EngineSummary = Fixed<core.EngineSummary>;
export type Timings = Fixed<core.Timings>;
/** The size of a pixel, and who says so. */
export type Scale = Fixed<core.Scale>;

/** What a head of other classes says of several images. */
export type TaughtTogether = Fixed<core.TaughtTogether>;

/** How far an image lies from what was learned, and how far it may. */
export type Familiarity = Fixed<core.Familiar>;

/**
 * What the network says: "uncertain" where it is not sure enough of its own prediction, "unfamiliar" where the image is
 * unlike all that it has learned from, so that neither is claimed.
 */
export type Judged = Fixed<Omit<core.AggregatedDiagnosis, "verdict">> & {
  readonly verdict: Label | "uncertain" | "unfamiliar";
};

/** Nothing could vote. A result, not a failure. */
export interface Unjudged {
  readonly prediction: null;
  readonly prediction_idx: null;
  readonly confidence: null;
  readonly probabilities: null;
  readonly verdict: "not assessable";
}

/** What voted did so for classes of the model's own: of benign and malignant nothing is claimed. */
export interface JudgedOtherwise extends Omit<Unjudged, "verdict"> {
  readonly verdict: "uncertain" | "unfamiliar";
}

export type Judgement = Judged | Unjudged | JudgedOtherwise;
export type Verdict = Judgement["verdict"];

export type ImageReport = Judgement &
  Tag<true> &
  Fixed<
    Omit<core.ImageReport, keyof Judgement | keyof Tag<true> | "model" | "options" | "warning_causes">
  > & {
    readonly model: ModelIdentity;
    readonly warning_causes?: readonly Cause[];
    readonly options: Readonly<Record<string, unknown>>;
  };

export type FailureReport = Tag<false> &
  Fixed<Omit<core.FailureReport, keyof Tag<false> | "error">> & {
    readonly error: WireError;
  };

/** An image of a saved report. */
export type SavedImage = Fixed<Omit<core.Saved, "report">> & { readonly report: ImageReport | FailureReport };

/** What images say together. */
interface Said {
  /** Null if every image failed, or there is no verdict for a reason of its own. */
  readonly verdict: Verdict | null;
  /** As the verdict; also null where no image voted, and then so is the breakdown. */
  readonly aggregated_diagnosis: Judged | null;
}

/** What the images of one patient say together, with their places in `individual_results`. */
export type PatientReport = Fixed<Omit<core.PatientReport, keyof Said>> & Said;

/** What several images say together, without who signs for it, for the page may not know. */
export type FolderReport = Fixed<
  Omit<
    core.FolderReport,
    "schema_version" | keyof Said | "individual_results" | "patients" | "model" | "engine"
  >
> &
  Pick<Tag<true>, "schema_version"> &
  Said & {
    readonly individual_results: readonly (ImageReport | FailureReport)[];
    /** Those that names of files tell, or who knows better; absent where there are none. */
    readonly patients?: readonly PatientReport[];
  };

/** What the core decided before any patch was classified: as much of it as a saved report says, too. */
export type Plan = Fixed<
  Pick<core.Plan, "filename" | "width" | "height" | "patches" | "voters"> & {
    grid: Pick<core.Grid, "patch_size" | "stride">;
  }
>;

export function failureReport(filename: string, error: HistoscopeError): FailureReport {
  return { schema_version: SCHEMA_VERSION, success: false, filename, error: error.toWire() };
}

/** Whether a file is to be read as a report rather than as an image. */
export const isReportFile = ({ name, type }: { name: string; type: string }): boolean =>
  /\.json$/i.test(name) || type === "application/json";
