// Whether a worker still answers, for as long as nothing else would tell that it has ended.
//
// A worker that computes hears nothing until it takes a breath, so silence proves nothing for a good while. Questions are
// counted, not the time: a machine that was asleep has asked none meanwhile.

/** So often a worker is asked, in milliseconds. */
export const BEAT_MS = 10_000;
/** So many questions in a row may go without an answer: two minutes, longer than any step takes between two breaths. */
export const MOST_UNANSWERED = 12;

export class Heartbeat {
  #timer: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;
  readonly #ask: () => void;
  readonly #onSilence: () => void;

  /** `ask` puts the question; `onSilence` is told, once, that it is in vain. */
  constructor(ask: () => void, onSilence: () => void) {
    this.#ask = ask;
    this.#onSilence = onSilence;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#beat(), BEAT_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#unanswered = 0;
  }

  /** Whatever the worker said: it is alive. */
  heard(): void {
    this.#unanswered = 0;
  }

  #beat(): void {
    if (this.#unanswered >= MOST_UNANSWERED) {
      this.stop();
      this.#onSilence();
      return;
    }
    this.#unanswered++;
    this.#ask();
  }
}
