// The study as it is taken away: every image that has come to an end, and all of them as one report.

import { grouped } from "../base/grouped.ts";
import type { Engine } from "../engine/engine.ts";
import type { Variant } from "../engine/protocol.ts";
import type { Exported } from "./csv.ts";
import type { Diagnosis, Together } from "./diagnosis.ts";
import type { Entry } from "./entry.ts";
import type { ExportedFolder, NoVerdict } from "./exchange.ts";
import type { PatientDiagnosis } from "./patient-groups.ts";
import { type EngineSummary, type ModelIdentity, SCHEMA_VERSION } from "./report.ts";
import { type Selection, selectionOf } from "./selection.ts";
import type { Study } from "./study.ts";

/** Every image, or some of them, as the exports have it. */
export function exported(study: Study, entries: readonly Entry[] = study.entries.value): Exported[] {
  return entries.map(({ path, line, sha256, demo, leftOut, analysed }) => {
    const { patient, label, outcome, state, as, verdict, counts } = line.value;
    return {
      path,
      patient,
      label,
      state,
      report: outcome,
      sha256,
      sameAs: as?.path ?? null,
      demo,
      silent: demo && !counts && !leftOut.value,
      leftOut: leftOut.value,
      mute: verdict === "unfamiliar" && !study.countsUnfamiliar.value,
      analysed,
    };
  });
}

/** The patients of these images, each over all of theirs: a choice among them speaks for nobody. */
export function patientsOf(study: Study, entries: readonly Entry[]): PatientDiagnosis[] {
  const theirs = new Set(entries.map(({ patient }) => patient.peek()));
  return study.diagnoses().filter(({ patient }) => theirs.has(patient));
}

/** The folder in which all images lie, as it was chosen; empty where there is none. */
export function commonFolder(entries: readonly Entry[]): string {
  const folders = new Set(entries.map(({ path }) => path.slice(0, Math.max(0, path.indexOf("/")))));
  const [folder = ""] = folders;
  return folders.size === 1 ? folder : "";
}

/** Who signs where no image has a model: the engine that is up. */
export interface Signature {
  readonly model: ModelIdentity;
  readonly engine: EngineSummary;
}

export function signature({ manifest, build }: Engine, variant: Variant): Signature {
  const { name, version, variants } = manifest;
  const sha256 = variants[variant]?.sha256 ?? "";
  return {
    model: { name, version, variant, sha256 },
    engine: { name: "histoscope", version: build.version },
  };
}

/** Results as one report, in the core's form, with what only the page knows beside it. */
export function exportedFolder(
  study: Study,
  signature: Signature | null,
  { entries, filter }: Selection = selectionOf(study),
): ExportedFolder {
  const all = exported(study, entries).map((image, index) => ({
    ...image,
    byFolder: entries[index]?.byFolder === true,
  }));
  const images = all.flatMap(({ report, ...image }) => (report === null ? [] : [{ ...image, report }]));
  const first = images.map(({ report }) => report).find((report) => report.success);
  const places = (which: (image: (typeof images)[number]) => boolean) =>
    images.flatMap((image, index) => (which(image) ? [index] : []));
  const byPatient = grouped(images.map(({ patient }, index) => [patient, index]));
  const together = study.together(withoutDrawings(entries));
  return {
    schema_version: SCHEMA_VERSION,
    ...(filter && { filter }),
    ...said(together, filter === null ? whyNot(together, together.groups) : "part of a study"),
    individual_results: images.map(({ report }) => report),
    ...(first ? { model: first.model, engine: first.engine } : signature),
    patients: patientsOf(study, entries).map((diagnosis) => ({
      patient: diagnosis.patient,
      ...said(diagnosis, whyNot(diagnosis, 1)),
      ...(diagnosis.missing > 0 && { num_missing: diagnosis.missing }),
      images: byPatient.get(diagnosis.patient) ?? [],
    })),
    by_folder: places(({ byFolder }) => byFolder),
    paths: images.map(({ path }) => path),
    ...(images.some(({ sha256 }) => sha256 !== null) && { sha256: images.map(({ sha256 }) => sha256) }),
    ...(images.some(({ label }) => label !== "") && { labels: images.map(({ label }) => label || null) }),
    ...named(
      "demos",
      places(({ demo }) => demo),
    ),
    ...named(
      "left_out",
      places(({ leftOut }) => leftOut),
    ),
    ...named(
      "duplicates",
      all.flatMap(({ path, sameAs }) => (sameAs === null ? [] : [{ path, same_as: sameAs }])),
    ),
    ...named(
      "incomplete",
      all.flatMap(({ path, report, sameAs }) => (report === null && sameAs === null ? [path] : [])),
    ),
  };
}

/** Drawings of drawn patients have a voice, but never among images of tissue. */
function withoutDrawings(entries: readonly Entry[]): readonly Entry[] {
  const tissue = entries.filter(({ demo }) => !demo);
  return tissue.length > 0 ? tissue : entries;
}

/** Why images of so many groups of patients have no verdict together; null where they may have one. */
function whyNot({ missing, models }: Together & { readonly missing: number }, groups: number) {
  if (missing > 0) return "incomplete";
  if (groups > 1) return "several patients";
  return models > 1 ? "several models" : null;
}

/** What images say together, as a report has it. */
function said(together: Together, no_verdict: NoVerdict | null): Diagnosis & { no_verdict?: NoVerdict } {
  const { success, num_images, num_failed, num_not_assessable, num_unfamiliar } = together;
  const { num_duplicates, partial, verdict, aggregated_diagnosis, image_breakdown, taught } = together;
  return {
    success,
    num_images,
    num_failed,
    num_not_assessable,
    ...(num_unfamiliar !== undefined && { num_unfamiliar }),
    num_duplicates,
    partial,
    verdict,
    aggregated_diagnosis,
    image_breakdown,
    ...(no_verdict === null
      ? taught && { taught }
      : { verdict: null, aggregated_diagnosis: null, no_verdict }),
  };
}

/** A field that is there only where it has something to say. */
const named = <K extends string, T>(name: K, values: readonly T[]) =>
  (values.length === 0 ? {} : { [name]: values }) as { [P in K]?: readonly T[] };
