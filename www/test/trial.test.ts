// A model is tried in a worker of its own: whatever happens to that worker becomes an error about the model.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EngineParts } from "../src/engine/worker-handle.ts";
import { adviseScaling, inspect, TRIAL_MS, tryOut } from "../src/own-model/trial.ts";
import { FakeWorker, settled } from "./fake-worker.ts";

let worker: FakeWorker;

const parts: EngineParts = {
  modules: { compiled: async () => ({}) as WebAssembly.Module, keep: async () => {} },
  spawn: (name) => {
    worker = new FakeWorker(name);
    queueMicrotask(() => worker.hello());
    return worker;
  },
  watch: () => worker.gone.promise,
  release: () => {},
};
const model = new Uint8Array(3);
const never = new AbortController().signal;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("adviseScaling", () => {
  it.each([
    ['{"suggested":"imagenet","doubt":"told"}'],
    ["null"],
  ])("gives the core's %s and throws the worker away", async (advice) => {
    const answer = adviseScaling(parts, model, "{}", never);
    await settled();
    const { id } = worker.take("advise");
    worker.answer(id, { advice });
    await expect(answer).resolves.toEqual(JSON.parse(advice));
    expect(worker.terminated).toBe(true);
  });
});

describe("inspect", () => {
  it("gives the core's words and throws the worker away", async () => {
    const answer = inspect(parts, model, [], never);
    await settled();
    const { id } = worker.take("inspect");
    worker.answer(id, { inspection: '{"nodes":7}', sha256: "ab", joined: null });
    await expect(answer).resolves.toEqual({ inspection: { nodes: 7 }, sha256: "ab", joined: null });
    expect(worker.terminated).toBe(true);
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
    const answer = tryOut(parts, model, "{}", "f32", never);
    await settled();
    expect(worker.opened).toEqual(["f32"]);
    worker.answer(worker.take("warmUp").id);
    await settled();
    const result = { model: '{"layers":9}', engine: "{}" };
    worker.answer(worker.take("describe").id, result);
    await expect(answer).resolves.toEqual({ layers: 9 });
    expect(worker.terminated).toBe(true);
  });

  it("passes on what the patch shows", async () => {
    const answer = tryOut(parts, model, "{}", "f32", never);
    await settled();
    worker.fail(worker.take("warmUp").id, "model_invalid");
    await expect(answer).rejects.toMatchObject({ code: "model_invalid" });
  });
});
