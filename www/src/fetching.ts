// Where every file that the page needs comes from: out of the page itself, in the edition that is a single file, or
// from the page's server. What both share: no success but a 2xx, and errors in words.

import { embedded } from "./embedded.ts";
import { BrowserError, type HistoscopeError, InternalError } from "./errors.ts";
import { fileName } from "./paths.ts";
import { clauses, errors } from "./words/en-errors.ts";
import { english, fill } from "./words/template.ts";

/** A file of the page. Rejects with an `Error` whose message is a clause without a full stop. */
export async function get(url: string | URL): Promise<Response> {
  return embedded(fileName(url)) ?? checked(await fetch(url));
}

/** SHA-256 of the published files by name, in the form of subresource integrity; the build writes it into the page. */
function digests(): Readonly<Record<string, string>> {
  const text = document.getElementById("digests")?.textContent;
  return text ? JSON.parse(text) : {};
}

/**
 * A file that is run: the browser itself refuses one that is not, byte for byte, the one that was built with this page.
 * `what`, one of the words' clauses, names it in errors.
 */
export async function getVerified(url: string, what: string): Promise<Response> {
  const name = fileName(url);
  // Came with the page, from the same file: there is nothing to compare it with.
  const here = embedded(name);
  if (here !== null) return here;
  const integrity = digests()[name];
  // The development server has no build and so no digests.
  if (integrity === undefined && !import.meta.env.DEV) throw mismatch(what);
  try {
    return await checked(await fetch(url, integrity === undefined ? {} : { integrity }));
  } catch (error) {
    // A browser says the same of a wrong digest and of no network.
    throw error instanceof TypeError ? await whyNot(url, what) : missing(what, error);
  }
}

/** Asks for the file once more, not to use it, but to see whether it can be had at all. */
async function whyNot(url: string, what: string): Promise<HistoscopeError> {
  try {
    await checked(await fetch(url, { method: "HEAD" }));
    return mismatch(what);
  } catch (error) {
    return missing(what, error);
  }
}

function missing(what: string, error: unknown): InternalError {
  return new InternalError(
    "engine_missing",
    ...english(errors.engine_missing.file, { what, reason: reason(error) }),
  );
}

function mismatch(what: string): BrowserError {
  return new BrowserError("engine_hash_mismatch", ...english(errors.engine_hash_mismatch.file, { what }));
}

function checked(response: Response): Response {
  if (!response.ok) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new Error(fill(clauses.answered, { status }));
  }
  return response;
}

export function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
