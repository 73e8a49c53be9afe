// What a slide's worker does next: what a person looks at before all else, the newest of it first; the rest in order.

import type { SlideCallName } from "./protocol.ts";

export const isUrgent = ({ call }: { readonly call: SlideCallName }): boolean => call === "tile";

/** Null where nothing waits. */
export function nextOf<T>(queue: readonly T[], urgent: (request: T) => boolean): T | null {
  return queue.findLast(urgent) ?? queue[0] ?? null;
}
