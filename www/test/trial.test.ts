// A model is tried in a worker of its own: whatever happens to that worker becomes an error about the model.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Edition } from "../src/engine/protocol.ts";
import type { EngineParts } from "../src/engine/worker-handle.ts";
import { adviseScaling, inspect, TRIAL_MS, tryOut } from "../src/own-model/trial.ts";
import { FakeWorker, settled } from "./fake-worker.ts";

let worker: FakeWorker;
/** The editions that were asked for. */
let compiled: Edition[];
/** Whether workers open models by themselves. */
let opens: boolean;

const parts: EngineParts = {
  modules: {
    compiled: async (edition) => {
      compiled.push(edition);
      return {} as WebAssembly.Module;
    },
    keep: async () => {},
  },
  spawn: (name) => {
    worker = new FakeWorker(name, opens);
    queueMicrotask(() => worker.hello());
    return worker;
  },
  watch: () => worker.gone.promise,
  release: () => {},
};
const model = new Uint8Array(3);
const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
  compiled = [];
  opens = true;
});
afterEach(() => void vi.useRealTimers());

describe("adviseScaling", () => {
  it.each([
    ['{"suggested":"imagenet","doubt":"told"}'],
    ["null"],
  ])("gives the core's %s and throws the worker away", async (advice) => {
    const answer = adviseScaling(parts, model, "{}", "general", never);
    await settled();
    const { id, edition } = worker.take("advise");
    worker.answer(id, { advice });
    await expect(answer).resolves.toEqual(JSON.parse(advice));
    expect(edition).toBe("general");
    expect(worker.terminated).toBe(true);
  });
});

describe("inspect", () => {
  it("gives the core's words and throws the worker away", async () => {
    const answer = inspect(parts, model, [], never);
    await settled();
    const { id } = worker.take("inspect");
    worker.answer(id, { inspection: '{"nodes":7}', sha256: "ab", joined: null });
    const told = { inspection: { nodes: 7 }, sha256: "ab", joined: null };
    await expect(answer).resolves.toEqual({ ...told, edition: "int8" });
    expect(worker.terminated).toBe(true);
    // The general edition is large: it is not even asked for.
    expect(compiled).toEqual(["int8"]);
  });

  it("asks the general edition where the small one says that it cannot tell, in another worker", async () => {
    const answer = inspect(parts, model, [], never);
    await settled();
    const first = worker;
    worker.fail(worker.take("inspect").id, "model_needs_tract");
    await settled();
    expect(first.terminated).toBe(true);
    expect(worker).not.toBe(first);
    const { id, edition } = worker.take("inspect");
    expect(edition).toBe("general");
    worker.answer(id, { inspection: "{}", sha256: "ab", joined: null });
    await expect(answer).resolves.toMatchObject({ edition: "general" });
    expect(compiled).toEqual(["int8", "general"]);
  });

  it("passes on what the core refuses", async () => {
    const answer = inspect(parts, model, [], never);
    await settled();
    worker.fail(worker.take("inspect").id, "model_invalid");
    await expect(answer).rejects.toMatchObject({ code: "model_invalid", message: "about model_invalid" });
    expect(worker.terminated).toBe(true);
  });

  it.each([
    ["a trap", () => worker.fail(worker.take("inspect").id, "internal", true)],
    ["its end", () => worker.gone.resolve()],
    ["an error of its script", () => worker.onerror?.({ message: "out of memory" } as ErrorEvent)],
  ])("calls %s the model's fault", async (_, end) => {
    const answer = inspect(parts, model, [], never);
    await settled();
    end();
    await expect(answer).rejects.toMatchObject({ code: "model_invalid", fault: "model" });
    expect(worker.terminated).toBe(true);
  });

  it("stops a model that takes too long", async () => {
    const answer = inspect(parts, model, [], never);
    await settled();
    vi.advanceTimersByTime(TRIAL_MS);
    await expect(answer).rejects.toMatchObject({ code: "model_too_slow", fault: "model" });
    expect(worker.terminated).toBe(true);
  });

  it("stops when nobody waits any more", async () => {
    const abort = new AbortController();
    const answer = inspect(parts, model, [], abort.signal);
    await settled();
    abort.abort();
    await expect(answer).rejects.toMatchObject({ code: "cancelled" });
    expect(worker.terminated).toBe(true);
  });
});

describe("tryOut", () => {
  it("opens the model and looks at a patch", async () => {
    const answer = tryOut(parts, model, "{}", "f32", "general", never);
    await settled();
    expect(worker.opened).toEqual(["f32"]);
    worker.answer(worker.take("warmUp").id);
    await settled();
    const result = { model: '{"layers":9}', engine: "{}" };
    worker.answer(worker.take("describe").id, result);
    await expect(answer).resolves.toEqual({ layers: 9, edition: "general" });
    expect(worker.terminated).toBe(true);
  });

  it("passes on what the patch shows", async () => {
    const answer = tryOut(parts, model, "{}", "f32", "general", never);
    await settled();
    worker.fail(worker.take("warmUp").id, "model_invalid");
    await expect(answer).rejects.toMatchObject({ code: "model_invalid" });
  });

  it("takes the general edition's refusal for an answer", async () => {
    opens = false;
    const answer = tryOut(parts, model, "{}", "int8", "int8", never);
    for (const expected of ["int8", "general"]) {
      await settled();
      const { id, edition } = worker.take("open");
      expect(edition).toBe(expected);
      worker.fail(id, "model_needs_tract");
    }
    await expect(answer).rejects.toMatchObject({ code: "model_needs_tract" });
    expect(worker.terminated).toBe(true);
  });
});
