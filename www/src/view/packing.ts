// The notice of work on many images, which counts them and can stop it.

import type { Notices } from "../page/notices.ts";
import { resultWords } from "../words/result.ts";

export interface Progress {
  readonly signal: AbortSignal;
  /** Told after each image. */
  readonly onDone: (done: number) => void;
}

/** Rejects as `work` does, and gives null where a person has stopped it. The notice goes either way. */
export async function packing<T>(
  notices: Notices,
  images: number,
  work: (progress: Progress) => Promise<T>,
): Promise<T | null> {
  const stop = new AbortController();
  const onDone = (done: number) =>
    notices.tell("zip", (words) => words.notices.packing(done, images), {
      say: () => resultWords.value.toolbar.cancel,
      act: () => stop.abort(),
    });
  onDone(0);
  try {
    return await work({ signal: stop.signal, onDone });
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    return null;
  } finally {
    notices.drop("zip");
  }
}
