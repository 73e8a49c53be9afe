import type { Kernels } from "../engine/capabilities.ts";
import type { Variant } from "../engine/protocol.ts";
/** Over the picture: whole patches in one colour, or the class-activation map within each. */
export type MapKind = "patches" | "detail";
export interface AnalysisOptions {
    /** How many patches of an image are looked at, evenly spread. */
    readonly maxPatches: number | "all";
    readonly variant: Variant;
    /** Whether patches are first checked for tissue, focus and stain, and vote only if they pass. */
    readonly screen: boolean;
    /** Distance between patches in pixels, from 16; null is the side of a patch, so that they touch. */
    readonly stride: number | null;
    /** Patches handed over at once, 1 to 256: how soon the map shows, and what workers share. Changes no result. */
    readonly batchSize: number;
    /** Below this confidence, 0.5 to 1, a verdict is "uncertain"; null is the model's own. Needs no other inference. */
    readonly uncertainBelow: number | null;
}
export interface Settings extends AnalysisOptions {
    /** Whether images that the model does not know vote among others. */
    readonly countUnfamiliar: boolean;
    readonly workers: number;
    /** Build of the engine. Only the address asks for another than the fastest: the reports are the same. */
    readonly kernels: Kernels;
    readonly map: MapKind;
    /** Of the map over the picture, 0 to 1. */
    readonly opacity: number;
}
export declare const PATCH_CHOICES: readonly [10, 25, 50, 100, "all"];
/** Touching, overlapping by half, by three quarters: for patches of 224 pixels. */
export declare const STRIDE_CHOICES: readonly [null, 112, 56];
export declare const BATCH_CHOICES: readonly [1, 4, 8, 16, 32, 64];
/** Of two labels one always has a half: below it no confidence is, so that 0.5 is never. */
export declare const UNCERTAIN_CHOICES: readonly [null, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9];
export declare const NEVER_UNCERTAIN = 0.5;
export declare const LEAST_STRIDE = 16;
export declare const MAX_WORKERS = 8;
/** One worker for each core that the browser admits to, at most eight. */
export declare function defaultWorkers(cores: number | undefined): number;
export declare function defaultSettings(cores: number | undefined, kernels: Kernels): Settings;
/** Settings from an address; what is absent or out of range stays as in `defaults`. */
export declare function settingsFromQuery(query: string, defaults: Settings): Settings;
/** The query that brings these settings back, without what is default; empty if all is. */
export declare function queryFromSettings(settings: Settings, defaults: Settings): string;
/** Whether both give the same probabilities; a threshold of certainty changes none. */
export declare function sameAnalysis(a: AnalysisOptions, b: AnalysisOptions): boolean;
/** What of the settings an image is analysed with. */
export declare function analysisOptions(settings: Settings): AnalysisOptions;
