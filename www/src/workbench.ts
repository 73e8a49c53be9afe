// The state of the page and what a person can do to it. Views read the signals and call the methods; nothing here
// touches the document.

import { batch, computed, signal } from "@preact/signals";
import { analyse } from "./analysis.ts";
import { bestKernels, type Missing, missingCapabilities } from "./capabilities.ts";
import { deferred } from "./deferred.ts";
import { type Demo, loadDemos } from "./demos.ts";
import { type Engine, startEngine, warmUp } from "./engine.ts";
import { Entry } from "./entry.ts";
import { asHistoscopeError, CancelledError, type HistoscopeError, WorkerDiedError } from "./errors.ts";
import { plural } from "./format.ts";
import type { Intake } from "./intake.ts";
import { Offline } from "./offline/offline.ts";
import {
  defaultSettings,
  queryFromSettings,
  type Settings,
  sameAnalysis,
  settingsFromQuery,
} from "./options.ts";
import type { FolderReport } from "./report.ts";
import { spoken } from "./wording.ts";

export type EngineState =
  | { readonly kind: "loading"; readonly received: number; readonly total: number }
  | { readonly kind: "unsupported"; readonly missing: Missing[] }
  | { readonly kind: "failed"; readonly error: HistoscopeError }
  /** `rest`: what the options that are not chosen now would need. */
  | { readonly kind: "ready"; readonly engine: Engine; readonly rest: "loading" | "here" | "failed" };

const LOADING: EngineState = { kind: "loading", received: 0, total: 0 };

/**
 * The map is painted anew no oftener than this, in milliseconds: on a machine of two cores painting costs the workers a
 * fifth of their time.
 */
const REDRAW_MS = 100;

export class Workbench {
  readonly engine = signal<EngineState>(LOADING);
  readonly entries = signal<readonly Entry[]>([]);
  readonly selected = signal<Entry | null>(null);
  readonly folder = signal<FolderReport | null>(null);
  readonly demos = signal<readonly Demo[]>([]);
  /** Remarks for the eye: on what was added last, and on workers. */
  readonly intakeNotice = signal("");
  readonly workerNotice = signal("");
  /** What a screen reader is told next. */
  readonly announcement = signal("");
  readonly offline = new Offline();
  readonly defaults = defaultSettings(navigator.hardwareConcurrency, bestKernels(globalThis));
  readonly settings = signal<Settings>(settingsFromQuery(location.search, this.defaults));

  readonly unsettled = computed(() => this.entries.value.filter((entry) => !entry.settled));
  readonly finished = computed(() => this.entries.value.filter((entry) => entry.report !== null));
  /** Results that the present options would not give. */
  readonly outdated = computed(() =>
    this.entries.value.filter(
      (entry) =>
        entry.state.value.kind === "done" &&
        entry.options !== null &&
        !sameAnalysis(entry.options, this.settings.value),
    ),
  );

  readonly #engineReady = deferred<Engine>();
  /** When the images now at work began, to foretell the end. */
  readonly #runStarted = signal(0);

  /** Brings the engine up, then fetches what the other options need. After a failure it may be called again. */
  async start(): Promise<void> {
    const missing = missingCapabilities(globalThis);
    if (missing.length > 0) {
      this.engine.value = { kind: "unsupported", missing };
      return;
    }
    this.engine.value = LOADING;
    const wanted = this.settings.value.variant;
    let engine: Engine;
    try {
      engine = await startEngine({
        workers: this.settings.value.workers,
        kernels: this.settings.value.kernels,
        variant: () => this.settings.value.variant,
        onProgress: (variant, received, total) => {
          if (variant === wanted && this.engine.value.kind === "loading") {
            this.engine.value = { kind: "loading", received, total };
          }
        },
        onWorkerDeath: (reason) => {
          const why = reason instanceof WorkerDiedError ? reason.why : reason.message;
          this.workerNotice.value = `A background worker stopped (${why}) and was replaced.`;
        },
      });
    } catch (error) {
      this.engine.value = { kind: "failed", error: asHistoscopeError(error) };
      return;
    }
    this.engine.value = { kind: "ready", engine, rest: "loading" };
    this.#engineReady.resolve(engine);
    // If a worker dies of it, the first image finds out and says so.
    warmUp(engine.pool, wanted).catch(() => {});
    this.demos.value = await loadDemos();
    await this.#fetchRest(engine);
    // Last, so that it takes nothing from the start, and finds most files in the browser's cache.
    await this.offline.keep();
  }

  async #fetchRest(engine: Engine): Promise<void> {
    const fetched = Promise.all([engine.models.load("int8"), engine.models.load("f32")]);
    const rest = await fetched.then(
      () => "here" as const,
      // The page works without the other precision; choosing it fetches again and says what failed.
      () => "failed" as const,
    );
    this.engine.value = { kind: "ready", engine, rest };
  }

  /** Adds images and starts with them at once. */
  add({ found, skipped }: Intake): void {
    const added = found.map((item) => new Entry(item));
    batch(() => {
      this.intakeNotice.value = skipped > 0 ? `${plural(skipped, "file")} skipped: not images by name.` : "";
      if (added.length === 0) {
        this.intakeNotice.value ||= "There was no file in that.";
        return;
      }
      this.announcement.value = `${plural(added.length, "image")} added.`;
      this.entries.value = [...this.entries.value, ...added];
      this.selected.value ??= added[0] ?? null;
    });
    this.#run(added);
  }

  /** Runs images again, or for the first time, with the present options. */
  rerun(entries: readonly Entry[]): void {
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
    for (const entry of entries) entry.cancel.abort();
    if (entries.length > 1) this.announcement.value = `${plural(entries.length, "image")} cancelled.`;
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
      if (this.entries.value.length === 0) this.intakeNotice.value = this.workerNotice.value = "";
    });
    for (const entry of entries) entry.thumbnail.value?.close();
    void this.#aggregate();
  }

  /** Changes options; they hold for images that start from now on. */
  set(change: Partial<Settings>): void {
    const settings = { ...this.settings.value, ...change };
    this.settings.value = settings;
    history.replaceState(
      null,
      "",
      location.pathname + queryFromSettings(settings, this.defaults) + location.hash,
    );
    const engine = this.engine.value;
    if (change.workers !== undefined && engine.kind === "ready") engine.engine.pool.resize(change.workers);
  }

  /** Milliseconds that the images still to do will take at the pace so far; null before there is a pace. */
  remaining(): number | null {
    const done = this.entries.value.filter(
      (entry) => entry.settled && entry.finishedAt >= this.#runStarted.value,
    );
    const left = this.unsettled.value.length;
    if (done.length === 0 || left === 0) return null;
    return ((performance.now() - this.#runStarted.value) / done.length) * left;
  }

  #run(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.folder.value = null;
    if (this.unsettled.value.length === entries.length) this.#runStarted.value = performance.now();
    const { maxPatches, variant, screen } = this.settings.value;
    for (const entry of entries) {
      entry.options = { maxPatches, variant, screen };
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
    let shownUntil = 0;
    try {
      const report = await analyse(pool, entry.file, options, signal, {
        onStart: () => {
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
          if (!fold.complete && performance.now() < shownUntil) return;
          shownUntil = performance.now() + REDRAW_MS;
          batch(() => {
            entry.results.value = { fold };
            entry.state.value = { kind: "classifying", done: fold.done, total: fold.voters };
          });
        },
      });
      if (current()) this.#finish(entry, { kind: "done", report });
    } catch (error) {
      if (!current() || error instanceof CancelledError) return;
      this.#finish(entry, { kind: "failed", error: asHistoscopeError(error) });
    }
  }

  #finish(entry: Entry, state: Entry["state"]["value"]): void {
    entry.finishedAt = performance.now();
    entry.state.value = state;
    this.announcement.value = spoken(entry);
    void entry.shrink();
    void this.#aggregate();
  }

  /** Once nothing is at work any more, asks the core for the diagnosis over all images. */
  async #aggregate(): Promise<void> {
    this.folder.value = null;
    const entries = this.entries.value;
    const reports = this.finished.value.map((entry) => entry.report);
    if (this.unsettled.value.length > 0 || reports.length < 2) return;
    const { pool } = await this.#engineReady.promise;
    const variant = this.settings.value.variant;
    try {
      const text = await pool.call("aggregate", { reports: JSON.stringify(reports) }, { variant });
      const unchanged = this.entries.value === entries && this.unsettled.value.length === 0;
      if (unchanged) this.folder.value = JSON.parse(text) as FolderReport;
    } catch (error) {
      this.intakeNotice.value = `The images could not be taken together. ${asHistoscopeError(error).message}`;
    }
  }
}
