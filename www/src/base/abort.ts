// What `AbortSignal.any` would do, which is younger than the browsers that we run on, and waiting that an abort ends.

import { CancelledError } from "./errors.ts";

/** A controller of its own that also aborts with another signal, until it lets go of that. */
export class Follower extends AbortController {
  readonly #leader: AbortSignal | undefined;
  readonly #abort = () => this.abort();

  constructor(leader: AbortSignal | undefined) {
    super();
    this.#leader = leader;
    leader?.addEventListener("abort", this.#abort, { once: true });
    if (leader?.aborted) this.abort();
  }

  letGo(): void {
    this.#leader?.removeEventListener("abort", this.#abort);
  }
}

/** The same result; an abort is not waited out but rejects with `CancelledError`, whatever becomes of the work. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new CancelledError());
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
