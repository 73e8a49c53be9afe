// What each worker of a page holds: the memory of its WebAssembly modules, which never shrinks, and its heap.

/**
 * In bytes; `script` is the name of the worker's file.
 * @typedef {{ script: string, module: number, heap: number }} WorkerMemory
 */

/** Runs in the worker, on all of its memories. */
const SUM = "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }";

/**
 * Asks the debugger of each worker: Chromium alone has one that tells.
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<WorkerMemory[]>}
 */
export async function workerMemory(page) {
  const tab = await page.context().newCDPSession(page);
  /** @type {{ session: string, script: string }[]} */
  const workers = [];
  tab.on("Target.attachedToTarget", ({ sessionId, targetInfo: { type, url } }) => {
    if (type === "worker") workers.push({ session: sessionId, script: url.replace(/^.*\//, "") });
  });
  /** @type {Map<number, (answer: any) => void>} */
  const waiting = new Map();
  tab.on("Target.receivedMessageFromTarget", ({ message }) => {
    const { id, result } = JSON.parse(message);
    waiting.get(id)?.(result);
  });
  // Not flattened: those sessions cannot be spoken to from here.
  await tab.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  let asked = 0;
  const ask = async (/** @type {string} */ session, /** @type {string} */ method, params = {}) => {
    const id = ++asked;
    const answer = new Promise((/** @type {(answer: any) => void} */ resolve) => waiting.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await tab.send("Target.sendMessageToTarget", { sessionId: session, message });
    return answer;
  };
  const found = [];
  for (const { session, script } of workers) {
    const { result: prototype } = await ask(session, "Runtime.evaluate", {
      expression: "WebAssembly.Memory.prototype",
    });
    const { objects } = await ask(session, "Runtime.queryObjects", { prototypeObjectId: prototype.objectId });
    const { result: sum } = await ask(session, "Runtime.callFunctionOn", {
      objectId: objects.objectId,
      functionDeclaration: SUM,
      returnByValue: true,
    });
    const { totalSize } = await ask(session, "Runtime.getHeapUsage");
    found.push({ script, module: sum.value, heap: totalSize });
  }
  await tab.detach();
  return found;
}
