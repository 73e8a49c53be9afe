// The pool without a worker: order, death, replacement, abort, versions.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  CancelledError,
  ImageError,
  ModelError,
  ProtocolError,
  WorkerDiedError,
} from "../src/base/errors.ts";
import { BEAT_MS, MOST_UNANSWERED } from "../src/engine/heartbeat.ts";
import { ABORT_GRACE_MS, GROWN_BYTES, MAX_DEATHS, Pool } from "../src/engine/pool.ts";
import type { Edition, Runtime, Variant } from "../src/engine/protocol.ts";
import { PROTOCOL } from "../src/engine/worker-handle.ts";
import { OWN_CLASSES } from "../src/study/classes.ts";
import { FakeWorker, settled } from "./fake-worker.ts";

const int8 = { variant: "int8" } as const;
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
  pixels?: number;
  model?: (variant: Variant) => Promise<Uint8Array>;
  runtime?: Runtime;
  tried?: Edition;
  onDeath?: (reason: Error) => void;
}

async function makePool(setup: Setup = {}): Promise<Pool> {
  const { size = 1, greet = true, opens = true, runtime = "fused", pixels = 128e6 } = setup;
  const { model, tried, onDeath } = setup;
  const pool = new Pool({
    source: {
      module: async () => ({}) as WebAssembly.Module,
      manifest: async () => "{}",
      familiarity: async () => null,
      model: model ?? (async () => new Uint8Array(1)),
      tried,
    },
    spawn: (name) => {
      const fake = new FakeWorker(name, opens);
      workers.push(fake);
      if (greet) queueMicrotask(() => fake.hello());
      return fake;
    },
    watch: (name) => workers.find((fake) => fake.name === name)?.gone.promise ?? Promise.reject(),
    size,
    pixels,
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
    for (let call = 0; call < 3; call++) void pool.call("describe", {}, int8);
    await settled();
    expect(workers.map((fake) => fake.calls.length)).toEqual([1, 1]);
    const second = worker(1).take("describe");
    worker(1).answer(second.id);
    await settled();
    expect(workers.map((fake) => fake.calls.length)).toEqual([1, 1]);
  });

  it("opens another variant only where a call needs it", async () => {
    const pool = await makePool({ size: 2 });
    void pool.call("describe", {}, { variant: "f32" });
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
    worker(0).answer(second.id);
    pool.resize(2);
    await settled();
    expect(asked(worker(1)).said).toBe("int8 general");
  });

  it.each([
    ["general", "fused", "general"],
    ["int8", "fused", "int8"],
    ["int8", "tract", "general"],
  ] as const)("opens a model that a trial opened in the %s edition so at once (%s)", async (tried, runtime, edition) => {
    await makePool({ opens: false, tried, runtime });
    expect(worker(0).take("open").edition).toBe(edition);
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

  it("grows at once and shrinks without interrupting anybody", async () => {
    const pool = await makePool();
    pool.resize(3);
    await settled();
    expect(pool.size).toBe(3);
    const calls = [0, 1, 2].map(() => pool.call("describe", {}, int8));
    await settled();
    pool.resize(1);
    expect(workers.filter((fake) => fake.terminated)).toHaveLength(0);
    for (const fake of workers) fake.answer(fake.take("describe").id);
    await Promise.all(calls);
    await settled();
    expect(pool.size).toBe(1);
    expect(workers.filter((fake) => fake.terminated)).toHaveLength(2);
  });
});

describe("images", () => {
  const named = (filename: string) => ({ ...image, filename });
  const begun = (fake: FakeWorker) => fake.calls.map((call) => "filename" in call && call.filename);
  const results = {
    classes: OWN_CLASSES,
    logits: Float32Array.from([1, 2]),
    probabilities: Float32Array.from([0.25, 0.75]),
    features: Float32Array.from([3]),
    cam: new Float32Array(2),
    camWidth: 1,
    camHeight: 1,
  };
  const portion = (first: number) => ({ kind: "portion", first, pixels: new ArrayBuffer(3) }) as const;

  it("are begun after what is asked about the model and frames of a camera, and before warming up", async () => {
    const pool = await makePool();
    void pool.call("describe", {}, int8);
    await settled();
    void pool.call("warmUp", {}, int8);
    void pool.call("analyse", image, int8);
    const frame = { picture: {} as ImageBitmap, name: "live", options: "{}", lesson: "" };
    void pool.call("look", frame, int8);
    void pool.call("describe", {}, int8);
    const order: string[] = [];
    for (let call = 0; call < 5; call++) {
      const request = worker(0).calls.shift();
      order.push(request?.call ?? "nothing");
      worker(0).answer(request?.id ?? 0);
      await settled();
    }
    expect(order).toEqual(["describe", "describe", "look", "analyse", "warmUp"]);
  });

  it("are sent ahead by one, and begun when the one before is done", async () => {
    const pool = await makePool();
    const started: string[] = [];
    const calls = ["a", "b", "c"].map((name) =>
      pool.call("analyse", named(name), { ...int8, onStart: () => started.push(name) }),
    );
    await settled();
    expect(begun(worker(0))).toEqual(["a", "b"]);
    expect(started).toEqual(["a"]);
    worker(0).answer(worker(0).take("analyse").id, "a's");
    expect(await calls[0]).toBe("a's");
    await settled();
    expect(begun(worker(0))).toEqual(["b", "c"]);
    expect(started).toEqual(["a", "b"]);
  });

  it("that were sent ahead wait again when the worker dies of the one before", async () => {
    const pool = await makePool();
    const [doomed, next] = ["a", "b"].map((name) => pool.call("analyse", named(name), int8));
    const outcome = doomed?.catch((thrown) => thrown);
    await settled();
    worker(0).fail(worker(0).take("analyse").id, "internal", true);
    expect(await outcome).toBeInstanceOf(WorkerDiedError);
    await settled();
    expect(begun(worker(1))).toEqual(["b"]);
    worker(1).answer(worker(1).take("analyse").id, "b's");
    expect(await next).toBe("b's");
  });

  it("that were sent ahead are taken back while the pool is held, and go on in order", async () => {
    const pool = await makePool();
    const calls = ["a", "b", "c"].map((name) => pool.call("analyse", named(name), int8));
    await settled();
    const [a, b] = [worker(0).take("analyse"), worker(0).take("analyse")];
    pool.hold(true);
    expect(worker(0).notes).toContainEqual({ note: "stop", id: b.id });
    worker(0).answer(a.id, "a's");
    worker(0).fail(b.id, "cancelled");
    await settled();
    expect(await calls[0]).toBe("a's");
    expect(worker(0).calls).toEqual([]);
    pool.hold(false);
    await settled();
    expect(begun(worker(0))).toEqual(["b", "c"]);
    worker(0).answer(worker(0).take("analyse").id, "b's");
    expect(await calls[1]).toBe("b's");
  });

  it("of which the worker dies, however many in a row, never fail the others", async () => {
    const pool = await makePool();
    const bad = Array.from({ length: 2 * MAX_DEATHS }, () =>
      pool.call("analyse", image, int8).catch((thrown) => thrown),
    );
    const good = pool.call("analyse", named("good"), int8);
    await settled();
    for (const [index, outcome] of bad.entries()) {
      worker(index).fail(worker(index).take("analyse").id, "internal", true);
      expect(await outcome).toBeInstanceOf(WorkerDiedError);
      await settled();
    }
    expect(pool.size).toBe(1);
    const last = worker(workers.length - 1);
    last.answer(last.take("analyse").id, "fine");
    expect(await good).toBe("fine");
  });

  it("are told of, in order, also where all comes together with the report", async () => {
    const pool = await makePool();
    const heard: string[] = [];
    const done = pool.call("analyse", image, { ...int8, onEvent: ({ kind }) => heard.push(kind) });
    await settled();
    const { id } = worker(0).take("analyse");
    worker(0).say([
      { type: "event", id, event: { kind: "plan", plan: "{}" } },
      { type: "event", id, event: { kind: "results", first: 0, results } },
      { type: "result", id, result: "report", memory: 0 },
    ]);
    expect(await done).toBe("report");
    expect(heard).toEqual(["plan", "results"]);
  });

  it("are stopped, and fail with what their listener throws", async () => {
    const pool = await makePool();
    const refused = new Error("that does not fit");
    const onEvent = () => {
      throw refused;
    };
    const outcome = pool.call("analyse", image, { ...int8, onEvent }).catch((thrown) => thrown);
    await settled();
    const { id } = worker(0).take("analyse");
    worker(0).tell(id, { kind: "plan", plan: "{}" });
    expect(await outcome).toBe(refused);
    expect(worker(0).notes).toContainEqual({ note: "stop", id });
  });

  it("are lent in portions to workers without one, and the results come back", async () => {
    const pool = await makePool({ size: 2 });
    const heard: unknown[] = [];
    const done = pool.call("analyse", image, { ...int8, onEvent: (event) => heard.push(event) });
    await settled();
    const { id } = worker(0).take("analyse");
    expect(worker(0).notes.at(-1)).toEqual({ note: "lend", id, credits: 2, workers: 2 });
    worker(0).tell(id, portion(3));
    worker(0).tell(id, portion(6));
    worker(0).tell(id, { kind: "results", first: 0, results });
    await settled();
    // Both portions: the second is at hand when the first is done.
    expect(worker(1).calls.map(({ call }) => call)).toEqual(["infer", "infer"]);
    worker(1).answer(worker(1).take("infer").id, results);
    await settled();
    const { features, ...soFar } = results;
    expect(worker(0).notes).toContainEqual({
      note: "returned",
      id,
      first: 3,
      logits: results.logits,
      features,
    });
    expect(worker(0).notes.at(-1)).toEqual({ note: "lend", id, credits: 1, workers: 2 });
    expect(heard).toEqual([
      { kind: "results", first: 0, results },
      { kind: "results", first: 3, results: soFar },
    ]);
    worker(0).answer(id, "whole");
    expect(await done).toBe("whole");
  });

  it("are lent by nobody while another one waits", async () => {
    const pool = await makePool({ size: 2 });
    void pool.call("analyse", named("a"), int8);
    await settled();
    const { id } = worker(0).take("analyse");
    void pool.call("analyse", named("b"), int8);
    await settled();
    expect(begun(worker(1))).toEqual(["b"]);
    expect(worker(0).notes.at(-1)).toEqual({ note: "lend", id, credits: 0, workers: 1 });
  });

  it("fail when a worker dies of a portion, and are stopped where they are", async () => {
    const pool = await makePool({ size: 2 });
    const outcome = pool.call("analyse", image, int8).catch((thrown) => thrown);
    await settled();
    const { id } = worker(0).take("analyse");
    worker(0).tell(id, portion(0));
    await settled();
    worker(1).fail(worker(1).take("infer").id, "internal", true);
    expect(await outcome).toBeInstanceOf(WorkerDiedError);
    expect(worker(0).notes.at(-1)).toEqual({ note: "stop", id });
    worker(0).fail(id, "cancelled");
    await settled();
    void pool.call("analyse", named("next"), int8);
    await settled();
    expect(begun(worker(0))).toEqual(["next"]);
  });

  it("of many pixels are decoded one after the other", async () => {
    const pool = await makePool({ size: 2, pixels: 100 });
    const ids = await Promise.all(
      [0, 1].map(async (index) => {
        void pool.call("analyse", image, int8);
        await settled();
        const { id, unasked } = worker(index).take("analyse");
        expect(unasked).toBe(25);
        worker(index).tell(id, { kind: "wants", pixels: 40 });
        return id;
      }),
    );
    const room = (index: number) => worker(index).notes.filter(({ note }) => note === "room");
    expect([room(0).length, room(1).length]).toEqual([1, 0]);
    worker(0).answer(ids[0] ?? 0);
    await settled();
    expect(room(1)).toEqual([{ note: "room", id: ids[1] }]);
  });

  it("of which a worker has grown let it be replaced when it has nothing to do", async () => {
    const heard: Error[] = [];
    const pool = await makePool({ onDeath: (reason) => heard.push(reason) });
    const calls = ["a", "b", "c"].map((name) => pool.call("analyse", named(name), int8));
    await settled();
    worker(0).memory = 2 * GROWN_BYTES;
    for (const _ of "ab") worker(0).answer(worker(0).take("analyse").id, "done");
    await settled();
    expect(worker(0).terminated).toBe(true);
    expect(begun(worker(1))).toEqual(["c"]);
    worker(1).answer(worker(1).take("analyse").id, "done");
    expect(await Promise.all(calls)).toEqual(["done", "done", "done"]);
    expect(worker(1).terminated).toBe(false);
    expect(heard).toEqual([]);
  });

  it("that nobody wants any more are stopped, and their worker stays if it is done soon", async () => {
    const pool = await makePool();
    const stop = new AbortController();
    const heard: unknown[] = [];
    const call = pool.call("analyse", image, {
      ...int8,
      signal: stop.signal,
      onEvent: (event) => heard.push(event),
    });
    await settled();
    const { id } = worker(0).take("analyse");
    stop.abort();
    await expect(call).rejects.toBeInstanceOf(CancelledError);
    expect(worker(0).notes.at(-1)).toEqual({ note: "stop", id });
    worker(0).tell(id, { kind: "results", first: 0, results });
    worker(0).fail(id, "cancelled");
    await settled();
    vi.advanceTimersByTime(2 * ABORT_GRACE_MS);
    expect(heard).toHaveLength(0);
    expect(worker(0).terminated).toBe(false);
  });
});

describe("errors", () => {
  it("rejects a refused call with an error of its class and keeps the worker", async () => {
    const pool = await makePool();
    const call = pool.call("analyse", image, int8);
    await settled();
    worker(0).fail(worker(0).take("analyse").id, "image_empty");
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
    await expect(pool.call("describe", {}, { variant: "f32" })).rejects.toBe(refusal);
    const next = pool.call("describe", {}, int8);
    await settled();
    worker(0).answer(worker(0).take("describe").id);
    await expect(next).resolves.toBeNull();
    // What was open is so still.
    expect(worker(0).opened).toEqual(["int8"]);
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
    const doomed = pool.call("describe", {}, int8);
    const queued = pool.call("describe", {}, int8);
    await settled();
    kill(worker(0), worker(0).take("describe").id);
    const error = await doomed.catch((thrown) => thrown);
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error.code).toBe("worker_died");
    expect(worker(0).terminated).toBe(true);

    await settled();
    expect(workers).toHaveLength(2);
    worker(1).answer(worker(1).take("describe").id);
    await expect(queued).resolves.toBeNull();
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
    const calls = [pool.call("describe", {}, int8), pool.call("analyse", image, int8)];
    const outcomes = Promise.all(calls.map((call) => call.catch((thrown) => thrown)));
    for (let index = 0; index < 2 * MAX_DEATHS; index++) {
      worker(index).onerror?.({ message: "no start" } as ErrorEvent);
      await settled();
    }
    expect(workers).toHaveLength(2 * MAX_DEATHS);
    expect(pool.size).toBe(0);
    for (const error of await outcomes) expect(error).toBeInstanceOf(WorkerDiedError);
    await expect(pool.call("describe", {}, int8)).rejects.toBeInstanceOf(WorkerDiedError);

    pool.revive();
    expect(pool.size).toBe(2);
  });

  it("is forgotten once a call has been answered", async () => {
    const pool = await makePool();
    for (let round = 0; round < 2 * MAX_DEATHS; round++) {
      const answered = pool.call("describe", {}, int8);
      await settled();
      const fake = worker(round);
      fake.answer(fake.take("describe").id);
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
    void pool.call("describe", {}, int8);
    const waiting = pool.call("describe", {}, { ...int8, signal: stop.signal });
    await settled();
    stop.abort();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    worker(0).answer(worker(0).take("describe").id);
    await settled();
    expect(worker(0).calls).toHaveLength(0);
  });

  it("refuses a call whose signal is spent", async () => {
    const pool = await makePool();
    const call = pool.call("describe", {}, { ...int8, signal: AbortSignal.abort() });
    await expect(call).rejects.toBeInstanceOf(CancelledError);
    expect(worker(0).calls).toHaveLength(0);
  });

  it("ends and replaces a worker that goes on too long, which is no death of its own", async () => {
    const heard: Error[] = [];
    const pool = await makePool({ onDeath: (reason) => heard.push(reason) });
    for (let round = 0; round < 2 * MAX_DEATHS; round++) {
      const stop = new AbortController();
      const call = pool.call("describe", {}, { ...int8, signal: stop.signal });
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
    const calls = [pool.call("describe", {}, int8), pool.call("describe", {}, int8)];
    await settled();
    const outcomes = Promise.all(calls.map((call) => call.catch((thrown) => thrown)));
    pool.dispose();
    for (const error of await outcomes) expect(error).toBeInstanceOf(CancelledError);
    expect(worker(0).terminated).toBe(true);
  });
});

describe("without a Web Lock", () => {
  const aWhile = () => vi.advanceTimersByTimeAsync(BEAT_MS * (MOST_UNANSWERED + 1));

  it("a worker that does not answer any more fails its image, and is replaced", async () => {
    const pool = await makePool({ greet: false });
    worker(0).hello(PROTOCOL, false);
    const outcome = pool.call("analyse", image, int8).catch((thrown) => thrown);
    await settled();
    await aWhile();
    expect(worker(0).terminated).toBe(false);
    worker(0).hears = false;
    await aWhile();
    expect((await outcome).message).toContain("it does not answer any more");
    expect(worker(0).terminated).toBe(true);
    expect(pool.size).toBe(1);
  });

  it("a worker that never says hello is replaced", async () => {
    const pool = await makePool({ greet: false });
    worker(0).hears = false;
    await aWhile();
    expect(worker(0).terminated).toBe(true);
    worker(1).hello();
    await settled();
    expect(worker(1).opened).toEqual(["int8"]);
    expect(pool.size).toBe(1);
  });

  it("one that has nothing to do is asked nothing", async () => {
    await makePool({ greet: false });
    worker(0).hello(PROTOCOL, false);
    await settled();
    worker(0).hears = false;
    await aWhile();
    expect(worker(0).terminated).toBe(false);
  });
});

describe("handshake", () => {
  it("refuses a worker of another protocol version", async () => {
    const pool = await makePool({ greet: false });
    const call = pool.call("describe", {}, int8);
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
    void pool.call("describe", {}, int8);
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
    void pool.call("analyse", { ...image, file }, int8);
    worker(0).hello(PROTOCOL, true, false);
    await settled();
    expect(worker(0).take("analyse")).toMatchObject({ filename: "a.png", file: bytes });
    expect(post.mock.lastCall).toMatchObject([{ call: "analyse" }, [bytes]]);
  });

  it("says so if the page cannot read the file either, and goes on", async () => {
    const pool = await makePool({ greet: false });
    const file = Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error("it is gone")) });
    const outcome = pool.call("analyse", { ...image, file }, int8).catch((thrown) => thrown);
    void pool.call("warmUp", {}, int8);
    worker(0).hello(PROTOCOL, true, false);
    await settled();
    expect(await outcome).toMatchObject({ code: "file_unreadable", fault: "image" });
    expect((await outcome).message).toContain("it is gone");
    expect(worker(0).take("warmUp")).toBeDefined();
  });
});
