// Results as CSV, one line an image or one line a patch: RFC 4180, and safe to open in a spreadsheet.

import { type FailureReport, type ImageReport, REASONS } from "./report.ts";

/** An image as the exports have it. */
export interface Exported {
  readonly path: string;
  readonly patient: string;
  readonly report: ImageReport | FailureReport;
}

type Cell = string | number | null;

/** A spreadsheet takes a text that begins with one of these for a formula, and runs it. */
const FORMULA = /^[=+\-@\t\r]/;

/** One cell. Numbers stay numbers; a text that looks like a formula gets an apostrophe, as spreadsheets write it. */
export function csvCell(value: Cell): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(head: readonly string[], lines: readonly (readonly Cell[])[]): string {
  return [head, ...lines].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

const IMAGE_HEAD = [
  "path",
  "filename",
  "patient",
  "state",
  "verdict",
  "prediction",
  "confidence",
  "probability_benign",
  "probability_malignant",
  "num_patches",
  "benign_patches",
  "malignant_patches",
  ...REASONS,
  "width",
  "height",
  "model",
  "model_version",
  "variant",
  "sha256",
  "engine_version",
  "total_ms",
  "warnings",
  "error_code",
  "error_message",
];

function imageLine({ path, patient, report }: Exported): Cell[] {
  const known = [path, report.filename, patient];
  if (!report.success) {
    const { code, message } = report.error;
    const nothing = IMAGE_HEAD.slice(known.length + 1, -2).map(() => null);
    return [...known, "failed", ...nothing, code, message];
  }
  return [
    ...known,
    "done",
    report.verdict,
    report.prediction,
    report.confidence,
    report.probabilities?.benign ?? null,
    report.probabilities?.malignant ?? null,
    report.num_patches,
    report.patch_breakdown.benign_patches,
    report.patch_breakdown.malignant_patches,
    ...REASONS.map((reason) => report.screen[reason]),
    report.image.width,
    report.image.height,
    report.model.name,
    report.model.version,
    report.model.variant,
    report.model.sha256,
    report.engine.version,
    Math.round(report.timings_ms.total * 10) / 10,
    report.warnings.join(" "),
    null,
    null,
  ];
}

/** One line for each image, failed ones included. */
export const imagesCsv = (images: readonly Exported[]): string => csv(IMAGE_HEAD, images.map(imageLine));

const PATCH_HEAD = [
  "path",
  "patient",
  "patch",
  "x",
  "y",
  "width",
  "height",
  "screen",
  "probability_benign",
  "probability_malignant",
];

/** One line for each sampled patch, numbered from 1 within its image as on the page. */
export function patchesCsv(images: readonly Exported[]): string {
  const lines = images.flatMap(({ path, patient, report }) =>
    report.success
      ? report.patches.map(({ x, y, width, height, screen, probabilities }, index): Cell[] => [
          path,
          patient,
          index + 1,
          x,
          y,
          width,
          height,
          screen,
          probabilities?.benign ?? null,
          probabilities?.malignant ?? null,
        ])
      : [],
  );
  return csv(PATCH_HEAD, lines);
}
