// The pool: a queue of calls and the workers that answer them.
//
// Calls wait in one queue for each urgency: reports before batches before images before warming up. So what has begun
// is finished first, and no image is decoded while patches of another still wait. A free worker takes the first call
// there is; if it was opened with another variant of the model, it opens the right one first. While it looks at one
// batch it is sent the next one of the same image, so that it need not wait for the page, which may be painting.
//
//   spawn -> hello -> (open variant -> call)* -> discard
//
// A worker that dies - an error nobody caught, a trap in the engine, the browser's own decision - rejects the call it
// had and is replaced. A death in the middle of an image is that image's fault, and counts against nobody else. A worker
// that dies again and again before it has its model open, or of nothing, is given up; when all are, so is every call
// that waits. `revive` starts over.

import { deferred } from "../base/deferred.ts";
import { asHistoscopeError, CancelledError, ImageError } from "../base/errors.ts";
import { errors } from "../words/en-errors.ts";
import { english } from "../words/template.ts";
import { reason } from "./fetching.ts";
import type { CallName, Calls, Edition, Runtime, Variant } from "./protocol.ts";
import { type DeathWatch, PROTOCOL, WorkerHandle, type WorkerPort } from "./worker-handle.ts";

/** What every worker is started with. */
export interface EngineSource {
  /** The model's manifest, as text; may have to be fetched first. */
  manifest(): Promise<string>;
  /** The compiled module of one edition; may have to be fetched first. */
  module(edition: Edition): Promise<WebAssembly.Module>;
  /** The bytes of one variant's model file; may have to be fetched first. */
  model(variant: Variant): Promise<Uint8Array>;
}

/** What a variant is tried in first: a float model is never fused from end to end, an int8 one as a rule is. */
export const usualEdition = (variant: Variant, runtime: Runtime): Edition =>
  variant === "int8" && runtime === "fused" ? "int8" : "general";

export interface PoolSettings {
  readonly source: EngineSource;
  /** Starts a worker, whose own name is to be `name`. */
  readonly spawn: (name: string) => WorkerPort;
  readonly watch: DeathWatch;
  readonly size: number;
  /** Opened in each new worker before any call asks for it. */
  readonly variant: () => Variant;
  /** Default: fused. */
  readonly runtime?: Runtime;
  /** Told of each worker's death that was not our own wish. */
  readonly onDeath?: (reason: Error) => void;
}

/** A call that the pool takes; `open` it makes itself, and no worker of it inspects. */
export type PoolCall = Exclude<CallName, "open" | "inspect">;

export interface CallSettings<K extends PoolCall> {
  readonly variant: Variant;
  readonly signal?: AbortSignal | undefined;
  readonly transfer?: Transferable[];
  readonly onEvent?: (event: Calls[K]["event"]) => void;
  /** Told when a worker takes the call up. */
  readonly onStart?: () => void;
}

/** Lower is sooner. */
const URGENCY: Readonly<Record<PoolCall, number>> = {
  describe: 0,
  report: 0,
  aggregate: 0,
  infer: 1,
  decode: 2,
  warmUp: 3,
};

/** What the int8 edition says of a model that it cannot run. */
const NEEDS_GENERAL = "model_needs_tract";

/** Calls that carry what somebody else made: of these a worker may die without being a bad one. */
const OF_AN_IMAGE: ReadonlySet<PoolCall> = new Set<PoolCall>(["decode", "infer", "report"]);

/** How many times in a row a worker may die by itself without having answered a call. */
export const MAX_DEATHS = 3;

/** How long a worker may go on with a cancelled call before it is ended, in ms: about the price of a new one. */
export const ABORT_GRACE_MS = 400;

interface Task {
  readonly name: PoolCall;
  readonly request: Calls[PoolCall]["request"];
  readonly variant: Variant;
  readonly signal: AbortSignal | undefined;
  readonly transfer: Transferable[];
  readonly onEvent: ((event: never) => void) | undefined;
  readonly onStart: (() => void) | undefined;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  /** True once the caller has been answered, whatever the worker still does. */
  settled: boolean;
}

interface Slot {
  /** Null only until the first worker is spawned. */
  handle: WorkerHandle | null;
  variant: Variant | null;
  task: Task | null;
  /** Sent to the worker already, to follow `task`. */
  next: Task | null;
  state: "starting" | "idle" | "working" | "lost";
  /** By itself, in a row, since the last call that was answered. */
  deaths: number;
}

let names = 0;

export class Pool {
  readonly #settings: PoolSettings;
  readonly #queues: Task[][] = Array.from({ length: Math.max(...Object.values(URGENCY)) + 1 }, () => []);
  #slots: Slot[] = [];
  /** Of the variants that were found to need another edition than usual. */
  readonly #editions = new Map<Variant, Edition>();
  /** How many working slots are to go when their calls are done. */
  #surplus = 0;
  #lastDeath: Error | null = null;
  #disposed = false;
  #held = false;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.resize(settings.size);
  }

  /** How many workers there are, those being started included and those given up not. */
  get size(): number {
    return this.#slots.filter((slot) => slot.state !== "lost").length;
  }

  /** Queues a call. Rejects with `CancelledError` after an abort, else with what the worker or its death said. */
  call<K extends PoolCall>(name: K, request: Calls[K]["request"], settings: CallSettings<K>) {
    const { promise, resolve, reject } = deferred<Calls[K]["result"]>();
    const { signal } = settings;
    if (signal?.aborted) {
      reject(new CancelledError());
      return promise;
    }
    if (this.#disposed || this.size === 0) {
      reject(this.#disposed ? new CancelledError() : asHistoscopeError(this.#lastDeath));
      return promise;
    }
    const task: Task = {
      name,
      request,
      variant: settings.variant,
      signal,
      transfer: settings.transfer ?? [],
      onEvent: settings.onEvent as Task["onEvent"],
      onStart: settings.onStart,
      resolve: resolve as Task["resolve"],
      reject,
      settled: false,
    };
    if (signal !== undefined) {
      const abort = () => this.#abort(task);
      signal.addEventListener("abort", abort, { once: true });
      const forget = () => signal.removeEventListener("abort", abort);
      promise.then(forget, forget);
    }
    this.#queues[URGENCY[name]]?.push(task);
    this.#pump();
    return promise;
  }

  /** While it holds, no further image is taken up; those that were are finished. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held) this.#pump();
  }

  /** Grows or shrinks the pool; workers that are in the middle of a call finish it first. */
  resize(size: number): void {
    if (this.#disposed) return;
    while (this.size < size) this.#add();
    let surplus = this.size - size;
    // Idle workers go first; a working one goes when its call is done (see `#rest`).
    for (const slot of [...this.#slots].reverse()) {
      if (surplus > 0 && slot.state !== "working" && slot.state !== "lost") {
        this.#remove(slot);
        surplus--;
      }
    }
    this.#surplus = Math.max(0, surplus);
  }

  /** Starts new workers in place of those given up. */
  revive(): void {
    if (this.#disposed) return;
    const lost = this.#slots.filter((slot) => slot.state === "lost");
    this.#slots = this.#slots.filter((slot) => slot.state !== "lost");
    for (const _ of lost) this.#add();
  }

  /** Ends every worker; every call rejects with `CancelledError`. */
  dispose(): void {
    this.#disposed = true;
    for (const slot of [...this.#slots]) this.#remove(slot);
    this.#rejectAll(new CancelledError());
  }

  #add(): void {
    const slot: Slot = { handle: null, variant: null, task: null, next: null, state: "starting", deaths: 0 };
    this.#slots.push(slot);
    void this.#start(slot);
  }

  #remove(slot: Slot): void {
    this.#slots = this.#slots.filter((other) => other !== slot);
    slot.handle?.discard(new CancelledError());
  }

  /** Spawns a worker, sees it through its handshake and opens the usual variant. */
  async #start(slot: Slot): Promise<void> {
    const name = `histoscope-${++names}-${Math.random().toString(36).slice(2)}`;
    const { spawn, watch, variant } = this.#settings;
    const handle = new WorkerHandle(spawn(name), name, watch, (reason) => this.#bury(slot, handle, reason));
    slot.handle = handle;
    slot.state = "starting";
    slot.variant = null;
    try {
      await handle.ready;
      await this.#open(slot, handle, variant());
    } catch {
      // A death is dealt with where it is announced. A model that is refused is told to the first call that needs it.
    }
    if (slot.handle === handle && this.#slots.includes(slot)) this.#rest(slot);
  }

  async #open(slot: Slot, handle: WorkerHandle, variant: Variant): Promise<void> {
    const { source, runtime = "fused" } = this.#settings;
    const edition = this.#editions.get(variant) ?? usualEdition(variant, runtime);
    const [manifest, model, module] = await Promise.all([
      source.manifest(),
      source.model(variant),
      source.module(edition),
    ]);
    // While they came, the slot may have got another worker.
    if (slot.handle === handle) slot.variant = null;
    try {
      const engine = { protocol: PROTOCOL, edition, module, runtime };
      await handle.call("open", { ...engine, model, manifest, variant });
    } catch (error) {
      if (edition === "general" || asHistoscopeError(error).code !== NEEDS_GENERAL) throw error;
      this.#editions.set(variant, "general");
      return this.#open(slot, handle, variant);
    }
    slot.variant = variant;
  }

  #pump(): void {
    for (const slot of this.#slots) {
      if (slot.state !== "idle") continue;
      const task = this.#queues.find((queue, urgency) => queue.length > 0 && !this.#isHeld(urgency))?.shift();
      if (task === undefined) break;
      this.#work(slot, task);
    }
    for (const slot of this.#slots) this.#sendAhead(slot);
  }

  #isHeld(urgency: number): boolean {
    return this.#held && urgency === URGENCY.decode;
  }

  /**
   * Only batches follow each other, and only those of one image: if the worker dies of the first, the image has failed
   * anyway, and no other image loses anything.
   */
  #sendAhead(slot: Slot): void {
    const { handle, task } = slot;
    if (handle === null || task?.name !== "infer" || task.signal === undefined) return;
    if (slot.next !== null || slot.variant !== task.variant || this.#surplus > 0) return;
    const queue = this.#queues[URGENCY.infer] ?? [];
    const place = queue.findIndex(
      ({ signal, variant }) => signal === task.signal && variant === task.variant,
    );
    const [next] = place < 0 ? [] : queue.splice(place, 1);
    if (next === undefined) return;
    slot.next = next;
    void this.#send(slot, handle, next);
  }

  #work(slot: Slot, task: Task): void {
    const { handle } = slot;
    if (handle === null) return;
    slot.state = "working";
    slot.task = task;
    task.onStart?.();
    void this.#send(slot, handle, task);
  }

  /** Has the worker do it, with the right variant open, and answers the caller. */
  async #send(slot: Slot, handle: WorkerHandle, task: Task): Promise<void> {
    try {
      if (slot.variant !== task.variant) await this.#open(slot, handle, task.variant);
      const { request, transfer } = handle.reads ? task : await readHere(task);
      const result = await handle.call(task.name, request, {
        transfer,
        onEvent: (event) => {
          if (!task.settled) task.onEvent?.(event as never);
        },
      });
      slot.deaths = 0;
      settle(task, () => task.resolve(result as never));
    } catch (error) {
      settle(task, () => task.reject(asHistoscopeError(error)));
    }
    this.#done(slot, handle, task);
  }

  #done(slot: Slot, handle: WorkerHandle, task: Task): void {
    // If the worker died meanwhile, the slot already has another.
    if (slot.handle !== handle || slot.task !== task) return;
    slot.task = slot.next;
    slot.next = null;
    if (slot.task === null) this.#rest(slot);
    else this.#sendAhead(slot);
  }

  #rest(slot: Slot): void {
    if (slot.state === "lost") return;
    if (this.#surplus > 0) {
      this.#surplus--;
      this.#remove(slot);
      return;
    }
    slot.state = "idle";
    this.#pump();
  }

  #abort(task: Task): void {
    const queue = this.#queues[URGENCY[task.name]] ?? [];
    const place = queue.indexOf(task);
    if (place >= 0) queue.splice(place, 1);
    settle(task, () => task.reject(new CancelledError()));
    const slot = this.#slots.find((candidate) => candidate.task === task || candidate.next === task);
    if (slot === undefined) return;
    const { handle } = slot;
    setTimeout(() => {
      if (slot.task === task && slot.handle === handle) {
        // Told apart from a death of its own: this one costs the slot nothing.
        handle?.discard(new CancelledError());
      }
    }, ABORT_GRACE_MS);
  }

  /** A worker is gone: replaces it, unless it was one of too many. */
  #bury(slot: Slot, handle: WorkerHandle, reason: Error): void {
    if (this.#disposed || slot.handle !== handle || !this.#slots.includes(slot)) return;
    const ours = reason instanceof CancelledError;
    if (!ours) {
      const { task, variant } = slot;
      const ofImage = task !== null && variant === task.variant && OF_AN_IMAGE.has(task.name);
      if (!ofImage) slot.deaths++;
      this.#lastDeath = reason;
      this.#settings.onDeath?.(reason);
    }
    slot.task = slot.next = null;
    if (slot.deaths >= MAX_DEATHS) {
      slot.state = "lost";
      if (this.size === 0) this.#rejectAll(asHistoscopeError(reason));
      return;
    }
    void this.#start(slot);
  }

  #rejectAll(error: Error): void {
    for (const queue of this.#queues) {
      for (const task of queue.splice(0)) settle(task, () => task.reject(error));
    }
  }
}

/** A call for a worker that cannot read files: the page reads the file in its place. */
async function readHere(task: Task): Promise<Pick<Task, "request" | "transfer">> {
  const { request, transfer } = task;
  if (!("file" in request) || !(request.file instanceof Blob)) return { request, transfer };
  try {
    const file = await request.file.arrayBuffer();
    return { request: { ...request, file }, transfer: [...transfer, file] };
  } catch (error) {
    throw new ImageError(
      "file_unreadable",
      ...english(errors.file_unreadable.worker, { detail: reason(error) }),
    );
  }
}

function settle(task: Task, answer: () => void): void {
  if (task.settled) return;
  task.settled = true;
  answer();
}
