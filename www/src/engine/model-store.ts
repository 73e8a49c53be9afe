// Fetches the model's manifest and files, each once. After that the page needs no network for any precision.

import { HistoscopeError, ModelError } from "../base/errors.ts";
import { once } from "../base/once.ts";
import { said } from "../words/said.ts";
import { fetched, type Get, reasonOf } from "./fetching.ts";
import type { Edition, Variant } from "./protocol.ts";

/** A file beside the manifest. */
export interface NamedFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  readonly input: { readonly patch_size: number };
  readonly licence?: string;
  /** Multiplications for one patch; absent where nobody counted. */
  readonly macs_per_patch?: number;
  readonly variants: Readonly<Partial<Record<Variant, NamedFile>>>;
  /** What of its inner layers every patch brings; absent where it can be taught nothing. */
  readonly features?: object;
  /** The file that says what is familiar to it; absent where nobody knows. */
  readonly familiarity?: NamedFile;
  /** Below `uncertain_below` the model's verdict is "uncertain"; absent where it never is. */
  readonly calibration?: { readonly uncertain_below?: number | null };
  readonly training?: {
    readonly data?: string;
    readonly images?: number;
    readonly patients?: number;
    /** Least and most micrometres per pixel of what it has learned from. */
    readonly um_per_pixel?: readonly [number, number];
  };
  /** As measured when the model was made; by variant, `auc_int8`. */
  readonly metrics?: { readonly split?: string } & Readonly<Record<string, string | number>>;
}

export async function loadManifest(url: string, get: Get = fetched, signal?: AbortSignal): Promise<string> {
  try {
    return await (await get(url, signal)).text();
  } catch (error) {
    if (error instanceof HistoscopeError) throw error;
    throw new ModelError(...said("model_missing", "manifest", { reason: reasonOf(error) }));
  }
}

/** A model as the engine needs it. */
export interface ModelSource {
  readonly manifest: Manifest;
  readonly manifestText: string;
  /** Those that there are. */
  readonly variants: readonly Variant[];
  load(variant: Variant): Promise<Uint8Array>;
  /** What is familiar to the model; null where nobody knows. */
  familiarity(): Promise<Uint8Array | null>;
  /** Of the engine that opened it in a trial; absent where there was none. */
  readonly edition?: Edition;
}

/** The model's files, each fetched at most once. Their SHA-256 is checked by the engine, which holds no other. */
export class ModelStore implements ModelSource {
  readonly manifest: Manifest;
  readonly variants = ["int8", "f32"] as const;
  readonly #files = new Map<Variant | "familiarity", Promise<Uint8Array>>();

  constructor(
    readonly manifestText: string,
    readonly manifestUrl: string,
    readonly onProgress: (variant: Variant, received: number, total: number) => void = () => {},
    readonly get: Get = fetched,
  ) {
    try {
      this.manifest = JSON.parse(manifestText) as Manifest;
    } catch (error) {
      throw new ModelError(...said("manifest_invalid", "json", { reason: reasonOf(error) }));
    }
  }

  load(variant: Variant): Promise<Uint8Array> {
    return once(this.#files, variant, () => this.#fetch(variant));
  }

  async familiarity(): Promise<Uint8Array | null> {
    const { familiarity } = this.manifest;
    if (familiarity === undefined) return null;
    return once(this.#files, "familiarity", () =>
      fetchFile(familiarity, this.manifestUrl, this.get, () => {}),
    );
  }

  async #fetch(variant: Variant): Promise<Uint8Array> {
    const entry = this.manifest.variants?.[variant];
    if (entry === undefined) {
      throw new ModelError(...said("model_missing", "variant", { variant }));
    }
    return fetchFile(entry, this.manifestUrl, this.get, (received, total) =>
      this.onProgress(variant, received, total),
    );
  }
}

/** The address of a file beside a manifest. */
export function modelUrl({ file, sha256 }: NamedFile, manifestUrl: string): string {
  // The hash in the address keeps a cache from serving the model of an earlier release under the same name.
  return new URL(`${file}?sha256=${sha256.slice(0, 16)}`, manifestUrl).href;
}

/** The bytes of a file beside a manifest; as many as that says, but not yet compared with its digest. */
export async function fetchFile(
  named: NamedFile,
  manifestUrl: string,
  get: (url: string) => Promise<Response>,
  onProgress: (received: number, total: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const { file, bytes: expected } = named;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readAll(await get(modelUrl(named, manifestUrl)), expected, onProgress);
  } catch (error) {
    throw new ModelError(...said("model_missing", "file", { file, reason: reasonOf(error) }));
  }
  if (bytes.length !== expected) {
    throw new ModelError(...said("model_hash_mismatch", "size", { file, bytes: bytes.length, expected }));
  }
  return bytes;
}

async function readAll(
  response: Response,
  total: number,
  onProgress: (received: number, total: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let received = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    chunks.push(value);
    received += value.length;
    onProgress(received, total);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
