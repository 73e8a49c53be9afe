// The study: images with their patients and results, which one is looked at, and what they say together. Its books are
// kept as images change, so that no change walks over all of them.
//
//   tally         how many there are, in which state
//   listing       the table's order
//   recognition   which are the same
//   origins       with what each result was made
//   all together  what they say, patient by patient and all in all

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import { paced } from "../base/paced.ts";
import { AllTogether, type Whole } from "./all-together.ts";
import type { Change } from "./assignment.ts";
import { type Apart, Branches } from "./branches.ts";
import { CommonScale } from "./common-scale.ts";
import { rejudged, type Thresholds } from "./diagnosis.ts";
import { type Entry, type EntryLine, isSettled, type Watcher } from "./entry.ts";
import { Listing } from "./listing.ts";
import { type Origin, Origins } from "./origins.ts";
import type { PatientDiagnosis } from "./patient-groups.ts";
import { Recognition } from "./recognition.ts";
import type { ImageReport } from "./report.ts";
import { PLAIN_VIEW, type StateKind, type View } from "./table.ts";
import { type Counts, Tally } from "./tally.ts";
import { Telling } from "./telling.ts";

/** Told of each image that came (`before` null), changed, or went (`after` null). */
export type StudyWatcher = (entry: Entry, before: EntryLine | null, after: EntryLine | null) => void;

/** Rows that come, go or move by themselves do so no oftener than this, in milliseconds. */
const ROWS_MS = 150;

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

  readonly #tally = new Tally();
  readonly counts: ReadonlySignal<Counts> = this.#tally.counts;
  readonly drawings: ReadonlySignal<number> = this.#tally.drawings;
  /** Every label that an image has, in order. */
  readonly labels: ReadonlySignal<readonly string[]> = this.#tally.labels;
  readonly total = computed(() => this.counts.value.total);
  readonly open = computed(() => this.counts.value.open);
  /** Images that have come to an end with something to tell. */
  readonly finished = computed(() => this.counts.value.done + this.counts.value.failed);

  readonly #together = new AllTogether(this.counts, this.#entries);
  /** Over each patient's images, as far as they are done; none for a single image. */
  readonly patients: ReadonlySignal<readonly PatientDiagnosis[]> = this.#together.patients;
  /** Over all images; null while any is at work, or there are less than two. */
  readonly whole: ReadonlySignal<Whole | null> = this.#together.whole;
  readonly thresholds: Thresholds = this.#together.thresholds;
  /** Whether unfamiliar images vote among others. */
  readonly countsUnfamiliar: ReadonlySignal<boolean> = this.#together.countsUnfamiliar;

  readonly #origins = new Origins();
  readonly #recognition = new Recognition();
  readonly #branches = new Branches();
  readonly #commonScale = new CommonScale();
  readonly #telling = new Telling(this.#branches, this.#commonScale, (entries) => this.isAll(entries));
  readonly #watchers: StudyWatcher[] = [];
  /** The greatest number of an image so far. */
  #last = 0;

  readonly #listing = new Listing<EntryLine>(({ entry }) => entry.number);
  /** Raised when rows come, go or move. */
  readonly #rows = signal(0);
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
      for (const entry of entries) this.#recognition.enter(entry);
      apart = name();
      this.#rows.value++;
      this.selected.value ??= entries[0] ?? null;
    });
    this.#together.publishSoon();
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
        this.#recognition.leave(entry, gone);
      }
      forgotten = this.#branches.forget(entries);
      this.#comings.value++;
      this.#rows.value++;
      if (selected !== null && gone.has(selected)) {
        const after = before.slice(before.indexOf(selected)).find((entry) => !gone.has(entry));
        this.selected.value = after ?? this.#entries.value.at(-1) ?? null;
      }
    });
    this.#together.publishSoon();
    return () => {
      this.#join([...gone], () => {
        this.#branches.remember(forgotten);
        return [];
      });
    };
  }

  /** Says whose images these are; gives what takes that back. */
  setPatient(entries: readonly Entry[], text: string): () => void {
    return this.#telling.setPatient(entries, text);
  }

  /** Says what images truly are; of drawings that is known. Gives what takes that back. */
  setLabel(entries: readonly Entry[], text: string): () => void {
    return this.#telling.setLabel(entries, text);
  }

  /** As `Telling` does; gives what takes that back. */
  setScale(entries: readonly Entry[], scale: number | null): () => void {
    return this.#telling.setScale(entries, scale);
  }

  /** Tells many images' patients and labels at once; gives what takes that back. */
  assign(changes: readonly Change[]): () => void {
    return this.#telling.assign(changes);
  }

  /** Whether these are all images, of several. Drawings are none. */
  isAll(entries: readonly Entry[]): boolean {
    const images = new Set(entries.filter(({ demo }) => !demo)).size;
    return images > 1 && images === this.total.peek() - this.drawings.peek();
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
    this.#together.tellThreshold(sha256, threshold);
  }

  /** Lets unfamiliar images vote among others, or not. */
  countUnfamiliar(count: boolean): void {
    this.#together.countUnfamiliar(count);
  }

  /** How many results another model or other options gave, and whether a model was the reason for any. */
  outdated(now: Origin): { readonly count: number; readonly otherModel: boolean } {
    return this.#origins.outdated(now);
  }

  outdatedEntries(now: Origin): Entry[] {
    return this.#entries.value.filter((entry) => this.#origins.isOutdated(entry, now));
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
    this.#together.publishSoon();
  };

  /** Keeps the books: `before` is no longer so, `after` is. */
  #book(before: EntryLine | null, after: EntryLine | null): void {
    this.#recognition.book(before, after);
    this.#tally.book(before, after);
    this.#origins.book(before, after);
    this.#together.book(before, after);
    const moved = after !== null ? this.#listing.put(after) : this.#listing.delete(before?.id ?? "");
    if (moved) this.#rowsMoved();
    const entry = (after ?? before)?.entry;
    if (entry !== undefined) for (const watcher of this.#watchers) watcher(entry, before, after);
  }

  /** Shows what the images say together. */
  publish(): void {
    this.#together.publish();
  }

  /** What all images that count, or those of these that do, say together, as far as they have come to an end. */
  together(entries: readonly Entry[] = this.#entries.peek()): Whole {
    return this.#together.over(entries);
  }

  /** Each patient of whom an image has come to an end, as of now. */
  diagnoses(): readonly PatientDiagnosis[] {
    return this.#together.diagnoses();
  }

  /** Every patient's name, in order, as of now. */
  patientNames(): readonly string[] {
    return this.#together.patientNames;
  }

  /** Whether a saved result is in the study already: of the same bytes, or the same to the last digit. */
  has(entry: Entry): boolean {
    return this.#recognition.has(entry);
  }

  /** The image that counts for these bytes, if it is another one. */
  withBytes(sha256: string, entry: Entry): Entry | null {
    return this.#recognition.withBytes(sha256, entry);
  }

  /** The digest of an image is known; it counts for these bytes if no other does. */
  identify(entry: Entry, sha256: string): void {
    entry.sha256 = sha256;
    if (entry.watcher !== null) this.#recognition.identify(entry, sha256);
  }

  /** From now on an image counts for its bytes, and `other`, which did, is its copy. */
  takeOver(entry: Entry, other: Entry): void {
    this.#recognition.takeOver(entry, other);
  }

  /** An image has a result: of those with its bytes the first counts. */
  countOnce(entry: Entry): void {
    if (entry.watcher !== null) this.#recognition.countOnce(entry);
  }

  copiesOf(entry: Entry): readonly Entry[] {
    return this.#recognition.copiesOf(entry);
  }

  /** A saved result of the same image, told by its name and by every digit of it; null where there is none. */
  twin(entry: Entry, report: ImageReport): Entry | null {
    return this.#recognition.twin(entry, report);
  }

  /** The image whose file this is, chosen again; null where it has to be read to know. */
  known(found: { readonly path: string; readonly file: File }): Entry | null {
    return this.#recognition.known(found);
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
      this.#recognition.isBareNoMore(into);
    });
  }
}
