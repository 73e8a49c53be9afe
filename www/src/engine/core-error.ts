// An error that the core threw on purpose, as it goes to the page.

import type { WireError } from "./protocol.ts";

/** Null of anything else, a trap above all. */
export function ofCore(thrown: unknown): WireError | null {
  if (!(thrown instanceof Error) || typeof (thrown as Partial<WireError>).code !== "string") return null;
  const { code, message, remedy, fault, cause } = thrown as Error & WireError;
  return { code, message, remedy, fault, ...(cause && { cause }) };
}
