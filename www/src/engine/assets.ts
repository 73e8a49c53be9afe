// Makes what is run of what was fetched: the compiled engine and the worker's script.
//
// Workers are started from a blob of their script rather than from its address. So a worker that is replaced an hour
// later needs no network, and it inherits the page's content security policy, which a worker fetched by address
// would not.

import { BrowserError } from "../base/errors.ts";
import { once } from "../base/once.ts";
import { said } from "../words/said.ts";
import { reasonOf } from "./fetching.ts";
import type { Edition } from "./protocol.ts";

/** The worker's script in memory; who makes an address of it revokes that, too. */
export async function loadWorkerScript(response: Response): Promise<Blob> {
  return new Blob([await response.arrayBuffer()], { type: "text/javascript" });
}

/** The modules of the engine, each fetched and compiled at most once. */
export class EngineStore {
  readonly #responses = new Map<Edition, Promise<Response>>();
  readonly #modules = new Map<Edition, Promise<WebAssembly.Module>>();

  constructor(readonly fetch: (edition: Edition) => Promise<Response>) {}

  compiled(edition: Edition): Promise<WebAssembly.Module> {
    return once(this.#modules, edition, async () => {
      const response = await (this.#responses.get(edition) ?? this.fetch(edition));
      // A body can be read once.
      this.#responses.delete(edition);
      return compile(response);
    });
  }

  /** Has the module at hand without a network, not yet compiled: it may never be needed. */
  async keep(edition: Edition): Promise<void> {
    if (this.#modules.has(edition)) return;
    await once(this.#responses, edition, async () => {
      const response = await this.fetch(edition);
      return new Response(await response.arrayBuffer(), response);
    });
  }
}

/** Compiles the engine from its response, or from its bytes, where the server has the wrong media type for it. */
export async function compile(response: Response): Promise<WebAssembly.Module> {
  // Browsers compile from a response only if the server gives the media type, which some plain hosts do not know.
  const streams = /^application\/wasm\b/.test(response.headers.get("content-type") ?? "");
  try {
    return await (streams
      ? WebAssembly.compileStreaming(response)
      : WebAssembly.compile(await response.arrayBuffer()));
  } catch (error) {
    throw new BrowserError(...said("engine_refused", "compile", { reason: reasonOf(error) }));
  }
}
