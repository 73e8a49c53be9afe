// The study: images with their patients and results, which one is looked at, and what they say together. Counters, the
// table's order and each patient's mean are kept as images change, so that no change walks over all of them.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { type AnalysisOptions, sameAnalysis } from "../run/options.ts";
import { diagnose, rejudged, Thresholds, type Together } from "./diagnosis.ts";
import { type Entry, type EntryLine, isSettled } from "./entry.ts";
import { Listing } from "./listing.ts";
import { type PatientDiagnosis, PatientGroups } from "./patient-groups.ts";
import { tidyPatient } from "./patients.ts";
import { PLAIN_VIEW, type StateKind, type View } from "./table.ts";

/** How many images there are, and of them in each state. */
export type Counts = Readonly<Record<StateKind, number>> & {
  readonly total: number;
  /** Neither done nor failed nor cancelled. */
  readonly open: number;
  /** Failed, and there is a file to try again with. */
  readonly retriable: number;
};

const NOTHING: Counts = {
  total: 0,
  open: 0,
  retriable: 0,
  waiting: 0,
  decoding: 0,
  classifying: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
};

/** What is taken together is computed anew so long after the last change, in milliseconds: changes come in crowds. */
const SETTLE_MS = 40;
/** While images are at work, patients are brought up to date no oftener than this. */
const INTERIM_MS = 1500;

/** Rows that come, go or move by themselves do so no oftener than this. */
const ROWS_MS = 150;

/** What a result depends on: the model, as `Entry.model` has it, and the options. */
export interface Origin {
  readonly model: string;
  readonly options: AnalysisOptions;
}

const sameOrigin = (a: Origin, b: Origin): boolean =>
  a.model === b.model && sameAnalysis(a.options, b.options);

export class Study {
  readonly #entries = signal<readonly Entry[]>([]);
  readonly selected = signal<Entry | null>(null);
  /** How the table of images is sorted, filtered and grouped. */
  readonly view = signal<View>(PLAIN_VIEW);
  /** Over each patient's images, as far as they are done; none for a single image. */
  readonly patients = signal<readonly PatientDiagnosis[]>([]);
  /** Over all images; null while any is at work, or there are less than two. */
  readonly whole = signal<Together | null>(null);

  readonly #counts = signal(NOTHING);
  readonly counts: ReadonlySignal<Counts> = this.#counts;
  readonly total = computed(() => this.#counts.value.total);
  readonly open = computed(() => this.#counts.value.open);
  /** Images that have come to an end with something to tell. */
  readonly finished = computed(() => this.#counts.value.done + this.#counts.value.failed);

  readonly thresholds = new Thresholds();
  readonly #listing = new Listing<EntryLine>(({ entry }) => entry.number);
  /** Raised when rows come, go or move. */
  readonly #rows = signal(0);
  readonly #groups = new PatientGroups(this.thresholds.of);
  /** How many results have each origin: few do. */
  readonly #origins: { readonly origin: Origin; count: number }[] = [];
  readonly #originsChanged = signal(0);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #rowsTimer: ReturnType<typeof setTimeout> | undefined;
  #rowsLate = false;

  /** The rows of the table. What a row says stands in its entry's own line. */
  readonly items = computed(() => {
    this.#arranged();
    return this.#listing.items();
  });
  /** How many images the filter lets through. */
  readonly listed = computed(() => {
    this.#arranged();
    return this.#listing.count;
  });

  /** In the order in which they were added. */
  get entries(): ReadonlySignal<readonly Entry[]> {
    return this.#entries;
  }

  /** The images that the filter lets through, in the table's order. */
  listedEntries(): Entry[] {
    this.#arranged();
    return this.#listing.lines.map(({ entry }) => entry);
  }

  add(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    batch(() => {
      const before = this.#entries.value;
      const last = before.at(-1)?.number ?? 0;
      const all = [...before, ...entries];
      // What was removed and comes back takes its old place.
      this.#entries.value = entries.every(({ number }) => number > last)
        ? all
        : all.sort((a, b) => a.number - b.number);
      for (const entry of entries) {
        entry.watcher = (was, is) => this.#changed(was, is);
        this.#book(null, entry.line.peek());
      }
      this.#rows.value++;
      this.selected.value ??= entries[0] ?? null;
    });
    this.#publishSoon();
  }

  remove(entries: readonly Entry[]): void {
    const gone = new Set(entries);
    batch(() => {
      const before = this.#entries.value;
      const selected = this.selected.value;
      this.#entries.value = before.filter((entry) => !gone.has(entry));
      for (const entry of gone) {
        if (entry.watcher === null) continue;
        entry.watcher = null;
        this.#book(entry.line.peek(), null);
      }
      this.#rows.value++;
      if (selected !== null && gone.has(selected)) {
        const after = before.slice(before.indexOf(selected)).find((entry) => !gone.has(entry));
        this.selected.value = after ?? this.#entries.value.at(-1) ?? null;
      }
    });
    this.#publishSoon();
  }

  setPatient(entries: readonly Entry[], text: string): void {
    const patient = tidyPatient(text);
    batch(() => {
      for (const entry of entries) entry.assign(patient);
    });
  }

  /** Brings every verdict to this threshold of certainty, null being the models' own. No network is asked. */
  rejudge(threshold: number | null): void {
    batch(() => {
      for (const entry of this.#entries.value) this.judge(entry, threshold);
    });
  }

  judge(entry: Entry, threshold: number | null): void {
    const { original, options } = entry;
    const state = entry.state.peek();
    if (state.kind !== "done" || original === null) return;
    const report = rejudged(original, threshold, this.thresholds.of(original.model.sha256));
    if (options !== null) entry.options = { ...options, uncertainBelow: threshold };
    if (report.verdict !== state.report.verdict || report.options !== state.report.options) {
      entry.become({ kind: "done", report });
    }
  }

  /** The model of a manifest has this threshold of its own. */
  tellThreshold(sha256: string, threshold: number | null): void {
    this.thresholds.tell(sha256, threshold);
    this.#groups.forget();
    this.#publishSoon();
  }

  /** How many results another model or other options gave, and whether a model was the reason for any. */
  outdated(now: Origin): { readonly count: number; readonly otherModel: boolean } {
    this.#originsChanged.value;
    const others = this.#origins.filter(({ origin, count }) => count > 0 && !sameOrigin(origin, now));
    return {
      count: others.reduce((sum, { count }) => sum + count, 0),
      otherModel: others.some(({ origin }) => origin.model !== now.model),
    };
  }

  outdatedEntries(now: Origin): Entry[] {
    return this.#entries.value.filter((entry) => {
      const origin = originOf(entry, entry.state.peek().kind);
      return origin !== null && !sameOrigin(origin, now);
    });
  }

  in(...kinds: StateKind[]): Entry[] {
    return this.#entries.value.filter((entry) => kinds.includes(entry.state.peek().kind));
  }

  /** Those that are waiting or at work. */
  openEntries(): Entry[] {
    return this.#entries.value.filter((entry) => !isSettled(entry.state.peek()));
  }

  #arranged(): void {
    this.#rows.value;
    this.#listing.show(this.view.value);
  }

  #changed(before: EntryLine, after: EntryLine): void {
    this.#book(before, after);
    this.#publishSoon();
  }

  /** Keeps the books: `before` is no longer so, `after` is. */
  #book(before: EntryLine | null, after: EntryLine | null): void {
    this.#count(before, -1);
    this.#count(after, 1);
    this.#groups.put(before, after);
    const moved = after !== null ? this.#listing.put(after) : this.#listing.delete(before?.id ?? "");
    if (moved) this.#rowsMoved();
  }

  /** At once, but in a crowd of changes only now and then: rows that jump about can't be read. */
  #rowsMoved(): void {
    if (this.#rowsTimer !== undefined) {
      this.#rowsLate = true;
      return;
    }
    this.#rows.value++;
    this.#rowsTimer = setTimeout(() => {
      this.#rowsTimer = undefined;
      if (!this.#rowsLate) return;
      this.#rowsLate = false;
      this.#rowsMoved();
    }, ROWS_MS);
  }

  #count(line: EntryLine | null, by: 1 | -1): void {
    if (line === null) return;
    const counts = { ...this.#counts.peek() };
    counts.total += by;
    counts[line.state] += by;
    if (!isSettled({ kind: line.state })) counts.open += by;
    if (line.state === "failed" && line.hasFile) counts.retriable += by;
    this.#counts.value = counts;
    this.#countOrigin(line, by);
  }

  #countOrigin({ entry, state, outcome }: EntryLine, by: 1 | -1): void {
    if (by === 1 && outcome?.success && entry.original !== null) this.thresholds.see(entry.original);
    const origin = by === 1 ? originOf(entry, state) : (this.#counted.get(entry) ?? null);
    if (by === -1) this.#counted.delete(entry);
    if (origin === null) return;
    let known = this.#origins.find((one) => sameOrigin(one.origin, origin));
    if (known === undefined) {
      known = { origin, count: 0 };
      this.#origins.push(known);
    }
    known.count += by;
    if (by === 1) this.#counted.set(entry, origin);
    this.#originsChanged.value++;
  }

  /** Under which origin each entry was counted: its own may have changed since. */
  readonly #counted = new WeakMap<Entry, Origin>();

  /** At once for people, and once for a crowd of changes; now and then while images are at work. */
  #publishSoon(): void {
    const settled = this.#counts.peek().open === 0;
    if (!settled) this.whole.value = null;
    if (settled) clearTimeout(this.#timer);
    else if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.publish(), settled ? SETTLE_MS : INTERIM_MS);
  }

  /** Shows what the images say together. */
  publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const entries = this.#entries.peek();
    const alone = entries.length < 2;
    batch(() => {
      this.patients.value = alone ? [] : this.#groups.diagnoses();
      this.whole.value = alone || this.#counts.peek().open > 0 ? null : this.together();
    });
  }

  /** What all images that have come to an end say together. */
  together(): Together {
    const outcomes = this.#entries.peek().flatMap((entry) => entry.line.peek().outcome ?? []);
    return diagnose(outcomes, this.thresholds.of);
  }

  /** Each patient of whom an image has come to an end, as of now. */
  diagnoses(): readonly PatientDiagnosis[] {
    return this.#groups.diagnoses();
  }

  /** Every patient's name, in order, as of now. */
  patientNames(): readonly string[] {
    return this.#groups.names;
  }
}

/** None where a report says all that is known, or there is no result. */
function originOf({ options, model }: Entry, state: StateKind): Origin | null {
  return state === "done" && options !== null ? { model, options } : null;
}
