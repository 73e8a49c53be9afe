// What a worker has to say, in as few messages as may be: each costs the page a task of its own, and the last
// results of an image and its report are there within milliseconds.

import type { Response, Together } from "./protocol.ts";

export class Outbox {
  readonly #post: (message: Response | Together, transfer: Transferable[]) => void;
  #held: Response[] = [];
  #transfer: Transferable[] = [];

  constructor(post: (message: Response | Together, transfer: Transferable[]) => void) {
    this.#post = post;
  }

  /** Says it now, together with all that is held. */
  say(response: Response, transfer: readonly Transferable[] = []): void {
    const [held, all] = [this.#held, [...this.#transfer, ...transfer]];
    this.#held = [];
    this.#transfer = [];
    this.#post(held.length === 0 ? response : [...held, response], all);
  }

  /** It may wait for what is said next. */
  hold(response: Response, transfer: readonly Transferable[] = []): void {
    this.#held.push(response);
    this.#transfer.push(...transfer);
  }
}
