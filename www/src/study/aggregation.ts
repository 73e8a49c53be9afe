// The diagnosis of each patient: asked of the core, and asked anew only where a patient's images changed.

import type { Diagnosis } from "./exchange.ts";
import { byPatient } from "./patients.ts";
import type { FailureReport, FolderReport, ImageReport } from "./report.ts";

type Outcome = ImageReport | FailureReport;

/** One image that has come to an end. */
export interface Member {
  readonly patient: string;
  readonly report: Outcome;
}

export interface PatientDiagnosis extends Diagnosis {
  readonly patient: string;
}

/** Asks the core for the report on some images together. */
export type Ask = (reports: readonly Outcome[]) => Promise<FolderReport>;

/** Options as one text. Batches change nothing about a result, and what has no threshold has the model's own. */
function telling({ batch_size: _, uncertain_below = null, ...rest }: ImageReport["options"]): string {
  return JSON.stringify({ ...rest, uncertain_below });
}

/** How many different models, by SHA-256, and different options the results came from. A mean over several is no fair one. */
export function origins(reports: readonly Outcome[]): { models: number; options: number } {
  const done = reports.flatMap((report) => (report.success ? [report] : []));
  return {
    models: new Set(done.map(({ model }) => model.sha256)).size,
    options: new Set(done.map(({ options }) => telling(options))).size,
  };
}

/** Patches weigh most of a report, and the mean over images does not read them. */
export const withoutPatches = (report: Outcome): Outcome =>
  report.success ? { ...report, patches: [] } : report;

const same = (a: readonly Outcome[], b: readonly Outcome[]): boolean =>
  a.length === b.length && a.every((report, index) => report === b[index]);

interface Known {
  readonly reports: readonly Outcome[];
  readonly diagnosis: PatientDiagnosis;
}

export class PatientAggregates {
  readonly #ask: Ask;
  #known = new Map<string, Known>();

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** One diagnosis for each patient, patients in order; images of no known patient are in none. */
  async of(members: readonly Member[]): Promise<PatientDiagnosis[]> {
    const groups = byPatient(members, ({ patient }) => patient);
    groups.delete("");
    const known = new Map<string, Known>();
    for (const [patient, group] of groups) {
      const reports = group.map(({ report }) => report);
      const before = this.#known.get(patient);
      const kept = before !== undefined && same(before.reports, reports) ? before : null;
      known.set(patient, kept ?? { reports, diagnosis: await this.#diagnose(patient, reports) });
    }
    this.#known = known;
    return [...known.values()].map(({ diagnosis }) => diagnosis);
  }

  async #diagnose(patient: string, reports: readonly Outcome[]): Promise<PatientDiagnosis> {
    const folder = await this.#ask(reports.map(withoutPatches));
    const { individual_results: _, schema_version: __, ...diagnosis } = folder;
    return { patient, ...diagnosis };
  }
}
