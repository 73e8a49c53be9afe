// The study as it is taken away: every image that has come to an end, and all of them as one report.

import { grouped } from "../base/grouped.ts";
import type { Engine } from "../engine/engine.ts";
import type { Variant } from "../engine/protocol.ts";
import type { Exported } from "./csv.ts";
import type { Entry } from "./entry.ts";
import type { ExportedFolder } from "./exchange.ts";
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

/**
 * Results as one report, in the core's form, with what only the page knows beside it. What a filter lets through has no
 * verdict together: a choice among images speaks for nobody.
 */
export function exportedFolder(
  study: Study,
  signature: Signature | null,
  { entries, filter }: Selection = selectionOf(study),
): ExportedFolder {
  const all = exported(study, entries);
  const images = all.flatMap(({ report, ...image }) => (report === null ? [] : [{ ...image, report }]));
  const first = images.map(({ report }) => report).find((report) => report.success);
  const places = (which: (image: (typeof images)[number]) => boolean) =>
    images.flatMap((image, index) => (which(image) ? [index] : []));
  const byPatient = grouped(images.map(({ patient }, index) => [patient, index]));
  const together = study.together(withoutDrawings(entries));
  const { models: _, options: __, groups: ___, unknown: ____, missing, taught, ...whole } = together;
  return {
    schema_version: SCHEMA_VERSION,
    ...(filter && { filter }),
    ...whole,
    ...(missing > 0 || filter !== null ? NO_VERDICT : taught && { taught }),
    individual_results: images.map(({ report }) => report),
    ...(first ? { model: first.model, engine: first.engine } : signature),
    patients: patientsOf(study, entries).map(
      ({ models: _, options: __, missing: lacks, taught, ...diagnosis }) => ({
        ...diagnosis,
        ...(lacks > 0 ? { ...NO_VERDICT, num_missing: lacks } : taught && { taught }),
        images: byPatient.get(diagnosis.patient) ?? [],
      }),
    ),
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

/** What a part of a study says of the whole. */
const NO_VERDICT = { verdict: null, aggregated_diagnosis: null } as const;

/** A field that is there only where it has something to say. */
const named = <K extends string, T>(name: K, values: readonly T[]) =>
  (values.length === 0 ? {} : { [name]: values }) as { [P in K]?: readonly T[] };
