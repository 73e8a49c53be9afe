// The exported JSON: the core's folder report with the patients beside it, and the way back from a file to results.
//
// A file comes from outside, so every field that the page or the core reads is checked before anything is shown.

import { HistoscopeError } from "../base/errors.ts";
import { LEAST_STRIDE, NEVER_UNCERTAIN } from "../run/options.ts";
import { clauses, errors } from "../words/en-errors.ts";
import { english, fill } from "../words/template.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { tidyLabel } from "./labels.ts";
import { PATIENT_LENGTH, tidyPatient } from "./patients.ts";
import {
  type EngineSummary,
  type FailureReport,
  type FolderReport,
  type ImageReport,
  type ModelIdentity,
  type Probabilities,
  SCHEMA_VERSION,
  SCREENS,
} from "./report.ts";
import { LEAST_SCALE, MOST_SCALE } from "./scales.ts";

/** A file larger than this is refused: a thousand images with a hundred patches each are a third of it. */
export const MOST_BYTES = 64 * 2 ** 20;

/** More characters no name of a lesson or of its classes has, and more classes no lesson. */
const MOST_NAME = 80;
const MOST_CLASSES = 12;

/** A report with more pixels a side was made by nobody: the core reads no such image, nor will a slide have more. */
const MOST_SIDE = 2 ** 20;

export interface PatientReport extends Diagnosis {
  readonly patient: string;
  /** Places in `individual_results`. */
  readonly images: readonly number[];
  /** Images of the patient that have no result, so that there is no verdict yet; absent if there are none. */
  readonly num_missing?: number;
}

/** What "all results" are saved as: the core's report on all images, and what only the page knows. */
export interface ExportedFolder extends FolderReport {
  /** Who signs for all of them; absent where no image has a result and no engine is up. */
  readonly model?: ModelIdentity;
  readonly engine?: EngineSummary;
  readonly patients: readonly PatientReport[];
  /** Where each of `individual_results` lay below what was chosen. */
  readonly paths: readonly string[];
  /** Of each one's file, in hexadecimal; null where it is not known. */
  readonly sha256?: readonly (string | null)[];
  /** What each one truly is, as a person says; null where nobody does. Absent where no label is known. */
  readonly labels?: readonly (string | null)[];
  /** Places of those that were drawn by a program, and of those that a person took out: neither counts. */
  readonly demos?: readonly number[];
  readonly left_out?: readonly number[];
  /** Files with the same bytes as another, which counts for both. */
  readonly duplicates?: readonly { readonly path: string; readonly same_as: string }[];
  /** Images without a result, still to do or cancelled: then the whole has no verdict. */
  readonly incomplete?: readonly string[];
}

/** A file that is no report, or none that can be shown. */
export class ImportError extends HistoscopeError {
  override readonly name = "ImportError";
  constructor(code: string, message: string, remedy: string) {
    super("image", code, message, remedy);
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** `wanted`, and `where` if it is no field, are clauses of the words. */
function invalid(where: string, wanted: string): never {
  throw new ImportError("report_invalid", ...english(errors.report_invalid.field, { where, wanted }));
}

function object(value: unknown, where: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) invalid(where, clauses.object);
  return value as Fields;
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) invalid(where, clauses.list);
  return value;
}

function text(value: unknown, where: string): string {
  if (typeof value !== "string") invalid(where, clauses.text);
  return value;
}

function oneOf(value: unknown, choices: readonly (string | null)[], where: string): void {
  if (!choices.includes(value as string)) {
    invalid(where, fill(clauses.oneOf, { choices: choices.map(String).join(", ") }));
  }
}

function count(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) invalid(where, clauses.wholeNumber);
  return value as number;
}

function share(value: unknown, where: string): void {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) invalid(where, clauses.share);
}

/** Reports of earlier versions have none. */
function threshold(value: unknown, where: string): void {
  if (value === undefined || value === null) return;
  if (typeof value !== "number" || !(value >= NEVER_UNCERTAIN && value <= 1))
    invalid(where, clauses.threshold);
}

function time(value: unknown, where: string): void {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) invalid(where, clauses.time);
}

function far(value: unknown, where: string): void {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) invalid(where, clauses.distance);
}

/** How far the two shares may be from the sum 1; the core's own tolerance. */
const TOLERANCE = 1e-6;

function probabilities(value: unknown, where: string): Probabilities {
  const { benign, malignant, ...others } = object(value, where);
  share(benign, `${where}.benign`);
  share(malignant, `${where}.malignant`);
  const found = { benign, malignant } as Probabilities;
  if (Object.keys(others).length > 0 || Math.abs(found.benign + found.malignant - 1) > TOLERANCE) {
    invalid(where, clauses.sumOfOne);
  }
  return found;
}

/** A patch lies within its image: what is drawn of it costs no more than the image does. */
function patch(value: unknown, where: string, size: { width: number; height: number }): void {
  const fields = object(value, where);
  const side = (at: string, length: string, most: number) => {
    const from = count(fields[at], `${where}.${at}`);
    if (from + count(fields[length], `${where}.${length}`) > most) invalid(where, clauses.withinImage);
  };
  side("x", "width", size.width);
  side("y", "height", size.height);
  if (fields["width"] === 0 || fields["height"] === 0) invalid(where, clauses.pixel);
  oneOf(fields["screen"], SCREENS, `${where}.screen`);
  if (fields["probabilities"] !== null) probabilities(fields["probabilities"], `${where}.probabilities`);
}

function scale(fields: Fields, where: string): void {
  const within = (value: unknown, least: number, most: number) =>
    typeof value === "number" && value >= least && value <= most;
  if (!within(fields["um_per_pixel"], LEAST_SCALE, MOST_SCALE)) {
    invalid(`${where}.um_per_pixel`, fill(clauses.within, { least: LEAST_SCALE, most: MOST_SCALE }));
  }
  text(fields["source"], `${where}.source`);
  if (fields["objective"] !== undefined && !within(fields["objective"], 0.5, 200)) {
    invalid(`${where}.objective`, fill(clauses.within, { least: 0.5, most: 200 }));
  }
}

function judgement(fields: Fields, at: (name: string) => string): void {
  if (fields["prediction"] === null) {
    oneOf(fields["verdict"], ["not assessable"], at("verdict"));
    for (const name of ["probabilities", "confidence", "prediction_idx"]) {
      if (fields[name] !== null) invalid(at(name), clauses.nullWithoutVotes);
    }
    return;
  }
  oneOf(fields["prediction"], ["benign", "malignant"], at("prediction"));
  oneOf(fields["verdict"], ["benign", "malignant", "uncertain", "unfamiliar"], at("verdict"));
  count(fields["prediction_idx"], at("prediction_idx"));
  share(fields["confidence"], at("confidence"));
  const { benign, malignant } = probabilities(fields["probabilities"], at("probabilities"));
  if (fields["prediction"] !== (malignant > benign ? "malignant" : "benign")) {
    invalid(at("prediction"), clauses.greaterShare);
  }
}

/** Models that do not know what they have learned from give none. */
function familiarity(fields: Fields, at: (name: string) => string): void {
  const value = fields["familiarity"];
  const unfamiliar = fields["verdict"] === "unfamiliar";
  if (!unfamiliar && (value === undefined || value === null)) return;
  const { distance, limit, familiar } = object(value, at("familiarity"));
  far(distance, at("familiarity.distance"));
  far(limit, at("familiarity.limit"));
  if (familiar !== (distance as number) <= (limit as number)) {
    invalid(at("familiarity.familiar"), clauses.distanceTells);
  }
  if (unfamiliar && familiar) invalid(at("verdict"), clauses.distanceTells);
}

/** Which lesson judged, if one did. One of benign and malignant says in the fields above what it says here. */
function lesson(fields: Fields, at: (name: string) => string): void {
  const found = fields["taught"];
  if (found === undefined || found === null) return;
  const taught = object(found, at("taught"));
  const { name, sha256 } = object(taught["lesson"], at("taught.lesson"));
  if (text(name, at("taught.lesson.name")).length > MOST_NAME) {
    invalid(at("taught.lesson.name"), fill(clauses.shortText, { most: MOST_NAME }));
  }
  if (digest(sha256, at("taught.lesson.sha256")) === null) {
    invalid(at("taught.lesson.sha256"), clauses.sha256);
  }
  // Older files say no more.
  if (taught["classes"] !== undefined) {
    const voters = list(fields["patches"], at("patches")).filter(
      (patch) => object(patch, at("patches"))["probabilities"] !== null,
    );
    named(taught, (field) => at(`taught.${field}`), voters.length);
  }
}

/** What a lesson says by its own classes of an image with so many voters. */
function named(fields: Fields, at: (name: string) => string, voters: number): void {
  const classes = list(fields["classes"], at("classes")).map((name) => text(name, at("classes")));
  const sound = classes.every((name) => name !== "" && name.length <= MOST_NAME);
  if (
    !sound ||
    new Set(classes).size !== classes.length ||
    classes.length < 2 ||
    classes.length > MOST_CLASSES
  ) {
    invalid(at("classes"), clauses.classes);
  }
  const shares = (value: unknown, where: string) => {
    const found = list(value, where);
    for (const each of found) share(each, where);
    const sum = (found as number[]).reduce((sum, each) => sum + each, 0);
    if (found.length !== classes.length || Math.abs(sum - 1) > TOLERANCE) {
      invalid(where, clauses.sharesOfClasses);
    }
  };
  const patches = list(fields["voters"], at("voters"));
  if (patches.length !== voters) invalid(at("voters"), clauses.voters);
  for (const patch of patches) shares(patch, at("voters"));
  if (voters === 0) {
    oneOf(fields["verdict"], ["not assessable"], at("verdict"));
    for (const name of ["prediction", "confidence", "probabilities"]) {
      if (fields[name] !== null) invalid(at(name), clauses.nullWithoutVotes);
    }
    return;
  }
  shares(fields["probabilities"], at("probabilities"));
  oneOf(fields["prediction"], classes, at("prediction"));
  oneOf(fields["verdict"], [...classes, "uncertain", "unfamiliar"], at("verdict"));
  share(fields["confidence"], at("confidence"));
  familiarity(fields, at);
}

/** Of the brush that corrected the tissue of a slide. */
function stroke(value: unknown, where: string): void {
  const { adds, radius, points } = object(value, where);
  const place = (number: unknown, field: string) => {
    if (typeof number !== "number" || !(Math.abs(number) <= MOST_SIDE)) {
      invalid(field, fill(clauses.within, { least: -MOST_SIDE, most: MOST_SIDE }));
    }
  };
  if (typeof adds !== "boolean") invalid(`${where}.adds`, clauses.boolean);
  place(radius, `${where}.radius`);
  list(points, `${where}.points`).forEach((point, index) => {
    const pair = list(point, `${where}.points[${index}]`);
    for (const axis of [0, 1]) place(pair[axis], `${where}.points[${index}][${axis}]`);
  });
}

/** What a slide is, and what its regions say; other images have none of it. */
function slide(fields: Fields, at: (name: string) => string): void {
  if (fields["slide"] === undefined) return;
  const { source: told, regions, strokes } = object(fields["slide"], at("slide"));
  const source = object(told, at("slide.source"));
  text(source["format"], at("slide.source.format"));
  for (const name of ["width", "height", "candidates"]) count(source[name], at(`slide.source.${name}`));
  const { downsample } = source;
  if (typeof downsample !== "number" || !(downsample > 0 && downsample <= MOST_SIDE)) {
    invalid(at("slide.source.downsample"), fill(clauses.within, { least: 0, most: MOST_SIDE }));
  }
  if (strokes !== undefined) {
    list(strokes, at("slide.strokes")).forEach((each, index) => {
      stroke(each, at(`slide.strokes[${index}]`));
    });
  }
  const patches = fields["num_patches"] as number;
  list(regions, at("slide.regions")).forEach((each, index) => {
    const where = at(`slide.regions[${index}]`);
    const region = object(each, where);
    text(region["name"], `${where}.name`);
    oneOf(
      region["verdict"],
      ["benign", "malignant", "uncertain", "unfamiliar", "not assessable"],
      `${where}.verdict`,
    );
    count(region["voters"], `${where}.voters`);
    if (region["probabilities"] !== null) probabilities(region["probabilities"], `${where}.probabilities`);
    list(region["patches"], `${where}.patches`).forEach((place, at) => {
      if (count(place, `${where}.patches[${at}]`) >= patches) {
        invalid(`${where}.patches[${at}]`, fill(clauses.atMost, { most: patches - 1 }));
      }
    });
  });
}

function failure(fields: Fields, at: (name: string) => string): FailureReport {
  const error = object(fields["error"], at("error"));
  for (const name of ["code", "message", "remedy", "fault"]) text(error[name], at(`error.${name}`));
  return fields as unknown as FailureReport;
}

function image(value: unknown, where: string): ImageReport | FailureReport {
  const fields = object(value, where === "" ? clauses.whole : where);
  const at = (name: string) => (where === "" ? name : `${where}.${name}`);
  version(fields);
  text(fields["filename"], at("filename"));
  if (fields["success"] === false) return failure(fields, at);
  if (fields["success"] !== true) invalid(at("success"), clauses.boolean);
  judgement(fields, at);
  familiarity(fields, at);
  lesson(fields, at);
  count(fields["num_patches"], at("num_patches"));
  const numbers: Readonly<Record<string, readonly string[]>> = {
    patch_breakdown: ["benign_patches", "malignant_patches"],
    screen: SCREENS,
    image: ["width", "height"],
    grid: ["columns", "rows", "stride", "total_patches"],
  };
  for (const [group, members] of Object.entries(numbers)) {
    const inner = object(fields[group], at(group));
    for (const member of members) count(inner[member], at(`${group}.${member}`));
  }
  const size = fields["image"] as ImageReport["image"];
  for (const name of ["width", "height"] as const) {
    if (size[name] > MOST_SIDE) invalid(at(`image.${name}`), fill(clauses.atMost, { most: MOST_SIDE }));
  }
  const stride = (fields["grid"] as ImageReport["grid"]).stride;
  if (stride < LEAST_STRIDE) invalid(at("grid.stride"), fill(clauses.atLeast, { least: LEAST_STRIDE }));
  list(fields["patches"], at("patches")).forEach((each, index) => {
    patch(each, at(`patches[${index}]`), size);
  });
  const model = object(fields["model"], at("model"));
  for (const name of ["name", "version", "variant", "sha256"]) text(model[name], at(`model.${name}`));
  const engine = object(fields["engine"], at("engine"));
  for (const name of ["name", "version"]) text(engine[name], at(`engine.${name}`));
  const options = object(fields["options"], at("options"));
  threshold(options["uncertain_below"], at("options.uncertain_below"));
  const timings = object(fields["timings_ms"], at("timings_ms"));
  for (const name of ["decode", "screen", "inference", "total"])
    time(timings[name], at(`timings_ms.${name}`));
  if (fields["scale"] !== undefined) scale(object(fields["scale"], at("scale")), at("scale"));
  list(fields["warnings"], at("warnings")).forEach((each, index) => {
    text(each, at(`warnings[${index}]`));
  });
  if (fields["sha256"] !== undefined) digest(fields["sha256"], at("sha256"));
  slide(fields, at);
  return fields as unknown as ImageReport;
}

/** A report that was kept on this machine. Throws `ImportError` where it is none of this version. */
export const checkedReport = (value: unknown): ImageReport | FailureReport => image(value, "");

function version(fields: Fields): void {
  const found = fields["schema_version"];
  if (found === SCHEMA_VERSION) return;
  if (typeof found !== "number") {
    throw new ImportError("report_invalid", ...english(errors.report_invalid.version));
  }
  throw new ImportError(
    "report_schema_version",
    ...english(errors.report_schema_version.version, { found, ours: SCHEMA_VERSION }),
  );
}

/** Places in `individual_results`, of which there are `images`; none where the field is absent. */
function places(value: unknown, where: string, images: number): Set<number> {
  if (value === undefined) return new Set();
  return new Set(
    list(value, where).map((place) => {
      if (count(place, where) >= images) invalid(where, clauses.places);
      return place as number;
    }),
  );
}

/** Of a file, in hexadecimal; null where nobody knows. */
function digest(value: unknown, where: string): string | null {
  if (value === null || /^[0-9a-f]{64}$/.test(text(value, where))) return value as string | null;
  return invalid(where, clauses.sha256);
}

/** Which patient each image is of, by what the file says of its patients. */
function patients(value: unknown, images: number): string[] {
  const names = new Array<string>(images).fill("");
  if (value === undefined) return names;
  list(value, "patients").forEach((each, index) => {
    const where = `patients[${index}]`;
    const fields = object(each, where);
    const name = tidyPatient(text(fields["patient"], `${where}.patient`).slice(0, 2 * PATIENT_LENGTH));
    for (const place of places(fields["images"], `${where}.images`, images)) names[place] = name;
  });
  return names;
}

/** A result that was saved. */
export interface Saved {
  readonly path: string;
  /** Null where the file does not say. */
  readonly patient: string | null;
  /** Null where the file does not say; empty where it says that nobody knows. */
  readonly label: string | null;
  readonly report: ImageReport | FailureReport;
  readonly sha256: string | null;
  readonly demo: boolean;
  readonly leftOut: boolean;
}

/** Reads a saved report, of one image or of all. */
export function readReports(content: string): Saved[] {
  let whole: unknown;
  try {
    whole = JSON.parse(content);
  } catch {
    throw new ImportError("report_not_json", ...english(errors.report_not_json.file));
  }
  const fields = object(whole, clauses.whole);
  version(fields);
  if (fields["individual_results"] === undefined) {
    const report = image(fields, "");
    const rest = { label: null, sha256: null, demo: false, leftOut: false };
    return [{ path: report.filename, patient: null, report, ...rest }];
  }
  const reports = list(fields["individual_results"], "individual_results").map((each, index) =>
    image(each, `individual_results[${index}]`),
  );
  if (reports.length === 0) invalid("individual_results", clauses.filled);
  const paths = fields["paths"] === undefined ? [] : list(fields["paths"], "paths");
  const names = patients(fields["patients"], reports.length);
  const digests = fields["sha256"] === undefined ? [] : list(fields["sha256"], "sha256");
  const labels = fields["labels"] === undefined ? null : list(fields["labels"], "labels");
  const [demos, leftOut] = ["demos", "left_out"].map((name) => places(fields[name], name, reports.length));
  return reports.map((report, index) => ({
    path: paths[index] === undefined ? report.filename : text(paths[index], `paths[${index}]`),
    patient: fields["patients"] === undefined ? null : (names[index] ?? ""),
    label: labels === null ? null : tidyLabel(text(labels[index] ?? "", `labels[${index}]`)),
    report,
    sha256: digest(digests[index] ?? null, `sha256[${index}]`),
    demo: demos?.has(index) ?? false,
    leftOut: leftOut?.has(index) ?? false,
  }));
}
