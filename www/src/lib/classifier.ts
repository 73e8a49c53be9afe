// The classifier for other pages: engine and pool behind three methods. Knows no document but its address.

import { Follower } from "../base/abort.ts";
import { asHistoscopeError, BrowserError, CancelledError, OptionsError } from "../base/errors.ts";
import { bestKernels, type Capability, type Kernels, missingCapabilities } from "../engine/capabilities.ts";
import { type Engine, startEngine, warmUp } from "../engine/engine.ts";
import type { Cause, Variant } from "../engine/protocol.ts";
import { analyse } from "../run/analysis.ts";
import type { Fold } from "../run/fold.ts";
import {
  type AnalysisOptions as Analysis,
  analysisOptions,
  defaultSettings,
  MAX_WORKERS,
  NEVER_UNCERTAIN,
} from "../run/options.ts";
import { hasVoted, isOwn, judgedInPlace } from "../study/classes.ts";
import { diagnose } from "../study/diagnosis.ts";
import {
  type FailureReport,
  type FolderReport,
  failureReport,
  type ImageReport,
  type PatchReport,
  type Plan,
} from "../study/report.ts";
import { clause, said } from "../words/said.ts";
import { invalidOption, packageFiles } from "./files.ts";
import type { Places } from "./places.ts";

const CAPABILITIES: Readonly<Record<Capability, string>> = {
  wasm: "WebAssembly",
  simd: "WebAssembly SIMD",
  workers: "workers",
  canvas: "OffscreenCanvas",
};

export interface ClassifierOptions extends Places {
  /** The model's precision. Only this one is fetched. Default "int8". */
  readonly variant?: Variant | undefined;
  /** Build of the engine. Default: the fastest that the browser can run; the reports are the same. */
  readonly kernels?: Kernels | undefined;
  /** Web workers, 1 to 8. Default: one for each core that the browser admits to. Changes no result. */
  readonly workers?: number | undefined;
  /**
   * Judges in the place of the model: the text of a lesson's file, as the page and the command line write it. It must be of
   * this model. One of other classes than benign and malignant speaks in the report's `taught`. Needs the variant "int8".
   */
  readonly lesson?: string | undefined;
  /** Gives the start up: the promise rejects with `CancelledError`, and no worker is left. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the model file that have come, and how many there are. The engine comes beside it, uncounted. */
  readonly onProgress?: ((received: number, total: number) => void) | undefined;
}

/** What changes a result, and `batchSize`. The core checks the ranges and rejects with `options_invalid`. */
export interface AnalysisOptions {
  /** How many patches of an image are classified at most, evenly spread: from 1, or "all". Default 25. */
  readonly maxPatches?: number | "all" | undefined;
  /** Pixels from one patch to the next, from 16. Default: the side of a patch (224), so that they touch. */
  readonly stride?: number | undefined;
  /** Whether only patches with tissue, in focus and stained with H&E vote. Default true. */
  readonly screen?: boolean | undefined;
  /** Patches handed to the engine at once, 1 to 256: how fine progress is, and what workers share. Default 16. Changes no result. */
  readonly batchSize?: number | undefined;
  /** Below this confidence, 0.5 to 1, a verdict is "uncertain". Default: the model's own threshold. */
  readonly uncertainBelow?: number | undefined;
}

/** How far an image has come. */
export interface Progress {
  readonly stage: "reading" | "classifying";
  /** Patches that have been classified, of `total`; both 0 while the image is read, or if no patch can vote. */
  readonly done: number;
  readonly total: number;
  /** In pixels; null until the image has been read. */
  readonly image: ImageReport["image"] | null;
  /**
   * The sampled patches in the report's order; `probabilities` is null for what has no result yet, or will have none, and of
   * a model that tells no benign and malignant apart.
   */
  patches(): PatchReport[];
}

export interface ClassifyOptions extends AnalysisOptions {
  /** Ends the analysis: the promise rejects with `CancelledError` at once. */
  readonly signal?: AbortSignal | undefined;
  /** Called when a worker takes the image up and after each batch. What it throws stops nothing and is reported. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Given a JPEG, at most 1600 pixels a side, of an image that browsers cannot show as it is (TIFF, a turned WebP) or that has
   * more than 32 megapixels.
   */
  readonly onPreview?: ((picture: Blob) => void) | undefined;
  /** The report's `filename`. Default: that of the `File`; for a `Blob`, "image". */
  readonly filename?: string | undefined;
}

export interface ClassifyManyOptions extends AnalysisOptions {
  /** Whether every copy of an image votes. Default false: of the same bytes the first votes, the others have `duplicate_of`. */
  readonly keepDuplicates?: boolean | undefined;
  /** Whether images vote that are unlike what the model has learned from. Default false. */
  readonly countUnfamiliar?: boolean | undefined;
  /** Whether all images are of one patient, whatever their names tell. Default false. */
  readonly onePatient?: boolean | undefined;
  /** Ends all of it: the promise rejects with `CancelledError` at once. */
  readonly signal?: AbortSignal | undefined;
  /** As for one image; `index` is the image's place. */
  readonly onProgress?: ((progress: Progress, index: number) => void) | undefined;
  /** Called when an image has come to an end, in whatever order they do. */
  readonly onResult?: ((result: ImageReport | FailureReport, index: number) => void) | undefined;
}

/** Which images vote, and with whom. */
interface Rule {
  readonly keepDuplicates: boolean;
  readonly countUnfamiliar: boolean;
  readonly onePatient: boolean;
}

/** What the core says of all images, without them. */
type Whole = Omit<FolderReport, "individual_results"> & { readonly duplicate_of: readonly (number | null)[] };

/** What a lesson has that judged in the place of the model's own head, which abstains from ties at least. */
const lessonThreshold = (report: ImageReport): number | null =>
  judgedInPlace(report) ? (report.taught?.lesson?.uncertain_below ?? NEVER_UNCERTAIN) : null;

/** What the core reads of an image to take the mean, as its `report::Vote`; `name` may tell a patient. */
function vote(result: ImageReport | FailureReport, name: string | null) {
  if (!result.success)
    return { name, failed: true, probabilities: null, sha256: null, uncertain_below: null };
  const { probabilities, sha256 = null, options } = result;
  const unfamiliar = result.verdict === "unfamiliar";
  return {
    name,
    failed: false,
    probabilities,
    otherwise: probabilities === null && hasVoted(result),
    unfamiliar,
    sha256,
    uncertain_below: options["uncertain_below"] ?? lessonThreshold(result),
  };
}

/** A classifier that is ready. It makes no further request, whatever it is asked. */
export interface Classifier {
  readonly model: { readonly name: string; readonly version: string; readonly variant: Variant };
  /** `kernels`: "simd128" or "relaxed". */
  readonly engine: { readonly version: string; readonly kernels: string };

  /**
   * Classifies one image: PNG, JPEG, TIFF (first page), BMP or WebP, 224 to 20,000 pixels a side and up to 128
   * megapixels. May be called while other images are at work; they share the workers.
   *
   * An image of which too little can be assessed is a result, with the verdict "not assessable" and null for
   * `probabilities`. Rejects with a `HistoscopeError`: `ImageError`, `LimitError`, `OptionsError`, `ModelError`,
   * `WorkerDiedError`, `InternalError`, or `CancelledError` after an abort or `dispose`.
   */
  classify(image: Blob, options?: ClassifyOptions): Promise<ImageReport>;

  /**
   * Classifies images of one patient and takes the mean over those that voted. An image that fails is a result with
   * `success: false` and the error's code, in its place among `individual_results`. Rejects only with `OptionsError`,
   * `CancelledError`, or if the mean cannot be computed.
   */
  classifyMany(images: Iterable<Blob>, options?: ClassifyManyOptions): Promise<FolderReport>;

  /** Ends the workers and frees their memory. What is at work rejects with `CancelledError`. May be called twice. */
  dispose(): void;
}

/**
 * Fetches engine and model, starts the workers, and resolves when one of them has answered.
 *
 * Rejects with a `HistoscopeError`: `OptionsError` (`options_invalid`), `BrowserError` (`browser_unsupported`,
 * `engine_refused`, `engine_hash_mismatch`), `ModelError` (`model_missing`, `model_hash_mismatch`, `manifest_invalid`,
 * `model_invalid`, `lesson_invalid`, `lesson_of_other_model`, `no_features`), `InternalError` (`engine_missing`),
 * `WorkerDiedError`, or `CancelledError`. Nothing is left then.
 */
export async function createClassifier(options: ClassifierOptions = {}): Promise<Classifier> {
  const missing = missingCapabilities(globalThis);
  if (missing.length > 0) {
    const capabilities = missing.map((name) => CAPABILITIES[name]).join(", ");
    throw new BrowserError(...said("browser_unsupported", "start", { capabilities }));
  }
  const usual = defaultSettings(navigator.hardwareConcurrency, bestKernels(globalThis));
  const { variant = usual.variant, kernels = usual.kernels, workers = usual.workers, signal } = options;
  insist(["int8", "f32"].includes(variant), "variant", variant, oneOf("int8", "f32"));
  insist(["simd128", "relaxed"].includes(kernels), "kernels", kernels, oneOf("simd128", "relaxed"));
  insist(
    Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS,
    "workers",
    workers,
    clause("wholeNumberTo", { least: 1, most: MAX_WORKERS }),
  );
  const engine = await startEngine({
    files: packageFiles(options),
    workers,
    kernels,
    variant: () => variant,
    onProgress: (_, received, total) => tell(options.onProgress, received, total),
    // The call that the worker had says so.
    onWorkerDeath: () => {},
    signal,
  }).catch((error) => {
    throw asHistoscopeError(error);
  });
  const { lesson } = options;
  if (lesson !== undefined) await checkLesson(engine, lesson, { variant, signal });
  // If a worker dies of it, the first image finds out and says so.
  warmUp(engine.pool, variant).catch(() => {});
  return new PooledClassifier(engine, { ...analysisOptions(usual), variant }, lesson);
}

/** Has the core read a lesson; where it cannot, nothing of the engine is left. */
async function checkLesson(
  engine: Engine,
  lesson: string,
  { variant, signal }: { variant: Variant; signal: AbortSignal | undefined },
): Promise<void> {
  try {
    insist(typeof lesson === "string", "lesson", typeof lesson, clause("text"));
    await engine.pool.call("checkLesson", { lesson }, { variant, ...(signal && { signal }) });
  } catch (error) {
    engine.dispose();
    throw asHistoscopeError(error);
  }
}

function insist(holds: boolean, option: string, value: unknown, wanted: Cause): void {
  if (!holds) throw invalidOption(option, wanted, value);
}

const oneOf = (...choices: string[]): Cause => clause("oneOf", { choices: choices.join(", ") });

/** Calls back; an error there is the caller's, and must not end the analysis. */
function tell<A extends unknown[]>(callback: ((...values: A) => void) | undefined, ...values: A): void {
  try {
    callback?.(...values);
  } catch (error) {
    reportError(error);
  }
}

class PooledClassifier implements Classifier {
  readonly model: Classifier["model"];
  readonly engine: Classifier["engine"];
  readonly #running: Engine;
  /** What a caller who says nothing gets. */
  readonly #usual: Analysis;
  /** The text of the one that judges. */
  readonly #lesson: string | undefined;
  #disposed = false;

  constructor(running: Engine, usual: Analysis, lesson: string | undefined) {
    this.#running = running;
    this.#usual = usual;
    this.#lesson = lesson;
    const { name, version } = running.manifest;
    this.model = { name, version, variant: usual.variant };
    this.engine = running.build;
  }

  async classify(image: Blob, options: ClassifyOptions = {}): Promise<ImageReport> {
    this.#insistAlive();
    insist(image instanceof Blob, "image", typeof image, clause("file"));
    const { onProgress, onPreview, signal = new AbortController().signal } = options;
    let plan: Plan | null = null;
    const progress = (fold: Fold | null) => {
      const planned = plan;
      if (planned === null) {
        tell(onProgress, { stage: "reading", done: 0, total: 0, image: null, patches: () => [] });
        return;
      }
      const { width, height, voters } = planned;
      tell(onProgress, {
        stage: "classifying",
        done: fold?.done ?? 0,
        total: voters.length,
        image: { width, height },
        patches: () => patchesSoFar(planned, fold),
      });
    };
    const { pool } = this.#running;
    // Those that an earlier image used up for good.
    pool.revive();
    try {
      const file = asFile(image, options.filename);
      const watcher = {
        onStart: () => progress(null),
        onPlan: (made: Plan) => {
          plan = made;
          progress(null);
        },
        onPreview: (picture: Blob) => tell(onPreview, picture),
        onResults: progress,
      };
      return await analyse(pool, file, this.#analysis(options), signal, watcher, this.#lesson);
    } catch (error) {
      throw asHistoscopeError(error);
    }
  }

  async classifyMany(images: Iterable<Blob>, options: ClassifyManyOptions = {}): Promise<FolderReport> {
    this.#insistAlive();
    const { signal, onProgress, onResult, keepDuplicates = false, ...others } = options;
    const { countUnfamiliar = false, onePatient = false, ...analysis } = others;
    const queue = [...images].entries();
    const results: (ImageReport | FailureReport)[] = [];
    const all = new Follower(signal);
    const lane = async () => {
      for (const [index, image] of queue) {
        const result = await this.#outcome(image, {
          ...analysis,
          signal: all.signal,
          onProgress: (progress) => tell(onProgress, progress, index),
        });
        results[index] = result;
        tell(onResult, result, index);
      }
    };
    try {
      // Two for each worker, so that the next image is at hand when one is done.
      await Promise.all(Array.from({ length: 2 * this.#running.pool.size }, lane));
      return await this.#together(results, { keepDuplicates, countUnfamiliar, onePatient }, all.signal);
    } finally {
      all.letGo();
      all.abort();
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#running.dispose();
  }

  /** The report, or that of the failure; rejects with what is the caller's doing. */
  async #outcome(image: Blob, options: ClassifyOptions): Promise<ImageReport | FailureReport> {
    try {
      return await this.classify(image, options);
    } catch (thrown) {
      // Also of an image that it had not come to yet.
      const error = this.#disposed ? new CancelledError() : asHistoscopeError(thrown);
      if (error.fault === "options") throw error;
      return failureReport(asFile(image).name, error);
    }
  }

  async #together(
    results: readonly (ImageReport | FailureReport)[],
    { onePatient, ...rule }: Rule,
    signal: AbortSignal,
  ): Promise<FolderReport> {
    const votes = JSON.stringify(results.map((result) => vote(result, onePatient ? null : result.filename)));
    const call = { variant: this.#usual.variant, signal };
    const text = await this.#running.pool.call("together", { votes, ...rule }, call);
    const { duplicate_of, ...whole } = JSON.parse(text) as Whole;
    const individual_results = results.map((result, index) => {
      const earlier = duplicate_of[index] ?? null;
      return result.success && earlier !== null ? { ...result, duplicate_of: earlier } : result;
    });
    const own = this.#running.manifest.calibration?.uncertain_below ?? null;
    /** What a head of other classes says: the core was told of benign and malignant alone. */
    const taughtOf = (places: readonly number[]) => {
      const all = places.flatMap((place) => individual_results[place] ?? []);
      const counted = all.filter((result) => !result.success || result.duplicate_of === undefined);
      const { taught } = diagnose(counted, () => own, rule.countUnfamiliar);
      return taught && { taught };
    };
    const patients = whole.patients?.map((patient) => ({ ...patient, ...taughtOf(patient.images) }));
    const together = whole.no_verdict === undefined && taughtOf([...individual_results.keys()]);
    return { ...whole, ...(patients && { patients }), ...together, individual_results };
  }

  #analysis(options: AnalysisOptions): Analysis {
    const { variant, ...usual } = this.#usual;
    const {
      maxPatches = usual.maxPatches,
      stride = usual.stride,
      screen = usual.screen,
      batchSize = usual.batchSize,
      uncertainBelow = usual.uncertainBelow,
    } = options;
    return { variant, maxPatches, stride, screen, batchSize, uncertainBelow };
  }

  #insistAlive(): void {
    if (!this.#disposed) return;
    throw new OptionsError(...said("classifier_disposed", "call"));
  }
}

/** The same bytes under a name; nothing is copied. */
function asFile(image: Blob, name?: string): File {
  if (image instanceof File && (name === undefined || name === image.name)) return image;
  return new File([image], name ?? (image instanceof File ? image.name : "image"), { type: image.type });
}

/** The plan's patches, with the results that have come. */
function patchesSoFar({ patches, voters, grid }: Plan, fold: Fold | null): PatchReport[] {
  const side = grid.patch_size;
  const rows = new Map(voters.map((patch, row) => [patch, row]));
  return patches.map(({ x, y, screen }, index) => {
    const at = 2 * (rows.get(index) ?? Number.NaN);
    const values = fold !== null && isOwn(fold.classes) ? fold.probabilities : null;
    const [benign = Number.NaN, malignant = Number.NaN] = [values?.[at], values?.[at + 1]];
    const probabilities = Number.isNaN(malignant) ? null : { benign, malignant };
    return { x, y, width: side, height: side, screen, probabilities };
  });
}
