// The study: images with their patients and results, which one is looked at, and what they say together. Counters, the
// table's order and each patient's mean are kept as images change, so that no change walks over all of them.

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { paced } from "../base/paced.ts";
import { type AnalysisOptions, sameAnalysis } from "../run/options.ts";
import type { Change } from "./assignment.ts";
import { BareResults } from "./bare-results.ts";
import { type Apart, Branches } from "./branches.ts";
import { isOwn } from "./classes.ts";
import { CommonScale } from "./common-scale.ts";
import { Copies } from "./copies.ts";
import { diagnose, rejudged, Thresholds, type Together } from "./diagnosis.ts";
import { type Entry, type EntryLine, isSettled, type Watcher } from "./entry.ts";
import { compareLabels, tidyLabel } from "./labels.ts";
import { Listing } from "./listing.ts";
import { type Diagnose, type PatientDiagnosis, PatientGroups } from "./patient-groups.ts";
import { tidyPatient } from "./patients.ts";
import type { ImageReport } from "./report.ts";
import { PLAIN_VIEW, type StateKind, type View } from "./table.ts";

/** How many images there are, and of them in each state. */
export type Counts = Readonly<Record<StateKind, number>> & {
  readonly total: number;
  /** Waiting or at work. */
  readonly open: number;
  /** Failed, and may do better. */
  readonly retriable: number;
  /** Cancelled, and there is a file to run; the others wait for theirs. */
  readonly runnable: number;
  /** Judged by a lesson of other classes than the model's own. */
  readonly otherClasses: number;
};

/** Told of each image that came (`before` null), changed, or went (`after` null). */
export type StudyWatcher = (entry: Entry, before: EntryLine | null, after: EntryLine | null) => void;

const NOTHING: Counts = {
  total: 0,
  open: 0,
  retriable: 0,
  runnable: 0,
  otherClasses: 0,
  waiting: 0,
  decoding: 0,
  classifying: 0,
  done: 0,
  failed: 0,
  cancelled: 0,
  same: 0,
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
  /** The digest of the lesson that judged; absent where the model's own head did. */
  readonly lesson?: string;
  readonly options: AnalysisOptions;
}

/** What all images say together that count. */
export interface Whole extends Together {
  /** Images that would count and have no outcome: still to do, or cancelled. */
  readonly missing: number;
  /** How many of them are of no known patient. */
  readonly unknown: number;
  /** How many groups they belong to: patients, and one more where some image's patient is not known. */
  readonly groups: number;
}

const sameOrigin = (a: Origin, b: Origin): boolean =>
  a.model === b.model && a.lesson === b.lesson && sameAnalysis(a.options, b.options);

export class Study {
  /** In the order in which they were added. */
  readonly #all = new Set<Entry>();
  /** Raised when images come or go. */
  readonly #comings = signal(0);
  readonly #entries = computed((): readonly Entry[] => {
    this.#comings.value;
    return [...this.#all];
  });
  readonly selected = signal<Entry | null>(null);
  /** How the table of images is sorted, filtered and grouped. */
  readonly view = signal<View>(PLAIN_VIEW);
  /** Over each patient's images, as far as they are done; none for a single image. */
  readonly patients = signal<readonly PatientDiagnosis[]>([]);
  /** Over all images; null while any is at work, or there are less than two. */
  readonly whole = signal<Whole | null>(null);

  readonly #counts = signal(NOTHING);
  readonly counts: ReadonlySignal<Counts> = this.#counts;
  readonly total = computed(() => this.#counts.value.total);
  readonly open = computed(() => this.#counts.value.open);
  readonly #drawings = signal(0);
  readonly drawings: ReadonlySignal<number> = this.#drawings;
  /** Images that have come to an end with something to tell. */
  readonly finished = computed(() => this.#counts.value.done + this.#counts.value.failed);

  /** How many images have each label. */
  readonly #labelled = new Map<string, number>();
  /** Raised when a label comes or goes. */
  readonly #labelComings = signal(0);
  /** Every label that an image has, in order. */
  readonly labels = computed((): readonly string[] => {
    this.#labelComings.value;
    return [...this.#labelled.keys()].sort(compareLabels);
  });

  readonly thresholds = new Thresholds();
  readonly #listing = new Listing<EntryLine>(({ entry }) => entry.number);
  /** Raised when rows come, go or move. */
  readonly #rows = signal(0);
  /** Whether unfamiliar images vote among others. */
  readonly #countUnfamiliar = signal(false);
  readonly #diagnose: Diagnose = (outcomes) =>
    diagnose(outcomes, this.thresholds.of, this.#countUnfamiliar.peek());
  readonly #groups = new PatientGroups(this.#diagnose);
  readonly #copies = new Copies();
  readonly #branches = new Branches();
  readonly #commonScale = new CommonScale();
  readonly #watchers: StudyWatcher[] = [];
  /** The latest of each path. */
  readonly #byPath = new Map<string, Entry>();
  readonly #bare = new BareResults();
  /** How many results have each origin: few do. */
  readonly #origins: { readonly origin: Origin; count: number }[] = [];
  readonly #originsChanged = signal(0);
  /** The greatest number of an image so far. */
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** At once, but in a crowd of changes only now and then: rows that jump about can't be read. */
  readonly #rowsMoved = paced(ROWS_MS, () => this.#rows.value++);

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
  /**
   * Whom it hits when something is set for all: the images that the filter lets through, and the selected one, for what is
   * looked at is always meant, too. Of drawings all is known.
   */
  readonly meant = computed((): readonly Entry[] => {
    const listed = this.listedEntries();
    const selected = this.selected.value;
    const hidden = selected !== null && !this.#listing.shows(selected.line.value);
    return (hidden ? [selected, ...listed] : listed).filter(({ demo }) => !demo);
  });

  watch(watcher: StudyWatcher): void {
    this.#watchers.push(watcher);
  }

  /** In the order in which they were added. */
  get entries(): ReadonlySignal<readonly Entry[]> {
    return this.#entries;
  }

  /** The images that the filter lets through, in the table's order. */
  listedEntries(): Entry[] {
    this.#arranged();
    return this.#listing.lines.map(({ entry }) => entry);
  }

  /** Gives the patients that had to be told apart: folders of one name in different places. */
  add(entries: readonly Entry[]): Apart[] {
    // Another study begins.
    if (this.#all.size === 0) this.#commonScale.forget();
    this.#commonScale.give(entries);
    return this.#join(entries, () => this.#branches.take(entries));
  }

  /**
   * As `add`, of a study that was kept: with the scale that was set for all of its images, if one was. Later ones take it
   * over, unless other images are here already.
   */
  resume(entries: readonly Entry[], scale: number | null): Apart[] {
    if (this.total.peek() > this.drawings.peek()) return this.add(entries);
    this.#commonScale.set(scale);
    return this.#join(entries, () => this.#branches.take(entries));
  }

  /** The scale that was set for all images at once, which later ones take over; null where none was. */
  get commonScale(): number | null {
    return this.#commonScale.scale;
  }

  /** `name` tells whose they are, once they are there. */
  #join(entries: readonly Entry[], name: () => Apart[]): Apart[] {
    if (entries.length === 0) return [];
    let apart: Apart[] = [];
    batch(() => {
      // What was removed and comes back takes its old place.
      const mixed = entries.some(({ number }) => number < this.#last);
      for (const entry of entries) {
        this.#all.add(entry);
        this.#last = Math.max(this.#last, entry.number);
      }
      if (mixed) this.#sort();
      this.#comings.value++;
      for (const entry of entries) {
        entry.watcher = this.#changed;
        this.#book(null, entry.line.peek());
      }
      for (const entry of entries) this.#enter(entry);
      apart = name();
      this.#rows.value++;
      this.selected.value ??= entries[0] ?? null;
    });
    this.#publishSoon();
    return apart;
  }

  /** Gives what brings them back, of the same patients. */
  remove(entries: readonly Entry[]): () => void {
    const gone = new Set(entries.filter(({ watcher }) => watcher !== null));
    let forgotten: readonly Entry[] = [];
    batch(() => {
      const selected = this.selected.value;
      // Asked for only where it is needed: a folder that is chosen again takes thousands out, one by one.
      const before = selected !== null && gone.has(selected) ? this.#entries.value : [];
      for (const entry of gone) {
        this.#all.delete(entry);
        entry.watcher = null;
        this.#book(entry.line.peek(), null);
        this.#leave(entry, gone);
      }
      forgotten = this.#branches.forget(entries);
      this.#comings.value++;
      this.#rows.value++;
      if (selected !== null && gone.has(selected)) {
        const after = before.slice(before.indexOf(selected)).find((entry) => !gone.has(entry));
        this.selected.value = after ?? this.#entries.value.at(-1) ?? null;
      }
    });
    this.#publishSoon();
    return () => {
      this.#join([...gone], () => {
        this.#branches.remember(forgotten);
        return [];
      });
    };
  }

  /** Says whose images these are; gives what takes that back. */
  setPatient(entries: readonly Entry[], text: string): () => void {
    const patient = tidyPatient(text);
    return this.assign(entries.map((entry) => ({ entry, patient, label: null })));
  }

  /** Says what images truly are; of drawings that is known. Gives what takes that back. */
  setLabel(entries: readonly Entry[], text: string): () => void {
    const label = tidyLabel(text);
    const images = entries.filter(({ demo }) => !demo);
    return this.assign(images.map((entry) => ({ entry, patient: null, label })));
  }

  /**
   * Micrometres per pixel of these images, whatever their files say; null takes the files' word. What is set for all images
   * is that of the study, and later ones take it over. Gives what takes that back.
   */
  setScale(entries: readonly Entry[], scale: number | null): () => void {
    const before = entries.map((entry) => [entry, entry.scaleSet] as const);
    const takeBack = this.isAll(entries) ? this.#commonScale.set(scale) : null;
    batch(() => {
      for (const entry of entries) entry.setScale(scale);
    });
    return () => {
      batch(() => {
        for (const [entry, was] of before) entry.setScale(was);
        takeBack?.();
      });
    };
  }

  /** Whether these are all images, of several. Drawings are none. */
  isAll(entries: readonly Entry[]): boolean {
    const images = new Set(entries.filter(({ demo }) => !demo)).size;
    return images > 1 && images === this.total.peek() - this.drawings.peek();
  }

  /** Tells many images' patients and labels at once; gives what takes that back. */
  assign(changes: readonly Change[]): () => void {
    const before = changes.map(({ entry, patient, label }) => ({
      entry,
      patient: patient === null ? null : entry.patient.peek(),
      label: label === null ? null : entry.label.peek(),
    }));
    const told = changes.filter(({ patient }) => patient !== null).map(({ entry }) => entry);
    const forgotten = this.#branches.forget(told);
    for (const entry of told) entry.byFolder = false;
    this.#tell(changes);
    return () => {
      batch(() => {
        this.#tell(before);
        this.#branches.remember(forgotten);
      });
    };
  }

  #tell(changes: readonly Change[]): void {
    batch(() => {
      for (const { entry, patient, label } of changes) {
        // Also where it is the name that the folder has: from now on a person says so, which is worth keeping.
        if (patient !== null) entry.assign(patient);
        if (label !== null && label !== entry.label.peek()) entry.tag(label);
      }
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
    const report = rejudged(original, threshold, this.thresholds.of);
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

  get countsUnfamiliar(): ReadonlySignal<boolean> {
    return this.#countUnfamiliar;
  }

  /** Lets unfamiliar images vote among others, or not. */
  countUnfamiliar(count: boolean): void {
    if (count === this.#countUnfamiliar.peek()) return;
    this.#countUnfamiliar.value = count;
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

  /** Those that failed and may do better. */
  retriable(): Entry[] {
    return this.#entries.value.filter(({ line }) => line.peek().retriable);
  }

  /** Those that are waiting or at work. */
  openEntries(): Entry[] {
    return this.#entries.value.filter((entry) => !isSettled(entry.state.peek()));
  }

  #sort(): void {
    const all = [...this.#all].sort((a, b) => a.number - b.number);
    this.#all.clear();
    for (const entry of all) this.#all.add(entry);
  }

  #arranged(): void {
    this.#rows.value;
    this.#listing.show(this.view.value);
  }

  /** One function for thousands of images. */
  readonly #changed: Watcher = (before, after) => {
    this.#book(before, after);
    this.#publishSoon();
  };

  /** Keeps the books: `before` is no longer so, `after` is. */
  #book(before: EntryLine | null, after: EntryLine | null): void {
    this.#bookCopy(before, after);
    this.#count(before, -1);
    this.#count(after, 1);
    this.#countLabels(before?.label ?? "", after?.label ?? "");
    this.#groups.put(before, after);
    const moved = after !== null ? this.#listing.put(after) : this.#listing.delete(before?.id ?? "");
    if (moved) this.#rowsMoved();
    const entry = (after ?? before)?.entry;
    if (entry !== undefined) for (const watcher of this.#watchers) watcher(entry, before, after);
  }

  #bookCopy(before: EntryLine | null, after: EntryLine | null): void {
    if (before?.as) this.#copies.part(before.entry, before.as);
    if (after?.as) this.#copies.join(after.entry, after.as);
  }

  #count(line: EntryLine | null, by: 1 | -1): void {
    if (line === null) return;
    const counts = { ...this.#counts.peek() };
    counts.total += by;
    counts[line.state] += by;
    if (!isSettled({ kind: line.state })) counts.open += by;
    if (line.retriable) counts.retriable += by;
    if (line.state === "cancelled" && line.hasFile) counts.runnable += by;
    if (!isOwn(line.classes)) counts.otherClasses += by;
    if (line.entry.demo) this.#drawings.value += by;
    this.#counts.value = counts;
    this.#countOrigin(line, by);
  }

  #countLabels(before: string, after: string): void {
    if (before === after) return;
    const labelled = this.#labelled;
    const left = (labelled.get(before) ?? 0) - 1;
    if (left > 0) labelled.set(before, left);
    const went = left === 0 && labelled.delete(before);
    const came = after !== "" && !labelled.has(after);
    if (after !== "") labelled.set(after, (labelled.get(after) ?? 0) + 1);
    if (went || came) this.#labelComings.value++;
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
    const alone = this.#counts.peek().total < 2;
    batch(() => {
      this.patients.value = alone ? [] : this.#groups.diagnoses();
      this.whole.value = alone || this.#counts.peek().open > 0 ? null : this.together();
    });
  }

  /** What all images that count, or those of these that do, say together, as far as they have come to an end. */
  together(entries: readonly Entry[] = this.#entries.peek()): Whole {
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

  /** Whether a saved result is in the study already: of the same bytes, or the same to the last digit. */
  has(entry: Entry): boolean {
    const { sha256, original } = entry;
    if (sha256 !== null && this.withBytes(sha256, entry) !== null) return true;
    return original !== null && this.#bare.like(original) !== null;
  }

  /** The image that counts for these bytes, if it is another one. */
  withBytes(sha256: string, entry: Entry): Entry | null {
    return this.#copies.original(sha256, entry);
  }

  /** The digest of an image is known; it counts for these bytes if no other does, or `instead` of it. */
  identify(entry: Entry, sha256: string, instead = false): void {
    entry.sha256 = sha256;
    if (entry.watcher === null) return;
    const other = this.withBytes(sha256, entry);
    if (other === null || instead || !isCounting(other)) this.#copies.enter(entry);
  }

  copiesOf(entry: Entry): readonly Entry[] {
    return this.#copies.copiesOf(entry);
  }

  /** A saved result of the same image, told by its name and by every digit of it; null where there is none. */
  twin(entry: Entry, report: ImageReport): Entry | null {
    return this.#bare.twin(report, entry);
  }

  /** One image takes the place of another that turned out to be the same: it has a picture from now on. */
  merge(entry: Entry, into: Entry): void {
    if (entry.file === null) return;
    batch(() => {
      into.depictAs(entry);
      if (into.label.peek() === "") into.tag(entry.label.peek());
      if (into.said === null) into.hearFrom(entry);
      if (entry.results.peek() !== null && into.results.peek()?.fold.cam === null) {
        into.plan.value = entry.plan.peek();
        into.results.value = entry.results.peek();
      }
      const { sha256 } = entry;
      const selected = this.selected.peek() === entry;
      this.remove([entry]);
      if (selected) this.selected.value = into;
      if (sha256 !== null) this.identify(into, sha256);
      this.#bare.leave(into);
    });
  }

  /**
   * The image whose file this is, chosen again: of the same path, and unchanged; or without a file, and not looked at yet.
   * Null where it has to be read to know.
   */
  known({ path, file }: { readonly path: string; readonly file: File }): Entry | null {
    const entry = this.#byPath.get(path);
    if (entry === undefined) return null;
    const { stamp } = entry;
    const unchanged = stamp?.size === file.size && stamp.modified === file.lastModified;
    return unchanged || (!entry.hasFile && entry.state.peek().kind === "cancelled") ? entry : null;
  }

  #enter(entry: Entry): void {
    const { sha256 } = entry;
    this.#byPath.set(entry.path, entry);
    if (sha256 === null) {
      if (!entry.hasFile) this.#bare.enter(entry);
      return;
    }
    const other = this.withBytes(sha256, entry);
    // What was removed and comes back is again what it was.
    if (other !== null && other.number < entry.number) {
      if (entry.state.peek().kind !== "same") entry.become({ kind: "same", as: other });
      return;
    }
    this.#copies.enter(entry);
    if (other !== null) {
      for (const copy of this.#copies.copiesOf(other)) copy.become({ kind: "same", as: entry });
      other.become({ kind: "same", as: entry });
    }
  }

  /** Where it counted for others, too, the first of those that stay takes its result. */
  #leave(entry: Entry, gone: ReadonlySet<Entry>): void {
    this.#copies.leave(entry);
    if (this.#byPath.get(entry.path) === entry) this.#byPath.delete(entry.path);
    this.#bare.leave(entry);
    const [heir, ...others] = this.#copies.copiesOf(entry).filter((copy) => !gone.has(copy));
    if (heir === undefined) return;
    heir.inherit(entry);
    this.#copies.enter(heir);
    for (const copy of others) copy.become({ kind: "same", as: heir });
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

/** Neither failed nor cancelled: another image with its bytes would be its copy. */
export function isCounting(entry: Entry): boolean {
  const { kind } = entry.state.peek();
  return kind !== "failed" && kind !== "cancelled";
}

/** None where a report says all that is known, or there is no result. */
function originOf({ options, model, original }: Entry, state: StateKind): Origin | null {
  if (state !== "done" || options === null) return null;
  const lesson = original?.taught?.lesson?.sha256;
  return { model, options, ...(lesson !== undefined && { lesson }) };
}
