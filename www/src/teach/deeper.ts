// The deeper network that lessons can be made on: fetched when somebody wants it, compared with the digest that the page was
// built with, and kept in the browser from then on. Its own head says nothing: only its lessons do.

import { type ReadonlySignal, signal } from "@preact/signals";
import manifestText from "../../../models/histoscope-teaching.json?raw";
import { CancelledError, ModelError } from "../base/errors.ts";
import type { Get } from "../engine/fetching.ts";
import {
  fetchFile,
  type Manifest,
  type ModelSource,
  modelUrl,
  type NamedFile,
} from "../engine/model-store.ts";
import { type FileShelf, fileShelf } from "../offline/kept-file.ts";
import { said } from "../words/said.ts";
import type { Progress } from "./networks.ts";

export { lookBeside } from "./looking.ts";

type DeeperManifest = Manifest & {
  readonly variants: { readonly int8: NamedFile };
  readonly familiarity: NamedFile;
  readonly macs_per_patch: number;
};

export interface DeeperSettings {
  /** The folder of its file is that of this address. */
  readonly manifestUrl: string;
  readonly get: Get;
  /** Whether a file can be fetched at all; else a person has to bring it. */
  readonly canFetch: (url: string) => boolean;
  readonly shelf?: FileShelf;
  /** Told when what is kept in the browser has changed. */
  readonly onKept?: () => void;
}

export class Deeper implements ModelSource {
  readonly manifestText = manifestText;
  readonly manifest = JSON.parse(manifestText) as DeeperManifest;
  readonly variants = ["int8"] as const;
  readonly #settings: Required<DeeperSettings>;
  readonly #here = signal(false);
  /** The network and what is familiar to it, as far as they are at hand. */
  readonly #contents = new Map<NamedFile, Uint8Array>();

  constructor({ shelf = fileShelf("deeper"), onKept = () => {}, ...settings }: DeeperSettings) {
    this.#settings = { ...settings, shelf, onKept };
  }

  /** Whether it is at hand or can be fetched; else a person has to bring its file. */
  get canBeHad(): boolean {
    return this.#here.value || this.#settings.canFetch(this.#url(this.#network));
  }

  /** In hexadecimal; reports and lessons name the network by it. */
  get sha256(): string {
    return this.#network.sha256;
  }

  /** The name of its file. */
  get file(): string {
    return this.#network.file;
  }

  /** What is fetched. */
  get bytes(): number {
    return this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** How often the arithmetic of another network it takes for a patch; null where that is not known. */
  costOver(other: Manifest | undefined): number | null {
    const macs = other?.macs_per_patch;
    return macs === undefined ? null : this.manifest.macs_per_patch / macs;
  }

  /** Whether it is at hand or kept on this machine, as far as anybody has looked. */
  get here(): ReadonlySignal<boolean> {
    return this.#here;
  }

  /** Looks whether it is on this machine. */
  async look(): Promise<boolean> {
    const network = this.#network;
    const { shelf } = this.#settings;
    this.#here.value = this.#contents.has(network) || (await shelf.has(this.#url(network)));
    return this.#here.peek();
  }

  /** Lets go of what is at hand, then looks: after what was kept has been removed, the page has it no more. */
  forget(): Promise<boolean> {
    this.#contents.clear();
    return this.look();
  }

  /** Has it at hand, fetched if need be. Rejects with what came instead, or with `CancelledError` after an abort. */
  async bring(signal: AbortSignal, onProgress: Progress): Promise<void> {
    const { manifestUrl, get } = this.#settings;
    let before = 0;
    try {
      for (const named of this.#files) {
        if (!this.#contents.has(named) && !(await this.#recall(named))) {
          const tell = (received: number) => onProgress(before + received, this.bytes);
          await this.#take(named, await fetchFile(named, manifestUrl, (url) => get(url, signal), tell));
        }
        before += named.bytes;
      }
    } catch (error) {
      throw signal.aborted ? new CancelledError() : error;
    }
  }

  /** Takes its file as a person has brought it; false where it is another one. */
  async takeFile(file: File): Promise<boolean> {
    const network = this.#network;
    // Most other files need not be read.
    if (file.size !== network.bytes) return false;
    const bytes = new Uint8Array(await file.arrayBuffer());
    if ((await digestOf(bytes)) !== network.sha256) return false;
    await this.#take(network, bytes);
    return true;
  }

  /** They are at hand wherever an engine is started with it. */
  load(): Promise<Uint8Array> {
    return this.#content(this.#network);
  }

  familiarity(): Promise<Uint8Array> {
    return this.#content(this.manifest.familiarity);
  }

  get #network(): NamedFile {
    return this.manifest.variants.int8;
  }

  get #files(): readonly NamedFile[] {
    return [this.#network, this.manifest.familiarity];
  }

  #url(named: NamedFile): string {
    return modelUrl(named, this.#settings.manifestUrl);
  }

  async #content(named: NamedFile): Promise<Uint8Array> {
    if (!this.#contents.has(named)) await this.bring(new AbortController().signal, () => {});
    return this.#contents.get(named) ?? new Uint8Array(0);
  }

  /** One that was damaged meanwhile is as good as none. */
  async #recall(named: NamedFile): Promise<boolean> {
    const { shelf } = this.#settings;
    const kept = await shelf.get(this.#url(named));
    const found = kept !== null && (await isIt(named, kept));
    if (found) this.#contents.set(named, kept);
    else await shelf.remove(this.#url(named));
    await this.look();
    return found;
  }

  async #take(named: NamedFile, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!(await isIt(named, bytes))) {
      throw new ModelError(...said("model_hash_mismatch", "fetched", { file: named.file }));
    }
    const { shelf, onKept } = this.#settings;
    this.#contents.set(named, bytes);
    await shelf.keep(
      this.#url(named),
      bytes,
      this.#files.map((file) => this.#url(file)),
    );
    await this.look();
    onKept();
  }
}

/** Where the browser computes no digests nothing is kept either, and the engine compares it before it runs. */
async function isIt({ bytes: size, sha256 }: NamedFile, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const found = await digestOf(bytes);
  return bytes.length === size && (found === null || found === sha256);
}

/** SHA-256 in hexadecimal; null at an address that is not secure. */
async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  const { subtle } = crypto as { readonly subtle?: SubtleCrypto };
  if (subtle === undefined) return null;
  const digest = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
