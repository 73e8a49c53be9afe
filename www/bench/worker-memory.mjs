// What the WebAssembly modules of a page's workers hold: their memory, which never shrinks.
//
// Chromium's debugger would tell it too, but walks the heap of a worker that is at work, and crashes there.

/** @typedef {import("@playwright/test").Page} Page */

/** Has every worker of the page keep its instances; to be called before the page is opened. */
export const watchMemory = (/** @type {Page} */ page) =>
  page.addInitScript(() => {
    // Runs in the worker, before its own script.
    const keep = () => {
      /** @type {WebAssembly.Instance[]} */
      const instances = [];
      Object.assign(globalThis, { instances });
      const instantiate = WebAssembly.instantiate.bind(WebAssembly);
      Object.assign(WebAssembly, {
        instantiate: async (/** @type {WebAssembly.Module} */ module, /** @type {any} */ imports) => {
          const instance = await instantiate(module, imports);
          instances.push(instance);
          return instance;
        },
      });
    };
    // The page has its workers' scripts as blobs, for it has looked at their digests.
    const address = URL.createObjectURL.bind(URL);
    URL.createObjectURL = (content) => {
      const script = content instanceof Blob && content.type.includes("javascript");
      return address(script ? new Blob([`(${keep})();\n`, content], { type: content.type }) : content);
    };
  });

/**
 * Bytes of the memories of each worker whose module has an export of this name.
 * @param {Page} page
 * @param {string} name
 */
export async function workerMemory(page, name) {
  const held = await Promise.all(
    page.workers().map((worker) =>
      worker.evaluate((wanted) => {
        const { instances = [] } = /** @type {{ instances?: WebAssembly.Instance[] }} */ (globalThis);
        if (!instances.some(({ exports }) => wanted in exports)) return null;
        const memories = instances.map(({ exports }) => exports["memory"]);
        return memories.reduce((sum, memory) => {
          return sum + (memory instanceof WebAssembly.Memory ? memory.buffer.byteLength : 0);
        }, 0);
      }, name),
    ),
  );
  return held.filter((bytes) => bytes !== null);
}
