// Results as CSV: RFC 4180, and safe to open in a spreadsheet.

import { thresholdIn } from "./diagnosis.ts";
import type { PatientDiagnosis } from "./patient-groups.ts";
import { type FailureReport, type ImageReport, REASONS } from "./report.ts";
import type { StateKind } from "./table.ts";

/** An image as the exports have it. */
export interface Exported {
  readonly path: string;
  readonly patient: string;
  /** The truth, as somebody says; empty where it is not known. */
  readonly label: string;
  readonly state: StateKind;
  /** Null while there is none, and of an image that another one counts for. */
  readonly report: ImageReport | FailureReport | null;
  readonly sha256: string | null;
  /** The path of the image that counts for it, too. */
  readonly sameAs: string | null;
  readonly demo: boolean;
  /** It is a drawing that does not count. */
  readonly silent: boolean;
  readonly leftOut: boolean;
  /** It is unlike what the model has learned from, and such images do not vote. */
  readonly mute: boolean;
  /** Milliseconds since 1970; null where nobody knows when it was analysed. */
  readonly analysed: number | null;
}

/** How a spreadsheet of some country reads columns and numbers. */
export interface CsvForm {
  readonly separator: "," | ";";
  readonly decimal: "." | ",";
}

/** As programs read it, and spreadsheets wherever the decimal sign is a point. */
export const PLAIN_FORM: CsvForm = { separator: ",", decimal: "." };

type Cell = string | number | boolean | null;

/** By the name of its column. */
export type CsvLine = Readonly<Record<string, Cell>>;

/** Without it a spreadsheet takes UTF-8 for something else. */
const BYTE_ORDER_MARK = "\ufeff";

/** A spreadsheet takes a text that begins with one of these for a formula, and runs it. */
const FORMULA = /^[=+\-@\t\r]/;

/** One cell. Numbers stay numbers; a text that looks like a formula gets an apostrophe, as spreadsheets write it. */
export function csvCell(value: Cell, { separator, decimal }: CsvForm = PLAIN_FORM): string {
  if (value === null) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  const text =
    typeof value === "number"
      ? String(value).replace(".", decimal)
      : FORMULA.test(value)
        ? `'${value}`
        : value;
  return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** `columns` in their order, also where no line has anything for them. */
export function csv(columns: readonly string[], lines: readonly CsvLine[], form: CsvForm): string {
  const rows = [columns, ...lines.map((line) => columns.map((column) => line[column] ?? null))];
  return (
    BYTE_ORDER_MARK +
    rows.map((row) => `${row.map((cell) => csvCell(cell, form)).join(form.separator)}\r\n`).join("")
  );
}

const name = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** As spreadsheets and programs read it, in universal time. */
const when = (analysed: number | null): string | null =>
  analysed === null ? null : new Date(analysed).toISOString().slice(0, 19).replace("T", " ");

const number = (value: unknown): number | null => (typeof value === "number" ? value : null);

const MODEL_COLUMNS = ["model", "model_version", "variant", "sha256", "engine_version"];
const OPTION_COLUMNS = ["max_patches", "stride", "screened", "uncertain_below"];

/** By what and with which options a result was made. */
function origin(report: ImageReport): CsvLine {
  const { model, engine, options, grid } = report;
  return {
    model: model.name,
    model_version: model.version,
    variant: model.variant,
    sha256: model.sha256,
    engine_version: engine.version,
    max_patches: number(options["max_patches"]) ?? "all",
    stride: grid.stride,
    screened: report.screen.unchecked === 0,
    uncertain_below: thresholdIn(report) ?? "model",
  };
}

/** The command line has the same; a test compares. */
export const IMAGE_COLUMNS = [
  "path",
  "filename",
  "patient",
  "label",
  "state",
  "counts",
  "verdict",
  "prediction",
  "confidence",
  "probability_benign",
  "probability_malignant",
  "num_patches",
  "benign_patches",
  "malignant_patches",
  "distance",
  "distance_limit",
  ...REASONS,
  "width",
  "height",
  "um_per_pixel",
  "scale_source",
  "objective",
  ...MODEL_COLUMNS,
  ...OPTION_COLUMNS,
  "analysed_utc",
  "total_ms",
  "warnings",
  "same_as",
  "file_sha256",
  "error_code",
  "error_message",
];

function imageLine(image: Exported): CsvLine {
  const { path, patient, label, state, report, sha256, sameAs, silent, leftOut, mute, analysed } = image;
  return {
    path,
    filename: report?.filename ?? name(path),
    patient,
    label,
    state,
    counts: Boolean(report?.success && report.prediction !== null && !silent && !leftOut && !mute),
    same_as: sameAs,
    file_sha256: sha256,
    analysed_utc: when(analysed),
    ...(report?.success ? resultLine(report) : {}),
    ...(report?.success === false && { error_code: report.error.code, error_message: report.error.message }),
  };
}

function resultLine(report: ImageReport): CsvLine {
  return {
    verdict: report.verdict,
    prediction: report.prediction,
    confidence: report.confidence,
    probability_benign: report.probabilities?.benign ?? null,
    probability_malignant: report.probabilities?.malignant ?? null,
    num_patches: report.num_patches,
    benign_patches: report.patch_breakdown.benign_patches,
    malignant_patches: report.patch_breakdown.malignant_patches,
    distance: report.familiarity?.distance ?? null,
    distance_limit: report.familiarity?.limit ?? null,
    ...Object.fromEntries(REASONS.map((reason) => [reason, report.screen[reason]])),
    width: report.image.width,
    height: report.image.height,
    um_per_pixel: report.scale?.um_per_pixel ?? null,
    scale_source: report.scale?.source ?? null,
    objective: report.scale?.objective ?? null,
    ...origin(report),
    total_ms: Math.round(report.timings_ms.total * 10) / 10,
    warnings: report.warnings.join(" "),
  };
}

/** One line for each image, those without a result included. */
export const imagesCsv = (images: readonly Exported[], form = PLAIN_FORM): string =>
  csv(IMAGE_COLUMNS, images.map(imageLine), form);

const PATCH_COLUMNS = [
  "path",
  "patient",
  "label",
  "patch",
  "x",
  "y",
  "width",
  "height",
  "screen",
  "probability_benign",
  "probability_malignant",
  ...MODEL_COLUMNS,
  ...OPTION_COLUMNS,
];

/** One line for each sampled patch, numbered from 1 within its image as on the page. */
export function patchesCsv(images: readonly Exported[], form = PLAIN_FORM): string {
  const lines = images.flatMap(({ path, patient, label, report }) => {
    if (!report?.success) return [];
    const made = origin(report);
    return report.patches.map(
      ({ probabilities, ...place }, index): CsvLine => ({
        path,
        patient,
        label,
        patch: index + 1,
        ...place,
        probability_benign: probabilities?.benign ?? null,
        probability_malignant: probabilities?.malignant ?? null,
        ...made,
      }),
    );
  });
  return csv(PATCH_COLUMNS, lines, form);
}

const PATIENT_COLUMNS = [
  "patient",
  "verdict",
  "prediction",
  "confidence",
  "probability_benign",
  "probability_malignant",
  "images",
  "benign_images",
  "malignant_images",
  "unfamiliar",
  "not_assessable",
  "failed",
  "missing",
  "models",
  "different_options",
];

/** One line for each patient. Where images are missing there is neither verdict nor mean. */
export function patientsCsv(patients: readonly PatientDiagnosis[], form = PLAIN_FORM): string {
  const lines = patients.map((of): CsvLine => {
    const judged = of.missing > 0 ? null : of.aggregated_diagnosis;
    return {
      patient: of.patient,
      verdict: of.missing > 0 ? null : of.verdict,
      prediction: judged?.prediction ?? null,
      confidence: judged?.confidence ?? null,
      probability_benign: judged?.probabilities.benign ?? null,
      probability_malignant: judged?.probabilities.malignant ?? null,
      images: of.num_images,
      benign_images: of.image_breakdown?.benign_images ?? 0,
      malignant_images: of.image_breakdown?.malignant_images ?? 0,
      unfamiliar: of.num_unfamiliar ?? 0,
      not_assessable: of.num_not_assessable,
      failed: of.num_failed,
      missing: of.missing,
      models: of.models,
      different_options: of.options,
    };
  });
  return csv(PATIENT_COLUMNS, lines, form);
}
