// A slide as the page sees it: a worker of its own that reads the file, and what can be asked of it.

import { type Deferred, deferred } from "../base/deferred.ts";
import { BrowserError, CancelledError, fromWire, ImageError, WorkerDiedError } from "../base/errors.ts";
import { reasonOf } from "../engine/fetching.ts";
import { clause, said } from "../words/said.ts";
import type { MapFormat, MapSource } from "./map.ts";
import type {
  HandedFile,
  PlanOptions,
  Region,
  SlideCallName,
  SlideCalls,
  SlideFacts,
  SlideGrid,
  SlideNote,
  SlideRequest,
  SlideResponse,
  Stroke,
  Tissue,
} from "./protocol.ts";

/** What is needed of a `Worker`. */
export interface SlidePort {
  onmessage: ((event: MessageEvent<SlideResponse>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: SlideRequest | SlideNote, transfer?: Transferable[]): void;
  terminate(): void;
}

/** Where script and module of the worker come from. */
export interface SlideParts {
  spawn(): Promise<SlidePort>;
  module(): Promise<WebAssembly.Module>;
}

export type TilePlace = SlideCalls["tile"]["request"];

const MB = 1e6;
/** A worker that reads no files holds their bytes: so many of a slide at most. */
const MOST_HANDED = 512 * MB;
/** Of an instance in DICOM, what tells its series is among so many. */
const MOST_OF_HEAD = 4 * MB;

async function handed(file: File, most: number): Promise<HandedFile> {
  try {
    return { name: file.name, bytes: await file.slice(0, most).arrayBuffer() };
  } catch (error) {
    throw new ImageError(...said("file_unreadable", "worker", { detail: reasonOf(error) }));
  }
}

export class SlideReader {
  readonly #port: SlidePort;
  readonly #pending = new Map<number, Deferred<never>>();
  #calls = 0;
  #readsFiles = true;
  #death: Error | null = null;
  #facts: SlideFacts | null = null;

  private constructor(port: SlidePort) {
    this.#port = port;
    port.onmessage = ({ data }) => this.#receive(data);
    port.onerror = (event) => this.#die(new WorkerDiedError(event.message || clause("notStarted")));
  }

  /** Without a slide. */
  static async start({ spawn, module }: SlideParts): Promise<SlideReader> {
    const reader = new SlideReader(await spawn());
    try {
      const { readsFiles } = await reader.#call("start", { module: await module() });
      reader.#readsFiles = readsFiles;
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  /** Rejects with what is wrong with the file; then its worker is gone. */
  static async open(files: readonly File[], parts: SlideParts): Promise<SlideReader> {
    const reader = await SlideReader.start(parts);
    await reader.open(files);
    return reader;
  }

  /** As the static one does. */
  async open(files: readonly File[]): Promise<void> {
    try {
      const given = await this.#whole(files);
      const bytes = given.flatMap((file) => (file instanceof File ? [] : [file.bytes]));
      this.#facts = await this.#call("open", { files: given }, undefined, bytes);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Whether its worker reads slices of the files; else it holds all their bytes. */
  get readsFiles(): boolean {
    return this.#readsFiles;
  }

  get facts(): SlideFacts {
    if (this.#facts === null) throw new Error("the slide is not open");
    return this.#facts;
  }

  /** Why it can be asked no more; null while it can. */
  get death(): Error | null {
    return this.#death;
  }

  /** Of each file, if it is an instance of a whole slide in DICOM; null of one that cannot be read, too. */
  async series(files: readonly File[]): Promise<readonly (string | null)[]> {
    if (this.#readsFiles) return this.#call("series", { files });
    const series: (string | null)[] = [];
    for (const file of files) {
      const head = await handed(file, MOST_OF_HEAD).catch(() => null);
      series.push(
        ...(head === null ? [null] : await this.#call("series", { files: [head] }, undefined, [head.bytes])),
      );
    }
    return series;
  }

  setScale = (umPerPixel: number): Promise<null> => this.#call("setScale", { umPerPixel });
  thumbnail = (side: number): Promise<ImageBitmap> => this.#call("thumbnail", { side });
  tissue = (strokes: readonly Stroke[]): Promise<Tissue> => this.#call("tissue", { strokes });
  plan = (options: PlanOptions): Promise<SlideGrid> => this.#call("plan", { options });
  patches = (indices: Uint32Array): Promise<SlideCalls["patches"]["result"]> =>
    this.#call("patches", { indices });
  map = (map: MapSource, format: MapFormat): Promise<ArrayBuffer> => this.#call("map", { map, format });
  annotations = (regions: readonly Region[]): Promise<readonly object[]> =>
    this.#call("annotations", { regions });
  regionsFrom = (geojson: string): Promise<readonly Region[]> => this.#call("regionsFrom", { geojson });

  /** After an abort it rejects, and if it has not been read by then it never is. */
  tile = (place: TilePlace, signal: AbortSignal): Promise<ImageBitmap> => this.#call("tile", place, signal);

  /** Ends the worker; what it was asked rejects. */
  close(): void {
    this.#die(new CancelledError());
  }

  /** What the worker is told of the files of a slide: where they are, or what is in them. */
  async #whole(files: readonly File[]): Promise<SlideCalls["open"]["request"]["files"]> {
    if (this.#readsFiles) return files;
    const size = files.reduce((sum, { size }) => sum + size, 0);
    if (size > MOST_HANDED) {
      const [megabytes, most] = [Math.ceil(size / MB), MOST_HANDED / MB];
      throw new BrowserError(...said("slide_too_large_here", "open", { megabytes, most }));
    }
    return Promise.all(files.map((file) => handed(file, MOST_HANDED)));
  }

  #call<K extends SlideCallName>(
    call: K,
    request: SlideCalls[K]["request"],
    signal?: AbortSignal,
    transfer: Transferable[] = [],
  ): Promise<SlideCalls[K]["result"]> {
    const answer = deferred<SlideCalls[K]["result"]>();
    if (this.#death !== null) {
      answer.reject(this.#death);
      return answer.promise;
    }
    const id = ++this.#calls;
    this.#pending.set(id, answer as unknown as Deferred<never>);
    this.#port.postMessage({ call, id, ...request } as unknown as SlideRequest, transfer);
    signal?.addEventListener(
      "abort",
      () => {
        if (!this.#pending.delete(id)) return;
        this.#port.postMessage({ drop: id });
        answer.reject(new CancelledError());
      },
      { once: true },
    );
    return answer.promise;
  }

  #receive(response: SlideResponse): void {
    const pending = this.#pending.get(response.id);
    this.#pending.delete(response.id);
    if ("result" in response) {
      if (pending !== undefined) pending.resolve(response.result as never);
      else if (response.result instanceof ImageBitmap) response.result.close();
      return;
    }
    pending?.reject(fromWire(response.error));
    if (response.poisoned) this.#die(new WorkerDiedError(response.error.message));
  }

  #die(reason: Error): void {
    if (this.#death !== null) return;
    this.#death = reason;
    this.#port.terminate();
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}
