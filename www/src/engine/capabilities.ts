// What the page needs of a browser, found out before anything is fetched, so that what is missing can be named; and what it
// goes on without. Features are tried; no browser is asked for its name.

/** What the page cannot do without. */
export type Capability = "wasm" | "simd" | "workers" | "canvas";

/** The browser's own things, given from outside so that a test can take one away. */
export interface Surroundings {
  readonly WebAssembly?: { validate(bytes: BufferSource): boolean } | undefined;
  readonly Worker?: unknown;
  readonly OffscreenCanvas?: unknown;
  readonly createImageBitmap?: unknown;
  readonly HTMLInputElement?: { readonly prototype: object } | undefined;
}

// (module (func (result v128) i32.const 0 i8x16.splat i8x16.popcnt))
const SIMD128_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

// (module (func (result v128) three zero vectors, i32x4.relaxed_dot_i8x16_i7x16_add_s))
const RELAXED_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0,
  253, 15, 65, 0, 253, 15, 253, 147, 2, 11,
]);

/** Builds of the engine, by their kernels; all give the same report. */
export type Kernels = "simd128" | "relaxed";

/**
 * The fastest build that this browser can run. One unknown instruction makes a whole module invalid, so a module of
 * nothing else tells before anything is fetched.
 */
export function bestKernels({ WebAssembly }: Pick<Surroundings, "WebAssembly">): Kernels {
  return WebAssembly?.validate(RELAXED_PROBE) ? "relaxed" : "simd128";
}

/** What this browser lacks; empty if the page can run. */
export function missingCapabilities(browser: Surroundings): Capability[] {
  const missing: Capability[] = [];
  if (browser.WebAssembly === undefined) missing.push("wasm");
  else if (!browser.WebAssembly.validate(SIMD128_PROBE)) missing.push("simd");
  if (browser.Worker === undefined) missing.push("workers");
  if (browser.OffscreenCanvas === undefined || browser.createImageBitmap === undefined)
    missing.push("canvas");
  return missing;
}

/** Whether a person can choose a whole folder; iPhones cannot before iOS 18.4. */
export function choosesFolders({ HTMLInputElement }: Pick<Surroundings, "HTMLInputElement">): boolean {
  return HTMLInputElement !== undefined && "webkitdirectory" in HTMLInputElement.prototype;
}
