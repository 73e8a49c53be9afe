// A worker's double that speaks the protocol: each call it gets waits until the test answers it.

import { deferred } from "../src/base/deferred.ts";
import type { CallName, Note, Question, Request, Response, Together } from "../src/engine/protocol.ts";
import { PROTOCOL, type WorkerPort } from "../src/engine/worker-handle.ts";

type RequestOf<K extends CallName> = Extract<Request, { call: K }>;

export class FakeWorker implements WorkerPort {
  onmessage: WorkerPort["onmessage"] = null;
  onmessageerror: WorkerPort["onmessageerror"] = null;
  onerror: WorkerPort["onerror"] = null;
  terminated = false;
  /** Whether it answers when it is asked whether it is alive. */
  hears = true;
  /** Calls that are not answered yet, oldest first; `open` is answered at once unless `opens` is false. */
  readonly calls: Request[] = [];
  readonly opened: string[] = [];
  /** What was said of analyses, oldest first. */
  readonly notes: Note[] = [];
  /** What its engine holds, in bytes. */
  memory = 0;
  /** Ends the lock that the page waits for, as the browser does when a worker is gone. */
  readonly gone = deferred<void>();

  constructor(
    readonly name: string,
    readonly opens = true,
  ) {}

  postMessage(message: Request | Note | Question, transfer: Transferable[] = []): void {
    // What goes over is the page's no more, as with a real one; the worker has it as it came.
    const received = transfer.length > 0 ? structuredClone(message, { transfer }) : message;
    this.#receive(received);
  }

  #receive(message: Request | Note | Question): void {
    if ("ask" in message) {
      if (this.hears) queueMicrotask(() => this.say({ type: "alive" }));
      return;
    }
    if ("note" in message) {
      this.notes.push(message);
      return;
    }
    if (message.call === "open" && this.opens) {
      this.opened.push(message.variant);
      queueMicrotask(() => this.answer(message.id));
      return;
    }
    this.calls.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }

  /** Delivers a message to the page, unless it has ended this worker. A copy, as messages are. */
  say(response: Response | Together): void {
    if (this.terminated) return;
    this.onmessage?.({ data: structuredClone(response) } as MessageEvent<Response | Together>);
  }

  answer(id: number, result: Extract<Response, { type: "result" }>["result"] = null): void {
    this.say({ type: "result", id, result, memory: this.memory });
  }

  tell(id: number, event: Extract<Response, { type: "event" }>["event"]): void {
    this.say({ type: "event", id, event });
  }

  hello(protocol: number = PROTOCOL, watched = true, reads = true): void {
    this.say({ type: "hello", protocol, watched, reads });
  }

  /** The oldest call not answered yet, which must be one to `name`. */
  take<K extends CallName>(name: K): RequestOf<K> {
    const request = this.calls.shift();
    if (request?.call !== name) throw new Error(`expected a call to ${name}, not ${request?.call}`);
    return request as RequestOf<K>;
  }

  fail(id: number, code: string, poisoned = false): void {
    const error = { code, message: `about ${code}`, remedy: "do something", fault: "image" } as const;
    this.say({ type: "failed", id, error, poisoned, memory: this.memory });
  }
}

/** Lets every promise that can settle do so. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
