// Takes in what a person brings: images, tables, saved reports, lessons, models. What is known already is recognised, and what
// somebody has to decide is asked.

import { batch, type Signal, signal } from "@preact/signals";
import { asHistoscopeError, type HistoscopeError } from "../base/errors.ts";
import { turn } from "../base/turn.ts";
import type { Run } from "../run/run.ts";
import type { Apart } from "../study/branches.ts";
import { Entry } from "../study/entry.ts";
import { type Found, type Intake, isModelFile, isNoPicture, isTableFile } from "../study/intake.ts";
import { flatFolder } from "../study/patients.ts";
import { isReportFile } from "../study/report.ts";
import type { Study } from "../study/study.ts";
import type { Say } from "../words/words.ts";
import type { Deeds } from "./deeds.ts";
import type { Notices } from "./notices.ts";

/** So many names stand in a remark. */
const NAMED = 5;
/** So many images are taken in between two turns of the page: some tens of milliseconds. */
const TAKEN_AT_ONCE = 250;

export interface ImportTrouble {
  readonly name: string;
  readonly error: HistoscopeError;
}

/** A table that is to tell whose many images are and what they show, or none yet. */
export interface Assigning {
  readonly table: File | null;
}

export interface ArrivalsSettings {
  readonly study: Study;
  readonly run: Pick<Run, "again" | "start">;
  readonly deeds: Pick<Deeds, "setPatient">;
  readonly notices: Notices;
  /** What a screen reader is told next. */
  readonly announcement: Signal<Say | null>;
  /** Opens the dialog that reads a table. */
  readonly assigning: Signal<Assigning | null>;
  /** A person's own model, with what may be its manifest or configuration, and its weights. */
  readonly offerModel: (models: File[], manifests: File[], weights: File[]) => void;
  /** Takes a lesson up; false where the file is none. */
  readonly takeLesson: (file: File) => Promise<boolean>;
  /** Gives the images of a saved report, a portion at a time; rejects with why it is none. */
  readonly readReport: (file: File, take: (entries: Entry[]) => void) => Promise<void>;
}

export class Arrivals {
  /** The files that were to be reports and are none, of those that were added last. */
  readonly troubles = signal<readonly ImportTrouble[]>([]);
  readonly #settings: ArrivalsSettings;
  /** How many of what was added last were in the study already. */
  #recognised = 0;
  /** Settles when all that was added has been taken in, which ends when the study is emptied. */
  #taken: Promise<void> = Promise.resolve();
  #coming = new AbortController();

  constructor(settings: ArrivalsSettings) {
    this.#settings = settings;
  }

  /**
   * Adds images and starts with them at once; reports that were saved earlier are shown again; a model is asked about.
   * JSON that comes with a model is its manifest or a configuration, and what is no picture may be its weights.
   */
  add({ found: all, tables = [], skipped, unreadable }: Intake): void {
    const models = all.filter(({ file }) => isModelFile(file));
    const reports = all.filter(({ file }) => isReportFile(file));
    const chosen = all.filter(({ file }) => isTableFile(file));
    const weights = models.length > 0 ? all.filter(({ file }) => isNoPicture(file)) : [];
    const others = new Set([...models, ...reports, ...chosen, ...weights]);
    const found = all.filter((item) => !others.has(item));
    const files = (some: Found[]) => some.map(({ file }) => file);
    if (models.length > 0) {
      this.#settings.offerModel(files(models), files(reports.splice(0)), files(weights));
    }
    batch(() => {
      this.#recognised = 0;
      this.troubles.value = [];
      this.#remarkOn(all.length, skipped, unreadable);
    });
    const { signal } = this.#coming;
    const takeIn = () => this.#takeIn(found, signal);
    this.#taken = this.#taken.then(takeIn, takeIn);
    void this.#taken.then(() => this.#offerTables(chosen, tables));
    void this.#import(files(reports), signal);
  }

  /** Images whose results are there already; gives those that are new. */
  addKnown(entries: readonly Entry[]): readonly Entry[] {
    const { study } = this.#settings;
    return this.#addNew(entries, (added) => study.add(added));
  }

  /** Likewise of a kept study, with the scale that was set for all of its images, if one was. */
  resume(entries: readonly Entry[], scale: number | null): readonly Entry[] {
    const { study } = this.#settings;
    return this.#addNew(entries, (added) => study.resume(added, scale));
  }

  #addNew(entries: readonly Entry[], add: (added: readonly Entry[]) => Apart[]): readonly Entry[] {
    const { study } = this.#settings;
    const added = entries.filter((entry) => !study.has(entry));
    batch(() => {
      if (entries.length > added.length) this.recognise(entries.length - added.length);
      this.#remarkOnPatients(add(added), added.length);
    });
    return added;
  }

  /** So many more of what was added turned out to be in the study. */
  recognise(more: number): void {
    this.#recognised += more;
    const count = this.#recognised;
    this.#settings.notices.tell("intake", ({ notices }) => notices.recognised(count));
  }

  /** What is still on its way does not come. */
  stop(): void {
    this.#coming.abort();
    this.#coming = new AbortController();
  }

  /** Takes images in, a part at a time: a folder of thousands must not keep the page from answering. */
  async #takeIn(found: readonly Found[], signal: AbortSignal): Promise<void> {
    const { study, run, announcement } = this.#settings;
    const apart: Apart[] = [];
    let count = 0;
    for (let first = 0; first < found.length && !signal.aborted; first += TAKEN_AT_ONCE) {
      if (first > 0) await turn();
      if (signal.aborted) break;
      const again: Entry[] = [];
      const added = found.slice(first, first + TAKEN_AT_ONCE).flatMap((item) => {
        const known = item.demo ? null : study.known(item);
        if (known === null) return [new Entry(item)];
        if (!known.hasFile) known.attach(item.file);
        again.push(known);
        return [];
      });
      count += added.length;
      apart.push(...study.add(added));
      const missing = again.filter((entry) => ["cancelled", "failed"].includes(entry.state.peek().kind));
      if (again.length > missing.length) this.recognise(again.length - missing.length);
      run.again(missing);
      run.start(added);
    }
    if (count > 0) announcement.value = ({ notices }) => notices.added(count);
    this.#remarkOnPatients(apart, count);
  }

  /** A table that was chosen is read at once; one that lay in a folder may be meant for something else. */
  #offerTables([chosen]: readonly Found[], [found]: readonly Found[]): void {
    const { study, notices, assigning } = this.#settings;
    if (chosen !== undefined) {
      if (study.total.peek() > 0) assigning.value = { table: chosen.file };
      else notices.tell("intake", ({ notices }) => notices.tableFirst(chosen.file.name));
    } else if (found !== undefined) {
      notices.tell("table", ({ notices }) => notices.table(found.path), {
        say: ({ notices }) => notices.readTable,
        act: () => {
          assigning.value = { table: found.file };
        },
      });
    }
  }

  #remarkOn(count: number, skipped: number, unreadable: readonly string[]): void {
    const { notices } = this.#settings;
    notices.drop("intake");
    const said: Say[] = [];
    if (skipped > 0) said.push(({ notices }) => notices.skipped(skipped));
    if (unreadable.length > 0) {
      const names = unreadable.slice(0, NAMED).join(", ") + (unreadable.length > NAMED ? " …" : "");
      said.push(({ notices }) => notices.unreadable(unreadable.length, names));
    }
    if (count === 0 && said.length === 0) said.push(({ notices }) => notices.noFile);
    if (said.length > 0) notices.tell("intake", (words) => said.map((say) => say(words)).join(" "));
  }

  /** Says where it is not sure who is a patient. `added`: how many images came. */
  #remarkOnPatients([apart]: readonly Apart[], added: number): void {
    const { study, deeds, notices } = this.#settings;
    const entries = study.entries.peek();
    if (apart !== undefined) {
      const { name, names } = apart;
      const all = new Set(names);
      const theirs = () => study.entries.peek().filter(({ patient }) => all.has(patient.peek()));
      notices.tell("patients", ({ notices }) => notices.apart(name, names.join(", ")), {
        say: ({ notices }) => notices.samePatient,
        act: () => deeds.setPatient(theirs(), name),
      });
      return;
    }
    const folder = flatFolder(entries);
    if (folder === null || added < 2) return;
    notices.tell("patients", ({ notices }) => notices.flat(entries.length, folder), {
      say: ({ notices }) => notices.notOnePatient,
      act: () => deeds.setPatient(entries, ""),
    });
  }

  /** One after the other, in the order given. */
  async #import(files: readonly File[], signal: AbortSignal): Promise<void> {
    const { takeLesson, readReport, announcement } = this.#settings;
    for (const file of files) {
      if (signal.aborted) return;
      try {
        if (await takeLesson(file)) continue;
        let count = 0;
        await readReport(file, (entries) => {
          // What is cleared away does not come in behind.
          if (!signal.aborted) count += this.addKnown(entries).length;
        });
        if (signal.aborted) return;
        announcement.value = ({ notices }) => notices.read(count, file.name);
      } catch (error) {
        if (signal.aborted) return;
        const trouble = { name: file.name, error: asHistoscopeError(error) };
        this.troubles.value = [...this.troubles.value, trouble];
      }
    }
  }
}
