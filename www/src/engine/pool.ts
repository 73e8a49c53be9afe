// The pool: a queue of calls and the workers that answer them.
//
// Calls wait in one queue for each urgency: what is asked about the model before portions and frames of a camera before
// images before warming up. So what has begun is finished first. A free worker takes the first call there is; if it was
// opened with another variant of the model, it opens the right one first. While it looks at one image it is sent the
// next, so that it need not wait for the page, which may be painting.
//
//   spawn -> hello -> (open variant -> call)* -> discard
//
// One image is one call in one worker. While there are fewer images than workers, those that have one are given credits to
// lend portions of it, which are calls of their own here.
//
// A worker that dies - an error nobody caught, a trap in the engine, the browser's own decision - rejects the call it
// had and is replaced. A death in the middle of an image is that image's fault, and counts against nobody else; what had
// been sent ahead waits again. A worker that dies again and again before it has its model open, or of nothing, is given
// up; when all are, so is every call that waits. `revive` starts over. One whose memory has grown is replaced when it has
// nothing to do.

import { deferred } from "../base/deferred.ts";
import { asHistoscopeError, CancelledError } from "../base/errors.ts";
import { lend } from "./lending.ts";
import { type EngineSource, Opening } from "./opening.ts";
import type { AnalysisEvent, BatchResult, Calls, Runtime, Variant } from "./protocol.ts";
import { Room } from "./room.ts";
import {
  type CallSettings,
  type ImageEvent,
  newTask,
  type PoolCall,
  type PoolRequest,
  readHere,
  settle,
  type Task,
  type TaskName,
} from "./task.ts";
import { TaskQueues } from "./task-queues.ts";
import { type DeathWatch, WorkerHandle, type WorkerPort } from "./worker-handle.ts";

export interface PoolSettings {
  readonly source: EngineSource;
  /** Starts a worker, whose own name is to be `name`. */
  readonly spawn: (name: string) => WorkerPort;
  readonly watch: DeathWatch;
  readonly size: number;
  /** How many pixels all workers together may hold of decoded images. */
  readonly pixels: number;
  /** Opened in each new worker before any call asks for it. */
  readonly variant: () => Variant;
  /** Default: fused. */
  readonly runtime?: Runtime;
  /** Told of each worker's death that was not our own wish. */
  readonly onDeath?: (reason: Error) => void;
}

/** Calls that carry what somebody else made: of these a worker may die without being a bad one. */
const OF_AN_IMAGE: ReadonlySet<TaskName> = new Set<TaskName>([
  "analyse",
  "infer",
  "look",
  "lessonMap",
  "patches",
]);

/** How many times in a row a worker may die by itself without having answered a call. */
export const MAX_DEATHS = 3;

/** How long a worker may go on with a cancelled call before it is ended, in ms: about the price of a new one. */
export const ABORT_GRACE_MS = 400;

/**
 * How much the engine's memory may grow over what it was with the model open, in bytes, before its worker is replaced: a
 * picture of some twenty megapixels. Fields of the usual size never come near.
 */
export const GROWN_BYTES = 192 * 2 ** 20;

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
  /** What its engine held with the model open and no image seen. */
  bareMemory: number;
}

let names = 0;

export class Pool {
  readonly #settings: PoolSettings;
  readonly #queues = new TaskQueues();
  readonly #opening: Opening;
  #slots: Slot[] = [];
  /** How many working slots are to go when their calls are done. */
  #surplus = 0;
  #lastDeath: Error | null = null;
  #disposed = false;
  #held = false;
  readonly #room: Room;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
    this.#opening = new Opening(settings.source, settings.runtime ?? "fused");
    this.#room = new Room(settings.pixels);
    this.resize(settings.size);
  }

  /** How many workers there are, those being started included and those given up not. */
  get size(): number {
    return this.#slots.filter((slot) => slot.state !== "lost").length;
  }

  /** Queues a call. Rejects with `CancelledError` after an abort, else with what the worker or its death said. */
  call<K extends PoolCall>(name: K, request: PoolRequest<K>, settings: CallSettings<K>) {
    const { promise, resolve, reject } = deferred<Calls[K]["result"]>();
    const { signal, variant, transfer = [], onEvent, onStart } = settings;
    if (signal?.aborted) {
      reject(new CancelledError());
      return promise;
    }
    if (this.#disposed || this.size === 0) {
      reject(this.#disposed ? new CancelledError() : asHistoscopeError(this.#lastDeath));
      return promise;
    }
    const task = newTask({
      name,
      request,
      variant,
      transfer,
      onEvent: onEvent as Task["onEvent"],
      onStart,
      resolve: resolve as Task["resolve"],
      reject,
      of: null,
    });
    if (signal !== undefined) {
      const abort = () => this.#abandon(task, new CancelledError());
      signal.addEventListener("abort", abort, { once: true });
      task.unlisten = () => signal.removeEventListener("abort", abort);
    }
    this.#queues.add(task);
    this.#pump();
    return promise;
  }

  /** While it holds, no further image is taken up; those that were are finished. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) for (const slot of this.#slots) this.#takeBack(slot);
    this.#pump();
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
    const slot: Slot = {
      handle: null,
      variant: null,
      task: null,
      next: null,
      state: "starting",
      deaths: 0,
      bareMemory: 0,
    };
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
    await this.#opening.open(handle, variant, () => {
      // The slot may have got another worker meanwhile.
      if (slot.handle === handle) slot.variant = null;
    });
    slot.variant = variant;
    slot.bareMemory = handle.memory;
  }

  #pump(): void {
    for (const slot of this.#slots) {
      if (slot.state !== "idle") continue;
      const task = this.#queues.take(this.#held);
      if (task === undefined) break;
      this.#work(slot, task);
    }
    for (const slot of this.#slots) this.#sendAhead(slot);
    this.#lend();
  }

  /** Gives images credits for as much as workers without an image can take. */
  #lend(): void {
    const imagesWait = !this.#held && this.#queues.imagesWait;
    const lenders: Task[] = [];
    let helpers = 0;
    // In one go: it is asked with each image.
    for (const { state, task } of this.#slots) {
      if (state === "idle" || (state === "working" && task?.name === "infer")) helpers++;
      if (state === "working" && task?.name === "analyse" && task.sent !== null && !task.settled)
        lenders.push(task);
    }
    lend(lenders, imagesWait ? 0 : helpers);
  }

  /** A worker gets the next image, or the next portion of the same one, before it has answered. */
  #sendAhead(slot: Slot): void {
    const { handle, task } = slot;
    if (handle === null || task === null || slot.next !== null || slot.state !== "working") return;
    if (slot.variant !== task.variant || this.#surplus > 0 || this.#hasGrown(slot)) return;
    const next = this.#following(task, handle);
    if (next === undefined) return;
    slot.next = next;
    void this.#send(slot, handle, next);
  }

  #following({ name, of, variant }: Task, handle: WorkerHandle): Task | undefined {
    // Of another image's portion the worker might die, and this image would fail for it.
    if (name === "infer") return this.#queues.takeAny(name, (next) => next.of === of);
    if (name !== "analyse" || this.#held || !handle.reads) return undefined;
    return this.#queues.takeFirst(name, (next) => next.variant === variant);
  }

  /** Takes an image back that was sent ahead, as if it had not been. */
  #takeBack(slot: Slot): void {
    const { next } = slot;
    if (next?.name !== "analyse" || next.settled) return;
    slot.next = null;
    next.round++;
    next.sent?.handle.note({ note: "stop", id: next.sent.id });
    next.sent = null;
    this.#queues.putBack(next);
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
    const { round } = task;
    const isMine = () => task.round === round;
    try {
      if (slot.variant !== task.variant) await this.#open(slot, handle, task.variant);
      const { request, transfer } = handle.reads ? task : await readHere(task);
      const unasked = this.#room.unasked(this.#slots.length);
      const result = await handle.call(task.name, { ...request, unasked } as never, {
        transfer,
        onSent: (id) => {
          task.sent = { handle, id };
          if (slot.task === task) this.#lend();
        },
        onEvent: (event) => {
          if (isMine() && !task.settled) this.#hear(task, handle, event as AnalysisEvent);
        },
      });
      if (!isMine()) return;
      slot.deaths = 0;
      settle(task, () => task.resolve(result as never));
    } catch (error) {
      if (!isMine()) return;
      settle(task, () => task.reject(asHistoscopeError(error)));
    }
    task.leave();
    this.#done(slot, handle, task);
  }

  /** News of an image. */
  #hear(task: Task, handle: WorkerHandle, event: AnalysisEvent): void {
    const id = task.sent?.id ?? 0;
    switch (event.kind) {
      case "wants":
        task.leave = this.#room.enter(event.pixels, () => handle.note({ note: "room", id }));
        return;
      case "portion":
        task.credits--;
        task.lent++;
        this.#queues.add(this.#portion(task, handle, event));
        this.#pump();
        return;
      default:
        this.#tell(task, event);
    }
  }

  /** A listener that throws has the call stopped, whose caller gets what was thrown. */
  #tell(task: Task, event: ImageEvent): void {
    try {
      task.onEvent?.(event as never);
    } catch (error) {
      this.#abandon(task, error);
    }
  }

  /** A part of an image as a call of its own. If it fails, so does the image. */
  #portion(
    of: Task,
    lender: WorkerHandle,
    { first, pixels }: Extract<AnalysisEvent, { kind: "portion" }>,
  ): Task {
    return newTask({
      name: "infer",
      request: { pixels },
      variant: of.variant,
      transfer: [pixels],
      onEvent: undefined,
      onStart: undefined,
      resolve: (results: BatchResult) => {
        of.lent--;
        if (of.settled || of.sent?.handle !== lender) return;
        // Features, which only the report needs, go to the lender alone.
        const { features, ...soFar } = results;
        const logits = soFar.logits.slice();
        lender.note({ note: "returned", id: of.sent.id, first, logits, features }, [
          logits.buffer,
          features.buffer,
        ]);
        this.#tell(of, { kind: "results", first, results: soFar });
      },
      reject: (error) => this.#abandon(of, error),
      of,
    });
  }

  #done(slot: Slot, handle: WorkerHandle, task: Task): void {
    // If the worker died meanwhile, the slot already has another.
    if (slot.handle !== handle || slot.task !== task) return;
    slot.task = slot.next;
    slot.next = null;
    if (slot.task === null) {
      this.#rest(slot);
      return;
    }
    if (!slot.task.settled) slot.task.onStart?.();
    this.#pump();
  }

  #rest(slot: Slot): void {
    if (slot.state === "lost") return;
    if (this.#surplus > 0) {
      this.#surplus--;
      this.#remove(slot);
      return;
    }
    if (this.#hasGrown(slot)) {
      slot.handle?.discard(new CancelledError());
      return;
    }
    slot.state = "idle";
    this.#pump();
  }

  #hasGrown({ handle, bareMemory }: Slot): boolean {
    return handle !== null && handle.memory > bareMemory + GROWN_BYTES;
  }

  /** Nobody waits for it any more: its caller has `error`, its worker some time to come to an end. */
  #abandon(task: Task, error: unknown): void {
    this.#queues.drop(task);
    settle(task, () => task.reject(error));
    if (task.sent === null) return;
    const { handle, id } = task.sent;
    if (task.name === "analyse" || task.name === "lessonMap") handle.note({ note: "stop", id });
    setTimeout(() => {
      const slot = this.#slots.find((candidate) => candidate.task === task && candidate.handle === handle);
      // Told apart from a death of its own: this one costs the slot nothing.
      if (slot !== undefined) handle.discard(new CancelledError());
    }, ABORT_GRACE_MS);
  }

  /** A worker is gone: replaces it, unless it was one of too many. */
  #bury(slot: Slot, handle: WorkerHandle, reason: Error): void {
    if (this.#disposed || slot.handle !== handle || !this.#slots.includes(slot)) return;
    const { task, variant } = slot;
    const ours = reason instanceof CancelledError;
    if (!ours) {
      const ofImage = task !== null && variant === task.variant && OF_AN_IMAGE.has(task.name);
      if (!ofImage) slot.deaths++;
      this.#lastDeath = reason;
      this.#settings.onDeath?.(reason);
    }
    this.#takeBack(slot);
    slot.task = slot.next = null;
    if (slot.deaths >= MAX_DEATHS) {
      slot.state = "lost";
      if (this.size === 0) this.#rejectAll(asHistoscopeError(reason));
      return;
    }
    void this.#start(slot);
  }

  #rejectAll(error: Error): void {
    for (const task of this.#queues.empty()) settle(task, () => task.reject(error));
  }
}
