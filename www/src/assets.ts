// Fetches what the page runs: the compiled engine and the worker's script.
//
// Workers are started from a blob of their script rather than from its address. So a worker that is replaced an hour
// later needs no network, and it inherits the page's content security policy, which a worker fetched by address
// would not.

import { BrowserError } from "./errors.ts";
import { getVerified, reason } from "./fetching.ts";

/** What was loaded already, by address: a page that was loaded needs no network to start its engine again. */
function once<T>(load: (url: string) => Promise<T>): (url: string) => Promise<T> {
  const loaded = new Map<string, Promise<T>>();
  return (url) => {
    const known = loaded.get(url);
    if (known !== undefined) return known;
    const loading = load(url);
    loaded.set(url, loading);
    // A failure is not kept: the next call tries again.
    loading.catch(() => loaded.delete(url));
    return loading;
  };
}

/** The address of the worker's script, fetched into memory. */
export const loadWorkerScript = once(async (url) => {
  const script = await (await getVerified(url, "The worker's script")).blob();
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
});

/** Compiles the engine from its response, or from its bytes, where the server has the wrong media type for it. */
export const loadEngine = once(async (url): Promise<WebAssembly.Module> => {
  const response = await getVerified(url, "The engine");
  // Browsers compile from a response only if the server gives the media type, which some plain hosts do not know.
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
});
