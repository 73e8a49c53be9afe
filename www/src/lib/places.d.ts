import type { EngineBuild } from "../engine/engine.ts";
/** What is run, by what it is for, and the manifest of a model of one's own. */
export type VerifiedFile = EngineBuild | "worker" | "manifest";
/** SHA-256 (or 384, 512) in the form of subresource integrity, `sha256-<base64>`. */
export type Integrity = Readonly<Partial<Record<VerifiedFile, string>>>;
export interface Places {
    /**
     * Address of a model's manifest, beside which its files lie; relative to the document. Default: the model of this
     * package, whose manifest is part of this module.
     */
    readonly modelUrl?: string | URL | undefined;
    /**
     * Address of a folder that has the package's `.wasm` files and its worker script under their
     * names in the package; relative to the document. Default: beside this module.
     */
    readonly engineUrl?: string | URL | undefined;
    /**
     * Digests in place of those that were built in, for an engine that you built yourself, and that of the manifest at
     * `modelUrl`, which is not checked without. A file of the engine that has neither is never fetched.
     */
    readonly integrity?: Integrity | undefined;
}
