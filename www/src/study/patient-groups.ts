// The images of each patient, kept as they change, and what each patient's say together: found anew only where they did.

import type { Together } from "./diagnosis.ts";
import type { EntryLine } from "./entry.ts";
import { comparePatients } from "./patients.ts";
import type { FailureReport, ImageReport } from "./report.ts";

/** What outcomes say together, under the rules of now. */
export type Diagnose = (outcomes: readonly (ImageReport | FailureReport)[]) => Together;

export interface PatientDiagnosis extends Together {
  readonly patient: string;
  /** Images that would count and have no outcome: still to do, or cancelled. */
  readonly missing: number;
}

interface Group {
  /** In the order in which they were added. */
  readonly lines: EntryLine[];
  /** Null where nothing is known yet, or something changed. */
  diagnosis: PatientDiagnosis | null;
}

export class PatientGroups {
  readonly #diagnose: Diagnose;
  readonly #groups = new Map<string, Group>();
  /** Patients in order; null after one came or went. */
  #names: readonly string[] | null = null;
  #diagnoses: readonly PatientDiagnosis[] | null = null;

  constructor(diagnose: Diagnose) {
    this.#diagnose = diagnose;
  }

  /** Every patient's name, in order. */
  get names(): readonly string[] {
    this.#names ??= [...this.#groups.keys()].sort(comparePatients);
    return this.#names;
  }

  /** An image came (`before` null), went (`after` null) or changed. */
  put(before: EntryLine | null, after: EntryLine | null): void {
    if (before !== null && after !== null && before.patient === after.patient) {
      const group = this.#groups.get(after.patient);
      if (group === undefined) return;
      group.lines[place(group.lines, after)] = after;
      const same = before.outcome === after.outcome && before.counts === after.counts;
      if (!same) this.#changed(group);
      return;
    }
    if (before !== null && before.patient !== "") this.#take(before);
    if (after !== null && after.patient !== "") this.#give(after);
  }

  /** The rules have changed, and with them perhaps every verdict. */
  forget(): void {
    for (const group of this.#groups.values()) this.#changed(group);
  }

  /** One for each patient of whom an image has come to an end, in order; the same array as long as all are the same. */
  diagnoses(): readonly PatientDiagnosis[] {
    this.#diagnoses ??= this.names.flatMap((patient) => {
      const group = this.#groups.get(patient);
      if (group === undefined) return [];
      group.diagnosis ??= diagnosed(patient, group.lines, this.#diagnose);
      return group.diagnosis.num_images === 0 ? [] : [group.diagnosis];
    });
    return this.#diagnoses;
  }

  #take(line: EntryLine): void {
    const group = this.#groups.get(line.patient);
    if (group === undefined) return;
    group.lines.splice(place(group.lines, line), 1);
    this.#changed(group);
    if (group.lines.length > 0) return;
    this.#groups.delete(line.patient);
    this.#names = null;
  }

  #give(line: EntryLine): void {
    let group = this.#groups.get(line.patient);
    if (group === undefined) {
      group = { lines: [], diagnosis: null };
      this.#groups.set(line.patient, group);
      this.#names = null;
    }
    group.lines.splice(place(group.lines, line), 0, line);
    this.#changed(group);
  }

  #changed(group: Group): void {
    group.diagnosis = null;
    this.#diagnoses = null;
  }
}

function diagnosed(patient: string, lines: readonly EntryLine[], diagnose: Diagnose): PatientDiagnosis {
  const all = lines.filter(({ counts }) => counts);
  const tissue = all.filter(({ entry }) => !entry.demo);
  // A real patient may be called like a drawn one.
  const counted = tissue.length > 0 ? tissue : all;
  const outcomes = counted.flatMap(({ outcome }) => outcome ?? []);
  return { patient, ...diagnose(outcomes), missing: counted.length - outcomes.length };
}

/** Where a line stands among others, or would. */
function place(lines: readonly EntryLine[], { entry }: EntryLine): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.entry.number ?? 0) < entry.number) low = middle + 1;
    else high = middle;
  }
  return low;
}
