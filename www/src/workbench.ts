// The page's parts put together: the study, the run, the engine, what a person has set and what they are told. Views
// read their signals and call their methods; nothing here touches the document.

import { computed, effect, signal, untracked } from "@preact/signals";
import { WorkerDiedError } from "./base/errors.ts";
import { paced } from "./base/paced.ts";
import { bestKernels, missingCapabilities } from "./engine/capabilities.ts";
import { startEngine } from "./engine/engine.ts";
import { reason } from "./engine/fetching.ts";
import { EngineLife } from "./engine/life.ts";
import type { ModelSource } from "./engine/model-store.ts";
import type { Variant } from "./engine/protocol.ts";
import { Offline } from "./offline/offline.ts";
import { type OwnModel, OwnModels } from "./own-model/own-models.ts";
import { ADDRESS } from "./page/address.ts";
import { Arrivals, type Assigning } from "./page/arrivals.ts";
import { Deeds } from "./page/deeds.ts";
import { Notices } from "./page/notices.ts";
import { claimStudy, openStudies } from "./page/open-studies.ts";
import { canFetch, getOfPage, pageFiles } from "./page/page-files.ts";
import { loadAllParts } from "./page/parts.ts";
import { DEEPER_MANIFEST_PATH } from "./page/paths.ts";
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
import type { Deeper } from "./teach/deeper.ts";
import { deeperParts } from "./teach/later.ts";
import { isLesson } from "./teach/lesson.ts";
import type { Beside, Turn } from "./teach/networks.ts";
import { coreOf } from "./teach/pool-core.ts";
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
  /** The network that lessons can look deeper with; null before its part of the page is there. */
  readonly deeper = signal<Deeper | null>(null);
  /** What runs in place of the built-in model: a person's own, or the network that the lesson in force was taught on. */
  readonly network = computed((): OwnModel | Deeper | null => {
    const deeper = this.deeper.value;
    const base = this.classroom.lessons.inForce.value?.facts.model.sha256;
    return this.own.inUse.value ?? (deeper?.sha256 === base ? deeper : null);
  });
  /** The precision that is computed with: of other models there is but one. */
  readonly variant = computed((): Variant => this.network.value?.variants[0] ?? this.settings.value.variant);
  readonly #manifest = computed(() => (this.network.value ?? this.life.builtIn.value)?.manifest ?? null);
  /** Whether what follows the first engine is done, or on its way. */
  #begun = false;
  /** What the page's engine was started with last; null is the built-in model. */
  #started: ModelSource | null = null;

  readonly life: EngineLife = new EngineLife({
    files: pageFiles,
    missing: () => missingCapabilities(globalThis),
    kernels: () => this.settings.peek().kernels,
    runtime: () => this.settings.peek().runtime,
    workers: () => this.#workers,
    variant: () => this.variant.peek(),
    model: () => this.network.peek(),
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
      await this.#offerDeeper();
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
    networks: {
      now: () => this.modelSha256.value,
      usual: () => this.#usual()?.manifest.variants.int8?.sha256 ?? null,
      deeper: () => this.#deeperOfPage(),
      core: async () => coreOf(await this.life.ready, this.variant.peek()),
      turn: () => this.#turn(),
      beside: (sha256, signal) => this.#beside(sha256, signal),
    },
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
  /** Of the model's file that runs now, or is about to; null before there is one. */
  readonly modelSha256 = computed(
    (): string | null => this.#manifest.value?.variants[this.variant.value]?.sha256 ?? null,
  );
  /** Whether what runs now can be taught: an int8 model that brings features. */
  readonly teachable = computed(() => {
    const { kind } = this.life.state.value;
    const up = kind === "ready" || kind === "loading";
    return up && this.#manifest.value?.features !== undefined && this.variant.value === "int8";
  });
  /** The threshold of the head that judges now, a lesson's or the model's own; null where it has none. */
  readonly ownThreshold = computed((): number | null => {
    const lesson = this.classroom.inForce.value;
    if (lesson !== null) return lesson.facts.uncertain_below ?? null;
    return this.#manifest.value?.calibration?.uncertain_below ?? null;
  });
  /** The threshold of verdicts: what a person wants, else that of the head; null where there is none. */
  readonly threshold = computed(() => this.settings.value.uncertainBelow ?? this.ownThreshold.value);
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
      model: this.network.value?.manifestText ?? "",
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
      this.#offerDeeper(),
    ]);
    await this.life.fetchRest();
    // Last, so that it takes nothing from the start, and finds most files in the browser's cache.
    await Promise.all([
      this.offline.keep(),
      this.own.look(),
      this.classroom.lessons.look(),
      this.deeper.peek()?.look(),
    ]);
  }

  /** Where it cannot be fetched now, the first slide tries again. */
  async #keepSlides(): Promise<void> {
    await slides().then(
      ({ keepSlideFiles }) => keepSlideFiles(),
      () => {},
    );
  }

  /** Where its part of the page cannot be fetched now, nothing is said of it. */
  async #offerDeeper(): Promise<void> {
    if (this.deeper.peek() !== null) return;
    await deeperParts().then(
      ({ Deeper }) => {
        const manifestUrl = new URL(DEEPER_MANIFEST_PATH, document.baseURI).href;
        const onKept = () => void this.offline.measure();
        const deeper = new Deeper({ manifestUrl, get: getOfPage, canFetch, onKept });
        this.deeper.value = deeper;
      },
      () => {},
    );
  }

  /** The file of the deeper network is no model of a person's own. */
  async #offerModel(...files: Parameters<OwnModels["offer"]>): Promise<void> {
    const [[model]] = files;
    const deeper = this.deeper.peek();
    // What cannot be read is told like any other model's file.
    const isIt = async (file: File) => deeper?.takeFile(file).catch(() => false);
    if (model === undefined || !(await isIt(model))) return this.own.offer(...files);
    this.notices.tell("intake", ({ teach }) => teach.deeper.taken);
    this.announcement.value = ({ teach }) => teach.deeper.taken;
    await this.classroom.lessons.fetchWanted();
  }

  /** Starts the engine anew with a model, null being the built-in one. Images that are at work begin again with it. */
  async #use(model: OwnModel | null): Promise<void> {
    if ((await this.#change()) !== "up") return;
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

  #change(): ReturnType<EngineLife["change"]> {
    this.#started = this.network.peek();
    return this.life.change();
  }

  #turn(): Turn {
    const before = this.#started;
    if (before === this.network.peek()) return { from: [], up: Promise.resolve() };
    const { variants = {} } = (before ?? this.life.builtIn.peek())?.manifest ?? {};
    const from = Object.values(variants).map(({ sha256 }) => sha256);
    const changed = this.#change();
    const up = changed.then((outcome) => {
      if (outcome === "up") void this.life.fetchRest();
    });
    return { from, up };
  }

  /** What judges where no lesson does. */
  #usual(): ModelSource | null {
    return this.own.inUse.peek() ?? this.life.builtIn.peek();
  }

  /** Beside a person's own model no lesson of it can judge. */
  #deeperOfPage(): Deeper | null {
    return this.own.inUse.peek() === null ? this.deeper.peek() : null;
  }

  async #beside(sha256: string, signal: AbortSignal): Promise<Beside | null> {
    const models = [this.#usual(), this.#deeperOfPage()].find(
      (source) => source?.manifest.variants.int8?.sha256 === sha256,
    );
    if (!models) return null;
    // The other precision of the built-in model is in force then: no lesson of this one could judge.
    const isBuiltIn = models === this.life.builtIn.peek();
    if (isBuiltIn && this.network.peek() === null && this.variant.peek() !== "int8") return null;
    const variant = "int8";
    const { kernels, runtime } = this.settings.peek();
    const engine = await startEngine({
      files: pageFiles(),
      parts: this.life.parts(),
      models,
      workers: this.#workers,
      kernels,
      runtime,
      variant: () => variant,
      onProgress: () => {},
      onWorkerDeath: () => {},
      signal,
    });
    const model = isBuiltIn ? "" : models.manifestText;
    return {
      core: coreOf(engine, variant),
      look: async (entries, signal, onProgress) => {
        const { lookBeside } = await deeperParts();
        const options = { ...analysisOptions(this.settings.peek()), variant } as const;
        const analysisOf = (entry: Entry, file: File) => this.#analysisOf(entry, file);
        const admit = this.classroom.memory.admitAside;
        const { pool } = engine;
        await lookBeside(entries, { pool, options, model, sha256, analysisOf, admit, onProgress }, signal);
      },
      close: () => engine.dispose(),
    };
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
    const deeper = this.deeper.peek();
    // What runs now is needed still.
    await (deeper === this.network.peek() ? deeper?.look() : deeper?.forget());
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
