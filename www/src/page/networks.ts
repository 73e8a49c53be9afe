// Which network judges on the page: the built-in one, a person's own, or the deeper one of the lesson in force; how one gives
// way to another, and how one runs beside another.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { startEngine } from "../engine/engine.ts";
import type { EngineLife } from "../engine/life.ts";
import type { ModelSource } from "../engine/model-store.ts";
import type { Variant } from "../engine/protocol.ts";
import type { OwnModel } from "../own-model/own-models.ts";
import type { Analysis } from "../run/analysis.ts";
import { analysisOptions, type Settings } from "../run/options.ts";
import type { Entry } from "../study/entry.ts";
import type { Deeper } from "../teach/deeper.ts";
import { deeperParts } from "../teach/later.ts";
import type { Lesson } from "../teach/lesson.ts";
import type { SaidMemory } from "../teach/memory.ts";
import type { Beside, Networks, Turn } from "../teach/networks.ts";
import { coreOf } from "../teach/pool-core.ts";
import { canFetch, getOfPage, pageFiles } from "./page-files.ts";
import { DEEPER_MANIFEST_PATH } from "./paths.ts";

/** What it asks of the engine's life. */
type Life = Pick<EngineLife, "builtIn" | "change" | "fetchRest" | "parts" | "ready" | "state">;

export interface PageNetworksSettings {
  readonly life: Life;
  /** A person's own model, while it is in use. */
  readonly own: ReadonlySignal<OwnModel | null>;
  readonly settings: ReadonlySignal<Settings>;
  /** The lesson in force, which may wait for its network; read within computed signals. */
  readonly lesson: () => Lesson | null;
  /** The lesson that judges; likewise. */
  readonly judging: () => Lesson | null;
  readonly workers: () => number;
  /** How an image is analysed, as it is in a run. */
  readonly analysisOf: (entry: Entry, file: File) => Promise<Analysis>;
  /** Keeps what a network beside the one that judges said of an image, as far as there is room. */
  readonly admit: SaidMemory["admitAside"];
  /** Told when what is kept in the browser has changed. */
  readonly onKept: () => void;
  /** In place of the real ones, in tests. */
  readonly start?: typeof startEngine;
  readonly deeperParts?: typeof deeperParts;
}

export class PageNetworks {
  readonly #settings: PageNetworksSettings;
  readonly #deeper = signal<Deeper | null>(null);
  /** What the page's engine was started with last; null is the built-in model. */
  #started: ModelSource | null = null;

  /** What runs in place of the built-in model: a person's own, or the network that the lesson in force was taught on. */
  readonly network: ReadonlySignal<OwnModel | Deeper | null>;
  /** The precision that is computed with: of other models there is but one. */
  readonly variant: ReadonlySignal<Variant>;
  /** Of the model's file that runs now, or is about to; null before there is one. */
  readonly modelSha256: ReadonlySignal<string | null>;
  /** Whether what runs now can be taught: an int8 model that brings features. */
  readonly teachable: ReadonlySignal<boolean>;
  /** The threshold of the head that judges now, a lesson's or the model's own; null where it has none. */
  readonly ownThreshold: ReadonlySignal<number | null>;

  constructor(settings: PageNetworksSettings) {
    this.#settings = settings;
    const { life, own } = settings;
    this.network = computed(() => {
      const deeper = this.#deeper.value;
      const base = settings.lesson()?.facts.model.sha256;
      return own.value ?? (deeper?.sha256 === base ? deeper : null);
    });
    this.variant = computed(() => this.network.value?.variants[0] ?? settings.settings.value.variant);
    const manifest = computed(() => (this.network.value ?? life.builtIn.value)?.manifest ?? null);
    this.modelSha256 = computed(() => manifest.value?.variants[this.variant.value]?.sha256 ?? null);
    this.teachable = computed(() => {
      const { kind } = life.state.value;
      const up = kind === "ready" || kind === "loading";
      return up && manifest.value?.features !== undefined && this.variant.value === "int8";
    });
    this.ownThreshold = computed(() => {
      const lesson = settings.judging();
      if (lesson !== null) return lesson.facts.uncertain_below ?? null;
      return manifest.value?.calibration?.uncertain_below ?? null;
    });
  }

  /** The network that lessons can look deeper with; null before its part of the page is there. */
  get deeper(): ReadonlySignal<Deeper | null> {
    return this.#deeper;
  }

  /** As teaching sees them. */
  readonly ofLessons: Networks = {
    now: () => this.modelSha256.value,
    usual: () => this.#usual()?.manifest.variants.int8?.sha256 ?? null,
    deeper: () => this.#deeperOfPage(),
    core: async () => coreOf(await this.#settings.life.ready, this.variant.peek()),
    turn: () => this.#turn(),
    beside: (sha256, signal) => this.#beside(sha256, signal),
  };

  /** Fetches the deeper network's part of the page. Where it cannot be had now, nothing is said of it. */
  async offerDeeper(): Promise<void> {
    if (this.#deeper.peek() !== null) return;
    const { onKept } = this.#settings;
    await (this.#settings.deeperParts ?? deeperParts)().then(
      ({ Deeper }) => {
        const manifestUrl = new URL(DEEPER_MANIFEST_PATH, document.baseURI).href;
        this.#deeper.value ??= new Deeper({ manifestUrl, get: getOfPage, canFetch, onKept });
      },
      () => {},
    );
  }

  /** Starts the engine anew with what is in use by now. */
  change(): ReturnType<EngineLife["change"]> {
    this.#started = this.network.peek();
    return this.#settings.life.change();
  }

  #turn(): Turn {
    const { life } = this.#settings;
    const before = this.#started;
    if (before === this.network.peek()) return { from: [], up: Promise.resolve() };
    const { variants = {} } = (before ?? life.builtIn.peek())?.manifest ?? {};
    const from = Object.values(variants).map(({ sha256 }) => sha256);
    const up = this.change().then((outcome) => {
      if (outcome === "up") void life.fetchRest();
    });
    return { from, up };
  }

  /** What judges where no lesson does. */
  #usual(): ModelSource | null {
    return this.#settings.own.peek() ?? this.#settings.life.builtIn.peek();
  }

  /** Beside a person's own model no lesson of it can judge. */
  #deeperOfPage(): Deeper | null {
    return this.#settings.own.peek() === null ? this.#deeper.peek() : null;
  }

  async #beside(sha256: string, signal: AbortSignal): Promise<Beside | null> {
    const { life, settings, workers, analysisOf, admit, start = startEngine } = this.#settings;
    const models = [this.#usual(), this.#deeperOfPage()].find(
      (source) => source?.manifest.variants.int8?.sha256 === sha256,
    );
    if (!models) return null;
    // The other precision of the built-in model is in force then: no lesson of this one could judge.
    const isBuiltIn = models === life.builtIn.peek();
    if (isBuiltIn && this.network.peek() === null && this.variant.peek() !== "int8") return null;
    const variant = "int8";
    const { kernels, runtime } = settings.peek();
    const engine = await start({
      files: pageFiles(),
      parts: life.parts(),
      models,
      workers: workers(),
      kernels,
      runtime,
      variant: () => variant,
      onProgress: () => {},
      onWorkerDeath: () => {},
      signal,
    });
    const { pool } = engine;
    const model = isBuiltIn ? "" : models.manifestText;
    return {
      core: coreOf(engine, variant),
      look: async (entries, signal, onProgress) => {
        const { lookBeside } = await (this.#settings.deeperParts ?? deeperParts)();
        const options = { ...analysisOptions(settings.peek()), variant } as const;
        await lookBeside(entries, { pool, options, model, sha256, analysisOf, admit, onProgress }, signal);
      },
      close: () => engine.dispose(),
    };
  }
}
