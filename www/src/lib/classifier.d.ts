import { type Kernels } from "../engine/capabilities.ts";
import type { Variant } from "../engine/protocol.ts";
import { type FailureReport, type FolderReport, type ImageReport, type PatchReport } from "../study/report.ts";
import type { Places } from "./places.ts";
export interface ClassifierOptions extends Places {
    /** The model's precision. Only this one is fetched. Default "int8". */
    readonly variant?: Variant | undefined;
    /** Build of the engine. Default: the fastest that the browser can run; the reports are the same. */
    readonly kernels?: Kernels | undefined;
    /** Web workers, 1 to 8. Default: one for each core that the browser admits to. Changes no result. */
    readonly workers?: number | undefined;
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
    /** The sampled patches in the report's order; `probabilities` is null for what has no result yet, or will have none. */
    patches(): PatchReport[];
}
export interface ClassifyOptions extends AnalysisOptions {
    /** Ends the analysis: the promise rejects with `CancelledError` at once. */
    readonly signal?: AbortSignal | undefined;
    /** Called when a worker takes the image up and after each batch. What it throws stops nothing and is reported. */
    readonly onProgress?: ((progress: Progress) => void) | undefined;
    /** Given a JPEG, at most 1600 pixels a side, of an image in a format that browsers cannot show (TIFF). */
    readonly onPreview?: ((picture: Blob) => void) | undefined;
    /** The report's `filename`. Default: that of the `File`; for a `Blob`, "image". */
    readonly filename?: string | undefined;
}
export interface ClassifyManyOptions extends AnalysisOptions {
    /** Whether every copy of an image votes. Default false: of the same bytes the first votes, the others have `duplicate_of`. */
    readonly keepDuplicates?: boolean | undefined;
    /** Ends all of it: the promise rejects with `CancelledError` at once. */
    readonly signal?: AbortSignal | undefined;
    /** As for one image; `index` is the image's place. */
    readonly onProgress?: ((progress: Progress, index: number) => void) | undefined;
    /** Called when an image has come to an end, in whatever order they do. */
    readonly onResult?: ((result: ImageReport | FailureReport, index: number) => void) | undefined;
}
/** A classifier that is ready. It makes no further request, whatever it is asked. */
export interface Classifier {
    readonly model: {
        readonly name: string;
        readonly version: string;
        readonly variant: Variant;
    };
    /** `kernels`: "simd128" or "relaxed". */
    readonly engine: {
        readonly version: string;
        readonly kernels: string;
    };
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
 * `model_invalid`), `InternalError` (`engine_missing`), `WorkerDiedError`, or `CancelledError`. Nothing is left then.
 */
export declare function createClassifier(options?: ClassifierOptions): Promise<Classifier>;
