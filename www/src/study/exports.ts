// The study as it is taken away: every image that has come to an end, and all of them as one report.

import type { Engine } from "../engine/engine.ts";
import type { Variant } from "../engine/protocol.ts";
import type { Exported } from "./csv.ts";
import type { ExportedFolder } from "./exchange.ts";
import { type EngineSummary, type ModelIdentity, SCHEMA_VERSION } from "./report.ts";
import type { Study } from "./study.ts";

/** Every image that has come to an end, as the exports have it. */
export function exported(study: Study): Exported[] {
  return study.entries.value.flatMap(({ path, line }) => {
    const { patient, outcome } = line.value;
    return outcome === null ? [] : [{ path, patient, report: outcome }];
  });
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

/** All results as one report, in the core's form, with what only the page knows beside it. */
export function exportedFolder(study: Study, signature: Signature | null): ExportedFolder {
  const images = exported(study);
  const first = images.map(({ report }) => report).find((report) => report.success);
  const { models: _, options: __, ...whole } = study.together();
  return {
    schema_version: SCHEMA_VERSION,
    ...whole,
    individual_results: images.map(({ report }) => report),
    ...(first ? { model: first.model, engine: first.engine } : signature),
    patients: study.diagnoses().map(({ models: _, options: __, ...diagnosis }) => ({
      ...diagnosis,
      images: images.flatMap(({ patient }, index) => (patient === diagnosis.patient ? [index] : [])),
    })),
    paths: images.map(({ path }) => path),
  };
}
