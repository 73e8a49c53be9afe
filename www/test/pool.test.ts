// The pool without a worker: order, death, replacement, abort, versions.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  CancelledError,
  ImageError,
  ModelError,
  ProtocolError,
  WorkerDiedError,
} from "../src/base/errors.ts";
import { ABORT_GRACE_MS, MAX_DEATHS, Pool } from "../src/engine/pool.ts";
import type { Runtime, Variant } from "../src/engine/protocol.ts";
import { FakeWorker, settled } from "./fake-worker.ts";

const int8 = { variant: "int8" } as const;
const pixels = () => ({ pixels: new ArrayBuffer(8) });
const image = { file: new Blob(), filename: "a.png", options: "{}" };

let workers: FakeWorker[] = [];

function worker(index: number): FakeWorker {
  const found = workers[index];
  if (found === undefined) throw new Error(`there is no worker ${index}`);
  return found;
}

interface Setup {
  size?: number;
  greet?: boolean;
  opens?: boolean;
  model?: (variant: Variant) => Promise<Uint8Array>;
  runtime?: Runtime;
  onDeath?: (reason: Error) => void;
}

async function makePool(setup: Setup = {}): Promise<Pool> {
  const { size = 1, greet = true, opens = true, runtime = "fused", model, onDeath } = setup;
  const pool = new Pool({
    source: {
      module: async () => ({}) as WebAssembly.Module,
      manifest: async () => "{}",
      model: model ?? (async () => new Uint8Array(1)),
    },
    spawn: (name) => {
      const fake = new FakeWorker(name, opens);
      workers.push(fake);
      if (greet) queueMicrotask(() => fake.hello());
      return fake;
    },
    watch: (name) => workers.find((fake) => fake.name === name)?.gone.promise ?? Promise.reject(),
    size,
    variant: () => "int8",
    runtime,
    ...(onDeath && { onDeath }),
  });
  await settled();
  return pool;
}

beforeEach(() => {
  workers = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("scheduling", () => {
  it("opens the usual variant in each worker before any call", async () => {
    await makePool({ size: 3 });
    expect(workers.map((fake) => fake.opened)).toEqual([["int8"], ["int8"], ["int8"]]);
  });

  it("gives one call to each free worker and the next to the first that is done", async () => {
    const pool = await makePool({ size: 2 });
    for (let call = 0; call < 3; call++) void pool.call("infer", pixels(), int8);
    await settled();
    expect(workers.map((fake) => fake.calls.length)).toEqual([1, 1]);
    const second = worker(1).take("infer");
    worker(1).say({ type: "result", id: second.id, result: null });
    await settled();
    expect(workers.map((fake) => fake.calls.length)).toEqual([1, 1]);
  });

  it("sends a busy worker the next batch of the same image, and no other call", async () => {
    const pool = await makePool();
    const [one, other] = [new AbortController().signal, new AbortController().signal];
    const first = pool.call("infer", pixels(), { ...int8, signal: one });
    void pool.call("infer", pixels(), { ...int8, signal: other });
    const second = pool.call("infer", pixels(), { ...int8, signal: one });
    const third = pool.call("infer", pixels(), { ...int8, signal: one });
    await settled();
    expect(worker(0).calls).toHaveLength(2);
    const answer = () => worker(0).say({ type: "result", id: worker(0).take("infer").id, result: null });
    answer();
    await first;
    await settled();
    expect(worker(0).calls).toHaveLength(2);
    answer();
    answer();
    await Promise.all([second, third]);
    await settled();
    // The other image's batch, which has waited; nothing follows it.
    expect(worker(0).calls).toHaveLength(1);
  });

  it("loses with a worker only the image that it was looking at", async () => {
    const pool = await makePool();
    const [one, other] = [new AbortController().signal, new AbortController().signal];
    const doomed = [1, 2].map(() => pool.call("infer", pixels(), { ...int8, signal: one }).catch((e) => e));
    const queued = pool.call("infer", pixels(), { ...int8, signal: other });
    await settled();
    worker(0).fail(worker(0).take("infer").id, "internal", true);
    for (const error of await Promise.all(doomed)) expect(error).toBeInstanceOf(WorkerDiedError);
    await settled();
    worker(1).say({ type: "result", id: worker(1).take("infer").id, result: null });
    await expect(queued).resolves.toBeNull();
  });

  it("cancels a batch that was sent ahead without ending a worker that is done soon", async () => {
    const pool = await makePool();
    const stop = new AbortController();
    const settings = { ...int8, signal: stop.signal };
    const calls = [1, 2].map(() => pool.call("infer", pixels(), settings).catch((thrown) => thrown));
    await settled();
    stop.abort();
    for (const error of await Promise.all(calls)) expect(error).toBeInstanceOf(CancelledError);
    for (let call = 0; call < 2; call++) {
      worker(0).say({ type: "result", id: worker(0).take("infer").id, result: null });
      await settled();
    }
    vi.advanceTimersByTime(2 * ABORT_GRACE_MS);
    expect(worker(0).terminated).toBe(false);
    void pool.call("report", { plan: "", logits: new Float32Array(), timings: none }, int8);
    await settled();
    expect(worker(0).calls).toHaveLength(1);
  });

  it("finishes what has begun before it begins anything new", async () => {
    const pool = await makePool();
    void pool.call("decode", image, int8);
    await settled();
    void pool.call("decode", image, int8);
    void pool.call("infer", pixels(), int8);
    void pool.call("report", { plan: "", logits: new Float32Array(), timings: none }, int8);
    const order: string[] = [];
    for (let call = 0; call < 4; call++) {
      const request = worker(0).calls.shift();
      order.push(request?.call ?? "nothing");
      worker(0).say({ type: "result", id: request?.id ?? 0, result: null });
      await settled();
    }
    expect(order).toEqual(["decode", "report", "infer", "decode"]);
  });

  it("begins no image while it is held, finishes what has begun, and goes on in order", async () => {
    const pool = await makePool();
    void pool.call("decode", image, int8);
    await settled();
    pool.hold(true);
    void pool.call("decode", { ...image, filename: "b.png" }, int8);
    void pool.call("decode", { ...image, filename: "c.png" }, int8);
    void pool.call("infer", pixels(), int8);
    const first = worker(0).take("decode");
    worker(0).say({ type: "result", id: first.id, result: null });
    await settled();
    const batch = worker(0).take("infer");
    worker(0).say({ type: "result", id: batch.id, result: null });
    await settled();
    expect(worker(0).calls).toEqual([]);
    pool.hold(false);
    await settled();
    expect(worker(0).take("decode").filename).toBe("b.png");
  });

  it("opens another variant only where a call needs it", async () => {
    const pool = await makePool({ size: 2 });
    void pool.call("infer", pixels(), { variant: "f32" });
    await settled();
    expect(workers.map((fake) => fake.opened)).toEqual([["int8", "f32"], ["int8"]]);
  });

  it("opens a model that the small edition cannot run in the general one, and remembers it", async () => {
    const pool = await makePool({ size: 1, opens: false });
    const asked = (fake: FakeWorker) => {
      const { id, edition, variant } = fake.take("open");
      return { id, said: `${variant} ${edition}` };
    };
    const first = asked(worker(0));
    expect(first.said).toBe("int8 int8");
    worker(0).fail(first.id, "model_needs_tract");
    await settled();
    const second = asked(worker(0));
    expect(second.said).toBe("int8 general");
    worker(0).say({ type: "result", id: second.id, result: null });
    pool.resize(2);
    await settled();
    expect(asked(worker(1)).said).toBe("int8 general");
  });

  it("opens a float model in the general edition, and takes any other refusal for an answer", async () => {
    const pool = await makePool({ size: 1, opens: false });
    worker(0).fail(worker(0).take("open").id, "model_invalid");
    await settled();
    const call = pool.call("describe", {}, { variant: "f32" }).catch((thrown) => thrown.code);
    await settled();
    const { id, edition } = worker(0).take("open");
    expect(edition).toBe("general");
    worker(0).fail(id, "model_needs_tract");
    await expect(call).resolves.toBe("model_needs_tract");
  });

  it("opens every model in the general edition where tract alone is to compute it", async () => {
    await makePool({ runtime: "tract", opens: false });
    expect(worker(0).take("open")).toMatchObject({ edition: "general", variant: "int8", runtime: "tract" });
  });

  it("passes events on while a call is under way", async () => {
    const pool = await makePool();
    const heard: unknown[] = [];
    const call = pool.call("decode", image, { ...int8, onEvent: (event) => heard.push(event.kind) });
    await settled();
    const { id } = worker(0).take("decode");
    worker(0).say({ type: "event", id, event: { kind: "batch", index: 0, pixels: new ArrayBuffer(0) } });
    worker(0).say({
      type: "event",
      id: id + 7,
      event: { kind: "batch", index: 1, pixels: new ArrayBuffer(0) },
    });
    worker(0).say({ type: "result", id, result: null });
    await call;
    expect(heard).toEqual(["batch"]);
  });

  it("grows at once and shrinks without interrupting anybody", async () => {
    const pool = await makePool();
    pool.resize(3);
    await settled();
    expect(pool.size).toBe(3);
    const calls = [0, 1, 2].map(() => pool.call("infer", pixels(), int8));
    await settled();
    pool.resize(1);
    expect(workers.filter((fake) => fake.terminated)).toHaveLength(0);
    for (const fake of workers) fake.say({ type: "result", id: fake.take("infer").id, result: null });
    await Promise.all(calls);
    await settled();
    expect(pool.size).toBe(1);
    expect(workers.filter((fake) => fake.terminated)).toHaveLength(2);
  });
});

describe("errors", () => {
  it("rejects a refused call with an error of its class and keeps the worker", async () => {
    const pool = await makePool();
    const call = pool.call("decode", image, int8);
    await settled();
    worker(0).fail(worker(0).take("decode").id, "image_empty");
    const error = await call.catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ImageError);
    expect(error.toWire()).toEqual({
      code: "image_empty",
      message: "about image_empty",
      remedy: "do something",
      fault: "image",
    });
    expect(worker(0).terminated).toBe(false);
  });

  it("tells a model that cannot be had to the call that needs it, and goes on", async () => {
    const refusal = new ModelError("model_missing", "gone", "reload");
    const model = async (variant: Variant) => {
      if (variant === "f32") throw refusal;
      return new Uint8Array(1);
    };
    const pool = await makePool({ model });
    await expect(pool.call("infer", pixels(), { variant: "f32" })).rejects.toBe(refusal);
    const next = pool.call("infer", pixels(), int8);
    await settled();
    worker(0).say({ type: "result", id: worker(0).take("infer").id, result: null });
    await expect(next).resolves.toBeNull();
  });
});

describe("death", () => {
  const deaths: [string, (fake: FakeWorker, id: number) => void][] = [
    ["an error that nobody caught", (fake) => fake.onerror?.({ message: "boom" } as ErrorEvent)],
    ["a message that cannot be read", (fake) => fake.onmessageerror?.({} as MessageEvent)],
    ["a trap in the engine", (fake, id) => fake.fail(id, "internal", true)],
    ["the browser's own decision", (fake) => fake.gone.resolve()],
  ];

  it.each(deaths)("by %s rejects the call, replaces the worker and keeps the queue", async (_, kill) => {
    const pool = await makePool();
    const doomed = pool.call("infer", pixels(), int8);
    const queued = pool.call("infer", pixels(), int8);
    await settled();
    kill(worker(0), worker(0).take("infer").id);
    const error = await doomed.catch((thrown) => thrown);
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error.code).toBe("worker_died");
    expect(worker(0).terminated).toBe(true);

    await settled();
    expect(workers).toHaveLength(2);
    worker(1).say({ type: "result", id: worker(1).take("infer").id, result: null });
    await expect(queued).resolves.toBeNull();
  });

  it.each(["decode", "infer"] as const)("in the middle of %s is that image's fault alone", async (name) => {
    const pool = await makePool();
    const request = { decode: image, infer: pixels() }[name];
    const bad = Array.from({ length: 2 * MAX_DEATHS }, () =>
      pool.call(name, request, int8).catch((thrown) => thrown),
    );
    await settled();
    for (let index = 0; index < bad.length; index++) {
      worker(index).fail(worker(index).take(name).id, "internal", true);
      expect(await bad[index]).toBeInstanceOf(WorkerDiedError);
      await settled();
    }
    expect(pool.size).toBe(1);
    const next = pool.call("decode", image, int8);
    await settled();
    const last = worker(workers.length - 1);
    last.say({ type: "result", id: last.take("decode").id, result: null });
    await expect(next).resolves.toBeNull();
  });

  it("by itself, again and again, gives the worker up", async () => {
    const pool = await makePool();
    for (let index = 0; index < MAX_DEATHS; index++) {
      worker(index).gone.resolve();
      await settled();
    }
    expect(workers).toHaveLength(MAX_DEATHS);
    expect(pool.size).toBe(0);
  });

  it("is announced, but not when we ended the worker ourselves", async () => {
    const heard: Error[] = [];
    const pool = await makePool({ size: 2, onDeath: (reason) => heard.push(reason) });
    worker(0).gone.resolve();
    await settled();
    pool.resize(1);
    await settled();
    expect(heard).toHaveLength(1);
  });

  it("again and again without an answer gives the worker up, then everything that waits", async () => {
    const pool = await makePool({ size: 2, greet: false });
    const calls = [pool.call("infer", pixels(), int8), pool.call("decode", image, int8)];
    const outcomes = Promise.all(calls.map((call) => call.catch((thrown) => thrown)));
    for (let index = 0; index < 2 * MAX_DEATHS; index++) {
      worker(index).onerror?.({ message: "no start" } as ErrorEvent);
      await settled();
    }
    expect(workers).toHaveLength(2 * MAX_DEATHS);
    expect(pool.size).toBe(0);
    for (const error of await outcomes) expect(error).toBeInstanceOf(WorkerDiedError);
    await expect(pool.call("infer", pixels(), int8)).rejects.toBeInstanceOf(WorkerDiedError);

    pool.revive();
    expect(pool.size).toBe(2);
  });

  it("is forgotten once a call has been answered", async () => {
    const pool = await makePool();
    for (let round = 0; round < 2 * MAX_DEATHS; round++) {
      const answered = pool.call("infer", pixels(), int8);
      await settled();
      const fake = worker(round);
      fake.say({ type: "result", id: fake.take("infer").id, result: null });
      await answered;
      fake.gone.resolve();
      await settled();
    }
    expect(pool.size).toBe(1);
  });
});

describe("abort", () => {
  it("takes a waiting call out of the queue", async () => {
    const pool = await makePool();
    const stop = new AbortController();
    void pool.call("infer", pixels(), int8);
    const waiting = pool.call("infer", pixels(), { ...int8, signal: stop.signal });
    await settled();
    stop.abort();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    worker(0).say({ type: "result", id: worker(0).take("infer").id, result: null });
    await settled();
    expect(worker(0).calls).toHaveLength(0);
  });

  it("refuses a call whose signal is spent", async () => {
    const pool = await makePool();
    const call = pool.call("infer", pixels(), { ...int8, signal: AbortSignal.abort() });
    await expect(call).rejects.toBeInstanceOf(CancelledError);
    expect(worker(0).calls).toHaveLength(0);
  });

  it("answers at once, and keeps a worker that is done soon", async () => {
    const pool = await makePool();
    const stop = new AbortController();
    const heard: unknown[] = [];
    const call = pool.call("decode", image, {
      ...int8,
      signal: stop.signal,
      onEvent: (event) => heard.push(event),
    });
    await settled();
    const { id } = worker(0).take("decode");
    stop.abort();
    await expect(call).rejects.toBeInstanceOf(CancelledError);
    worker(0).say({ type: "event", id, event: { kind: "batch", index: 0, pixels: new ArrayBuffer(0) } });
    worker(0).say({ type: "result", id, result: null });
    await settled();
    vi.advanceTimersByTime(2 * ABORT_GRACE_MS);
    expect(heard).toHaveLength(0);
    expect(worker(0).terminated).toBe(false);
  });

  it("ends and replaces a worker that goes on too long, which is no death of its own", async () => {
    const heard: Error[] = [];
    const pool = await makePool({ onDeath: (reason) => heard.push(reason) });
    for (let round = 0; round < 2 * MAX_DEATHS; round++) {
      const stop = new AbortController();
      const call = pool.call("infer", pixels(), { ...int8, signal: stop.signal });
      await settled();
      stop.abort();
      await expect(call).rejects.toBeInstanceOf(CancelledError);
      vi.advanceTimersByTime(ABORT_GRACE_MS);
      await settled();
      expect(worker(round).terminated).toBe(true);
    }
    expect(heard).toHaveLength(0);
    expect(pool.size).toBe(1);
  });

  it("by disposal rejects what runs and what waits", async () => {
    const pool = await makePool();
    const calls = [pool.call("infer", pixels(), int8), pool.call("infer", pixels(), int8)];
    await settled();
    const outcomes = Promise.all(calls.map((call) => call.catch((thrown) => thrown)));
    pool.dispose();
    for (const error of await outcomes) expect(error).toBeInstanceOf(CancelledError);
    expect(worker(0).terminated).toBe(true);
  });
});

describe("handshake", () => {
  it("refuses a worker of another protocol version", async () => {
    const pool = await makePool({ greet: false });
    const call = pool.call("infer", pixels(), int8);
    const outcome = call.catch((thrown) => thrown);
    for (let index = 0; index < MAX_DEATHS; index++) {
      worker(index).hello(1);
      await settled();
    }
    expect(await outcome).toBeInstanceOf(ProtocolError);
    expect(workers.every((fake) => fake.terminated && fake.calls.length === 0)).toBe(true);
  });

  it("sends nothing before the worker has said hello", async () => {
    const pool = await makePool({ greet: false });
    void pool.call("infer", pixels(), int8);
    await settled();
    expect(worker(0).opened).toHaveLength(0);
    worker(0).hello();
    await settled();
    expect(worker(0).opened).toEqual(["int8"]);
    expect(worker(0).calls).toHaveLength(1);
  });

  it("gives the bytes of a file to a worker that cannot read it", async () => {
    const pool = await makePool({ greet: false });
    const bytes = new ArrayBuffer(3);
    const file = Object.assign(new Blob(), { arrayBuffer: async () => bytes });
    const post = vi.spyOn(worker(0), "postMessage");
    void pool.call("decode", { ...image, file }, int8);
    worker(0).hello(7, true, false);
    await settled();
    expect(worker(0).take("decode")).toMatchObject({ filename: "a.png", file: bytes });
    expect(post.mock.lastCall).toMatchObject([{ call: "decode" }, [bytes]]);
  });

  it("says so if the page cannot read the file either, and goes on", async () => {
    const pool = await makePool({ greet: false });
    const file = Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error("it is gone")) });
    const outcome = pool.call("decode", { ...image, file }, int8).catch((thrown) => thrown);
    void pool.call("warmUp", {}, int8);
    worker(0).hello(7, true, false);
    await settled();
    expect(await outcome).toMatchObject({ code: "file_unreadable", fault: "image" });
    expect((await outcome).message).toContain("it is gone");
    expect(worker(0).take("warmUp")).toBeDefined();
  });
});

const none = { decode: 0, screen: 0, inference: 0, total: 0 };
