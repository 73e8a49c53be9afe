// The page's parts put together: the study, the run, the engine, what a person has set and what they are told. Views
// read their signals and call their methods; nothing here touches the document.

import { batch, computed, signal } from "@preact/signals";
import { asHistoscopeError, type HistoscopeError, WorkerDiedError } from "./base/errors.ts";
import { bestKernels, missingCapabilities } from "./engine/capabilities.ts";
import { EngineLife } from "./engine/life.ts";
import type { Variant } from "./engine/protocol.ts";
import { Offline } from "./offline/offline.ts";
import { type OwnModel, OwnModels } from "./own-model/own-models.ts";
import { ADDRESS } from "./page/address.ts";
import { pageFiles } from "./page/page-files.ts";
import { Preferences } from "./page/preferences.ts";
import { analysisOptions, defaultSettings, MAX_WORKERS, type Settings } from "./run/options.ts";
import { Run } from "./run/run.ts";
import { type Demo, loadDemos } from "./study/demos.ts";
import { Entry } from "./study/entry.ts";
import { type ExportedFolder, isReportFile } from "./study/exchange.ts";
import { exportedFolder, signature } from "./study/exports.ts";
import { importReport } from "./study/imports.ts";
import { type Found, type Intake, isModelFile } from "./study/intake.ts";
import { type Origin, Study } from "./study/study.ts";
import { spoken } from "./view/wording.ts";
import { toldClause } from "./words/told.ts";
import type { Say } from "./words/words.ts";

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
  /** The files that were to be reports and are none, of those that were added last. */
  readonly importTroubles = signal<readonly ImportTrouble[]>([]);
  /** Remarks for the eye: on what was added last, and on workers. */
  readonly intakeNotice = signal<Say | null>(null);
  readonly workerNotice = signal<Say | null>(null);
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
    workers: () => this.#workers,
    variant: () => this.variant.peek(),
    ownModel: () => this.own.inUse.peek(),
    onWorkerDeath: (reason) => {
      const why = reason instanceof WorkerDiedError ? reason.why : reason.message;
      this.workerNotice.value = ({ notices }) => notices.workerReplaced(toldClause(why));
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
    onFinish: (entry) => {
      this.announcement.value = () => spoken(entry);
    },
  });

  /** What a result would depend on that came now. */
  readonly origin = computed(
    (): Origin => ({
      model: this.own.inUse.value?.manifestText ?? "",
      options: { ...analysisOptions(this.settings.value), variant: this.variant.value },
    }),
  );
  /** How many results the present options would not give. */
  readonly outdated = computed(() => this.study.outdated(this.origin.value));

  /** Brings the engine up, then fetches what the other options need. After a failure it may be called again. */
  async start(): Promise<void> {
    if ((await this.life.start()) !== "up") return;
    this.demos.value = await loadDemos();
    await this.life.fetchRest();
    // Last, so that it takes nothing from the start, and finds most files in the browser's cache.
    await Promise.all([this.offline.keep(), this.own.look()]);
  }

  /** Starts the engine anew with a model, null being the built-in one. Images that are at work begin again with it. */
  async #use(model: OwnModel | null): Promise<void> {
    if ((await this.life.change()) !== "up") return;
    this.announcement.value = ({ ownModel }) =>
      model === null ? ownModel.announcedBack : ownModel.announced(model.name);
    await this.life.fetchRest();
  }

  get #workers(): number {
    return Math.min(this.settings.peek().workers, this.own.inUse.peek()?.mostWorkers ?? MAX_WORKERS);
  }

  /** Removes everything that this page has left on this machine. */
  async removeFromMachine(): Promise<void> {
    await this.own.forget();
    await this.offline.remove();
  }

  /**
   * Adds images and starts with them at once; reports that were saved earlier are shown again; a model is asked about.
   * JSON that comes with a model is its manifest.
   */
  add({ found: all, skipped }: Intake): void {
    const models = all.filter(({ file }) => isModelFile(file));
    const reports = all.filter(({ file }) => isReportFile(file));
    const found = all.filter(({ file }) => !isReportFile(file) && !isModelFile(file));
    const files = (some: Found[]) => some.map(({ file }) => file);
    if (models.length > 0) void this.own.offer(files(models), files(reports.splice(0)));
    const added = found.map((item) => new Entry(item));
    batch(() => {
      this.importTroubles.value = [];
      this.intakeNotice.value = skipped > 0 ? ({ notices }) => notices.skipped(skipped) : null;
      if (all.length === 0) this.intakeNotice.value ??= ({ notices }) => notices.noFile;
      if (added.length > 0) this.announcement.value = ({ notices }) => notices.added(added.length);
      this.study.add(added);
    });
    this.run.start(added);
    void this.#import(files(reports));
  }

  /** One after the other, in the order given. */
  async #import(files: readonly File[]): Promise<void> {
    for (const file of files) {
      try {
        const added = await importReport(file);
        batch(() => {
          this.announcement.value = ({ notices }) => notices.read(added.length, file.name);
          this.study.add(added);
        });
      } catch (error) {
        const trouble = { name: file.name, error: asHistoscopeError(error) };
        this.importTroubles.value = [...this.importTroubles.value, trouble];
      }
    }
  }

  cancel(entries: readonly Entry[]): void {
    this.run.cancel(entries);
    if (entries.length > 1) this.announcement.value = ({ notices }) => notices.cancelled(entries.length);
  }

  remove(entries: readonly Entry[]): void {
    this.cancel(entries.filter((entry) => !entry.settled));
    this.study.remove(entries);
    if (this.study.total.peek() === 0) this.intakeNotice.value = this.workerNotice.value = null;
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
    if (change.workers !== undefined) this.life.engine?.pool.resize(this.#workers);
    if (change.uncertainBelow === undefined) return;
    const selected = this.study.selected.peek();
    const before = selected?.state.peek();
    this.study.rejudge(change.uncertainBelow);
    if (selected !== null && selected.state.peek() !== before) {
      this.announcement.value = () => spoken(selected);
    }
  }

  /** All results as one report. */
  exportedFolder(): ExportedFolder {
    const { engine } = this.life;
    return exportedFolder(this.study, engine && signature(engine, this.variant.peek()));
  }
}
