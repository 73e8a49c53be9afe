// An analysis in a worker as the page can reach it while it runs: notes come in between its portions.
//
// The core computes without a break, and a worker hears nothing meanwhile. So the analysis takes a breath after each portion:
// one turn of the event loop, in which all that has come is read.

import { turn } from "../base/turn.ts";
import type { Note } from "./protocol.ts";

/** Nobody waits for the result any more. */
export class Stopped extends Error {}

export class Conversation {
  /** Portions that may be sent, and how many workers look at the image. */
  credits = 0;
  workers = 1;
  #room = false;
  #stopped = false;
  #wake: () => void = () => {};
  readonly #returned: Extract<Note, { note: "returned" }>[] = [];

  hear(note: Note): void {
    switch (note.note) {
      case "room":
        this.#room = true;
        break;
      case "lend":
        this.credits = note.credits;
        this.workers = note.workers;
        break;
      case "returned":
        this.#returned.push(note);
        break;
      case "stop":
        this.#stopped = true;
        break;
      default:
        note satisfies never;
    }
    this.#wake();
  }

  /** Lets notes come in. Throws `Stopped` if one of them says so. */
  async breath(): Promise<void> {
    await turn();
    this.goOn();
  }

  async room(): Promise<void> {
    while (!this.#room) await this.#news();
  }

  /** What other workers are done with since the last call. */
  takeReturned(): readonly Extract<Note, { note: "returned" }>[] {
    return this.#returned.splice(0);
  }

  /** Waits until another worker is done with a portion. */
  async someReturned(): Promise<void> {
    while (this.#returned.length === 0) await this.#news();
  }

  async #news(): Promise<void> {
    this.goOn();
    await new Promise<void>((go) => {
      this.#wake = go;
    });
    this.goOn();
  }

  /** Throws `Stopped` if a note has said so. */
  goOn(): void {
    if (this.#stopped) throw new Stopped("nobody waits for the result");
  }
}
