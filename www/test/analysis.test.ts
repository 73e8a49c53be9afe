// One image over a stand-in for the pool: what is asked of it, what is told on the way, and where results are placed.

import { describe, expect, it } from "vitest";
import { deferred } from "../src/base/deferred.ts";
import { CancelledError, ImageError, InternalError } from "../src/base/errors.ts";
import type { Analysed, BatchResult } from "../src/engine/protocol.ts";
import type { CallSettings, ImageEvent, PoolCall, PoolRequest } from "../src/engine/task.ts";
import { analyse } from "../src/run/analysis.ts";
import { Fold } from "../src/run/fold.ts";
import { OWN_CLASSES } from "../src/study/classes.ts";

const OPTIONS = {
  maxPatches: 25,
  variant: "int8",
  screen: true,
  stride: null,
  batchSize: 16,
  uncertainBelow: null,
} as const;
const FILE = new File(["x"], "slide.png");

/** The logits of the voter at place i are (i, -i). */
function rows(...places: number[]): BatchResult {
  const logits = Float32Array.from(places.flatMap((place) => [place, -place]));
  return {
    classes: OWN_CLASSES,
    logits,
    probabilities: logits.slice(),
    features: logits.slice(),
    cam: logits.slice(),
    camWidth: 1,
    camHeight: 1,
  };
}

const analysed = (report: string, features = new Float32Array(0)): Analysed => ({ report, features });

const plan = (voters: number): ImageEvent => ({
  kind: "plan",
  plan: JSON.stringify({
    sha256: "ab".repeat(32),
    voters: Array.from({ length: voters }, (_, index) => index),
  }),
});

const results = (first: number, ...places: number[]): ImageEvent => ({
  kind: "results",
  first,
  results: rows(...places),
});

/** Takes an image up at once and leaves its end to the test. */
class StandIn {
  request: PoolRequest<"analyse"> | null = null;
  settings: CallSettings<"analyse"> | null = null;
  readonly end = deferred<Analysed>();

  readonly call = async (_: PoolCall, request: object, settings: object): Promise<never> => {
    this.request = request as PoolRequest<"analyse">;
    this.settings = settings as CallSettings<"analyse">;
    if (this.settings.signal?.aborted) throw new CancelledError();
    this.settings.signal?.addEventListener("abort", () => this.end.reject(new CancelledError()));
    this.settings.onStart?.();
    return (await this.end.promise) as never;
  };

  tell(...events: ImageEvent[]): void {
    for (const event of events) this.settings?.onEvent?.(event);
  }
}

const never = () => new AbortController().signal;

describe("analyse", () => {
  it("tells of each step as it is reached, in whatever order results come", async () => {
    const pool = new StandIn();
    const steps: string[] = [];
    const folds = new Set<Fold>();
    const done = analyse(pool, FILE, OPTIONS, never(), {
      onStart: () => steps.push("start"),
      onPlan: ({ voters }) => steps.push(`plan ${voters.length}`),
      onResults: (fold) => {
        folds.add(fold);
        steps.push(`done ${fold.done}`);
      },
    });
    pool.tell(plan(5), results(3, 3, 4), results(0, 0), results(1, 1, 2));
    pool.end.resolve(analysed('{"success":true}', Float32Array.of(7)));
    expect(await done).toEqual({ success: true });
    expect(steps).toEqual(["start", "plan 5", "done 2", "done 3", "done 5"]);
    expect([...folds].map(({ logits }) => logits)).toEqual([rows(0, 1, 2, 3, 4).logits]);
    expect([...folds].map(({ features }) => [...features])).toEqual([[7]]);
  });

  it.each([true, false])("asks for the screen as the options say: %s", async (screen) => {
    const pool = new StandIn();
    pool.end.resolve(analysed("{}"));
    await analyse(pool, FILE, { ...OPTIONS, screen }, never());
    expect(pool.request).toMatchObject({ file: FILE, filename: "slide.png" });
    expect(JSON.parse(pool.request?.options ?? "")).toEqual({ max_patches: 25, screen, batch_size: 16 });
  });

  it("names a threshold and a distance only where they are not the model's own", async () => {
    const pool = new StandIn();
    pool.end.resolve(analysed("{}"));
    await analyse(pool, FILE, { ...OPTIONS, stride: 112, uncertainBelow: 0.8 }, never());
    expect(JSON.parse(pool.request?.options ?? "")).toMatchObject({ stride: 112, uncertain_below: 0.8 });
  });

  it("rejects with what the pool says", async () => {
    const pool = new StandIn();
    const failure = new ImageError("image_empty", "m", "r");
    pool.end.reject(failure);
    await expect(analyse(pool, FILE, OPTIONS, never())).rejects.toBe(failure);
  });

  it("refuses results that do not fit, for which the pool stops the worker", () => {
    const pool = new StandIn();
    void analyse(pool, FILE, OPTIONS, never());
    pool.tell(plan(2), results(0, 0, 1));
    expect(() => pool.tell(results(1, 1))).toThrow(InternalError);
    expect(() => pool.tell(results(1, 1))).toThrow(expect.objectContaining({ code: "result_misplaced" }));
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    const done = analyse(new StandIn(), FILE, OPTIONS, stop.signal).catch((error) => error);
    stop.abort();
    expect(await done).toBeInstanceOf(CancelledError);
    await expect(analyse(new StandIn(), FILE, OPTIONS, stop.signal)).rejects.toBeInstanceOf(CancelledError);
  });
});

describe("fold", () => {
  it("is complete when every patch has come, in whatever portions", () => {
    const fold = new Fold(3);
    fold.place(2, rows(2));
    expect([fold.done, fold.complete]).toEqual([1, false]);
    expect(Number.isNaN(fold.logits[0])).toBe(true);
    fold.place(0, rows(0, 1));
    expect([fold.done, fold.complete]).toEqual([3, true]);
    expect([...fold.logits]).toEqual([0, -0, 1, -1, 2, -2]);
    expect([0, 1, 2].map((voter) => fold.cam?.score(voter, 1))).toEqual([0, -2, -4]);
  });

  it("has as many columns as the model has classes of its own", () => {
    const classes = ["stroma", "in situ", "invasive"];
    const three = (...places: number[]): BatchResult => {
      const logits = Float32Array.from(places.flatMap((place) => [place, 10 + place, 20 + place]));
      const none = new Float32Array(0);
      return { classes, logits, probabilities: logits, features: none, cam: none, camWidth: 0, camHeight: 0 };
    };
    const fold = new Fold(2);
    expect(fold.classes).toEqual(OWN_CLASSES);
    fold.place(1, three(1));
    expect(fold.classes).toEqual(classes);
    expect([fold.done, Number.isNaN(fold.probabilities[2])]).toEqual([1, true]);
    fold.place(0, three(0));
    expect([...fold.logits]).toEqual([0, 10, 20, 1, 11, 21]);
    expect(() => fold.place(1, three(1))).toThrow(InternalError);
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
