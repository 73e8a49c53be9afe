// One image over a stand-in for the pool: the report is made from results in index order, whatever order they came in.

import { describe, expect, it } from "vitest";
import { type Deferred, deferred } from "../src/base/deferred.ts";
import { CancelledError, ImageError, InternalError } from "../src/base/errors.ts";
import type { CallSettings, PoolCall } from "../src/engine/pool.ts";
import type { BatchResult, Calls } from "../src/engine/protocol.ts";
import { analyse } from "../src/run/analysis.ts";
import { Fold } from "../src/run/fold.ts";
import { settled } from "./fake-worker.ts";

/** Patches that vote. */
const VOTERS = 11;
const BATCH = 6;
/** What two workers are given of the batches of 6 and 5 patches. */
const PORTIONS = [3, 3, 3, 2];
const OPTIONS = {
  maxPatches: 25,
  variant: "int8",
  screen: true,
  stride: null,
  batchSize: 16,
  uncertainBelow: null,
} as const;
const FILE = new File(["x"], "slide.png");

/** Patches of one pixel. The first of them are bare glass, so that a voter's place is not its index. */
function planOf(voters: number): string {
  const glass = 3;
  return JSON.stringify({
    filename: "slide.png",
    width: glass + voters,
    height: 1,
    grid: { patch_size: 1, stride: 1 },
    options: { batch_size: BATCH },
    patches: Array.from({ length: glass + voters }, (_, index) => ({
      x: index,
      y: 0,
      screen: index < glass ? "background" : "assessable",
    })),
    voters: Array.from({ length: voters }, (_, index) => glass + index),
  });
}

/** Every byte of a patch is its place among the voters. */
function pixelsOf(batch: number): ArrayBuffer {
  const rows = Math.min(BATCH, VOTERS - BATCH * batch);
  return Uint8Array.from({ length: 3 * rows }, (_, byte) => BATCH * batch + Math.floor(byte / 3)).buffer;
}

/** The logits of the voter at place i are (i, -i). */
function resultOf(pixels: ArrayBuffer): BatchResult {
  const indices = new Uint8Array(pixels).filter((_, byte) => byte % 3 === 0);
  const logits = Float32Array.from([...indices].flatMap((index) => [index, -index]));
  return { logits, probabilities: logits.slice(), cam: logits.slice(), camWidth: 1, camHeight: 1 };
}

const ALL_LOGITS = Array.from({ length: VOTERS }, (_, index) => [index, -index]).flat();

interface Portion extends Deferred<BatchResult> {
  readonly pixels: ArrayBuffer;
}

/** Decodes at once; each portion of patches waits until the test answers it. */
class StandIn {
  readonly size = 2;
  readonly portions: Portion[] = [];
  readonly signals: AbortSignal[] = [];
  reported: Calls["report"]["request"] | null = null;
  options: unknown = null;

  constructor(readonly voters = VOTERS) {}

  call = async (name: PoolCall, request: object, settings: CallSettings<PoolCall>): Promise<never> => {
    if (settings.signal?.aborted) throw new CancelledError();
    if (settings.signal !== undefined) this.signals.push(settings.signal);
    return (await this.#answer(name, request, settings)) as never;
  };

  #answer(name: PoolCall, request: object, settings: CallSettings<PoolCall>): unknown {
    switch (name) {
      case "decode": {
        const tell = settings.onEvent as CallSettings<"decode">["onEvent"];
        const batchCount = Math.ceil(this.voters / BATCH);
        this.options = JSON.parse((request as Calls["decode"]["request"]).options);
        settings.onStart?.();
        tell?.({
          kind: "plan",
          plan: planOf(this.voters),
          batchCount,
          decodeMs: 7,
          screenMs: 2,
          sha256: null,
        });
        for (let index = 0; index < batchCount; index++) {
          tell?.({ kind: "batch", index, pixels: pixelsOf(index) });
        }
        return null;
      }
      case "infer": {
        const { pixels } = request as Calls["infer"]["request"];
        const portion = { ...deferred<BatchResult>(), pixels };
        this.portions.push(portion);
        settings.signal?.addEventListener("abort", () => portion.reject(new CancelledError()));
        return portion.promise;
      }
      case "report":
        this.reported = request as Calls["report"]["request"];
        return JSON.stringify({ success: true });
      default:
        throw new Error(`nobody should call ${name}`);
    }
  }
}

async function answerAll(pool: StandIn, order: number[]): Promise<void> {
  for (const at of order) {
    const portion = pool.portions[at];
    portion?.resolve(resultOf(portion.pixels));
    await settled();
  }
}

describe("analyse", () => {
  it.each([
    [[0, 1, 2, 3]],
    [[3, 2, 1, 0]],
    [[2, 0, 3, 1]],
  ])("reports the same when results come as %j", async (order) => {
    const pool = new StandIn();
    const done = analyse(pool, FILE, OPTIONS, new AbortController().signal);
    await settled();
    expect(pool.portions.map(({ pixels }) => pixels.byteLength / 3)).toEqual(PORTIONS);
    await answerAll(pool, order);
    await done;
    expect([...(pool.reported?.logits ?? [])]).toEqual(ALL_LOGITS);
    expect(pool.reported?.plan).toBe(planOf(VOTERS));
    expect(pool.reported?.timings).toMatchObject({ decode: 7, screen: 2 });
  });

  it("tells of each step as it is reached", async () => {
    const pool = new StandIn();
    const steps: string[] = [];
    const done = analyse(pool, FILE, OPTIONS, new AbortController().signal, {
      onStart: () => steps.push("start"),
      onPlan: (plan) => steps.push(`plan ${plan.voters.length} of ${plan.patches.length}`),
      onResults: (fold) => steps.push(`done ${fold.done}`),
    });
    await settled();
    await answerAll(pool, [3, 0, 1, 2]);
    await done;
    expect(steps).toEqual(["start", "plan 11 of 14", "done 2", "done 5", "done 8", "done 11"]);
  });

  it("reports at once, with no results, where no patch votes", async () => {
    const pool = new StandIn(0);
    const steps: string[] = [];
    const report = await analyse(pool, FILE, OPTIONS, new AbortController().signal, {
      onPlan: (plan) => steps.push(`plan ${plan.voters.length} of ${plan.patches.length}`),
      onResults: () => steps.push("results"),
    });
    expect(report.success).toBe(true);
    expect(steps).toEqual(["plan 0 of 3"]);
    expect(pool.portions).toHaveLength(0);
    expect(pool.reported?.logits).toHaveLength(0);
    expect(pool.reported?.timings).toMatchObject({ decode: 7, screen: 2, inference: 0 });
  });

  it.each([true, false])("asks for the screen as the options say: %s", async (screen) => {
    const pool = new StandIn(0);
    await analyse(pool, FILE, { ...OPTIONS, screen }, new AbortController().signal);
    expect(pool.options).toEqual({ max_patches: 25, screen, batch_size: 16 });
  });

  it("names a threshold and a distance only where they are not the model's own", async () => {
    const pool = new StandIn(0);
    const options = { ...OPTIONS, stride: 112, uncertainBelow: 0.8 };
    await analyse(pool, FILE, options, new AbortController().signal);
    expect(pool.options).toMatchObject({ stride: 112, uncertain_below: 0.8 });
  });

  it("cancels the other portions when one fails, and rejects with that failure", async () => {
    const pool = new StandIn();
    const done = analyse(pool, FILE, OPTIONS, new AbortController().signal).catch((error) => error);
    await settled();
    const failure = new ImageError("image_empty", "m", "r");
    pool.portions[1]?.reject(failure);
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
    expect(pool.portions).toHaveLength(0);
  });
});

describe("fold", () => {
  const rows = (...indices: number[]) =>
    resultOf(Uint8Array.from(indices.flatMap((index) => [index, index, index])).buffer);

  it("is complete when every patch has come, in whatever portions", () => {
    const fold = new Fold(3);
    fold.place(2, rows(2));
    expect([fold.done, fold.complete]).toEqual([1, false]);
    expect(Number.isNaN(fold.logits[0])).toBe(true);
    fold.place(0, rows(0, 1));
    expect([fold.done, fold.complete]).toEqual([3, true]);
    expect([...fold.logits]).toEqual([0, -0, 1, -1, 2, -2]);
    expect([...(fold.cam?.values ?? [])]).toEqual([...fold.logits]);
  });

  it.each([
    ["a patch twice", 0, rows(0)],
    ["patches of which one has come", 0, rows(0, 1)],
    ["patches beyond the plan", 2, rows(2, 3)],
  ])("refuses %s", (_, first, result) => {
    const fold = new Fold(3);
    fold.place(0, rows(0));
    expect(() => fold.place(first, result)).toThrow(InternalError);
    expect(fold.done).toBe(1);
  });
});
