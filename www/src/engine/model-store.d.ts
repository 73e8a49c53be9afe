import { type Get } from "./fetching.ts";
import type { Variant } from "./protocol.ts";
export interface Manifest {
    readonly name: string;
    readonly version: string;
    readonly architecture?: string;
    readonly licence?: string;
    readonly variants: Readonly<Partial<Record<Variant, {
        readonly file: string;
        readonly bytes: number;
        readonly sha256: string;
    }>>>;
    /** Below `uncertain_below` the model's verdict is "uncertain"; absent where it never is. */
    readonly calibration?: {
        readonly uncertain_below?: number | null;
    };
    readonly training?: {
        readonly data?: string;
        readonly images?: number;
        readonly patients?: number;
    };
    /** As measured when the model was made; by variant, `auc_int8`. */
    readonly metrics?: {
        readonly split?: string;
    } & Readonly<Record<string, string | number>>;
}
export declare function loadManifest(url: string, get?: Get, signal?: AbortSignal): Promise<string>;
/** A model as the engine needs it. */
export interface ModelSource {
    readonly manifest: Manifest;
    readonly manifestText: string;
    /** Those that there are. */
    readonly variants: readonly Variant[];
    load(variant: Variant): Promise<Uint8Array>;
}
/** The model's files, each fetched at most once. Their SHA-256 is checked by the engine, which holds no other. */
export declare class ModelStore implements ModelSource {
    #private;
    readonly manifestText: string;
    readonly manifestUrl: string;
    readonly onProgress: (variant: Variant, received: number, total: number) => void;
    readonly get: Get;
    readonly manifest: Manifest;
    readonly variants: readonly ["int8", "f32"];
    constructor(manifestText: string, manifestUrl: string, onProgress?: (variant: Variant, received: number, total: number) => void, get?: Get);
    load(variant: Variant): Promise<Uint8Array>;
}
