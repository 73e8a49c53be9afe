// The networks that lessons are made on, as teaching sees them: the one that runs now, and the page's other one beside it.

import type { Entry } from "../study/entry.ts";
import type { TeachCore } from "./core.ts";
import type { Deeper } from "./deeper.ts";

/** How far something has come, such as bytes of a file. */
export type Progress = (done: number, total: number) => void;

/** Networks are named by the SHA-256 of their files, in hexadecimal. */
export interface Networks {
  /** The one that judges now, as the lesson in force would have it; null before there is any. */
  readonly now: () => string | null;
  /** The one that judges where no lesson does. */
  readonly usual: () => string | null;
  /** That of lessons that look deeper; null where there is none to be had. */
  readonly deeper: () => Pick<Deeper, "sha256" | "bytes" | "bring" | "look"> | null;
  /** The core over the one that judges now; resolves when that is up. */
  readonly core: () => Promise<TeachCore>;
  /** Has the one come up that is to judge now. */
  readonly turn: () => Turn;
  /** Starts another of the page's beside it; null where the page has no such network. */
  readonly beside: (sha256: string, signal: AbortSignal) => Promise<Beside | null>;
}

export interface Turn {
  /** The one that gives way to it, by all of its precisions; none where it was up, or on its way. */
  readonly from: readonly string[];
  readonly up: Promise<void>;
}

/** A network that runs beside the one that judges. */
export interface Beside {
  readonly core: TeachCore;
  /** Has it look at images that it has not seen. Rejects with `CancelledError` after an abort. */
  look(entries: readonly Entry[], signal: AbortSignal, onProgress: Progress): Promise<void>;
  close(): void;
}
