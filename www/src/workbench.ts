// The page's parts put together: the study, the run, the engine, what a person has set and what they are told. Views
// read their signals and call their methods; nothing here touches the document.

import { batch, computed, effect, signal, untracked } from "@preact/signals";
import { asHistoscopeError, type HistoscopeError, WorkerDiedError } from "./base/errors.ts";
import { turn } from "./base/turn.ts";
import { bestKernels, missingCapabilities } from "./engine/capabilities.ts";
import { reason } from "./engine/fetching.ts";
import { EngineLife } from "./engine/life.ts";
import type { Variant } from "./engine/protocol.ts";
import { Offline } from "./offline/offline.ts";
import { type OwnModel, OwnModels } from "./own-model/own-models.ts";
import { ADDRESS } from "./page/address.ts";
import { Deeds } from "./page/deeds.ts";
import { Notices } from "./page/notices.ts";
import { claimStudy, openStudies } from "./page/open-studies.ts";
import { pageFiles } from "./page/page-files.ts";
import { loadAllParts } from "./page/parts.ts";
import { Preferences } from "./page/preferences.ts";
import { rememberKeeping, wantsKeeping } from "./page/remembered.ts";
import { type Analysis, analyse } from "./run/analysis.ts";
import { analysisOptions, defaultSettings, MAX_WORKERS, type Settings } from "./run/options.ts";
import { Run } from "./run/run.ts";
import { isNoSlide, mayBeSlide } from "./slide/heads.ts";
import { slides } from "./slide/later.ts";
import type { Apart } from "./study/branches.ts";
import { openDemoStudy } from "./study/demo-study.ts";
import { type Demo, loadDemos } from "./study/demos.ts";
import { Entry } from "./study/entry.ts";
import type { ExportedFolder } from "./study/exchange.ts";
import { exportedFolder, signature } from "./study/exports.ts";
import { type Found, type Intake, isModelFile, isNoPicture, isTableFile } from "./study/intake.ts";
import { Keeper } from "./study/keeper.ts";
import { savedReaders } from "./study/later.ts";
import { flatFolder } from "./study/patients.ts";
import { Quiz } from "./study/quiz.ts";
import type { Reading } from "./study/reading.ts";
import { isReportFile } from "./study/report.ts";
import { type KeptStudy, SHELF } from "./study/shelf.ts";
import { type Origin, Study } from "./study/study.ts";
import { Classroom } from "./teach/classroom.ts";
import { isLesson } from "./teach/lesson.ts";
import { coreOf } from "./teach/pool-core.ts";
import { LESSON_SHELF } from "./teach/shelf.ts";
import { spoken } from "./view/wording.ts";
import { toldClause } from "./words/told.ts";
import { loadAllWords, type Say } from "./words/words.ts";

/** So many names stand in a remark. */
const NAMED = 5;
/** The ends of images that are at work together are told no oftener than this, in milliseconds. */
const ANNOUNCED_MS = 2000;
/** So many images are taken in between two turns of the page: some tens of milliseconds. */
const TAKEN_AT_ONCE = 250;

export interface ImportTrouble {
  readonly name: string;
  readonly error: HistoscopeError;
}

export class Workbench {
  readonly study = new Study();
  readonly preferences = new Preferences(
    defaultSettings(navigator.hardwareConcurrency, bestKernels(globalThis)),
    ADDRESS,
  );
  readonly settings = this.preferences.settings;
  readonly offline = new Offline();
  readonly demos = signal<readonly Demo[]>([]);
  /** Whether the drawn study is on its way. */
  readonly openingDemo = signal(false);
  /** The files that were to be reports and are none, of those that were added last. */
  readonly importTroubles = signal<readonly ImportTrouble[]>([]);
  /** The dialog that tells whose many images are and what they show; with a table to do so by, or none. */
  readonly assigning = signal<{ readonly table: File | null } | null>(null);
  /** Whether a camera is looked through. */
  readonly live = signal(false);
  readonly quiz = new Quiz();
  readonly notices = new Notices();
  /** What a screen reader is told next. */
  readonly announcement = signal<Say | null>(null);

  readonly own: OwnModels = new OwnModels({
    parts: () => this.life.parts(),
    use: (model) => this.#use(model),
    onKept: () => void this.offline.measure(),
  });
  /** The precision that is computed with: a person's own model has but one. */
  readonly variant = computed((): Variant => this.own.inUse.value?.variant ?? this.settings.value.variant);

  readonly life: EngineLife = new EngineLife({
    files: pageFiles,
    missing: () => missingCapabilities(globalThis),
    kernels: () => this.settings.peek().kernels,
    runtime: () => this.settings.peek().runtime,
    workers: () => this.#workers,
    variant: () => this.variant.peek(),
    ownModel: () => this.own.inUse.peek(),
    onWorkerDeath: (reason) => {
      const why = reason instanceof WorkerDiedError ? reason.why : reason.message;
      this.notices.tell("worker", ({ notices }) => notices.workerReplaced(toldClause(why)));
    },
    onChange: () => this.run.engineChanges(),
    onUp: ({ manifest }) => {
      for (const variant of Object.values(manifest.variants)) {
        this.study.tellThreshold(variant.sha256, manifest.calibration?.uncertain_below ?? null);
      }
    },
  });

  readonly run: Run = new Run({
    study: this.study,
    pool: async () => (await this.life.ready).pool,
    origin: () => this.origin.peek(),
    onFinish: (entry) => this.#announce(entry),
    onRecognised: () => this.#recognise(1),
    judge: (entry, report, said) => this.classroom.hear(entry, report, said),
    analysisOf: (entry, file) => (isNoSlide(file) ? null : this.#analysisOf(entry, file)),
  });
  readonly deeds: Deeds = new Deeds({
    study: this.study,
    quiz: this.quiz,
    notices: this.notices,
    announcement: this.announcement,
    cancel: (entries) => this.cancel(entries),
    onEmpty: () => {
      // Nor does what is still on its way come.
      this.#intake.abort();
      this.#intake = new AbortController();
      this.notices.drop("intake", "worker", "patients", "table");
    },
  });
  readonly classroom: Classroom = new Classroom({
    study: this.study,
    shelf: LESSON_SHELF,
    core: async () => coreOf(await this.life.ready, this.variant.peek()),
    applies: () => this.teachable.value,
    threshold: () => this.settings.peek().uncertainBelow,
    onKept: () => void this.offline.measure(),
    onJudged: (lesson) => {
      this.announcement.value = ({ teach }) =>
        lesson === null ? teach.lessons.judgedBack : teach.lessons.judged(lesson.facts.name);
    },
  });
  /** Whether what runs now can be taught: the built-in model in int8, if it brings features. */
  readonly teachable = computed(() => {
    const engine = this.life.state.value;
    const features = engine.kind === "ready" ? engine.engine.manifest.features : undefined;
    return features !== undefined && this.own.inUse.value === null && this.variant.value === "int8";
  });
  /** The threshold of verdicts: what a person wants, else what the model has; null where there is none. */
  readonly threshold = computed(() => {
    const { uncertainBelow } = this.settings.value;
    const engine = this.life.state.value;
    if (uncertainBelow !== null || engine.kind !== "ready") return uncertainBelow;
    return engine.engine.manifest.calibration?.uncertain_below ?? null;
  });
  /** When an image's end was told last, by `performance.now`. */
  #announced = Number.NEGATIVE_INFINITY;
  /** How many of what was added last were in the study already. */
  #recognised = 0;
  /** Settles when all that was added has been taken in, which ends when the study is emptied. */
  #taken: Promise<void> = Promise.resolve();
  #intake = new AbortController();

  readonly keeper = new Keeper({
    study: this.study,
    shelf: SHELF,
    reading: (use) => this.#reading(use),
    wanted: wantsKeeping(),
    open: openStudies,
    claim: claimStudy,
    persist: () => void navigator.storage?.persist?.(),
    onKept: () => void this.offline.measure(),
  });

  /** What a result would depend on that came now. */
  readonly origin = computed((): Origin => {
    const lesson = this.classroom.lesson.value;
    return {
      model: this.own.inUse.value?.manifestText ?? "",
      ...(lesson !== undefined && { lesson }),
      options: { ...analysisOptions(this.settings.value), variant: this.variant.value },
    };
  });
  /** How many results the present options would not give. */
  readonly outdated = computed(() => this.study.outdated(this.origin.value));

  constructor() {
    this.study.countUnfamiliar(this.settings.peek().countUnfamiliar);
    effect(() => {
      const { keeping } = this.keeper;
      if (keeping.value.kind !== "failed") return;
      const why = reason(keeping.value.reason);
      untracked(() => this.notices.tell("kept", ({ notices }) => notices.notKept(why)));
    });
  }

  /** Takes what an earlier visit left into the study. */
  async goOn(earlier: KeptStudy): Promise<void> {
    try {
      const entries = await this.keeper.take(earlier);
      const added = entries.filter((entry) => !this.study.has(entry));
      this.#add(added);
      this.announcement.value = ({ notices }) => notices.added(added.length);
      await this.keeper.taken(earlier);
    } catch (error) {
      const why = reason(error);
      this.notices.tell("kept", ({ notices }) => notices.notFound(why));
    }
  }

  /** Of a crowd of images only some are told, and the last: nobody could listen to all. */
  #announce(entry: Entry): void {
    // In a quiz it would tell.
    if (this.quiz.hides(entry)) return;
    const now = performance.now();
    if (this.study.open.peek() > 0 && now < this.#announced + ANNOUNCED_MS) return;
    this.#announced = now;
    this.announcement.value = () => spoken(entry);
  }

  /** Keeps the study on this machine from now on, or not. */
  async keep(wanted: boolean): Promise<void> {
    rememberKeeping(wanted);
    if (wanted) this.notices.drop("kept");
    await this.keeper.set(wanted);
  }

  /** Brings the engine up, then fetches what the other options need. After a failure it may be called again. */
  async start(): Promise<void> {
    if ((await this.life.start()) !== "up") return;
    [this.demos.value] = await Promise.all([loadDemos(), loadAllWords(), loadAllParts(), this.#keepSlides()]);
    await this.life.fetchRest();
    // Last, so that it takes nothing from the start, and finds most files in the browser's cache.
    await Promise.all([this.offline.keep(), this.own.look(), this.classroom.lessons.look()]);
  }

  /** Where it cannot be fetched now, the first slide tries again. */
  async #keepSlides(): Promise<void> {
    await slides().then(
      ({ keepSlideFiles }) => keepSlideFiles(),
      () => {},
    );
  }

  /** Starts the engine anew with a model, null being the built-in one. Images that are at work begin again with it. */
  async #use(model: OwnModel | null): Promise<void> {
    if ((await this.life.change()) !== "up") return;
    this.announcement.value = ({ ownModel }) =>
      model === null ? ownModel.announcedBack : ownModel.announced(model.name);
    await this.life.fetchRest();
  }

  /** A slide's own way, if it is one by what its content says. */
  async #analysisOf(entry: Entry, file: File): Promise<Analysis> {
    if (!(await mayBeSlide(file))) return analyse;
    const { slideOf } = await slides();
    const slide = await slideOf(entry, file);
    if (slide === null) return analyse;
    const { manifest } = await this.life.ready;
    return slide.analysis({
      patchSize: manifest.input.patch_size,
      learned: manifest.training?.um_per_pixel ?? null,
      scaleSet: entry.scaleSet,
    });
  }

  get #workers(): number {
    return Math.min(this.settings.peek().workers, this.own.inUse.peek()?.mostWorkers ?? MAX_WORKERS);
  }

  /** Removes everything that this page has left on this machine. */
  async removeFromMachine(): Promise<void> {
    this.notices.drop("kept");
    await this.keeper.removeAll();
    await this.own.forget();
    await this.classroom.lessons.removeAll();
    await this.offline.remove();
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
    const found = all.filter(
      (item) =>
        !isReportFile(item.file) &&
        !isModelFile(item.file) &&
        !isTableFile(item.file) &&
        !weights.includes(item),
    );
    const files = (some: Found[]) => some.map(({ file }) => file);
    if (models.length > 0) void this.own.offer(files(models), files(reports.splice(0)), files(weights));
    batch(() => {
      this.#recognised = 0;
      this.importTroubles.value = [];
      this.#remarkOn(all.length, skipped, unreadable);
    });
    const { signal } = this.#intake;
    const takeIn = () => this.#takeIn(found, signal);
    this.#taken = this.#taken.then(takeIn, takeIn);
    void this.#taken.then(() => this.#offerTables(chosen, tables));
    void this.#import(files(reports));
  }

  /** Takes images in, a part at a time: a folder of thousands must not keep the page from answering. */
  async #takeIn(found: readonly Found[], signal: AbortSignal): Promise<void> {
    const apart: Apart[] = [];
    let count = 0;
    for (let first = 0; first < found.length && !signal.aborted; first += TAKEN_AT_ONCE) {
      if (first > 0) await turn();
      if (signal.aborted) break;
      const again: Entry[] = [];
      const added = found.slice(first, first + TAKEN_AT_ONCE).flatMap((item) => {
        const known = item.demo ? null : this.study.known(item);
        if (known === null) return [new Entry(item)];
        if (!known.hasFile) known.attach(item.file);
        again.push(known);
        return [];
      });
      count += added.length;
      apart.push(...this.study.add(added));
      const missing = again.filter((entry) => ["cancelled", "failed"].includes(entry.state.peek().kind));
      if (again.length > missing.length) this.#recognise(again.length - missing.length);
      this.run.again(missing);
      this.run.start(added);
    }
    if (count > 0) this.announcement.value = ({ notices }) => notices.added(count);
    this.#remarkOnPatients(apart, count);
  }

  /** A table that was chosen is read at once; one that lay in a folder may be meant for something else. */
  #offerTables([chosen]: readonly Found[], [found]: readonly Found[]): void {
    if (chosen !== undefined) {
      if (this.study.total.peek() > 0) this.assigning.value = { table: chosen.file };
      else this.notices.tell("intake", ({ notices }) => notices.tableFirst(chosen.file.name));
    } else if (found !== undefined) {
      this.notices.tell("table", ({ notices }) => notices.table(found.path), {
        say: ({ notices }) => notices.readTable,
        act: () => {
          this.assigning.value = { table: found.file };
        },
      });
    }
  }

  /** Opens the drawn study to try teaching with. */
  async openDemoStudy(): Promise<void> {
    this.openingDemo.value = true;
    try {
      this.add(await openDemoStudy());
    } catch (error) {
      const why = reason(error);
      this.notices.tell("intake", ({ demoStudy }) => demoStudy.notOpened(why));
    } finally {
      this.openingDemo.value = false;
    }
  }

  #recognise(more: number): void {
    this.#recognised += more;
    const count = this.#recognised;
    this.notices.tell("intake", ({ notices }) => notices.recognised(count));
  }

  #remarkOn(count: number, skipped: number, unreadable: readonly string[]): void {
    this.notices.drop("intake");
    const said: Say[] = [];
    if (skipped > 0) said.push(({ notices }) => notices.skipped(skipped));
    if (unreadable.length > 0) {
      const names = unreadable.slice(0, NAMED).join(", ") + (unreadable.length > NAMED ? " …" : "");
      said.push(({ notices }) => notices.unreadable(unreadable.length, names));
    }
    if (count === 0 && said.length === 0) said.push(({ notices }) => notices.noFile);
    if (said.length > 0) this.notices.tell("intake", (words) => said.map((say) => say(words)).join(" "));
  }

  /** With the small core, whatever the engine does. */
  readonly #reading: Reading = async (use) =>
    (await savedReaders()).readingWith(() => this.life.parts())(use);

  #add(added: readonly Entry[]): void {
    this.#remarkOnPatients(this.study.add(added), added.length);
  }

  /** Says where it is not sure who is a patient. `added`: how many images came. */
  #remarkOnPatients([apart]: readonly Apart[], added: number): void {
    const entries = this.study.entries.peek();
    if (apart !== undefined) {
      const { name, names } = apart;
      const all = new Set(names);
      const theirs = () => this.study.entries.peek().filter(({ patient }) => all.has(patient.peek()));
      this.notices.tell("patients", ({ notices }) => notices.apart(name, names.join(", ")), {
        say: ({ notices }) => notices.samePatient,
        act: () => this.deeds.setPatient(theirs(), name),
      });
      return;
    }
    const folder = flatFolder(entries);
    if (folder === null || added < 2) return;
    this.notices.tell("patients", ({ notices }) => notices.flat(entries.length, folder), {
      say: ({ notices }) => notices.notOnePatient,
      act: () => this.deeds.setPatient(entries, ""),
    });
  }

  /** One after the other, in the order given. */
  async #import(files: readonly File[]): Promise<void> {
    const { signal } = this.#intake;
    for (const file of files) {
      if (signal.aborted) return;
      try {
        if (await isLesson(file)) {
          await this.classroom.take(file);
          continue;
        }
        const { importReport } = await savedReaders();
        let count = 0;
        const take = (all: readonly Entry[]) => {
          // What is cleared away does not come in behind.
          if (signal.aborted) return;
          const added = all.filter((entry) => !this.study.has(entry));
          count += added.length;
          batch(() => {
            if (all.length > added.length) this.#recognise(all.length - added.length);
            this.#add(added);
          });
        };
        await this.#reading((read) => importReport(file, read, take));
        if (signal.aborted) return;
        this.announcement.value = ({ notices }) => notices.read(count, file.name);
      } catch (error) {
        if (signal.aborted) return;
        const trouble = { name: file.name, error: asHistoscopeError(error) };
        this.importTroubles.value = [...this.importTroubles.value, trouble];
      }
    }
  }

  cancel(entries: readonly Entry[]): void {
    this.run.cancel(entries);
    if (entries.length > 1) this.announcement.value = ({ notices }) => notices.cancelled(entries.length);
  }

  /** Looks at the next image that the filter shows, or, with -1, the one before. False at the end. */
  step(by: 1 | -1): boolean {
    const listed = this.study.listedEntries();
    const selected = this.study.selected.peek();
    const next = listed[(selected === null ? -1 : listed.indexOf(selected)) + by];
    if (next === undefined) return false;
    this.study.selected.value = next;
    return true;
  }

  /** From now on nothing tells of an image before it is revealed, what was said of it before neither. */
  beginQuiz(): void {
    this.notices.drop("intake", "undo", "patients", "table");
    this.announcement.value = null;
    this.quiz.begin();
  }

  pause(paused: boolean): void {
    this.run.pause(paused);
    this.announcement.value = ({ notices }) => (paused ? notices.paused : notices.resumed);
  }

  /** Runs again what the present options would not have given. */
  rerunOutdated(): void {
    this.run.again(this.study.outdatedEntries(this.origin.peek()));
  }

  /** Changes options; they hold for images that start from now on, and a threshold for every verdict at once. */
  set(change: Partial<Settings>): void {
    this.preferences.set(change);
    if (change.countUnfamiliar !== undefined) this.study.countUnfamiliar(change.countUnfamiliar);
    if (change.workers !== undefined) this.life.engine?.pool.resize(this.#workers);
    if (change.uncertainBelow === undefined) return;
    const selected = this.study.selected.peek();
    const before = selected?.state.peek();
    this.study.rejudge(change.uncertainBelow);
    if (selected !== null && selected.state.peek() !== before) {
      this.announcement.value = () => spoken(selected);
    }
  }

  /** All results, or those that the filter shows, as one report. */
  exportedFolder(): ExportedFolder {
    const { engine } = this.life;
    return exportedFolder(this.study, engine && signature(engine, this.variant.peek()));
  }
}
