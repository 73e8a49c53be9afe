// A call of the pool on its way to a worker and back.

import { ImageError } from "../base/errors.ts";
import { said } from "../words/said.ts";
import { reasonOf } from "./fetching.ts";
import type { AnalysisEvent, CallName, Calls, Variant } from "./protocol.ts";
import type { WorkerHandle } from "./worker-handle.ts";

/** A call that the pool takes; the others it makes itself, or they are for a worker that is thrown away. */
export type PoolCall = Exclude<CallName, "open" | "inspect" | "advise" | "readSaved" | "infer">;
export type TaskName = PoolCall | "infer";

/** What is asked of the pool: of an analysis the image, for the pool knows how much room there is. */
export type PoolRequest<K extends PoolCall> = Omit<Calls[K]["request"], "unasked">;

/** What is told of an image; how its portions travel is nobody's business. */
export type ImageEvent = Exclude<AnalysisEvent, { readonly kind: "wants" | "portion" }>;
type PoolEvent<K extends PoolCall> = K extends "analyse"
  ? ImageEvent
  : K extends "lessonMap"
    ? never
    : Calls[K]["event"];

export interface CallSettings<K extends PoolCall> {
  readonly variant: Variant;
  readonly signal?: AbortSignal | undefined;
  /** What of the request goes over to the worker and is no longer here. */
  readonly transfer?: Transferable[];
  /** What it throws stops the call, which rejects with that. */
  readonly onEvent?: (event: PoolEvent<K>) => void;
  /** Told when a worker takes the call up. */
  readonly onStart?: () => void;
}

export interface Task {
  readonly name: TaskName;
  readonly request: object;
  readonly variant: Variant;
  readonly transfer: Transferable[];
  readonly onEvent: ((event: never) => void) | undefined;
  readonly onStart: (() => void) | undefined;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
  /** The image that a portion is of. */
  readonly of: Task | null;
  /** True once the caller has been answered, whatever the worker still does. */
  settled: boolean;
  /** Where it was sent, and under which number. */
  sent: { readonly handle: WorkerHandle; readonly id: number } | null;
  /** Raised when it is taken back from a worker that had not come to it. */
  round: number;
  /** Portions that it may still lend, as its worker knows it, and those that are with others. */
  credits: number;
  lent: number;
  /** Gives back what room it has. */
  leave: () => void;
  /** Listens to the caller's signal no longer. */
  unlisten: () => void;
}

type NewTask = Omit<Task, "settled" | "sent" | "round" | "credits" | "lent" | "leave" | "unlisten">;

export const newTask = (task: NewTask): Task => ({
  ...task,
  settled: false,
  sent: null,
  round: 0,
  credits: 0,
  lent: 0,
  leave: () => {},
  unlisten: () => {},
});

/** Answers the caller, unless that is done. */
export function settle(task: Task, answer: () => void): void {
  if (task.settled) return;
  task.settled = true;
  task.unlisten();
  answer();
}

/** For a worker that cannot read files the page reads the file in its place. */
export async function readHere({ request, transfer }: Task): Promise<Pick<Task, "request" | "transfer">> {
  if (!("file" in request) || !(request.file instanceof Blob)) return { request, transfer };
  try {
    const file = await request.file.arrayBuffer();
    return { request: { ...request, file }, transfer: [...transfer, file] };
  } catch (error) {
    throw new ImageError(...said("file_unreadable", "worker", { detail: reasonOf(error) }));
  }
}
