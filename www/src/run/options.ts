// What a person may set, its defaults, and its form in the page's address, so that a setting can be shared as a link.

import type { Kernels } from "../engine/capabilities.ts";
import type { Runtime, Variant } from "../engine/protocol.ts";

/**
 * Over the picture: frames around patches, which leave the tissue as it is; whole patches in one colour; or the
 * class-activation map within each.
 */
export const MAP_KINDS = ["outline", "patches", "detail"] as const;
export type MapKind = (typeof MAP_KINDS)[number];

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
  /** Only the address asks for tract alone, for comparison: it is slower, and its floats differ a little. */
  readonly runtime: Runtime;
  readonly map: MapKind;
  /** Of the map over the picture, 0 to 1. */
  readonly opacity: number;
}

export const PATCH_CHOICES = [10, 25, 50, 100, "all"] as const;
/** Touching, overlapping by half, by three quarters: for patches of 224 pixels. */
export const STRIDE_CHOICES = [null, 112, 56] as const;
export const BATCH_CHOICES = [1, 4, 8, 16, 32, 64] as const;
/** Of two labels one always has a half: below it no confidence is, so that 0.5 is never. */
export const UNCERTAIN_CHOICES = [null, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9] as const;
export const NEVER_UNCERTAIN = 0.5;
export const LEAST_STRIDE = 16;
const MOST_BATCH = 256;
export const MAX_WORKERS = 8;

/** One worker for each core that the browser admits to, at most eight. */
export function defaultWorkers(cores: number | undefined): number {
  return Math.min(MAX_WORKERS, Math.max(1, cores ?? 1));
}

export function defaultSettings(cores: number | undefined, kernels: Kernels): Settings {
  return {
    maxPatches: 25,
    variant: "int8",
    screen: true,
    stride: null,
    batchSize: 16,
    workers: defaultWorkers(cores),
    kernels,
    runtime: "fused",
    map: "outline",
    uncertainBelow: null,
    countUnfamiliar: false,
    opacity: 0.45,
  };
}

function wholeNumber(text: string | null, most: number): number | null {
  const value = text !== null && /^\d{1,6}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= most ? value : null;
}

/** A share from `least` to 1, written as a decimal number. */
function share(text: string | null, least: number): number | null {
  const value = text !== null && /^[01](\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= 1 ? value : null;
}

/** Settings from an address; what is absent or out of range stays as in `defaults`. */
export function settingsFromQuery(query: string, defaults: Settings): Settings {
  const given = new URLSearchParams(query);
  const patches = given.get("max_patches");
  const precision = given.get("precision");
  const screen = given.get("screen");
  const stride = wholeNumber(given.get("stride"), 999_999);
  const map = given.get("map");
  const unfamiliar = given.get("count_unfamiliar");
  return {
    maxPatches: patches === "all" ? "all" : (wholeNumber(patches, 999_999) ?? defaults.maxPatches),
    variant: precision === "f32" || precision === "int8" ? precision : defaults.variant,
    screen: screen === "on" || screen === "off" ? screen === "on" : defaults.screen,
    stride: stride !== null && stride >= LEAST_STRIDE ? stride : defaults.stride,
    batchSize: wholeNumber(given.get("batch_size"), MOST_BATCH) ?? defaults.batchSize,
    workers: wholeNumber(given.get("workers"), MAX_WORKERS) ?? defaults.workers,
    // Every browser that gets this far has SIMD; relaxed SIMD cannot be wished for.
    kernels: given.get("kernels") === "simd128" ? "simd128" : defaults.kernels,
    runtime: given.get("engine") === "tract" ? "tract" : defaults.runtime,
    map: MAP_KINDS.find((kind) => kind === map) ?? defaults.map,
    uncertainBelow: share(given.get("uncertain_below"), NEVER_UNCERTAIN) ?? defaults.uncertainBelow,
    countUnfamiliar:
      unfamiliar === "on" || unfamiliar === "off" ? unfamiliar === "on" : defaults.countUnfamiliar,
    opacity: share(given.get("opacity"), 0) ?? defaults.opacity,
  };
}

/** The query that brings these settings back, without what is default; empty if all is. */
export function queryFromSettings(settings: Settings, defaults: Settings): string {
  const query = new URLSearchParams();
  if (settings.maxPatches !== defaults.maxPatches) query.set("max_patches", String(settings.maxPatches));
  if (settings.variant !== defaults.variant) query.set("precision", settings.variant);
  if (settings.screen !== defaults.screen) query.set("screen", settings.screen ? "on" : "off");
  // The default, null, has no word in the address; of the threshold below neither.
  if (settings.stride !== null) query.set("stride", String(settings.stride));
  if (settings.batchSize !== defaults.batchSize) query.set("batch_size", String(settings.batchSize));
  if (settings.workers !== defaults.workers) query.set("workers", String(settings.workers));
  if (settings.kernels !== defaults.kernels) query.set("kernels", settings.kernels);
  if (settings.runtime !== defaults.runtime) query.set("engine", settings.runtime);
  if (settings.uncertainBelow !== null) query.set("uncertain_below", String(settings.uncertainBelow));
  if (settings.countUnfamiliar !== defaults.countUnfamiliar) {
    query.set("count_unfamiliar", settings.countUnfamiliar ? "on" : "off");
  }
  if (settings.map !== defaults.map) query.set("map", settings.map);
  if (settings.opacity !== defaults.opacity) query.set("opacity", String(settings.opacity));
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** Whether both give the same probabilities; a threshold of certainty changes none. */
export function sameAnalysis(a: AnalysisOptions, b: AnalysisOptions): boolean {
  return (
    a.maxPatches === b.maxPatches && a.variant === b.variant && a.screen === b.screen && a.stride === b.stride
  );
}

/** What of the settings an image is analysed with. */
export function analysisOptions(settings: Settings): AnalysisOptions {
  const { maxPatches, variant, screen, stride, batchSize, uncertainBelow } = settings;
  return { maxPatches, variant, screen, stride, batchSize, uncertainBelow };
}
