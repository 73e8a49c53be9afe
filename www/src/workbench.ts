// The state of the page and what a person can do to it. Views read the signals and call the methods; nothing here
// touches the document.

import { batch, computed, signal } from "@preact/signals";
import { deferred } from "./base/deferred.ts";
import { asHistoscopeError, CancelledError, type HistoscopeError, WorkerDiedError } from "./base/errors.ts";
import { once } from "./base/once.ts";
import { bestKernels, type Capability, type Kernels, missingCapabilities } from "./engine/capabilities.ts";
import { type Engine, engineParts, startEngine, warmUp } from "./engine/engine.ts";
import type { ModelSource } from "./engine/model-store.ts";
import { usualEdition } from "./engine/pool.ts";
import type { Variant } from "./engine/protocol.ts";
import type { EngineParts } from "./engine/worker-handle.ts";
import { Offline } from "./offline/offline.ts";
import { type OwnModel, OwnModels } from "./own-model/own-models.ts";
import { pageFiles } from "./page/page-files.ts";
import { rememberedOptions, rememberOptions } from "./page/remembered.ts";
import { analyse, rejudge } from "./run/analysis.ts";
import type { Fold } from "./run/fold.ts";
import {
  analysisOptions,
  defaultSettings,
  MAX_WORKERS,
  queryFromSettings,
  type Settings,
  sameAnalysis,
  settingsFromQuery,
} from "./run/options.ts";
import { PatientAggregates, type PatientDiagnosis, withoutPatches } from "./study/aggregation.ts";
import type { Exported } from "./study/csv.ts";
import { type Demo, loadDemos } from "./study/demos.ts";
import { Entry } from "./study/entry.ts";
import { type ExportedFolder, ImportError, isReportFile, MOST_BYTES, readReports } from "./study/exchange.ts";
import { type Found, type Intake, isModelFile } from "./study/intake.ts";
import { tidyPatient } from "./study/patients.ts";
import type { FailureReport, FolderReport, ImageReport } from "./study/report.ts";
import { arrange, filtered, PLAIN_VIEW, type View } from "./study/table.ts";
import { spoken } from "./view/wording.ts";
import { errors } from "./words/en-errors.ts";
import { partsOfQuery, withLanguage } from "./words/language.ts";
import { numbersOf } from "./words/numbers.ts";
import { english } from "./words/template.ts";
import { plain, told, toldClause } from "./words/told.ts";
import type { Say } from "./words/words.ts";

export type EngineState =
  | { readonly kind: "loading"; readonly received: number; readonly total: number }
  | { readonly kind: "unsupported"; readonly missing: Capability[] }
  | { readonly kind: "failed"; readonly error: HistoscopeError }
  /** `rest`: what the options that are not chosen now would need. */
  | { readonly kind: "ready"; readonly engine: Engine; readonly rest: "loading" | "here" | "failed" };

const LOADING: EngineState = { kind: "loading", received: 0, total: 0 };

/**
 * The map is painted anew no oftener than this, in milliseconds: on a machine of two cores painting costs the workers a
 * fifth of their time.
 */
const REDRAW_MS = 100;

/**
 * Nor is picture or map painted for so long after an image is begun, in milliseconds. An image of the usual size has its
 * report by then, on two processors a sixth sooner.
 */
export const FIRST_DRAW_MS = 300;

/** What is taken together is computed anew so long after the last change, in milliseconds: changes come in crowds. */
const SETTLE_MS = 40;
/** While images are at work, patients are brought up to date no oftener than this. */
const INTERIM_MS = 1500;

export class Workbench {
  readonly engine = signal<EngineState>(LOADING);
  readonly entries = signal<readonly Entry[]>([]);
  readonly selected = signal<Entry | null>(null);
  /** Over all images, their patches left out; null while any is at work. */
  readonly folder = signal<FolderReport | null>(null);
  /** Over each patient's images, as far as they are done. */
  readonly patients = signal<readonly PatientDiagnosis[]>([]);
  /** How the table of images is sorted, filtered and grouped. */
  readonly view = signal<View>(PLAIN_VIEW);
  /** While true no further image is begun. */
  readonly paused = signal(false);
  /** The last file that was to be a report and is none. */
  readonly importTrouble = signal<{ readonly name: string; readonly error: HistoscopeError } | null>(null);
  readonly demos = signal<readonly Demo[]>([]);
  /** Remarks for the eye: on what was added last, and on workers. */
  readonly intakeNotice = signal<Say | null>(null);
  readonly workerNotice = signal<Say | null>(null);
  /** What a screen reader is told next. */
  readonly announcement = signal<Say | null>(null);
  readonly offline = new Offline();
  readonly defaults = defaultSettings(navigator.hardwareConcurrency, bestKernels(globalThis));
  readonly settings = signal<Settings>(
    // An address that says something of options was sent by somebody, and counts alone.
    settingsFromQuery(partsOfQuery(location.search).options || rememberedOptions(), this.defaults),
  );

  readonly own: OwnModels = new OwnModels({
    parts: () => this.#engineParts(),
    use: (model) => this.#use(model),
    onKept: () => void this.offline.measure(),
  });
  /** The precision that is computed with: a person's own model has but one. */
  readonly variant = computed((): Variant => this.own.inUse.value?.variant ?? this.settings.value.variant);

  readonly unsettled = computed(() => this.entries.value.filter((entry) => !entry.settled));
  readonly finished = computed(() => this.entries.value.filter((entry) => entry.report !== null));
  /** Results that the present options would not give. */
  readonly outdated = computed(() =>
    this.entries.value.filter(
      (entry) =>
        entry.state.value.kind === "done" &&
        entry.options !== null &&
        (entry.model !== this.model ||
          !sameAnalysis(entry.options, { ...this.settings.value, variant: this.variant.value })),
    ),
  );

  readonly #lines = computed(() => this.entries.value.map((entry) => entry.line.value));
  /** The rows of the table. */
  readonly items = computed(() => arrange(this.#lines.value, this.view.value));
  /** The images that the filter lets through. */
  readonly listed = computed(() => filtered(this.#lines.value, this.view.value).map(({ entry }) => entry));
  readonly retriable = computed(() =>
    this.entries.value.filter(({ state, hasFile }) => hasFile && state.value.kind === "failed"),
  );

  #engineReady = deferred<Engine>();
  /** Kept while another model is in use, so that the way back needs no network. */
  #builtIn: ModelSource | null = null;
  readonly #parts = new Map<Kernels, Promise<EngineParts>>();
  /** Raised with each start of the engine. */
  #starts = 0;
  /** When the images now at work began, to foretell the end. */
  readonly #runStarted = signal(0);
  /** How long the run has been paused in all, and since when it is. */
  #pausedMs = 0;
  #pausedAt = 0;
  readonly #aggregates = new PatientAggregates((reports) => this.#together(reports));
  #aggregateTimer: ReturnType<typeof setTimeout> | undefined;
  /** Raised with each aggregation, so that one that was overtaken shows nothing. */
  #aggregations = 0;

  /** Brings the engine up, then fetches what the other options need. After a failure it may be called again. */
  async start(): Promise<void> {
    const missing = missingCapabilities(globalThis);
    if (missing.length > 0) {
      this.engine.value = { kind: "unsupported", missing };
      return;
    }
    if (!(await this.#bringUp())) return;
    this.demos.value = await loadDemos();
    await this.#fetchRest();
    // Last, so that it takes nothing from the start, and finds most files in the browser's cache.
    await Promise.all([this.offline.keep(), this.own.look()]);
  }

  /** Starts the engine with the model in use; says whether it is up. */
  async #bringUp(): Promise<boolean> {
    const mine = ++this.#starts;
    this.engine.value = LOADING;
    const own = this.own.inUse.value;
    const wanted = this.variant.value;
    let engine: Engine;
    try {
      engine = await startEngine({
        files: pageFiles(),
        parts: this.#engineParts(),
        workers: this.#workers,
        kernels: this.settings.value.kernels,
        models: own ?? this.#builtIn,
        variant: () => this.variant.value,
        onProgress: (variant, received, total) => {
          if (variant === wanted && this.engine.value.kind === "loading") {
            this.engine.value = { kind: "loading", received, total };
          }
        },
        onWorkerDeath: (reason) => {
          const why = reason instanceof WorkerDiedError ? reason.why : reason.message;
          this.workerNotice.value = ({ notices }) => notices.workerReplaced(toldClause(why));
        },
      });
    } catch (error) {
      if (mine !== this.#starts) return false;
      this.engine.value = { kind: "failed", error: asHistoscopeError(error) };
      return false;
    }
    if (own === null) this.#builtIn = engine.models;
    if (mine !== this.#starts) {
      // Overtaken by another model.
      engine.pool.dispose();
      await this.#engineReady.promise;
      return true;
    }
    this.engine.value = { kind: "ready", engine, rest: "loading" };
    engine.pool.hold(this.paused.value);
    this.#engineReady.resolve(engine);
    // If a worker dies of it, the first image finds out and says so.
    warmUp(engine.pool, wanted).catch(() => {});
    return true;
  }

  /** What workers are started from: fetched once, whatever model they are to run. */
  #engineParts(): Promise<EngineParts> {
    const { kernels } = this.settings.value;
    return once(this.#parts, kernels, () =>
      engineParts(pageFiles(), kernels, usualEdition(this.variant.value)),
    );
  }

  /** Starts the engine anew with a model, null being the built-in one. Images that are at work begin again with it. */
  async #use(model: OwnModel | null): Promise<void> {
    const before = this.engine.value;
    const running = this.unsettled.value;
    this.#engineReady = deferred();
    this.rerun(running);
    if (before.kind === "ready") before.engine.pool.dispose();
    if (!(await this.#bringUp())) return;
    this.announcement.value = ({ ownModel }) =>
      model === null ? ownModel.announcedBack : ownModel.announced(model.name);
    this.#aggregateSoon();
    await this.#fetchRest();
  }

  /** What a result depends on besides the options: a manifest, with the file's hash in it, or nothing. */
  get model(): string {
    return this.own.inUse.value?.manifestText ?? "";
  }

  get #workers(): number {
    return Math.min(this.settings.value.workers, this.own.inUse.value?.mostWorkers ?? MAX_WORKERS);
  }

  async #fetchRest(): Promise<void> {
    const engine = await this.#engineReady.promise;
    const fetched = Promise.all([
      ...engine.models.variants.map((variant) => engine.models.load(variant)),
      engine.parts.modules.keep("int8"),
      engine.parts.modules.keep("general"),
    ]);
    const rest = await fetched.then(
      () => "here" as const,
      // The page works without the other precision; choosing it fetches again and says what failed.
      () => "failed" as const,
    );
    const now = this.engine.value;
    // Meanwhile another model may have been chosen.
    if (now.kind === "ready" && now.engine === engine) this.engine.value = { kind: "ready", engine, rest };
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
    if (models.length > 0) {
      const files = (some: Found[]) => some.map(({ file }) => file);
      void this.own.offer(files(models), files(reports.splice(0)));
    }
    const found = all.filter(({ file }) => !isReportFile(file) && !isModelFile(file));
    this.importTrouble.value = null;
    for (const report of reports) void this.#import(report);
    const added = found.map((item) => new Entry(item));
    batch(() => {
      this.intakeNotice.value = skipped > 0 ? ({ notices }) => notices.skipped(skipped) : null;
      if (added.length === 0) {
        if (reports.length + models.length === 0) {
          this.intakeNotice.value ??= ({ notices }) => notices.noFile;
        }
        return;
      }
      this.announcement.value = ({ notices }) => notices.added(added.length);
      this.entries.value = [...this.entries.value, ...added];
      this.selected.value ??= added[0] ?? null;
    });
    this.#run(added);
  }

  async #import({ file }: Found): Promise<void> {
    try {
      if (file.size > MOST_BYTES) {
        const { bytes } = numbersOf("en");
        const values = { size: bytes(file.size), most: bytes(MOST_BYTES) };
        throw new ImportError("report_too_large", ...english(errors.report_too_large.file, values));
      }
      const added = readReports(await file.text()).map(({ path, patient, report }) => {
        const entry = Entry.of(path, report);
        if (patient !== null) entry.patient.value = patient;
        return entry;
      });
      batch(() => {
        this.announcement.value = ({ notices }) => notices.read(added.length, file.name);
        this.entries.value = [...this.entries.value, ...added];
        this.selected.value ??= added[0] ?? null;
      });
      this.#aggregateSoon();
    } catch (error) {
      this.importTrouble.value = { name: file.name, error: asHistoscopeError(error) };
    }
  }

  /** Runs images again, or for the first time, with the present options. */
  rerun(wanted: readonly Entry[]): void {
    const entries = wanted.filter(({ hasFile }) => hasFile);
    const engine = this.engine.value;
    if (engine.kind === "ready") engine.engine.pool.revive();
    for (const entry of entries) {
      entry.cancel.abort();
      entry.cancel = new AbortController();
      batch(() => {
        entry.state.value = { kind: "waiting" };
        entry.plan.value = null;
        entry.results.value = null;
      });
    }
    this.#run(entries);
  }

  cancel(entries: readonly Entry[]): void {
    batch(() => {
      for (const entry of entries) entry.cancel.abort();
    });
    if (entries.length > 1) this.announcement.value = ({ notices }) => notices.cancelled(entries.length);
  }

  remove(entries: readonly Entry[]): void {
    const gone = new Set(entries);
    this.cancel(entries.filter((entry) => !entry.settled));
    batch(() => {
      const at = this.selected.value === null ? 0 : this.entries.value.indexOf(this.selected.value);
      this.entries.value = this.entries.value.filter((entry) => !gone.has(entry));
      if (this.selected.value !== null && gone.has(this.selected.value)) {
        this.selected.value = this.entries.value[Math.min(at, this.entries.value.length - 1)] ?? null;
      }
      if (this.entries.value.length === 0) this.intakeNotice.value = this.workerNotice.value = null;
    });
    this.#aggregateSoon();
  }

  /** Holds the queue or lets it go on. Images that were begun are finished either way. */
  pause(paused: boolean): void {
    if (paused === this.paused.value) return;
    this.paused.value = paused;
    if (paused) this.#pausedAt = performance.now();
    else this.#pausedMs += performance.now() - this.#pausedAt;
    const engine = this.engine.value;
    if (engine.kind === "ready") engine.engine.pool.hold(paused);
    this.announcement.value = ({ notices }) => (paused ? notices.paused : notices.resumed);
  }

  setPatient(entries: readonly Entry[], text: string): void {
    const patient = tidyPatient(text);
    batch(() => {
      for (const entry of entries) entry.patient.value = patient;
    });
    this.#aggregateSoon();
  }

  /** Every image that has come to an end, as the exports have it. */
  exported(): Exported[] {
    return this.entries.value.flatMap(({ path, patient, report }) =>
      report === null ? [] : [{ path, patient: patient.value, report }],
    );
  }

  /** All results as one report; rejects if the engine does not answer. */
  async exportedFolder(): Promise<ExportedFolder> {
    const images = this.exported();
    const folder = await this.#together(images.map(({ report }) => report));
    const patients = (await this.#aggregates.of(images)).map((diagnosis) => ({
      ...diagnosis,
      images: images.flatMap(({ patient }, index) => (patient === diagnosis.patient ? [index] : [])),
    }));
    return { ...folder, patients, paths: images.map(({ path }) => path) };
  }

  /** Changes options; they hold for images that start from now on. */
  set(change: Partial<Settings>): void {
    const settings = { ...this.settings.value, ...change };
    this.settings.value = settings;
    const { language } = partsOfQuery(location.search);
    const query = withLanguage(queryFromSettings(settings, this.defaults), language);
    history.replaceState(null, "", location.pathname + query + location.hash);
    rememberOptions(queryFromSettings({ ...settings, kernels: this.defaults.kernels }, this.defaults));
    const engine = this.engine.value;
    if (change.workers !== undefined && engine.kind === "ready") engine.engine.pool.resize(this.#workers);
    if (change.uncertainBelow !== undefined) void this.#rejudge(this.entries.value);
  }

  /** Milliseconds that the images still to do will take at the pace so far; null before there is a pace. */
  remaining(): number | null {
    const done = this.entries.value.filter(
      (entry) => entry.settled && entry.finishedAt >= this.#runStarted.value,
    );
    const left = this.unsettled.value.length;
    if (done.length === 0 || left === 0 || this.paused.value) return null;
    return ((performance.now() - this.#runStarted.value - this.#pausedMs) / done.length) * left;
  }

  #run(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.folder.value = null;
    if (this.unsettled.value.length === entries.length) {
      this.#runStarted.value = this.#pausedAt = performance.now();
      this.#pausedMs = 0;
    }
    for (const entry of entries) {
      entry.options = { ...analysisOptions(this.settings.value), variant: this.variant.value };
      entry.model = this.model;
      void this.#analyse(entry, entry.options, entry.cancel.signal);
    }
  }

  async #analyse(entry: Entry, options: NonNullable<Entry["options"]>, signal: AbortSignal): Promise<void> {
    const current = () => entry.cancel.signal === signal;
    signal.addEventListener("abort", () => {
      // At once, whatever the workers are still doing.
      if (!entry.settled) this.#finish(entry, { kind: "cancelled" });
    });
    const { pool } = await this.#engineReady.promise;
    let shownUntil = Number.POSITIVE_INFINITY;
    let latest: Fold | null = null;
    try {
      const report = await analyse(pool, entry.file, options, signal, {
        onStart: () => {
          shownUntil = performance.now() + FIRST_DRAW_MS;
          entry.state.value = { kind: "decoding" };
        },
        onPlan: (plan) => {
          entry.plan.value = plan;
          const total = plan.voters.length;
          // Without voters there is nothing to count: the report is about to come.
          if (total > 0) entry.state.value = { kind: "classifying", done: 0, total };
        },
        onPreview: (picture) => {
          entry.picture.value = picture;
        },
        onResults: (fold) => {
          latest = fold;
          // The report follows at once, and comes sooner if nothing is painted meanwhile.
          if (fold.complete || performance.now() < shownUntil) return;
          shownUntil = performance.now() + REDRAW_MS;
          batch(() => {
            entry.results.value = { fold };
            entry.state.value = { kind: "classifying", done: fold.done, total: fold.voters };
          });
        },
      });
      if (!current()) return;
      batch(() => {
        if (latest !== null) entry.results.value = { fold: latest };
        this.#finish(entry, { kind: "done", report });
      });
      if (options.uncertainBelow !== this.settings.value.uncertainBelow) void this.#rejudge([entry]);
    } catch (error) {
      if (!current() || error instanceof CancelledError) return;
      this.#finish(entry, { kind: "failed", error: asHistoscopeError(error) });
    }
  }

  #finish(entry: Entry, state: Entry["state"]["value"]): void {
    entry.finishedAt = performance.now();
    entry.state.value = state;
    this.announcement.value = () => spoken(entry);
    // Else the next images would wait for a button that is not there any more.
    if (this.unsettled.value.length === 0) this.pause(false);
    this.#aggregateSoon();
  }

  /**
   * Brings verdicts that were found with another threshold up to date. Where that fails they stay as they are, and are
   * offered to be run again like all that are outdated.
   */
  async #rejudge(entries: readonly Entry[]): Promise<void> {
    const { pool } = await this.#engineReady.promise;
    const { uncertainBelow } = this.settings.value;
    const each = entries.map(async (entry) => {
      const state = entry.state.value;
      const { plan, logits, options, cancel } = entry;
      if (state.kind !== "done" || options === null || plan.value === null || logits === null) return;
      // The engine that is up would judge, and sign, with the other model.
      if (options.uncertainBelow === uncertainBelow || entry.model !== this.model) return;
      const wanted = { ...options, uncertainBelow };
      const timings = state.report.timings_ms;
      const report = await rejudge(pool, plan.value, logits, timings, wanted, cancel.signal);
      // Meanwhile it may have been run again, or the threshold have changed once more.
      if (entry.state.value !== state || this.settings.value.uncertainBelow !== uncertainBelow) return;
      entry.options = wanted;
      entry.state.value = { kind: "done", report };
    });
    const selected = this.selected.value;
    const before = selected?.state.value;
    await Promise.allSettled(each);
    if (selected !== null && selected.state.value !== before) {
      this.announcement.value = () => spoken(selected);
    }
    this.#aggregateSoon();
  }

  /** At once for people, and once for a crowd of changes; now and then while images are at work. */
  #aggregateSoon(): void {
    const settled = this.unsettled.value.length === 0;
    if (settled) clearTimeout(this.#aggregateTimer);
    else if (this.#aggregateTimer !== undefined) return;
    this.#aggregateTimer = setTimeout(
      () => {
        this.#aggregateTimer = undefined;
        void this.#aggregate();
      },
      settled ? SETTLE_MS : INTERIM_MS,
    );
  }

  /** Asks the core for the diagnosis of each patient and, once nothing is at work any more, over all images. */
  async #aggregate(): Promise<void> {
    const mine = ++this.#aggregations;
    const images = this.exported();
    const alone = this.entries.value.length < 2;
    const settled = this.unsettled.value.length === 0;
    try {
      const patients = alone ? [] : await this.#aggregates.of(images);
      const reports = images.map(({ report }) => withoutPatches(report));
      const folder = alone || images.length < 2 || !settled ? null : await this.#together(reports);
      if (mine !== this.#aggregations) return;
      batch(() => {
        this.patients.value = patients;
        // Images may have been added meanwhile.
        this.folder.value = this.unsettled.value.length === 0 ? folder : null;
      });
    } catch (error) {
      // The engine was started anew, and so is this.
      if (error instanceof CancelledError) return;
      const why = asHistoscopeError(error);
      this.intakeNotice.value = ({ notices }) => notices.notTogether(plain(told(why).message));
    }
  }

  async #together(reports: readonly (ImageReport | FailureReport)[]): Promise<FolderReport> {
    const { pool } = await this.#engineReady.promise;
    const variant = this.variant.value;
    const text = await pool.call("aggregate", { reports: JSON.stringify(reports) }, { variant });
    return JSON.parse(text) as FolderReport;
  }
}
