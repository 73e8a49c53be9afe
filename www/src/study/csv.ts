// Results as CSV: RFC 4180, and safe to open in a spreadsheet.

import { grouped } from "../base/grouped.ts";
import { hasVoted, OWN_CLASSES, patchShares, spokenOf } from "./classes.ts";
import { spokenTogether, thresholdIn, togetherVotes } from "./diagnosis.ts";
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

const MODEL_COLUMNS = [
  "model",
  "model_version",
  "variant",
  "model_sha256",
  "engine_version",
  "lesson",
  "lesson_sha256",
];
const OPTION_COLUMNS = ["max_patches", "stride", "screened", "uncertain_below"];
const WHEN_COLUMN = "analysed_utc";
const ORIGIN_COLUMNS = [...MODEL_COLUMNS, ...OPTION_COLUMNS, WHEN_COLUMN];

/** By what, with which options and when a result was made. */
function origin(report: ImageReport, analysed: number | null): CsvLine {
  const { model, engine, options, grid, taught } = report;
  return {
    model: model.name,
    model_version: model.version,
    variant: model.variant,
    model_sha256: model.sha256,
    engine_version: engine.version,
    lesson: taught?.lesson?.name ?? null,
    lesson_sha256: taught?.lesson?.sha256 ?? null,
    max_patches: number(options["max_patches"]) ?? "all",
    stride: grid.stride,
    screened: report.screen.unchecked === 0,
    uncertain_below: thresholdIn(report) ?? "model",
    [WHEN_COLUMN]: when(analysed),
  };
}

/** Likewise of several results: every value that there is, and the last moment. */
function origins(images: readonly Exported[]): CsvLine {
  const made = images.flatMap(({ report, analysed }) => (report?.success ? [origin(report, analysed)] : []));
  const values = (column: string) => [...new Set(made.map((line) => line[column] ?? null))];
  const told = (column: string): Cell => {
    const [first = null, ...others] = values(column);
    return others.length === 0 ? first : [first, ...others].map(inList).join("; ");
  };
  const moments = values(WHEN_COLUMN).filter((moment) => moment !== null);
  return {
    ...Object.fromEntries(ORIGIN_COLUMNS.map((column) => [column, told(column)])),
    [WHEN_COLUMN]: moments.sort().at(-1) ?? null,
  };
}

const inList = (value: Cell): string => (value === null ? "none" : csvCell(value));

const probabilityOf = (name: string): string => `probability_${name}`;

/** Shares by the names of their columns. */
const probabilities = (classes: readonly string[], shares: readonly number[] | null): CsvLine =>
  Object.fromEntries(classes.map((name, index) => [probabilityOf(name), shares?.[index] ?? null]));

/** Whether a program drew the picture. Only where there are such: no other table needs the column. */
const DRAWN_COLUMN = "drawn";

/** With a column for each class that is neither benign nor malignant, behind these; and for drawings. */
function withOthers(columns: readonly string[], images: readonly Exported[]): string[] {
  const classes = images.flatMap(({ report }) => (report?.success ? spokenOf(report).classes : []));
  const others = new Set(classes.map(probabilityOf).filter((column) => !columns.includes(column)));
  const behind = columns.indexOf(probabilityOf(OWN_CLASSES[1])) + 1;
  const drawn = images.some(({ demo }) => demo) ? [DRAWN_COLUMN] : [];
  return [...columns.slice(0, behind), ...others, ...columns.slice(behind), ...drawn];
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
  ...ORIGIN_COLUMNS,
  "total_ms",
  "warnings",
  "same_as",
  "file_sha256",
  "error_code",
  "error_message",
];

function imageLine(image: Exported): CsvLine {
  const { path, patient, label, state, report, sha256, sameAs, demo, silent, leftOut, mute, analysed } =
    image;
  return {
    path,
    filename: report?.filename ?? name(path),
    patient,
    label,
    state,
    counts: Boolean(report?.success && hasVoted(report) && !silent && !leftOut && !mute),
    same_as: sameAs,
    file_sha256: sha256,
    [WHEN_COLUMN]: when(analysed),
    [DRAWN_COLUMN]: demo,
    ...(report?.success ? resultLine(report, analysed) : {}),
    ...(report?.success === false && { error_code: report.error.code, error_message: report.error.message }),
  };
}

function resultLine(report: ImageReport, analysed: number | null): CsvLine {
  const { classes, shares, verdict, prediction, confidence, familiarity } = spokenOf(report);
  return {
    verdict,
    prediction,
    confidence,
    ...probabilities(classes, shares),
    num_patches: report.num_patches,
    benign_patches: report.patch_breakdown.benign_patches,
    malignant_patches: report.patch_breakdown.malignant_patches,
    distance: familiarity?.distance ?? null,
    distance_limit: familiarity?.limit ?? null,
    ...Object.fromEntries(REASONS.map((reason) => [reason, report.screen[reason]])),
    width: report.image.width,
    height: report.image.height,
    um_per_pixel: report.scale?.um_per_pixel ?? null,
    scale_source: report.scale?.source ?? null,
    objective: report.scale?.objective ?? null,
    ...origin(report, analysed),
    total_ms: Math.round(report.timings_ms.total * 10) / 10,
    warnings: report.warnings.join(" "),
  };
}

/** One line for each image, those without a result included. */
export const imagesCsv = (images: readonly Exported[], form = PLAIN_FORM): string =>
  csv(withOthers(IMAGE_COLUMNS, images), images.map(imageLine), form);

/** The command line has these and the next, too. */
export const PATCH_COLUMNS = [
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
  ...ORIGIN_COLUMNS,
];

/** One line for each sampled patch, numbered from 1 within its image as on the page. */
export function patchesCsv(images: readonly Exported[], form = PLAIN_FORM): string {
  const lines = images.flatMap(({ path, patient, label, report, demo, analysed }) => {
    if (!report?.success) return [];
    const made = { ...origin(report, analysed), [DRAWN_COLUMN]: demo };
    const { classes } = spokenOf(report);
    const shares = patchShares(report);
    return report.patches.map(
      ({ probabilities: _, ...place }, index): CsvLine => ({
        path,
        patient,
        label,
        patch: index + 1,
        ...place,
        ...probabilities(classes, shares[index] ?? null),
        ...made,
      }),
    );
  });
  return csv(withOthers(PATCH_COLUMNS, images), lines, form);
}

export const PATIENT_COLUMNS = [
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
  ...ORIGIN_COLUMNS,
];

/** With those of the classes of lessons and of models' own. */
function patientColumns(patients: readonly PatientDiagnosis[]): string[] {
  const classes = new Set(patients.flatMap(({ taught }) => taught?.classes ?? []));
  const behind = (last: string, others: readonly string[]) => (column: string) =>
    column === last ? [column, ...others.filter((other) => !PATIENT_COLUMNS.includes(other))] : [column];
  return PATIENT_COLUMNS.flatMap(behind("probability_malignant", [...classes].map(probabilityOf))).flatMap(
    behind(
      "malignant_images",
      [...classes].map((name) => `${name}_images`),
    ),
  );
}

/**
 * One line for each patient. Where images are missing there is neither verdict nor mean. `images`: all of the study, of
 * which those that count say how a patient's results were made.
 */
export function patientsCsv(
  patients: readonly PatientDiagnosis[],
  images: readonly Exported[],
  form = PLAIN_FORM,
): string {
  const counting = images.filter(({ silent, leftOut, sameAs }) => !silent && !leftOut && sameAs === null);
  const theirs = grouped(counting.map((image) => [image.patient, image]));
  const lines = patients.map((of): CsvLine => {
    const judged = of.missing > 0 ? null : spokenTogether(of);
    const votes = togetherVotes(of);
    return {
      patient: of.patient,
      verdict: judged?.verdict ?? null,
      prediction: judged?.prediction ?? null,
      confidence: judged?.confidence ?? null,
      ...probabilities(judged?.classes ?? [], judged?.shares ?? null),
      images: of.num_images,
      ...Object.fromEntries(votes.map(({ name, images }) => [`${name}_images`, images])),
      unfamiliar: of.num_unfamiliar ?? 0,
      not_assessable: of.num_not_assessable,
      failed: of.num_failed,
      missing: of.missing,
      models: of.models,
      different_options: of.options,
      ...origins(theirs.get(of.patient) ?? []),
    };
  });
  return csv(patientColumns(patients), lines, form);
}
