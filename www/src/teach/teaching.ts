// Teaching: from labelled images to a lesson that a person uses or discards.
//
//   idle -> teaching -> taught -> idle (used or discarded)
//                    -> refused, failed

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { asHistoscopeError, CancelledError, type HistoscopeError } from "../base/errors.ts";
import type { Study } from "../study/study.ts";
import { type Lettered, type Teachable, type TeachCore, teachable, teachRequest } from "./core.ts";
import type { Evaluation, Remark } from "./evaluation.ts";
import { judging } from "./later.ts";
import type { LeftOut, Lesson, Taught } from "./lesson.ts";
import { classCounts, classesOf, samplesOf } from "./samples.ts";

/** What was said of the images of a lesson, each while it was left out. */
export interface Said {
  readonly lesson: Lesson;
  readonly leftOut: readonly LeftOut[];
}

/** A lesson that waits for a person's answer. */
export interface Outcome extends Said {
  readonly before: Evaluation | null;
  readonly after: Evaluation | null;
  readonly difference: Taught["difference"];
  readonly warnings: readonly Remark[];
}

export type TeachingState =
  | { readonly kind: "idle" }
  | { readonly kind: "teaching"; readonly images: number }
  | { readonly kind: "taught"; readonly outcome: Outcome }
  /** `canForce`: a person may want it all the same. */
  | { readonly kind: "refused"; readonly refused: Remark; readonly canForce: boolean }
  | { readonly kind: "failed"; readonly error: HistoscopeError };

export interface TeachingSettings {
  readonly study: Study;
  readonly core: () => Promise<TeachCore>;
  /** Reads a lesson that the core has made. */
  readonly read: (text: string) => Promise<Lesson>;
  /** Has it judge, and keeps it. */
  readonly use: (lesson: Lesson) => Promise<void>;
}

/** What was before is what the model itself says, whichever lesson judges now. */
async function asTheModelSays(core: TeachCore, samples: readonly Lettered[]): Promise<readonly Lettered[]> {
  const taught = samples.filter(({ report }) => report.taught);
  if (taught.length === 0) return samples;
  const { judgedBy } = await judging();
  const reports = await judgedBy(
    core,
    taught.map(({ report, said }) => ({ original: report, said })),
    null,
  );
  const own = new Map(taught.map(({ entry }, index) => [entry, reports[index]]));
  return samples.map((sample) => ({ ...sample, report: own.get(sample.entry) ?? sample.report }));
}

export class Teaching {
  readonly #settings: TeachingSettings;
  readonly #state = signal<TeachingState>({ kind: "idle" });
  readonly #used = signal<Said | null>(null);
  #asked = new AbortController();

  constructor(settings: TeachingSettings) {
    this.#settings = settings;
  }

  get state(): ReadonlySignal<TeachingState> {
    return this.#state;
  }

  /** Of the lesson that was used last; null before one was made on this visit. */
  get used(): ReadonlySignal<Said | null> {
    return this.#used;
  }

  /** The labelled images that hold what is needed, and how many hold it not. */
  material(): Teachable {
    return teachable(samplesOf(this.#settings.study.entries.peek()));
  }

  /** Makes a lesson of this name. `force`: of a class with images of one patient, too. */
  async teach(name: string, force = false): Promise<void> {
    const { core, read } = this.#settings;
    const { samples } = this.material();
    this.cancel();
    const { signal } = this.#asked;
    this.#state.value = { kind: "teaching", images: samples.length };
    try {
      const classes = classesOf(classCounts(samples));
      const worker = await core();
      const own = await asTheModelSays(worker, samples);
      const { request, features } = teachRequest(own, { classes, name, force });
      const taught = JSON.parse(await worker.teach(request, features, signal)) as Taught;
      if (signal.aborted) return;
      if (taught.lesson === null) {
        const refused = taught.refused ?? { code: "", params: {} };
        const canForce = !force && refused.code === "too_few";
        this.#state.value = { kind: "refused", refused, canForce };
        return;
      }
      const { left_out: leftOut, before, after, difference, warnings } = taught;
      const lesson = await read(taught.lesson);
      if (signal.aborted) return;
      const outcome = { lesson, leftOut, before, after, difference, warnings };
      this.#state.value = { kind: "taught", outcome };
    } catch (error) {
      if (!signal.aborted) this.#state.value = { kind: "failed", error: asHistoscopeError(error) };
    }
  }

  /** Has the lesson that is there judge from now on. */
  async use(): Promise<void> {
    const state = this.#state.peek();
    if (state.kind !== "taught") return;
    const { lesson, leftOut } = state.outcome;
    batch(() => {
      this.#used.value = { lesson, leftOut };
      this.#state.value = { kind: "idle" };
    });
    await this.#settings.use(lesson);
  }

  /** Stops what is at work, or drops what is there. */
  cancel(): void {
    this.#asked.abort(new CancelledError());
    this.#asked = new AbortController();
    this.#state.value = { kind: "idle" };
  }
}
