// The files of the page: out of the page itself, in the edition that is a single file, or from the page's server, with
// the digests that the build wrote into the page. The page's alone: nobody who embeds the classifier trusts a document.

import simd128Url from "../../pkg/histoscope_bg.wasm?url";
import generalUrl from "../../pkg-general/histoscope_bg.wasm?url";
import relaxedUrl from "../../pkg-relaxed/histoscope_bg.wasm?url";
import type { EngineBuild, EngineFiles } from "../engine/engine.ts";
import { fetched, fetchedVerified, type Get } from "../engine/fetching.ts";
import type { Cause } from "../engine/protocol.ts";
import workerUrl from "../engine/worker.ts?worker&url";
import { clause } from "../words/said.ts";
import { digests } from "./digests.ts";
import { embedded, isEmbedded, isSingleFile } from "./embedded.ts";
import { fileName, MANIFEST_PATH } from "./paths.ts";

/** One source; the first two have the same glue. */
const MODULES: Readonly<Record<EngineBuild, string>> = {
  simd128: simd128Url,
  relaxed: relaxedUrl,
  general: generalUrl,
};

/** Gets a file of the page that is not run. */
export const getOfPage: Get = async (url, signal) => embedded(fileName(url)) ?? fetched(url, signal);

/** Whether a file of the page can be had at all: the edition that is one file asks nobody. */
export const canFetch = (url: string | URL): boolean => !isSingleFile() || isEmbedded(fileName(url));

/** A file of the page that is run; rejects if it is not the one that was built. */
export async function verified(path: string, what: Cause, signal?: AbortSignal): Promise<Response> {
  const url = new URL(path, document.baseURI);
  const name = fileName(url);
  // Came with the page, from the same file: there is nothing to compare it with.
  const here = embedded(name);
  if (here !== null) return here;
  // The development server has no build and so no digests.
  if (import.meta.env.DEV) return fetched(url, signal);
  return fetchedVerified(url, digests()[name], what, signal);
}

export function pageFiles(): EngineFiles {
  return {
    manifestUrl: new URL(MANIFEST_PATH, document.baseURI).href,
    get: getOfPage,
    module: (build, signal) => verified(MODULES[build], clause("engine"), signal),
    worker: (signal) => verified(workerUrl, clause("workerScript"), signal),
  };
}
