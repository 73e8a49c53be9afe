// One image over a stand-in for the pool: the report is made from results in index order, whatever order they came in.

import { describe, expect, it } from "vitest";
import { analyse } from "../src/analysis.ts";
import { type Deferred, deferred } from "../src/deferred.ts";
import { CancelledError, ImageError, InternalError } from "../src/errors.ts";
import { Fold } from "../src/fold.ts";
import type { CallSettings, PoolCall } from "../src/pool.ts";
import type { BatchResult, Calls } from "../src/protocol.ts";
import { settled } from "./fake-worker.ts";

const PATCHES = 5;
const BATCH = 2;
const OPTIONS = { maxPatches: 25, variant: "int8" } as const;
const FILE = new File(["x"], "slide.png");

const PLAN = JSON.stringify({
  filename: "slide.png",
  width: 448,
  height: 672,
  grid: { patch_size: 224 },
  options: { batch_size: BATCH },
  patches: Array.from({ length: PATCHES }, (_, index) => ({ x: 224 * (index % 2), y: 224 * (index >> 1) })),
});

/** Patch i has logits (i, -i). */
function resultOf(batch: number): BatchResult {
  const rows = Math.min(BATCH, PATCHES - BATCH * batch);
  const logits = new Float32Array(2 * rows);
  for (let row = 0; row < rows; row++) {
    logits[2 * row] = BATCH * batch + row;
    logits[2 * row + 1] = -(BATCH * batch + row);
  }
  return { logits, probabilities: logits.slice(), cam: logits.slice(), camWidth: 1, camHeight: 1 };
}

/** Decodes at once; each batch waits until the test answers it. */
class StandIn {
  readonly batches: Deferred<BatchResult>[] = [];
  readonly signals: AbortSignal[] = [];
  reported: Calls["report"]["request"] | null = null;

  call = async (name: PoolCall, request: object, settings: CallSettings<PoolCall>): Promise<never> => {
    if (settings.signal?.aborted) throw new CancelledError();
    if (settings.signal !== undefined) this.signals.push(settings.signal);
    return (await this.#answer(name, request, settings)) as never;
  };

  #answer(name: PoolCall, request: object, settings: CallSettings<PoolCall>): unknown {
    switch (name) {
      case "decode": {
        const tell = settings.onEvent as CallSettings<"decode">["onEvent"];
        const batchCount = Math.ceil(PATCHES / BATCH);
        settings.onStart?.();
        tell?.({ kind: "plan", plan: PLAN, batchCount, milliseconds: 7 });
        for (let index = 0; index < batchCount; index++) {
          tell?.({ kind: "batch", index, pixels: new ArrayBuffer(1) });
        }
        return null;
      }
      case "infer": {
        const batch = deferred<BatchResult>();
        this.batches.push(batch);
        settings.signal?.addEventListener("abort", () => batch.reject(new CancelledError()));
        return batch.promise;
      }
      case "report":
        this.reported = request as Calls["report"]["request"];
        return JSON.stringify({ success: true });
      default:
        throw new Error(`nobody should call ${name}`);
    }
  }
}

async function answered(order: number[]): Promise<StandIn> {
  const pool = new StandIn();
  const done = analyse(pool, FILE, OPTIONS, new AbortController().signal);
  await settled();
  for (const batch of order) {
    pool.batches[batch]?.resolve(resultOf(batch));
    await settled();
  }
  await done;
  return pool;
}

describe("analyse", () => {
  it.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 2, 0]]])(
    "reports the same when batches come as %j",
    async (order) => {
      const { reported } = await answered(order);
      expect([...(reported?.logits ?? [])]).toEqual([0, -0, 1, -1, 2, -2, 3, -3, 4, -4]);
      expect(reported?.plan).toBe(PLAN);
      expect(reported?.timings.decode).toBe(7);
    },
  );

  it("tells of each step as it is reached", async () => {
    const pool = new StandIn();
    const steps: string[] = [];
    const done = analyse(pool, FILE, OPTIONS, new AbortController().signal, {
      onStart: () => steps.push("start"),
      onPlan: (plan) => steps.push(`plan ${plan.patches.length}`),
      onBatch: (fold) => steps.push(`done ${fold.done}`),
    });
    await settled();
    for (const batch of [2, 0, 1]) {
      pool.batches[batch]?.resolve(resultOf(batch));
      await settled();
    }
    await done;
    expect(steps).toEqual(["start", "plan 5", "done 1", "done 3", "done 5"]);
  });

  it("cancels the other batches when one fails, and rejects with that failure", async () => {
    const pool = new StandIn();
    const done = analyse(pool, FILE, OPTIONS, new AbortController().signal).catch((error) => error);
    await settled();
    const failure = new ImageError("image_empty", "m", "r");
    pool.batches[1]?.reject(failure);
    expect(await done).toBe(failure);
    expect(pool.signals.every((signal) => signal.aborted)).toBe(true);
    expect(pool.reported).toBeNull();
  });

  it("stops when it is told to", async () => {
    const pool = new StandIn();
    const stop = new AbortController();
    const done = analyse(pool, FILE, OPTIONS, stop.signal).catch((error) => error);
    await settled();
    stop.abort();
    expect(await done).toBeInstanceOf(CancelledError);
    expect(pool.reported).toBeNull();
  });

  it("does not begin when it was told to stop before", async () => {
    const pool = new StandIn();
    const done = analyse(pool, FILE, OPTIONS, AbortSignal.abort()).catch((error) => error);
    expect(await done).toBeInstanceOf(CancelledError);
    expect(pool.batches).toHaveLength(0);
  });
});

describe("fold", () => {
  it("is complete when every patch has come, the short last batch included", () => {
    const fold = new Fold(PATCHES, BATCH);
    for (const batch of [2, 0]) fold.place(batch, resultOf(batch));
    expect([fold.done, fold.complete]).toEqual([3, false]);
    expect(Number.isNaN(fold.logits[4])).toBe(true);
    fold.place(1, resultOf(1));
    expect([fold.done, fold.complete]).toEqual([5, true]);
    expect([...(fold.cam?.values ?? [])]).toEqual([...fold.logits]);
  });

  it.each([
    ["a batch twice", 0, resultOf(0)],
    ["a batch beyond the plan", 3, resultOf(0)],
    ["a batch of the wrong length", 2, resultOf(0)],
  ])("refuses %s", (_, batch, result) => {
    const fold = new Fold(PATCHES, BATCH);
    fold.place(0, resultOf(0));
    expect(() => fold.place(batch, result)).toThrow(InternalError);
    expect(fold.done).toBe(2);
  });
});
