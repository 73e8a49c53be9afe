// What the images say together, patient by patient and all in all: found anew a moment after they changed, since changes
// come in crowds.

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { diagnose, Thresholds, type Together } from "./diagnosis.ts";
import type { Entry, EntryLine } from "./entry.ts";
import { type PatientDiagnosis, PatientGroups } from "./patient-groups.ts";
import type { Counts } from "./tally.ts";

/** What is taken together is computed anew so long after the last change, in milliseconds. */
const SETTLE_MS = 40;
/** While images are at work, patients are brought up to date no oftener than this, in milliseconds; of many less often. */
const INTERIM_MS = 1500;
const INTERIM_OF_MANY_MS = 4000;
const MANY = 1000;

/** What all images say together that count. */
export interface Whole extends Together {
  /** Images that would count and have no outcome: still to do, or cancelled. */
  readonly missing: number;
  /** How many of them are of no known patient. */
  readonly unknown: number;
  /** How many groups they belong to: patients, and one more where some image's patient is not known. */
  readonly groups: number;
}

export class AllTogether {
  readonly thresholds = new Thresholds();
  readonly #patients = signal<readonly PatientDiagnosis[]>([]);
  readonly #whole = signal<Whole | null>(null);
  /** Whether unfamiliar images vote among others. */
  readonly #countUnfamiliar = signal(false);
  readonly #groups = new PatientGroups((outcomes) => this.#diagnose(outcomes));
  readonly #counts: ReadonlySignal<Counts>;
  readonly #entries: ReadonlySignal<readonly Entry[]>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(counts: ReadonlySignal<Counts>, entries: ReadonlySignal<readonly Entry[]>) {
    this.#counts = counts;
    this.#entries = entries;
  }

  /** Over each patient's images, as far as they are done; none for a single image. */
  get patients(): ReadonlySignal<readonly PatientDiagnosis[]> {
    return this.#patients;
  }

  /** Over all images; null while any is at work, or there are less than two. */
  get whole(): ReadonlySignal<Whole | null> {
    return this.#whole;
  }

  get countsUnfamiliar(): ReadonlySignal<boolean> {
    return this.#countUnfamiliar;
  }

  /** Lets unfamiliar images vote among others, or not. */
  countUnfamiliar(count: boolean): void {
    if (count === this.#countUnfamiliar.peek()) return;
    this.#countUnfamiliar.value = count;
    this.#rulesChanged();
  }

  /** The model of a manifest has this threshold of its own. */
  tellThreshold(sha256: string, threshold: number | null): void {
    this.thresholds.tell(sha256, threshold);
    this.#rulesChanged();
  }

  /** An image came (`before` null), went (`after` null) or changed. */
  book(before: EntryLine | null, after: EntryLine | null): void {
    if (after?.outcome?.success && after.entry.original !== null) this.thresholds.see(after.entry.original);
    this.#groups.put(before, after);
  }

  /** At once for people, and once for a crowd of changes; now and then while images are at work. */
  publishSoon(): void {
    const { open, total } = this.#counts.peek();
    const settled = open === 0;
    if (!settled) this.#whole.value = null;
    if (settled) clearTimeout(this.#timer);
    else if (this.#timer !== undefined) return;
    const interim = total > MANY ? INTERIM_OF_MANY_MS : INTERIM_MS;
    this.#timer = setTimeout(() => this.publish(), settled ? SETTLE_MS : interim);
  }

  /** Shows what the images say together. */
  publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { total, open } = this.#counts.peek();
    batch(() => {
      this.#patients.value = total < 2 ? [] : this.diagnoses();
      this.#whole.value = total < 2 || open > 0 ? null : this.over(this.#entries.peek());
    });
  }

  /** What those of these images that count say together, as far as they have come to an end. */
  over(entries: readonly Entry[]): Whole {
    const lines = entries.flatMap((entry) => {
      const line = entry.line.peek();
      return line.counts ? [line] : [];
    });
    const outcomes = lines.flatMap(({ outcome }) => outcome ?? []);
    return {
      ...this.#diagnose(outcomes),
      missing: lines.length - outcomes.length,
      unknown: lines.filter(({ patient }) => patient === "").length,
      groups: new Set(lines.map(({ patient }) => patient)).size,
    };
  }

  /** Each patient of whom an image has come to an end, as of now. */
  diagnoses(): readonly PatientDiagnosis[] {
    return this.#groups.diagnoses();
  }

  /** Every patient's name, in order, as of now. */
  get patientNames(): readonly string[] {
    return this.#groups.names;
  }

  #diagnose(outcomes: Parameters<typeof diagnose>[0]): Together {
    return diagnose(outcomes, this.thresholds.of, this.#countUnfamiliar.peek());
  }

  #rulesChanged(): void {
    this.#groups.forget();
    this.publishSoon();
  }
}
