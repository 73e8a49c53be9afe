// Who lends to whom: workers without an image take portions of the images of others. Each may have one portion in hand and one
// on its way, so that it need not wait for the page; an image never has more out than that, however large it is.

import type { WorkerHandle } from "./worker-handle.ts";

/** An image at work, as lending sees it. */
export interface Lender {
  readonly sent: { readonly handle: WorkerHandle; readonly id: number } | null;
  /** Portions that its worker may still send. */
  credits: number;
  /** Portions that were sent and are not done. */
  readonly lent: number;
}

/** Portions for each helper. */
const AHEAD = 2;

/** Tells every lender what it may lend while there are so many helpers; says nothing where nothing changes. */
export function lend(lenders: readonly Lender[], helpers: number): void {
  const workers = 1 + Math.ceil(helpers / Math.max(1, lenders.length));
  for (const lender of lenders) {
    const credits = Math.max(0, AHEAD * helpers - lender.lent);
    if (lender.sent === null || lender.credits === credits) continue;
    const { handle, id } = lender.sent;
    lender.credits = credits;
    handle.note({ note: "lend", id, credits, workers });
  }
}
