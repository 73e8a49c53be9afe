// Passing remarks for the eye, one on each matter, some with something to do about it.

import { signal } from "@preact/signals";
import type { Say } from "../words/words.ts";

/** What a remark is on; a newer one on the same takes its place. */
export type Matter = "intake" | "worker" | "undo" | "patients" | "table" | "zip" | "kept" | "onnx";

export interface Action {
  readonly say: Say;
  readonly act: () => void;
}

export interface Notice {
  readonly matter: Matter;
  readonly say: Say;
  readonly actions: readonly Action[];
}

export class Notices {
  readonly list = signal<readonly Notice[]>([]);

  tell(matter: Matter, say: Say, ...actions: Action[]): void {
    this.drop(matter);
    this.list.value = [...this.list.value, { matter, say, actions }];
  }

  drop(...matters: Matter[]): void {
    const left = this.list.value.filter(({ matter }) => !matters.includes(matter));
    if (left.length < this.list.value.length) this.list.value = left;
  }
}
