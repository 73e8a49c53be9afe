// Fetches what the page runs: the compiled engine and the worker's script.
//
// Workers are started from a blob of their script rather than from its address. So a worker that is replaced an hour
// later needs no network, and it inherits the page's content security policy, which a worker fetched by address
// would not.

import { BrowserError, InternalError } from "./errors.ts";
import { get, RELOAD, reason } from "./fetching.ts";

/** The address of the worker's script, fetched into memory. */
export async function loadWorkerScript(url: string): Promise<string> {
  try {
    const script = await (await get(url)).blob();
    return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  } catch (error) {
    throw new InternalError(
      "engine_missing",
      `The worker's script could not be fetched: ${reason(error)}.`,
      RELOAD,
    );
  }
}

/** Compiles the engine while it arrives, or after, where the server has the wrong media type for it. */
export async function loadEngine(url: string): Promise<WebAssembly.Module> {
  let response: Response;
  try {
    response = await get(url);
  } catch (error) {
    throw new InternalError("engine_missing", `The engine could not be fetched: ${reason(error)}.`, RELOAD);
  }
  // Browsers compile while the bytes arrive only if the server gives the media type, which some plain hosts do not know.
  const streams = /^application\/wasm\b/.test(response.headers.get("content-type") ?? "");
  try {
    return await (streams
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()));
  } catch (error) {
    throw new BrowserError(
      "engine_refused",
      `This browser refuses the engine: ${reason(error)}.`,
      "Update the browser, or try a current Chrome, Edge, Firefox or Safari.",
    );
  }
}
