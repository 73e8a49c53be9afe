// Teaching: from labelled images to a lesson that a person uses or discards.
//
//   idle -> (fetching -> looking ->) teaching -> taught -> idle (used or discarded)
//                                             -> refused, failed
//
// On another network than the one that judges the images are looked at first, beside what is shown. Whatever becomes of
// that, no result changes before the lesson is used.

import { batch, type ReadonlySignal, signal } from "@preact/signals";
import { asHistoscopeError, CancelledError, type HistoscopeError } from "../base/errors.ts";
import type { Study } from "../study/study.ts";
import { type Lettered, type Teachable, type TeachCore, teachable, teachRequest } from "./core.ts";
import type { Evaluation, Remark } from "./evaluation.ts";
import { judging } from "./later.ts";
import type { LeftOut, Lesson, Taught } from "./lesson.ts";
import type { Networks } from "./networks.ts";
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
  /** The deeper network is on its way, in bytes. */
  | { readonly kind: "fetching"; readonly received: number; readonly total: number }
  /** It looks at the labelled images. */
  | { readonly kind: "looking"; readonly done: number; readonly total: number }
  | { readonly kind: "teaching"; readonly images: number }
  | { readonly kind: "taught"; readonly outcome: Outcome }
  /** `canForce`: a person may want it all the same. */
  | { readonly kind: "refused"; readonly refused: Remark; readonly canForce: boolean }
  | { readonly kind: "failed"; readonly error: HistoscopeError };

export interface TeachingSettings {
  readonly study: Study;
  readonly networks: Networks;
  /** Reads a lesson that the core has made. */
  readonly read: (text: string, core: TeachCore) => Promise<Lesson>;
  /** Has it judge, and keeps it. */
  readonly use: (lesson: Lesson) => Promise<void>;
}

export interface TeachWish {
  /** Of a class with images of one patient, too. */
  readonly force?: boolean;
  /** On the deeper network. */
  readonly deeper?: boolean;
}

/** A network to teach on, with the core over it. */
interface Ground {
  readonly network: string | null;
  readonly core: TeachCore;
  close(): void;
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

  /** The labelled images that hold what is needed of the network that judges now, and those that hold it not. */
  material(): Teachable {
    return this.#material(this.#settings.networks.now());
  }

  #material(network: string | null): Teachable {
    return teachable(samplesOf(this.#settings.study.entries.peek()), network);
  }

  /** Makes a lesson of this name. */
  async teach(name: string, { force = false, deeper = false }: TeachWish = {}): Promise<void> {
    const { networks, read } = this.#settings;
    this.cancel();
    const { signal } = this.#asked;
    const wanted = deeper ? (networks.deeper()?.sha256 ?? null) : networks.usual();
    let ground: Ground | null = null;
    try {
      ground = await this.#ground(wanted, signal);
      const { core, network } = ground;
      const { samples } = this.#material(network);
      if (signal.aborted) return;
      this.#state.value = { kind: "teaching", images: samples.length };
      const options = { classes: classesOf(classCounts(samples)), name, force };
      const before = (await this.#asBefore(network, samples)) ?? (await asTheModelSays(core, samples));
      const { request, features } = teachRequest(before, options);
      const taught = JSON.parse(await core.teach(request, features, signal)) as Taught;
      if (signal.aborted) return;
      if (taught.lesson === null) {
        const refused = taught.refused ?? { code: "", params: {} };
        const canForce = !force && refused.code === "too_few";
        this.#state.value = { kind: "refused", refused, canForce };
        return;
      }
      const { left_out: leftOut, after, difference, warnings } = taught;
      const lesson = await read(taught.lesson, core);
      if (signal.aborted) return;
      const outcome = { lesson, leftOut, before: taught.before, after, difference, warnings };
      this.#state.value = { kind: "taught", outcome };
    } catch (error) {
      if (!signal.aborted) this.#state.value = { kind: "failed", error: asHistoscopeError(error) };
    } finally {
      ground?.close();
    }
  }

  /** Has the network at hand, and the labelled images seen by it. */
  async #ground(wanted: string | null, signal: AbortSignal): Promise<Ground> {
    const { networks, study } = this.#settings;
    const now = networks.now();
    const here = async () => ({ network: now, core: await networks.core(), close: () => {} });
    if (wanted === null || wanted === now) {
      this.#state.value = { kind: "teaching", images: this.material().samples.length };
      return here();
    }
    const deeper = networks.deeper();
    if (deeper?.sha256 === wanted) {
      const onProgress = (received: number, total: number) => {
        if (!signal.aborted) this.#state.value = { kind: "fetching", received, total };
      };
      onProgress(0, deeper.bytes);
      await deeper.bring(signal, onProgress);
    }
    const beside = await networks.beside(wanted, signal);
    if (beside === null) return here();
    try {
      const entries = samplesOf(study.entries.peek()).map(({ entry }) => entry);
      await beside.look(entries, signal, (done, total) => {
        if (!signal.aborted) this.#state.value = { kind: "looking", done, total };
      });
    } catch (error) {
      beside.close();
      throw error;
    }
    return { network: wanted, core: beside.core, close: () => beside.close() };
  }

  /**
   * What was before a lesson of another network is what the usual one says of the same images, as on the command line: the
   * deeper one says nothing by itself. Null where the usual one is taught, has not seen all of them, or where a lesson of it
   * judged that cannot be taken back now.
   */
  async #asBefore(network: string | null, samples: readonly Lettered[]): Promise<Lettered[] | null> {
    const { networks } = this.#settings;
    if (network === networks.usual()) return null;
    const usual = new Map(this.#material(networks.usual()).samples.map((sample) => [sample.entry, sample]));
    const known = samples.flatMap(({ entry }) => usual.get(entry) ?? []);
    const isUp = networks.now() === networks.usual();
    if (known.length < samples.length || (!isUp && known.some(({ report }) => report.taught))) return null;
    const own = isUp ? await asTheModelSays(await networks.core(), known) : known;
    return samples.map((sample, index) => ({ ...sample, report: own[index]?.report ?? sample.report }));
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
