// A slide as the page sees it: a worker of its own that reads the file, and what can be asked of it.

import { type Deferred, deferred } from "../base/deferred.ts";
import { CancelledError, fromWire, WorkerDiedError } from "../base/errors.ts";
import { clause } from "../words/said.ts";
import type { MapFormat, MapSource } from "./map.ts";
import type {
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

export class SlideReader {
  readonly #port: SlidePort;
  readonly #pending = new Map<number, Deferred<never>>();
  #calls = 0;
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
      await reader.#call("start", { module: await module() });
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  /** Rejects with what is wrong with the file; then its worker is gone. */
  static async open(files: readonly File[], parts: SlideParts): Promise<SlideReader> {
    const reader = await SlideReader.start(parts);
    try {
      reader.#facts = await reader.#call("open", { files });
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  get facts(): SlideFacts {
    if (this.#facts === null) throw new Error("the slide is not open");
    return this.#facts;
  }

  /** Why it can be asked no more; null while it can. */
  get death(): Error | null {
    return this.#death;
  }

  /** Of each file, if it is an instance of a whole slide in DICOM. */
  series = (files: readonly File[]): Promise<readonly (string | null)[]> => this.#call("series", { files });
  setScale = (umPerPixel: number): Promise<null> => this.#call("setScale", { umPerPixel });
  thumbnail = (side: number): Promise<ImageBitmap> => this.#call("thumbnail", { side });
  tissue = (strokes: readonly Stroke[]): Promise<Tissue> => this.#call("tissue", { strokes });
  plan = (options: PlanOptions): Promise<SlideGrid> => this.#call("plan", { options });
  patches = (indices: Uint32Array): Promise<SlideCalls["patches"]["result"]> =>
    this.#call("patches", { indices });
  map = (map: MapSource, format: MapFormat): Promise<ArrayBuffer> => this.#call("map", { map, format });
  regionsFrom = (geojson: string): Promise<readonly Region[]> => this.#call("regionsFrom", { geojson });

  /** After an abort it rejects, and if it has not been read by then it never is. */
  tile = (place: TilePlace, signal: AbortSignal): Promise<ImageBitmap> => this.#call("tile", place, signal);

  /** Ends the worker; what it was asked rejects. */
  close(): void {
    this.#die(new CancelledError());
  }

  #call<K extends SlideCallName>(
    call: K,
    request: SlideCalls[K]["request"],
    signal?: AbortSignal,
  ): Promise<SlideCalls[K]["result"]> {
    const answer = deferred<SlideCalls[K]["result"]>();
    if (this.#death !== null) {
      answer.reject(this.#death);
      return answer.promise;
    }
    const id = ++this.#calls;
    this.#pending.set(id, answer as unknown as Deferred<never>);
    this.#port.postMessage({ call, id, ...request } as unknown as SlideRequest);
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
