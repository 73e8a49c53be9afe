// The page's parts put together: the study, the run, the engine, what a person has set and what they are told. Views
// read their signals and call their methods; nothing here touches the document.

import { computed, effect, signal, untracked } from "@preact/signals";
import { WorkerDiedError } from "./base/errors.ts";
import { paced } from "./base/paced.ts";
import { bestKernels, missingCapabilities } from "./engine/capabilities.ts";
import { reason } from "./engine/fetching.ts";
import { EngineLife } from "./engine/life.ts";
import { Offline } from "./offline/offline.ts";
import { type OwnModel, OwnModels } from "./own-model/own-models.ts";
import { ADDRESS } from "./page/address.ts";
import { Arrivals, type Assigning } from "./page/arrivals.ts";
import { Deeds } from "./page/deeds.ts";
import { PageNetworks } from "./page/networks.ts";
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
import { OWN_CLASSES } from "./study/classes.ts";
import { openDemoStudy } from "./study/demo-study.ts";
import { type Demo, loadDemos } from "./study/demos.ts";
import type { Entry } from "./study/entry.ts";
import { Keeper } from "./study/keeper.ts";
import type { KeptStudy } from "./study/kept.ts";
import { savedReaders } from "./study/later.ts";
import type { Origin } from "./study/origins.ts";
import { Quiz } from "./study/quiz.ts";
import type { Reading } from "./study/reading.ts";
import { isScale } from "./study/scales.ts";
import { SHELF } from "./study/shelf.ts";
import { Study } from "./study/study.ts";
import { Classroom } from "./teach/classroom.ts";
import { isLesson } from "./teach/lesson.ts";
import { LESSON_SHELF } from "./teach/shelf.ts";
import { spoken } from "./view/wording.ts";
import { toldClause } from "./words/told.ts";
import { loadAllWords, type Say } from "./words/words.ts";

/** The ends of images that are at work together are told no oftener than this, in milliseconds. */
const ANNOUNCED_MS = 2000;
/** While a study grows, what it takes on this machine is measured no oftener than this, in milliseconds. */
const MEASURED_MS = 5000;

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
  /** The dialog that tells whose many images are and what they show; with a table to do so by, or none. */
  readonly assigning = signal<Assigning | null>(null);
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
  /** Whether what follows the first engine is done, or on its way. */
  #begun = false;
  readonly life: EngineLife = new EngineLife({
    files: pageFiles,
    missing: () => missingCapabilities(globalThis),
    kernels: () => this.settings.peek().kernels,
    runtime: () => this.settings.peek().runtime,
    workers: () => this.#workers,
    variant: () => this.networks.variant.peek(),
    model: () => this.networks.network.peek(),
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

  readonly networks: PageNetworks = new PageNetworks({
    life: this.life,
    own: this.own.inUse,
    settings: this.settings,
    lesson: () => this.classroom.lessons.inForce.value,
    judging: () => this.classroom.inForce.value,
    workers: () => this.#workers,
    analysisOf: (entry, file) => this.#analysisOf(entry, file),
    admit: (entry, said) => this.classroom.memory.admitAside(entry, said),
    onKept: () => void this.offline.measure(),
  });
  readonly run: Run = new Run({
    study: this.study,
    pool: async () => (await this.life.ready).pool,
    origin: () => this.origin.peek(),
    onFinish: (entry) => this.#announce(entry),
    onRecognised: () => this.arrivals.recognise(1),
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
      this.arrivals.stop();
      this.notices.drop("intake", "worker", "patients", "table");
    },
  });
  readonly arrivals: Arrivals = new Arrivals({
    study: this.study,
    run: this.run,
    deeds: this.deeds,
    notices: this.notices,
    announcement: this.announcement,
    assigning: this.assigning,
    offerModel: (...files) => void this.#offerModel(...files),
    takeLesson: async (file) => {
      if (!(await isLesson(file))) return false;
      // It may be one of the deeper network, and come before that part of the page.
      await this.networks.offerDeeper();
      await this.classroom.take(file);
      return true;
    },
    readReport: async (file, take) => {
      const { importReport } = await savedReaders();
      await this.#reading((read) => importReport(file, read, take));
    },
  });
  readonly classroom: Classroom = new Classroom({
    study: this.study,
    shelf: LESSON_SHELF,
    networks: this.networks.ofLessons,
    again: (entries) => this.run.again(entries),
    cancel: (entries) => this.run.cancel(entries),
    ofModel: () => {
      const engine = this.life.state.value;
      return engine.kind === "ready" ? engine.engine.classes : OWN_CLASSES;
    },
    threshold: () => this.settings.peek().uncertainBelow,
    onKept: () => void this.offline.measure(),
    onJudged: (lesson) => {
      this.announcement.value = ({ teach }) =>
        lesson === null ? teach.lessons.judgedBack : teach.lessons.judged(lesson.facts.name);
    },
  });
  /** The threshold of verdicts: what a person wants, else that of the head; null where there is none. */
  readonly threshold = computed(() => this.settings.value.uncertainBelow ?? this.networks.ownThreshold.value);
  /** When an image's end was told last, by `performance.now`. */
  #announced = Number.NEGATIVE_INFINITY;

  readonly keeper = new Keeper({
    study: this.study,
    shelf: SHELF,
    reading: (use) => this.#reading(use),
    wanted: wantsKeeping(),
    open: openStudies,
    claim: claimStudy,
    persist: () => void navigator.storage?.persist?.(),
    onKept: paced(MEASURED_MS, () => void this.offline.measure()),
  });

  /** What a result would depend on that came now. */
  readonly origin = computed((): Origin => {
    const lesson = this.classroom.lesson.value;
    return {
      model: this.networks.network.value?.manifestText ?? "",
      ...(lesson !== undefined && { lesson }),
      options: { ...analysisOptions(this.settings.value), variant: this.networks.variant.value },
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
      const kept = await this.keeper.take(earlier);
      const added = this.arrivals.resume(kept, isScale(earlier.scale) ? earlier.scale : null);
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
    const outcome = await this.life.start();
    if (outcome === "failed") return;
    // Such as by a lesson of the deeper network, dropped before the first engine was up: whichever comes up will do.
    if (outcome === "overtaken") await this.life.ready;
    if (this.#begun) return this.life.fetchRest();
    this.#begun = true;
    [this.demos.value] = await Promise.all([
      loadDemos(),
      loadAllWords(),
      loadAllParts(),
      this.#keepSlides(),
      this.networks.offerDeeper(),
    ]);
    await this.life.fetchRest();
    // Last, so that it takes nothing from the start, and finds most files in the browser's cache.
    await Promise.all([
      this.offline.keep(),
      this.own.look(),
      this.classroom.lessons.look(),
      this.networks.deeper.peek()?.look(),
    ]);
  }

  /** Where it cannot be fetched now, the first slide tries again. */
  async #keepSlides(): Promise<void> {
    await slides().then(
      ({ keepSlideFiles }) => keepSlideFiles(),
      () => {},
    );
  }

  /** The file of the deeper network is no model of a person's own. */
  async #offerModel(...files: Parameters<OwnModels["offer"]>): Promise<void> {
    const [[model]] = files;
    const deeper = this.networks.deeper.peek();
    // What cannot be read is told like any other model's file.
    const isIt = async (file: File) => deeper?.takeFile(file).catch(() => false);
    if (model === undefined || !(await isIt(model))) return this.own.offer(...files);
    this.notices.tell("intake", ({ teach }) => teach.deeper.taken);
    this.announcement.value = ({ teach }) => teach.deeper.taken;
    await this.classroom.lessons.fetchWanted();
  }

  /** Starts the engine anew with a model, null being the built-in one. Images that are at work begin again with it. */
  async #use(model: OwnModel | null): Promise<void> {
    if ((await this.networks.change()) !== "up") return;
    // It may have waited behind the model.
    const lesson = this.classroom.inForce.peek();
    this.announcement.value = ({ ownModel, teach }) => {
      if (model === null && lesson !== null) return teach.lessons.inForce(lesson.facts.name);
      return model === null ? ownModel.announcedBack : ownModel.announced(model.name);
    };
    await this.life.fetchRest();
  }

  /** Back to the built-in model. */
  async back(): Promise<void> {
    if (this.own.inUse.peek() !== null) await this.own.leave();
    else await this.classroom.lessons.leave();
  }

  /** A slide's own way, if it is one by what its content says. */
  async #analysisOf(entry: Entry, file: File): Promise<Analysis> {
    if (isNoSlide(file) || !(await mayBeSlide(file))) return analyse;
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
    const deeper = this.networks.deeper.peek();
    // What runs now is needed still.
    await (deeper === this.networks.network.peek() ? deeper?.look() : deeper?.forget());
  }

  /** Opens the drawn study to try teaching with. */
  async openDemoStudy(): Promise<void> {
    this.openingDemo.value = true;
    try {
      this.arrivals.add(await openDemoStudy());
    } catch (error) {
      const why = reason(error);
      this.notices.tell("intake", ({ demoStudy }) => demoStudy.notOpened(why));
    } finally {
      this.openingDemo.value = false;
    }
  }

  /** With the small core, whatever the engine does. */
  readonly #reading: Reading = async (use) =>
    (await savedReaders()).readingWith(() => this.life.parts())(use);

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
}
