// The run: takes images one after the other from waiting to a report, a few at a time, and lets a person hold it, cancel
// images and try them again.
//
//   waiting -> (admitted) decoding -> classifying -> done | failed | cancelled
//
// In a crowd a small image goes from waiting to done at once.

import { batch, signal } from "@preact/signals";
import { asHistoscopeError, CancelledError, type HistoscopeError } from "../base/errors.ts";
import { paced } from "../base/paced.ts";
import type { Pool } from "../engine/pool.ts";
import type { Entry, State } from "../study/entry.ts";
import type { Origin } from "../study/origins.ts";
import { isCounting } from "../study/recognition.ts";
import type { ImageReport } from "../study/report.ts";
import type { Study } from "../study/study.ts";
import { type Analysis, analyse } from "./analysis.ts";
import type { Fold } from "./fold.ts";
import { Pace } from "./pace.ts";

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

/** A worker looks at so many voters of an image in one go, and their report comes with the plan. */
const FEW = 8;

/** More open images than this are a crowd, of which nobody follows each. */
const CROWD = 100;

/** In a crowd, those that are begun are shown as such once in so many milliseconds: small ones are done by then. */
const BEGUN_MS = 100;

/** Of the pool, what a run needs. */
export type RunPool = Pick<Pool, "call" | "size" | "hold" | "revive">;

export interface RunSettings {
  readonly study: Study;
  /** Resolves when the engine is up, with its pool. */
  readonly pool: () => Promise<RunPool>;
  /** With what an image is analysed that starts now. */
  readonly origin: () => Origin;
  /** Told when an image has come to an end. */
  readonly onFinish: (entry: Entry) => void;
  /** What the head in force makes of a result; where it is absent, the result stays as it came. */
  readonly judge?: (entry: Entry, report: ImageReport, fold: Fold | null) => Promise<ImageReport>;
  /** Told when an image turned out to be one whose result was there already; it is no longer in the study. */
  readonly onRecognised?: (entry: Entry, as: Entry) => void;
  /** How this file is analysed, where it is no ordinary picture. */
  readonly analysisOf?: (entry: Entry, file: File) => Promise<Analysis> | null;
}

export class Run {
  /** While true no further image is begun. */
  readonly paused = signal(false);
  readonly #settings: RunSettings;
  /** In the order in which they came. */
  readonly #waiting = new Set<Entry>();
  /** Admitted: with the pool, or about to be; each with what stops it. */
  readonly #running = new Map<Entry, AbortController>();
  readonly #pace = new Pace();
  /** Taken up by a worker, and not shown as such yet. */
  readonly #begun = new Set<Entry>();
  readonly #showBegun = paced(BEGUN_MS, () => {
    batch(() => {
      for (const entry of this.#begun) this.#begin(entry);
    });
    this.#begun.clear();
  });
  #pool: RunPool | null = null;
  /** Raised with each engine, so that one that comes late is not taken. */
  #engines = 0;

  constructor(settings: RunSettings) {
    this.#settings = settings;
  }

  /** Another engine is coming up: what is at work begins again with it. */
  engineChanges(): void {
    const mine = ++this.#engines;
    this.#pool = null;
    this.again([...this.#running.keys()]);
    for (const entry of this.#waiting) this.#stamp(entry);
    void this.#settings.pool().then((pool) => {
      if (mine !== this.#engines) return;
      this.#pool = pool;
      pool.hold(this.paused.value);
      this.#admit();
    });
  }

  /** Begins with images that wait. */
  start(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    // Those that are new may be counted already.
    if (this.#waiting.size + this.#running.size === 0) this.#pace.begin(this.paused.value);
    for (const entry of entries) {
      this.#stamp(entry);
      this.#waiting.add(entry);
    }
    this.#admit();
  }

  /** With what it will be analysed. */
  #stamp(entry: Entry): void {
    const { options, model } = this.#settings.origin();
    entry.options = options;
    entry.model = model;
  }

  /** Runs images again, or for the first time, with the present options. */
  again(wanted: readonly Entry[]): void {
    const entries = wanted.filter(({ hasFile }) => hasFile);
    this.#pool?.revive();
    batch(() => {
      for (const entry of entries) {
        this.#leave(entry);
        entry.restart();
      }
    });
    this.start(entries);
  }

  cancel(entries: readonly Entry[]): void {
    batch(() => {
      for (const entry of entries) {
        if (entry.settled) continue;
        this.#leave(entry);
        this.#finish(entry, { kind: "cancelled" });
      }
    });
    this.#admit();
  }

  /** Holds the queue or lets it go on. Images that were begun are finished either way. */
  pause(paused: boolean): void {
    if (paused === this.paused.value) return;
    this.paused.value = paused;
    this.#pace.hold(paused);
    this.#pool?.hold(paused);
    this.#admit();
  }

  /** Milliseconds that the images still to do will take at the pace so far; null before there is a pace. */
  remaining(): number | null {
    return this.#pace.remaining(this.#settings.study.open.peek());
  }

  /** Shows that a worker has it, where nothing else came of it since. */
  #begin(entry: Entry): void {
    if (this.#running.has(entry) && entry.state.peek().kind === "waiting") entry.become({ kind: "decoding" });
  }

  /** Out of the queue and out of the workers' hands. */
  #leave(entry: Entry): void {
    this.#waiting.delete(entry);
    this.#begun.delete(entry);
    const stop = this.#running.get(entry);
    this.#running.delete(entry);
    stop?.abort();
  }

  /**
   * Hands images to the pool: as many as keep every worker busy, while one is decoded the next one too, and no more.
   * The rest waits here, where a thousand can be cancelled without a worker hearing of it.
   */
  #admit(): void {
    const pool = this.#pool;
    if (pool === null || this.paused.peek()) return;
    for (const entry of this.#waiting) {
      if (this.#running.size > 2 * Math.max(1, pool.size)) return;
      this.#waiting.delete(entry);
      void this.#analyse(entry, pool);
    }
  }

  async #analyse(entry: Entry, pool: RunPool): Promise<void> {
    const stop = new AbortController();
    this.#running.set(entry, stop);
    const { options, file } = entry;
    const { study } = this.#settings;
    const current = () => this.#running.get(entry) === stop;
    if (options === null || file === null) return;
    let shownUntil = Number.POSITIVE_INFINITY;
    let latest = null as Fold | null;
    try {
      const special = this.#settings.analysisOf?.(entry, file) ?? null;
      const analysis = special === null ? analyse : await special;
      if (!current()) return;
      const own = await analysis(pool, file, options, stop.signal, {
        onStart: () => {
          shownUntil = performance.now() + FIRST_DRAW_MS;
          if (study.open.peek() <= CROWD) {
            this.#begin(entry);
            return;
          }
          this.#begun.add(entry);
          this.#showBegun();
        },
        onPlan: (plan, sha256) => {
          if (sha256 !== "" && this.#isKnown(entry, sha256)) return;
          entry.plan.value = plan;
          const total = plan.voters.length;
          // Of few there is nothing to count: the report is about to come.
          if (total > FEW) entry.become({ kind: "classifying", done: 0, total });
        },
        onPreview: (picture, coarse) => entry.depict(picture, coarse),
        onResults: (fold) => {
          if (!current()) return;
          latest = fold;
          // The report follows at once, and comes sooner if nothing is painted meanwhile.
          if (fold.complete || performance.now() < shownUntil) return;
          shownUntil = performance.now() + REDRAW_MS;
          batch(() => {
            entry.results.value = { fold };
            entry.become({ kind: "classifying", done: fold.done, total: fold.voters });
          });
        },
      });
      if (!current()) return;
      const { judge } = this.#settings;
      const report = judge === undefined ? own : await judge(entry, own, latest);
      if (!current()) return;
      batch(() => {
        if (latest !== null) entry.results.value = { fold: latest.shown };
        this.#pace.done();
        this.#running.delete(entry);
        if (report === own) entry.finish(report);
        else entry.finishJudged(report);
        // Meanwhile another threshold may have been chosen.
        study.judge(entry, this.#settings.origin().options.uncertainBelow);
        const twin = study.twin(entry, report);
        if (twin !== null) {
          this.#merge(entry, twin);
          return;
        }
        study.countOnce(entry);
        this.#finished(entry);
      });
    } catch (error) {
      if (!current() || error instanceof CancelledError) return;
      this.#finish(entry, { kind: "failed", error: asHistoscopeError(error) });
    } finally {
      this.#admit();
    }
  }

  /**
   * Whether another image has the same bytes and counts for both. A result without a picture, read from a saved study,
   * gets this file, and the image is that one from now on.
   */
  #isKnown(entry: Entry, sha256: string): boolean {
    const { study } = this.#settings;
    const other = study.withBytes(sha256, entry);
    if (other === null || !isCounting(other)) {
      study.identify(entry, sha256);
      return false;
    }
    if (other.hasFile && other.number > entry.number) {
      study.identify(entry, sha256);
      // The first counts, whichever worker was faster; but a result stays until this one has its own.
      if (!other.settled) {
        this.#leave(other);
        study.takeOver(entry, other);
        this.#finished(other);
      }
      return false;
    }
    this.#leave(entry);
    entry.sha256 = sha256;
    if (other.hasFile) this.#finish(entry, { kind: "same", as: other });
    else this.#merge(entry, other);
    return true;
  }

  #merge(entry: Entry, into: Entry): void {
    this.#settings.study.merge(entry, into);
    this.#settings.onRecognised?.(entry, into);
    this.#afterLast();
  }

  /** Without a result. One that was there before stays, and a failure stands beside it. */
  #finish(entry: Entry, state: Exclude<State, { kind: "done" }>): void {
    this.#waiting.delete(entry);
    this.#running.delete(entry);
    const trouble = state.kind === "failed" ? state.error : null;
    const { study } = this.#settings;
    if (state.kind === "same" || !this.#putBack(entry, trouble)) {
      entry.become(state);
      // The same bytes fare no better, unless there is a result of an earlier run.
      for (const copy of study.copiesOf(entry)) {
        if (state.kind === "same" || !this.#putBack(copy, null)) copy.become(state);
      }
    }
    this.#finished(entry);
  }

  #putBack(entry: Entry, trouble: HistoscopeError | null): boolean {
    const done = entry.putBack(trouble);
    if (done) this.#settings.study.countOnce(entry);
    return done;
  }

  #finished(entry: Entry): void {
    this.#settings.onFinish(entry);
    this.#afterLast();
  }

  /** Else the next images would wait for a button that is not there any more. */
  #afterLast(): void {
    if (this.#waiting.size + this.#running.size === 0) this.pause(false);
  }
}
