// Looking at a moving field: each worker takes the newest frame when it is free, and what comes back is shown unless
// something newer is. So no frame waits, and those that come meanwhile are dropped.

export interface WatchSettings<P, R> {
  /** How many frames are looked at side by side: as many as there are workers. */
  readonly lanes: () => number;
  /** Resolves with the next frame that nobody has taken; null when there will be none. */
  readonly next: (signal: AbortSignal) => Promise<P | null>;
  readonly look: (picture: P) => Promise<R>;
  readonly onResult: (result: R) => void;
  /** Why a frame could not be looked at; watching ends with it. */
  readonly onTrouble: (error: unknown) => void;
}

/** Runs until it is aborted, there are no more frames, or one cannot be looked at. */
export async function watch<P, R>(settings: WatchSettings<P, R>, signal: AbortSignal): Promise<void> {
  const { next, look, onResult, onTrouble } = settings;
  const count = Math.max(1, settings.lanes());
  let taken = 0;
  let shown = 0;
  let over = false;
  const lane = async () => {
    while (!over && !signal.aborted) {
      const picture = await next(signal);
      if (picture === null || over || signal.aborted) return;
      const number = ++taken;
      const result = await look(picture);
      if (over || signal.aborted) return;
      // A slower worker may come with an older frame.
      if (number < shown) continue;
      shown = number;
      onResult(result);
    }
  };
  await Promise.all(
    Array.from({ length: count }, () =>
      lane().catch((error) => {
        if (over || signal.aborted) return;
        over = true;
        onTrouble(error);
      }),
    ),
  );
}

/** Results a second over the last moments, from the times at which they came. */
export class Rate {
  readonly #times: number[] = [];
  static readonly WINDOW_MS = 2000;

  /** `now` in milliseconds. Results a second; 0 before there are two. */
  count(now: number): number {
    this.#times.push(now);
    while ((this.#times[0] ?? now) < now - Rate.WINDOW_MS) this.#times.shift();
    const [first = now] = this.#times;
    return now > first ? (1000 * (this.#times.length - 1)) / (now - first) : 0;
  }
}
