// Which network judges: the built-in one, a person's own, the deeper one of a lesson; how they take turns, and run side by
// side. The engine's life and its starts stand in.

import { signal } from "@preact/signals";
import { beforeEach, expect, it, vi } from "vitest";
import { type Deferred, deferred } from "../src/base/deferred.ts";
import type { Engine, startEngine } from "../src/engine/engine.ts";
import type { EngineState, Outcome } from "../src/engine/life.ts";
import type { ModelSource } from "../src/engine/model-store.ts";
import type { OwnModel } from "../src/own-model/own-models.ts";
import { PageNetworks, type PageNetworksSettings } from "../src/page/networks.ts";
import { analyse } from "../src/run/analysis.ts";
import { defaultSettings } from "../src/run/options.ts";
import type { Entry } from "../src/study/entry.ts";
import type { deeperParts } from "../src/teach/later.ts";
import type { Lesson } from "../src/teach/lesson.ts";

const { signal: never } = new AbortController();

const source = (sha256: string, more: object = {}) =>
  ({
    manifestText: `manifest of ${sha256}`,
    manifest: { variants: { int8: { sha256 } }, ...more },
    variants: ["int8"],
  }) as unknown as ModelSource;

/** As `Deeper`, as far as the networks ask. */
class FakeDeeper {
  readonly sha256 = "deeper";
  readonly variants = ["int8"];
  readonly manifestText = "manifest of deeper";
  readonly manifest = { variants: { int8: { sha256: "deeper" } }, features: {} };
}

const lesson = (of: string, uncertain_below: number | null = null) =>
  ({ facts: { model: { sha256: of }, uncertain_below } }) as unknown as Lesson;

function page(change: Partial<PageNetworksSettings> = {}) {
  const changes: Deferred<Outcome>[] = [];
  const started: Parameters<typeof startEngine>[0][] = [];
  const looked: { model: string; sha256: string }[] = [];
  const disposed: string[] = [];
  const state = {
    builtIn: signal<ModelSource | null>(
      source("built-in", { features: {}, calibration: { uncertain_below: 0.7 } }),
    ),
    own: signal<OwnModel | null>(null),
    lesson: signal<Lesson | null>(null),
    settings: signal({ ...defaultSettings(4, "simd128"), workers: 3 }),
    life: signal<EngineState>({ kind: "loading", received: 0, total: 0 }),
  };
  const rest = vi.fn(async () => {});
  const parts = vi.fn(async () => ({
    Deeper: FakeDeeper,
    lookBeside: async (_: unknown, { model, sha256 }: { model: string; sha256: string }) =>
      void looked.push({ model, sha256 }),
  })) as unknown as typeof deeperParts & ReturnType<typeof vi.fn>;
  const networks = new PageNetworks({
    life: {
      builtIn: state.builtIn,
      state: state.life,
      ready: new Promise(() => {}),
      parts: async () => ({}) as never,
      change: () => {
        const outcome = deferred<Outcome>();
        changes.push(outcome);
        return outcome.promise;
      },
      fetchRest: rest,
    },
    own: state.own,
    settings: state.settings,
    lesson: () => state.lesson.value,
    judging: () => state.lesson.value,
    workers: () => state.settings.peek().workers,
    analysisOf: async () => analyse,
    admit: () => null,
    onKept: () => {},
    start: async (asked) => {
      started.push(asked);
      const name = asked.models?.manifestText ?? "";
      return { pool: {}, models: asked.models, dispose: () => disposed.push(name) } as unknown as Engine;
    },
    deeperParts: parts,
    ...change,
  });
  return { networks, state, changes, started, looked, disposed, rest, parts };
}

beforeEach(() => {
  vi.stubGlobal("document", { baseURI: "https://host.test/page/" });
  return () => vi.unstubAllGlobals();
});

it("the built-in model judges unless a person's own is in use, or a lesson of the deeper one in force", async () => {
  const { networks, state } = page();
  expect(networks.network.value).toBeNull();
  expect(networks.modelSha256.value).toBe("built-in");
  // Before its part of the page is there, a lesson of the deeper network waits.
  state.lesson.value = lesson("deeper");
  expect(networks.network.value).toBeNull();
  await networks.offerDeeper();
  expect(networks.modelSha256.value).toBe("deeper");
  state.own.value = source("own") as OwnModel;
  expect(networks.modelSha256.value).toBe("own");
  state.own.value = null;
  state.lesson.value = lesson("built-in");
  expect(networks.modelSha256.value).toBe("built-in");
});

it("of other models there is but one precision; of the built-in one that which is set", async () => {
  const { networks, state } = page();
  state.settings.value = { ...state.settings.value, variant: "f32" };
  expect(networks.variant.value).toBe("f32");
  expect(networks.teachable.value).toBe(false);
  state.own.value = source("own") as OwnModel;
  expect(networks.variant.value).toBe("int8");
  // It brings no features.
  expect(networks.teachable.value).toBe(false);
  state.own.value = null;
  state.settings.value = { ...state.settings.value, variant: "int8" };
  expect(networks.teachable.value).toBe(true);
  state.life.value = { kind: "failed", error: new Error("no network") as never };
  expect(networks.teachable.value).toBe(false);
});

it("the threshold is that of the head that judges", () => {
  const { networks, state } = page();
  expect(networks.ownThreshold.value).toBe(0.7);
  state.lesson.value = lesson("built-in", 0.6);
  expect(networks.ownThreshold.value).toBe(0.6);
  state.lesson.value = lesson("built-in");
  expect(networks.ownThreshold.value).toBeNull();
});

it("a network gives way once, and the rest is fetched when the other one is up", async () => {
  const { networks, state, changes, rest } = page();
  await networks.offerDeeper();
  expect(networks.ofLessons.turn().from).toEqual([]);
  expect(changes).toHaveLength(0);

  state.lesson.value = lesson("deeper");
  const { from, up } = networks.ofLessons.turn();
  expect(from).toEqual(["built-in"]);
  // It is on its way: nothing has to give way again.
  expect(networks.ofLessons.turn().from).toEqual([]);
  changes[0]?.resolve("up");
  await up;
  expect(rest).toHaveBeenCalledTimes(1);

  state.lesson.value = null;
  const back = networks.ofLessons.turn();
  expect(back.from).toEqual(["deeper"]);
  changes[1]?.resolve("overtaken");
  await back.up;
  expect([changes.length, rest.mock.calls.length]).toEqual([2, 1]);
});

it("the deeper network's part of the page is tried again where it could not be fetched", async () => {
  const { networks, parts } = page();
  parts.mockRejectedValueOnce(new Error("no network"));
  await networks.offerDeeper();
  expect(networks.deeper.value).toBeNull();
  await networks.offerDeeper();
  const { value } = networks.deeper;
  expect(value).not.toBeNull();
  await networks.offerDeeper();
  expect(networks.deeper.value).toBe(value);
  expect(parts).toHaveBeenCalledTimes(2);
});

it("one of the page's networks runs beside the other, with workers of its own, until it is closed", async () => {
  const { networks, started, looked, disposed } = page();
  await networks.offerDeeper();
  const { beside, deeper, usual } = networks.ofLessons;
  expect([usual(), deeper()?.sha256]).toEqual(["built-in", "deeper"]);
  expect(await beside("another", never)).toBeNull();

  const digging = await beside("deeper", never);
  expect(started.map(({ models, workers, variant }) => [models?.manifestText, workers, variant()])).toEqual([
    ["manifest of deeper", 3, "int8"],
  ]);
  await digging?.look([] as Entry[], never, () => {});
  // Reports name the built-in model by nothing.
  await (await beside("built-in", never))?.look([] as Entry[], never, () => {});
  expect(looked).toEqual([
    { model: "manifest of deeper", sha256: "deeper" },
    { model: "", sha256: "built-in" },
  ]);
  digging?.close();
  expect(disposed).toEqual(["manifest of deeper"]);
});

it("beside a person's own model there is no deeper one, and beside the built-in float one no int8", async () => {
  const { networks, state, started } = page();
  await networks.offerDeeper();
  state.settings.value = { ...state.settings.value, variant: "f32" };
  expect(await networks.ofLessons.beside("built-in", never)).toBeNull();
  state.own.value = source("own") as OwnModel;
  expect(networks.ofLessons.deeper()).toBeNull();
  expect(await networks.ofLessons.beside("deeper", never)).toBeNull();
  expect(started).toHaveLength(0);
  await networks.ofLessons.beside("own", never);
  expect(started).toHaveLength(1);
});
