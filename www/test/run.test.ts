// The run: in which order images are begun, how many at once, and what holding, cancelling and trying again do.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pace } from "../src/run/pace.ts";
import type { Entry } from "../src/study/entry.ts";
import { FakePool } from "./fake-pool.ts";
import { bench, settled } from "./studies.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const paths = Array.from({ length: 20 }, (_, index) => `${index}.png`);
const open = () => new FakePool(() => undefined);

describe("a run", () => {
  it("hands the pool a few images at a time, in the order in which they came", async () => {
    const { add, pool } = bench(open());
    add(...paths);
    await settled();
    expect(pool.begun).toEqual(["0.png", "1.png", "2.png"]);
    pool.let("1.png");
    await settled();
    expect(pool.begun.at(-1)).toBe("3.png");
    pool.size = 4;
    pool.let("0.png");
    await settled();
    expect(pool.begun).toHaveLength(11);
  });

  it("shows of a crowd that they are begun only where they take a while", async () => {
    const { add, study } = bench(new FakePool((name) => (name === "90.png" ? undefined : 0.75)));
    const shown: string[] = [];
    study.watch(({ name }, _, after) => {
      if (after?.state === "decoding") shown.push(name);
    });
    add(...Array.from({ length: 200 }, (_, index) => `${index}.png`));
    await settled();
    await vi.advanceTimersByTimeAsync(100);
    // The first one at once, then those that are still at work when the time is over; all of them once they are few.
    expect(shown[0]).toBe("0.png");
    expect(shown).toContain("90.png");
    expect(shown.length).toBeLessThan(110);
    expect(study.counts.value).toMatchObject({ done: 199, decoding: 1 });
  });

  it("has all that is at work or waits analysed by another engine, and says so of each", async () => {
    const made = bench(open());
    const entries = made.add(...paths);
    await settled();
    made.origin = { ...made.origin, model: "another" };
    made.run.engineChanges();
    await settled();
    expect(new Set(entries.map(({ model }) => model))).toEqual(new Set(["another"]));
  });

  it("begins nothing while it is held, and finishes what was begun", async () => {
    const { add, run, pool, finished } = bench(open());
    add(...paths);
    await settled();
    run.pause(true);
    expect(pool.held).toBe(true);
    for (const name of [...pool.waiting.keys()]) pool.let(name);
    await settled();
    expect(finished).toEqual(["0.png", "1.png", "2.png"]);
    expect(pool.begun).toHaveLength(3);
    run.pause(false);
    await settled();
    expect(pool.begun).toHaveLength(6);
  });

  it("cancels what waits without a worker hearing of it, and lets go of the hold", async () => {
    const { add, run, study, pool } = bench(open());
    add(...paths);
    await settled();
    run.pause(true);
    run.cancel(study.openEntries());
    await settled();
    expect(study.counts.value).toMatchObject({ cancelled: 20, open: 0 });
    expect(pool.begun).toHaveLength(3);
    // Else the next images would wait for a button that is not there any more.
    expect(run.paused.value).toBe(false);
    run.again(study.in("cancelled"));
    await settled();
    expect(study.open.value).toBe(20);
    expect(pool.begun.slice(3)).toEqual(["0.png", "1.png", "2.png"]);
  });

  it("stays held when the only image that waits is run again", async () => {
    const { add, run, finished } = bench(open());
    const entries = add("0.png");
    await settled();
    run.pause(true);
    run.again(entries);
    await settled();
    expect(run.paused.value).toBe(true);
    expect(finished).toEqual([]);
  });

  it("goes on with the others after one that fails, and takes up again what is asked for", async () => {
    let fate: number | Error = new Error("no image");
    const { add, run, study, pool, finished } = bench(
      new FakePool((name) => (name === "1.png" ? fate : 0.75)),
    );
    add("0.png", "1.png", "2.png");
    await settled();
    expect(study.counts.value).toMatchObject({ done: 2, failed: 1 });
    fate = 0.25;
    run.again(study.in("failed"));
    expect(pool.revived).toBe(1);
    await settled();
    expect(study.counts.value).toMatchObject({ done: 3, failed: 0 });
    expect(finished.at(-1)).toBe("1.png");
  });

  it("begins anew, silently, with another engine, and takes no result of the one before", async () => {
    const { add, run, study, pool, finished } = bench(open());
    const [first] = add("0.png", "1.png") as [Entry, Entry];
    await settled();
    run.engineChanges();
    pool.let("0.png", 0.1);
    await settled();
    expect(finished).toEqual([]);
    expect(study.open.value).toBe(2);
    expect(first.state.value.kind).toBe("decoding");
    expect(pool.begun).toEqual(["0.png", "1.png", "0.png", "1.png"]);
  });
});

describe("the pace", () => {
  it("is that of images that were done, without the time in which they were held", () => {
    let now = 0;
    const pace = new Pace(() => now);
    pace.begin(false);
    expect(pace.remaining(10)).toBeNull();
    now = 1000;
    pace.done();
    expect(pace.remaining(10)).toBe(10_000);
    pace.hold(true);
    expect(pace.remaining(10)).toBeNull();
    now = 60_000;
    pace.hold(false);
    now = 61_000;
    pace.done();
    expect(pace.remaining(4)).toBe(4000);
    expect(pace.remaining(0)).toBeNull();
  });

  it("does not take failures for haste", async () => {
    vi.setSystemTime(0);
    const fates = (name: string) => (Number.parseInt(name, 10) < 10 ? new Error("bad") : undefined);
    const { add, run, pool } = bench(new FakePool(fates));
    add(...paths);
    await settled();
    expect(run.remaining()).toBeNull();
    pool.let("10.png");
    await settled();
    expect(run.remaining()).toBeGreaterThan(9 * 4000);
  });
});
