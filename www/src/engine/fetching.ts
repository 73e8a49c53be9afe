// Where every file that is needed comes from: a server. No success but a 2xx, errors in words, and what is run is
// compared with the digest that was built in. Who embeds files in the page asks before (see `page-files.ts`).

import { BrowserError, type HistoscopeError, InternalError } from "../base/errors.ts";
import { clause, inEnglish, said, type Value } from "../words/said.ts";
import type { Cause } from "./protocol.ts";

/** Gets a file. Rejects with an `Error` whose message is a clause without a full stop. */
export type Get = (url: string | URL, signal?: AbortSignal) => Promise<Response>;

/** Gets a file from its server. */
export const fetched: Get = async (url, signal) => checked(await fetch(url, { signal: signal ?? null }));

/**
 * Gets a file that is run: the browser itself refuses one that is not, byte for byte, the one of this digest, which is
 * SHA-256 in the form of subresource integrity. Without a digest nothing is fetched. `what`, a
 * clause of the words, names the file in errors.
 */
export async function fetchedVerified(
  url: string | URL,
  integrity: string | undefined,
  what: Cause,
  signal?: AbortSignal,
): Promise<Response> {
  // An empty one, or one of no known hash, would mean "unchecked" to the browser.
  if (integrity === undefined || !/^sha(256|384|512)-/.test(integrity)) throw mismatch(what);
  try {
    return checked(await fetch(url, { integrity, signal: signal ?? null }));
  } catch (error) {
    // A browser says the same of a wrong digest and of no network.
    throw error instanceof TypeError ? await whyRefused(url, what) : missing(what, error);
  }
}

/**
 * Why the browser refused a file that it was to compare: asks for it once more, not to use it, but to see whether it can
 * be had at all.
 */
export async function whyRefused(url: string | URL, what: Cause): Promise<HistoscopeError> {
  try {
    checked(await fetch(url, { method: "HEAD" }));
    return mismatch(what);
  } catch (error) {
    return missing(what, error);
  }
}

function missing(what: Cause, error: unknown): InternalError {
  return new InternalError(...said("engine_missing", "file", { what, reason: reasonOf(error) }));
}

function mismatch(what: Cause): BrowserError {
  return new BrowserError(...said("engine_hash_mismatch", "file", { what }));
}

function checked(response: Response): Response {
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new Refused(clause("answered", { status }));
  }
  return response;
}

/** What a server answers in the place of a file. */
class Refused extends Error {
  constructor(readonly clause: Cause) {
    super(inEnglish(clause));
  }
}

/** Why a file could not be had, as a value of an error. */
export const reasonOf = (thrown: unknown): Value =>
  thrown instanceof Refused ? thrown.clause : reason(thrown);

export function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
