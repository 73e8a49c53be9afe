// The life of the engine: started, tried again, overtaken by another model.

import { expect, it } from "vitest";
import { type Deferred, deferred } from "../src/base/deferred.ts";
import type { Engine } from "../src/engine/engine.ts";
import { EngineLife, type LifeSettings } from "../src/engine/life.ts";
import type { ModelSource } from "../src/engine/model-store.ts";
import type { EngineParts } from "../src/engine/worker-handle.ts";
import { settled } from "./fake-worker.ts";

function lives(change: Partial<LifeSettings> = {}) {
  const starts: { models: ModelSource | null; outcome: Deferred<Engine> }[] = [];
  const told: string[] = [];
  const state = { own: null as ModelSource | null };
  const life = new EngineLife({
    files: () => ({}) as never,
    missing: () => [],
    kernels: () => "simd128",
    runtime: () => "fused",
    workers: () => 2,
    variant: () => "int8",
    model: () => state.own,
    onWorkerDeath: () => {},
    onChange: () => told.push("change"),
    onUp: (engine) => told.push(`up ${engine.manifest.name}`),
    parts: async () => ({}) as EngineParts,
    start: ({ models }) => {
      const outcome = deferred<Engine>();
      starts.push({ models: models ?? null, outcome });
      return outcome.promise;
    },
    ...change,
  });
  return { life, starts, told, state };
}

function engine(name: string) {
  const disposed = { value: false };
  const made = {
    manifest: { name },
    models: { variants: [], name } as unknown,
    parts: { modules: { keep: async () => {} } },
    pool: {
      size: 0,
      call: async () => null,
      dispose: () => {
        disposed.value = true;
      },
    },
  } as unknown as Engine;
  return { made, disposed };
}

const model = (name: string) => ({ name }) as unknown as ModelSource;

it("is up when its engine is, and fetches the rest", async () => {
  const { life, starts, told } = lives();
  const outcome = life.start();
  expect(life.state.value.kind).toBe("loading");
  starts[0]?.outcome.resolve(engine("built-in").made);
  expect(await outcome).toBe("up");
  expect(told).toEqual(["change", "up built-in"]);
  await life.fetchRest();
  expect(life.state.value).toMatchObject({ kind: "ready", rest: "here" });
  expect((await life.ready).manifest.name).toBe("built-in");
});

it("may be started again after a failure; who waits for it is served then", async () => {
  const { life, starts } = lives();
  const served = life.ready.then(({ manifest }) => manifest.name);
  const first = life.start();
  starts[0]?.outcome.reject(new Error("no network"));
  expect(await first).toBe("failed");
  expect(life.state.value.kind).toBe("failed");
  const second = life.start();
  starts[1]?.outcome.resolve(engine("built-in").made);
  expect(await second).toBe("up");
  expect(await served).toBe("built-in");
});

it("starts nothing in a browser that lacks something", async () => {
  const { life, starts } = lives({ missing: () => ["simd"] });
  expect(await life.start()).toBe("failed");
  expect(life.state.value).toEqual({ kind: "unsupported", missing: ["simd"] });
  expect(starts).toHaveLength(0);
});

it("goes back to the built-in model without fetching it again", async () => {
  const { life, starts, state } = lives();
  const first = engine("built-in");
  const up = life.start();
  starts[0]?.outcome.resolve(first.made);
  await up;
  state.own = model("own");
  const changed = life.change();
  expect(first.disposed.value).toBe(true);
  expect(starts[1]?.models).toBe(state.own);
  starts[1]?.outcome.resolve(engine("own").made);
  expect(await changed).toBe("up");
  state.own = null;
  void life.change();
  expect(starts[2]?.models).toBe(first.made.models);
});

it("gives whoever waits the engine that comes up next, however often it was overtaken", async () => {
  const { life, starts } = lives();
  const served = life.ready.then(({ manifest }) => manifest.name);
  void life.start();
  void life.change();
  void life.change();
  starts[2]?.outcome.resolve(engine("last").made);
  expect(await served).toBe("last");
});

it("says of a start that it was overtaken, whichever comes up first, and ends that engine", async () => {
  for (const lateFirst of [true, false]) {
    const { life, starts, state, told } = lives();
    state.own = model("a");
    const a = life.change();
    state.own = model("b");
    const b = life.change();
    const [ofA, ofB] = [engine("a"), engine("b")];
    if (lateFirst) starts[1]?.outcome.resolve(ofB.made);
    await settled();
    starts[0]?.outcome.resolve(ofA.made);
    expect(await a).toBe("overtaken");
    starts[1]?.outcome.resolve(ofB.made);
    expect(await b).toBe("up");
    expect([ofA.disposed.value, ofB.disposed.value]).toEqual([true, false]);
    expect(told.filter((line) => line.startsWith("up"))).toEqual(["up b"]);
  }
});

it("does not wait for the one that overtook it, which may fail", async () => {
  const { life, starts } = lives();
  const a = life.change();
  const b = life.change();
  starts[1]?.outcome.reject(new Error("no model"));
  starts[0]?.outcome.reject(new Error("too late"));
  expect(await a).toBe("overtaken");
  expect(await b).toBe("failed");
});
