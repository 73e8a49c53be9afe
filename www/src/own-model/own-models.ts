// A person's own model on its way into use: read, described, asked about, tried, kept, and taken out of use again.
//
// What a file does to the engine it does in a worker that is thrown away (trial.ts). Only what got through that is
// handed to the page's own workers.

import { signal } from "@preact/signals";
import { asHistoscopeError, CancelledError, type HistoscopeError, ModelError } from "../base/errors.ts";
import { reason } from "../engine/fetching.ts";
import type { Manifest, ModelSource } from "../engine/model-store.ts";
import { usualEdition } from "../engine/opening.ts";
import type { Edition, Variant } from "../engine/protocol.ts";
import type { EngineParts } from "../engine/worker-handle.ts";
import { numbersOf } from "../words/numbers.ts";
import { said } from "../words/said.ts";
import type { Say } from "../words/words.ts";
import type { Known } from "./configs.ts";
import { whatIsWrong } from "./inspection.ts";
import { configs } from "./later.ts";
import type { Answers, FileFacts, Given, Question } from "./manifest.ts";
import * as shelf from "./shelf.ts";
import { type Advice, adviseScaling, inspect, type Opened, tryOut } from "./trial.ts";

/** The largest file that is read, in bytes; the core has the same limit. */
export const MOST_MODEL_BYTES = 256 * 2 ** 20;

/** What the workers together may take for one model, in bytes, and how often each holds it, unpacked and packed. */
const MEMORY_BYTES = 2e9;
const COPIES = 6;

/** A model that was tried. */
export class OwnModel implements ModelSource {
  readonly manifest: Manifest;
  readonly variants: readonly Variant[];

  constructor(
    readonly file: Uint8Array,
    readonly sha256: string,
    readonly manifestText: string,
    readonly variant: Variant,
    /** What the trial showed. */
    readonly opened: Opened,
  ) {
    this.manifest = JSON.parse(manifestText) as Manifest;
    this.variants = [variant];
  }

  get name(): string {
    return this.manifest.name;
  }

  get edition(): Edition {
    return this.opened.edition;
  }

  /** As many workers as a large model leaves room for. */
  get mostWorkers(): number {
    return Math.max(1, Math.floor(MEMORY_BYTES / (COPIES * this.file.length)));
  }

  async load(): Promise<Uint8Array> {
    return this.file;
  }

  /** A model that is dropped brings no such file. */
  async familiarity(): Promise<null> {
    return null;
  }
}

const isOnnx = ({ name }: File): boolean => /\.onnx$/i.test(name);

const notAlone = () => new ModelError(...said("model_not_alone", "files"));

/** What the JSON files beside a model say: one of them may be its manifest, the others are configurations. */
async function readBeside(texts: readonly File[]): Promise<{ manifest: Given | null; known: Known }> {
  const { readConfig, readGiven } = await configs();
  let manifest: Given | null = null;
  let known: Known = {};
  for (const file of texts) {
    const given = readGiven(file.name, await file.text());
    const config = readConfig(given);
    if (config !== null) known = { ...known, ...config };
    else if (manifest === null) manifest = given;
    else throw notAlone();
  }
  return { manifest, known };
}

/** A file that can be read, and what has to be known of it. */
export interface Candidate extends FileFacts {
  readonly file: Uint8Array;
  /** Of the engine, that told what the file holds. */
  readonly edition: Edition;
  readonly questions: readonly Question[];
}

export type Dialog =
  | { readonly kind: "closed" }
  | { readonly kind: "reading"; readonly name: string }
  | { readonly kind: "refused"; readonly name: string; readonly error: HistoscopeError }
  /** `trouble`: what the last try said. */
  | { readonly kind: "asking"; readonly candidate: Candidate; readonly trouble: HistoscopeError | null }
  | { readonly kind: "trying"; readonly candidate: Candidate };

export interface OwnModelsSettings {
  readonly parts: () => Promise<EngineParts>;
  /** Starts the page's engine with this model, or with the built-in one; resolves when it is up. */
  readonly use: (model: OwnModel | null) => Promise<void>;
  /** Told when what is kept in the browser has changed. */
  readonly onKept: () => void;
  /** In place of the real ones, in tests. */
  readonly trial?: typeof TRIAL;
  readonly shelf?: typeof shelf;
}

const TRIAL = { inspect, tryOut, adviseScaling };

export class OwnModels {
  readonly dialog = signal<Dialog>({ kind: "closed" });
  readonly inUse = signal<OwnModel | null>(null);
  readonly kept = signal<shelf.Kept | null>(null);
  /** What was found out about the scaling of the pixels of the model in use. */
  readonly advice = signal<Advice | null>(null);
  /** A remark, such as that the model could not be kept. */
  readonly notice = signal<Say | null>(null);
  readonly #settings: Required<OwnModelsSettings>;
  /** Of what the dialog is waiting for. */
  #waiting = new AbortController();

  constructor(settings: OwnModelsSettings) {
    this.#settings = { trial: TRIAL, shelf, ...settings };
  }

  /** Looks whether one is kept from an earlier visit. */
  async look(): Promise<void> {
    this.kept.value = await this.#settings.shelf.kept();
  }

  /**
   * Reads a model, with the manifest, the configurations and the files of weights that came with it, and opens the
   * dialog.
   */
  async offer(models: readonly File[], texts: readonly File[], others: readonly File[] = []): Promise<void> {
    // Beside the export may lie what it was made of.
    const exported = models.filter(isOnnx);
    const [model, ...more] = exported.length > 0 ? exported : models;
    if (model === undefined) return;
    const { name } = model;
    const signal = this.#restart();
    this.dialog.value = { kind: "reading", name };
    try {
      if (more.length > 0) throw notAlone();
      const size = [model, ...others].reduce((all, file) => all + file.size, 0);
      // Of what is another program's model a piece tells which.
      if (size > MOST_MODEL_BYTES && isOnnx(model)) {
        const { bytes } = numbersOf("en");
        const values = { size: bytes(size), most: bytes(MOST_MODEL_BYTES) };
        throw new ModelError(...said("model_too_large", "file", values));
      }
      const beside = await readBeside(texts);
      const bytes = async (file: File) => new Uint8Array(await file.arrayBuffer());
      const data = await Promise.all(
        others.map(async (file) => ({ name: file.name, bytes: await bytes(file) })),
      );
      const dropped = new Uint8Array(await model.slice(0, MOST_MODEL_BYTES).arrayBuffer());
      const { parts, trial } = this.#settings;
      const { inspection, sha256, joined, edition } = await trial.inspect(
        await parts(),
        dropped,
        data,
        signal,
      );
      const problem = whatIsWrong(inspection);
      if (problem !== null) throw new ModelError(...said("model_invalid", "inspection", { problem }));
      const { asGiven, buildManifest, questions, readMetadata } = await configs();
      const known = { ...readMetadata(inspection.metadata), ...beside.known };
      const says = Object.keys(known).length > 0 || beside.manifest !== null;
      const given = says ? asGiven(known, beside.manifest) : null;
      const facts = { name, inspection, sha256, given, names: known.names ?? null };
      // Said now and not after the questions.
      buildManifest(facts, {});
      if (signal.aborted) return;
      this.dialog.value = {
        kind: "asking",
        candidate: { ...facts, file: joined ?? dropped, edition, questions: questions(facts) },
        trouble: null,
      };
    } catch (error) {
      if (!signal.aborted) this.dialog.value = { kind: "refused", name, error: asHistoscopeError(error) };
    }
  }

  /** Tries the candidate of the dialog and takes it into use. */
  async accept(candidate: Candidate, answers: Partial<Answers>): Promise<void> {
    const signal = this.#restart();
    this.dialog.value = { kind: "trying", candidate };
    try {
      const { buildManifest } = await configs();
      const { text, variant } = buildManifest(candidate, answers);
      const { file, inspection, edition } = candidate;
      const { parts, trial } = this.#settings;
      const opened = await trial.tryOut(await parts(), file, text, variant, edition, signal);
      if (signal.aborted) return;
      const model = new OwnModel(file, inspection.sha256, text, variant, opened);
      this.dialog.value = { kind: "closed" };
      await this.#take(model);
      void this.#doubt(model, signal);
      await this.#keep(model);
    } catch (error) {
      if (signal.aborted) return;
      this.dialog.value = { kind: "asking", candidate, trouble: asHistoscopeError(error) };
    }
  }

  /** Tries the kept model again, for the engine may be another one by now, and takes it into use. */
  async useKept(): Promise<void> {
    const about = this.kept.value;
    if (about === null) return;
    const { name, sha256, manifest, variant } = about;
    const signal = this.#restart();
    this.dialog.value = { kind: "reading", name };
    try {
      const file = await this.#settings.shelf.keptFile();
      if (file === undefined) throw new ModelError(...said("model_missing", "kept"));
      const edition = usualEdition(variant, "fused");
      const { parts, trial } = this.#settings;
      const opened = await trial.tryOut(await parts(), file, manifest, variant, edition, signal);
      if (signal.aborted) return;
      this.dialog.value = { kind: "closed" };
      const model = new OwnModel(file, sha256, manifest, variant, opened);
      await this.#take(model);
      void this.#doubt(model, signal);
    } catch (error) {
      if (!signal.aborted) this.dialog.value = { kind: "refused", name, error: asHistoscopeError(error) };
    }
  }

  /** Closes the dialog; what it was waiting for is ended. */
  close(): void {
    this.#waiting.abort(new CancelledError());
    this.dialog.value = { kind: "closed" };
  }

  /** Back to the built-in model; what is kept stays. */
  async leave(): Promise<void> {
    this.notice.value = null;
    await this.#take(null);
  }

  /** Removes what is kept; a model in use stays in use until the page is closed. */
  async forget(): Promise<void> {
    await this.#settings.shelf.remove();
    this.kept.value = null;
    this.#settings.onKept();
  }

  #restart(): AbortSignal {
    this.#waiting.abort(new CancelledError());
    this.#waiting = new AbortController();
    return this.#waiting.signal;
  }

  async #take(model: OwnModel | null): Promise<void> {
    this.inUse.value = model;
    this.advice.value = null;
    await this.#settings.use(model);
  }

  /** Beside the work, for it may take a while and nothing waits for it. */
  async #doubt({ file, manifestText, opened }: OwnModel, signal: AbortSignal): Promise<void> {
    try {
      const { parts, trial } = this.#settings;
      const advice = await trial.adviseScaling(await parts(), file, manifestText, opened.edition, signal);
      if (!signal.aborted) this.advice.value = advice;
    } catch {
      // It runs, as the trial has shown: then there is no advice.
    }
  }

  async #keep({ name, sha256, file, manifestText, variant }: OwnModel): Promise<void> {
    const about = { name, sha256, bytes: file.length, manifest: manifestText, variant };
    try {
      await this.#settings.shelf.keep(about, file);
      this.kept.value = about;
      this.notice.value = null;
      this.#settings.onKept();
    } catch (error) {
      const why = reason(error);
      this.notice.value = ({ ownModel }) => ownModel.notKept(why);
    }
  }
}
