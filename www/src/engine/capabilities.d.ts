/** What the page cannot do without. */
export type Capability = "wasm" | "simd" | "workers" | "canvas";
/** The browser's own things, given from outside so that a test can take one away. */
export interface Surroundings {
    readonly WebAssembly?: {
        validate(bytes: BufferSource): boolean;
    } | undefined;
    readonly Worker?: unknown;
    readonly OffscreenCanvas?: unknown;
    readonly createImageBitmap?: unknown;
    readonly HTMLInputElement?: {
        readonly prototype: object;
    } | undefined;
}
/** Builds of the engine, by their kernels; all give the same report. */
export type Kernels = "simd128" | "relaxed";
/**
 * The fastest build that this browser can run. One unknown instruction makes a whole module invalid, so a module of
 * nothing else tells before anything is fetched.
 */
export declare function bestKernels({ WebAssembly }: Pick<Surroundings, "WebAssembly">): Kernels;
/** What this browser lacks; empty if the page can run. */
export declare function missingCapabilities(browser: Surroundings): Capability[];
/** Whether a person can choose a whole folder; iPhones cannot before iOS 18.4. */
export declare function choosesFolders({ HTMLInputElement }: Pick<Surroundings, "HTMLInputElement">): boolean;
