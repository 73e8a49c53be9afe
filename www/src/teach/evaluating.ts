// The verdicts at hand, judged by the labels: anew whenever labels, patients or results have changed and nothing is at
// work any more.

import { type ReadonlySignal, signal } from "@preact/signals";
import { asHistoscopeError, CancelledError, type HistoscopeError } from "../base/errors.ts";
import type { Study } from "../study/study.ts";
import { evaluationRequest, type TeachCore } from "./core.ts";
import type { Evaluation } from "./evaluation.ts";
import { type ClassCount, classCounts, samplesOf } from "./samples.ts";

export type Evaluated =
  /** There are no labels with results. */
  | { readonly kind: "nothing" }
  | { readonly kind: "working" }
  | { readonly kind: "there"; readonly evaluation: Evaluation }
  | { readonly kind: "failed"; readonly error: HistoscopeError };

/** Changes come in crowds; in milliseconds. */
const SETTLE_MS = 250;

export interface EvaluatingSettings {
  readonly study: Study;
  /** Resolves when the engine is up. */
  readonly core: () => Promise<TeachCore>;
  /** The classes that verdicts of now may have. */
  readonly classes: () => readonly string[];
  /** Digests of the images that the lesson which judges now was taught. */
  readonly taught: () => readonly string[];
}

export class Evaluating {
  readonly #settings: EvaluatingSettings;
  readonly #state = signal<Evaluated>({ kind: "nothing" });
  readonly #counts = signal<readonly ClassCount[]>([]);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = new AbortController();
  /** What was asked last, so that nothing is asked twice. */
  #request = "";

  constructor(settings: EvaluatingSettings) {
    this.#settings = settings;
    // While any is at work, the last of them will be there to ask.
    settings.study.watch(() => {
      if (settings.study.open.peek() === 0) this.soon();
    });
  }

  get state(): ReadonlySignal<Evaluated> {
    return this.#state;
  }

  /** Labelled images with a result, by class. */
  get counts(): ReadonlySignal<readonly ClassCount[]> {
    return this.#counts;
  }

  /** Reckons anew once nothing changes any more. */
  soon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), SETTLE_MS);
  }

  async now(): Promise<void> {
    clearTimeout(this.#timer);
    const { study, classes, taught, core } = this.#settings;
    if (study.open.peek() > 0) return;
    const all = samplesOf(study.entries.peek());
    this.#counts.value = classCounts(all);
    const known = classes();
    const samples = all.filter(({ label }) => known.includes(label));
    if (samples.length === 0) {
      this.#asked.abort(new CancelledError());
      this.#request = "";
      this.#state.value = { kind: "nothing" };
      return;
    }
    const request = evaluationRequest(samples, known, taught());
    if (request === this.#request) return;
    this.#request = request;
    this.#asked.abort(new CancelledError());
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    // What is there stays in sight until there is better.
    if (this.#state.peek().kind !== "there") this.#state.value = { kind: "working" };
    try {
      const answer = await (await core()).evaluate(request, signal);
      if (signal.aborted) return;
      this.#state.value = { kind: "there", evaluation: JSON.parse(answer) as Evaluation };
    } catch (error) {
      if (signal.aborted) return;
      this.#request = "";
      this.#state.value = { kind: "failed", error: asHistoscopeError(error) };
    }
  }
}
