// Fetches what the page runs: the compiled engine and the worker's script.
//
// Workers are started from a blob of their script rather than from its address. So a worker that is replaced an hour
// later needs no network, and it inherits the page's content security policy, which a worker fetched by address
// would not.

import { BrowserError } from "./errors.ts";
import { getVerified, reason } from "./fetching.ts";
import { clauses, errors } from "./words/en-errors.ts";
import { english } from "./words/template.ts";

/** The address of the worker's script, fetched into memory. */
export async function loadWorkerScript(url: string): Promise<string> {
  const script = await (await getVerified(url, clauses.workerScript)).blob();
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

/** Compiles the engine from its response, or from its bytes, where the server has the wrong media type for it. */
export async function loadEngine(url: string): Promise<WebAssembly.Module> {
  const response = await getVerified(url, clauses.engine);
  // Browsers compile from a response only if the server gives the media type, which some plain hosts do not know.
  const streams = /^application\/wasm\b/.test(response.headers.get("content-type") ?? "");
  try {
    return await (streams
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()));
  } catch (error) {
    throw new BrowserError(
      "engine_refused",
      ...english(errors.engine_refused.compile, { reason: reason(error) }),
    );
  }
}
