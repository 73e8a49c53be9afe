// One worker as the page sees it: handshake, calls in the order in which they are made, and the news of its death.

import { type Deferred, deferred } from "../base/deferred.ts";
import { asHistoscopeError, fromWire, ProtocolError, WorkerDiedError } from "../base/errors.ts";
import { clause } from "../words/said.ts";
import type { EngineStore } from "./assets.ts";
import { Heartbeat } from "./heartbeat.ts";
import type {
  CallName,
  Calls,
  Note,
  ProtocolVersion,
  Question,
  Request,
  Response,
  Together,
} from "./protocol.ts";

export const PROTOCOL: ProtocolVersion = 17;

/** What a handle needs of a `Worker`; the unit tests give it something smaller. */
export interface WorkerPort {
  onmessage: ((event: MessageEvent<Response | Together>) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  postMessage(message: Request | Note | Question, transfer: Transferable[]): void;
  terminate(): void;
}

/** What it takes to start workers of the engine. */
export interface EngineParts {
  /** The compiled editions of the engine. */
  readonly modules: Pick<EngineStore, "compiled" | "keep">;
  /** Starts a worker, whose own name is to be `name`. */
  readonly spawn: (name: string) => WorkerPort;
  readonly watch: DeathWatch;
  /** Lets go of the worker's script. */
  release(): void;
}

/** Settles when the worker of this name has ended; without a way to tell, never. */
export type DeathWatch = (name: string, stop: AbortSignal) => Promise<void>;

/** Waits for the Web Lock that a worker holds under its own name for as long as it lives. */
export const watchLock: DeathWatch = (name, stop) =>
  navigator.locks.request(name, { signal: stop }, () => {});

export interface CallOptions<K extends CallName> {
  readonly transfer?: Transferable[];
  /** Told the call's number, for notes. */
  readonly onSent?: (id: number) => void;
  readonly onEvent?: ((event: Calls[K]["event"]) => void) | undefined;
}

interface Pending {
  readonly onEvent: ((event: never) => void) | undefined;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

export class WorkerHandle {
  /** Resolves after the handshake; rejects if the worker dies before it or speaks another protocol. */
  readonly ready: Promise<void>;

  #reads = true;
  #memory = 0;
  /** Calls without an answer, by number. */
  readonly #pending = new Map<number, Pending>();
  #calls = 0;
  #death: Error | null = null;
  readonly #port: WorkerPort;
  readonly #name: string;
  readonly #watch: DeathWatch;
  readonly #watching = new AbortController();
  /** Whether the browser tells when the worker ends; known once it is ready. */
  #watched = false;
  readonly #heartbeat: Heartbeat;
  readonly #ready: Deferred<void> = deferred();
  readonly #onDeath: (reason: Error) => void;

  /** `onDeath` is told, once, why the worker is no more: before the calls that it had reject. */
  constructor(port: WorkerPort, name: string, watch: DeathWatch, onDeath: (reason: Error) => void) {
    this.#port = port;
    this.#name = name;
    this.#watch = watch;
    this.ready = this.#ready.promise;
    // Nobody may be listening by the time a worker is discarded; that alone is no unhandled error.
    this.ready.catch(() => {});
    this.#onDeath = onDeath;
    this.#heartbeat = new Heartbeat(
      () => port.postMessage({ ask: "alive" }, []),
      () => this.discard(new WorkerDiedError(clause("silent"))),
    );
    this.#heartbeat.start();
    port.onmessage = ({ data }) => {
      for (const response of [data].flat()) this.#receive(response);
    };
    port.onmessageerror = () => this.discard(new WorkerDiedError(clause("unreadable")));
    port.onerror = (event) => {
      this.discard(new WorkerDiedError(event.message || clause("notStarted")));
    };
  }

  /** Whether the worker can read files; known once it is ready. */
  get reads(): boolean {
    return this.#reads;
  }

  /** What its engine held, in bytes, when it last answered. */
  get memory(): number {
    return this.#memory;
  }

  /**
   * Asks the worker, which takes a call up when the ones before are done. Rejects with a typed error if the worker refuses,
   * traps or dies.
   */
  call<K extends CallName>(name: K, request: Calls[K]["request"], options: CallOptions<K> = {}) {
    const { promise, resolve, reject } = deferred<Calls[K]["result"]>();
    if (this.#death !== null) {
      reject(this.#death);
      return promise;
    }
    const id = ++this.#calls;
    this.#pending.set(id, { onEvent: options.onEvent, resolve, reject });
    try {
      this.#port.postMessage({ call: name, id, ...request } as unknown as Request, options.transfer ?? []);
      options.onSent?.(id);
      this.#listen();
    } catch (error) {
      // What cannot be cloned was never sent: the worker is as it was.
      this.#pending.delete(id);
      reject(asHistoscopeError(error));
    }
    return promise;
  }

  /** Says something of an analysis that it has; of one that is done it means nothing. */
  note(note: Note, transfer: Transferable[] = []): void {
    if (this.#death === null) this.#port.postMessage(note, transfer);
  }

  /** Ends the worker. The calls that it had reject with `reason`. */
  discard(reason: Error): void {
    if (this.#death !== null) return;
    this.#death = reason;
    this.#watching.abort();
    this.#heartbeat.stop();
    this.#port.onmessage = null;
    this.#port.onmessageerror = null;
    this.#port.onerror = null;
    this.#port.terminate();
    this.#ready.reject(reason);
    this.#onDeath(reason);
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }

  /** Asks whether the worker is alive while it has something to answer, unless the browser would tell. */
  #listen(): void {
    if (!this.#watched && this.#pending.size > 0) this.#heartbeat.start();
    else this.#heartbeat.stop();
  }

  #receive(response: Response): void {
    this.#heartbeat.heard();
    if (response.type === "alive") return;
    if (response.type === "hello") {
      this.#greet(response);
      return;
    }
    if (response.type !== "event") this.#memory = response.memory;
    const pending = this.#pending.get(response.id);
    // Of a call that nobody waits for any more only the death matters.
    if (pending === undefined && !(response.type === "failed" && response.poisoned)) return;
    switch (response.type) {
      case "event":
        pending?.onEvent?.(response.event as never);
        return;
      case "result":
        this.#pending.delete(response.id);
        this.#listen();
        pending?.resolve(response.result as never);
        return;
      case "failed":
        if (response.poisoned) {
          this.discard(new WorkerDiedError(response.error.message));
        } else {
          this.#pending.delete(response.id);
          this.#listen();
          pending?.reject(fromWire(response.error));
        }
        return;
      default:
        response satisfies never;
    }
  }

  #greet({ protocol, watched, reads }: Extract<Response, { type: "hello" }>): void {
    if (protocol !== PROTOCOL) {
      this.discard(new ProtocolError(PROTOCOL, protocol));
      return;
    }
    this.#reads = reads;
    this.#watched = watched;
    this.#listen();
    if (watched) {
      this.#watch(this.#name, this.#watching.signal).then(
        () => this.discard(new WorkerDiedError(clause("ended"))),
        () => {}, // We ended it and stopped watching.
      );
    }
    this.#ready.resolve();
  }
}
