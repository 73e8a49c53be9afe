// The study kept on the machine: what is written when, what comes back, and when leaving would lose something.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CancelledError } from "../src/base/errors.ts";
import { Entry } from "../src/study/entry.ts";
import { Keeper, type KeeperSettings } from "../src/study/keeper.ts";
import { type KeptImage, toKept } from "../src/study/kept.ts";
import { fromKept } from "../src/study/restore.ts";
import type { KeptStudy, Shelf } from "../src/study/shelf.ts";
import { FakePool } from "./fake-pool.ts";
import { trusting, trustingReading } from "./reading.ts";
import { type Bench, bench, settled } from "./studies.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A shelf in memory; what lies on it is cloned, as a browser's database does. */
class MemoryShelf implements Shelf {
  readonly about = new Map<string, KeptStudy>();
  readonly kept = new Map<string, Map<number, KeptImage>>();
  full = false;
  writes = 0;
  writtenImages = 0;

  async keep(about: KeptStudy, changed: readonly KeptImage[], gone: readonly number[]): Promise<void> {
    if (this.full) throw new DOMException("no room", "QuotaExceededError");
    this.writes++;
    this.writtenImages += changed.length;
    this.about.set(about.id, about);
    const images = this.kept.get(about.id) ?? new Map<number, KeptImage>();
    this.kept.set(about.id, images);
    for (const image of changed) images.set(image.number, structuredClone(image));
    for (const number of gone) images.delete(number);
  }

  async studies(): Promise<KeptStudy[]> {
    return [...this.about.values()].sort((a, b) => b.changed - a.changed);
  }

  async images(id: string): Promise<KeptImage[]> {
    return [...(this.kept.get(id)?.values() ?? [])];
  }

  async remove(id: string): Promise<void> {
    this.about.delete(id);
    this.kept.delete(id);
  }

  async removeAll(): Promise<void> {
    this.about.clear();
    this.kept.clear();
  }
}

function keeping(made: Bench, shelf = new MemoryShelf(), change: Partial<KeeperSettings> = {}) {
  const claimed: string[] = [];
  const persist = vi.fn();
  const keeper = new Keeper({
    study: made.study,
    shelf,
    reading: trustingReading,
    wanted: true,
    open: async () => new Set<string>(),
    claim: (id) => claimed.push(id),
    persist,
    ...change,
  });
  return { keeper, shelf, claimed, persist };
}

const only = <T>(values: Iterable<T>): T => {
  const [value, ...others] = [...values];
  if (value === undefined || others.length > 0) throw new Error("not exactly one");
  return value;
};

/** Without numbers, which mean nothing on another visit. */
const said = ({ study }: Bench) =>
  study.entries.value.map(({ path, patient, leftOut, line, sha256 }) => {
    const { state, share, verdict, as } = line.value;
    return {
      path,
      patient: patient.value,
      leftOut: leftOut.value,
      state,
      share,
      verdict,
      sha256,
      as: as?.path,
    };
  });

async function fullStudy(pool = new FakePool((name) => (name === "bad.png" ? new Error("no image") : 0.9))) {
  const made = bench(pool);
  pool.digest = (name) => (name[0] ?? "").repeat(64);
  const kept = keeping(made);
  made.add("p/a1.png", "p/bad.png", "q/a2.png", "q/c.png");
  await settled();
  made.study.setPatient(made.study.entries.value.slice(0, 1), "renamed");
  made.study.entries.value[3]?.leaveOut(true);
  await settled();
  return { made, ...kept };
}

describe("a study", () => {
  it("comes back as it was, without its files", async () => {
    const { made, shelf, claimed } = await fullStudy();
    expect(claimed).toHaveLength(1);
    const again = bench();
    again.study.add(await fromKept(await shelf.images(only(shelf.about.keys())), trusting));
    expect(said(again)).toEqual(said(made));
    expect(again.study.entries.value.every(({ hasFile }) => !hasFile)).toBe(true);
    expect(again.study.entries.value[0]?.results.value?.fold.probabilities).toHaveLength(4);
    await settled();
    expect(again.study.patients.value).toEqual(made.study.patients.value);
  });

  it("holds no pixel, and nothing that stands for one", async () => {
    const { shelf } = await fullStudy();
    for (const image of await shelf.images(only(shelf.about.keys()))) {
      expect(JSON.parse(JSON.stringify(image))).toEqual(image);
    }
  });

  it("is found again with what is still to do, so that a part does not pass for the whole", async () => {
    const made = bench(new FakePool((name) => (name === "a.png" ? 0.9 : undefined)));
    const { shelf } = keeping(made);
    made.add("p/a.png", "p/b.png", "p/c.png");
    await settled();
    // The tab is killed here.
    const again = bench();
    const { keeper } = keeping(again, shelf);
    await keeper.look();
    const [earlier] = keeper.earlier.value;
    expect(earlier).toMatchObject({ images: 3, results: 1 });
    again.study.add(await keeper.take(earlier as KeptStudy));
    await settled();
    expect(again.study.whole.value).toMatchObject({ num_images: 1, missing: 2 });
    // Its folder is chosen again.
    const unchanged = made.study.entries.value
      .slice(0, 1)
      .map(({ path, file }) => ({ path, file: file as File }));
    const others = ["p/b.png", "p/new.png"].map((path) => ({ path, file: new File([path], path.slice(2)) }));
    const files = [...unchanged, ...others];
    expect(files.map((found) => again.study.known(found)?.path)).toEqual(["p/a.png", "p/b.png", undefined]);
  });

  it("takes a file for its own only where it did not change since", async () => {
    const stamp = { size: 3, modified: 7 };
    const entry = async (state: "done" | "cancelled") => {
      const made = bench();
      const image = { ...toKept(new Entry({ path: "p/a.png", file: null })), stamp };
      const [kept] = await fromKept([image], trusting);
      if (kept === undefined) throw new Error("it did not come back");
      if (state === "done") kept.become({ kind: "failed", error: new CancelledError() });
      made.study.add([kept]);
      return made.study;
    };
    const file = (text: string, lastModified: number) => ({
      path: "p/a.png",
      file: new File([text], "a.png", { lastModified }),
    });
    expect((await entry("done")).known(file("abc", 7))).not.toBeNull();
    expect((await entry("done")).known(file("abcd", 7))).toBeNull();
    expect((await entry("done")).known(file("abc", 8))).toBeNull();
    // Without a result there is nothing to falsify.
    expect((await entry("cancelled")).known(file("abcd", 8))).not.toBeNull();
  });

  it("keeps the earlier result while an image is run again", async () => {
    let wait = false;
    const made = bench(new FakePool(() => (wait ? undefined : 0.9)));
    const { shelf } = keeping(made);
    made.add("a.png", "b.png");
    await settled();
    wait = true;
    made.run.again(made.study.entries.value);
    await settled();
    expect(made.study.open.value).toBe(2);
    const kept = await shelf.images(only(shelf.about.keys()));
    expect(kept.map(({ state }) => state)).toEqual(["done", "done"]);
  });

  it("that holds damaged images comes back without them", async () => {
    const { shelf } = await fullStudy();
    const [first, ...others] = await shelf.images(only(shelf.about.keys()));
    const spoilt = { ...first, report: { schema_version: 2, success: true } } as unknown as KeptImage;
    expect(await fromKept([spoilt, ...others], trusting)).toHaveLength(3);
  });
});

describe("a keeper", () => {
  it("writes a crowd of changes together, and what is removed goes, in the end all of it", async () => {
    const made = bench();
    const { shelf } = keeping(made);
    made.add(...Array.from({ length: 300 }, (_, index) => `${index}.png`));
    await settled();
    expect(only(shelf.kept.values()).size).toBe(300);
    expect(shelf.writes).toBeLessThan(12);
    made.study.remove(made.study.entries.value.slice(0, 100));
    await settled();
    expect(only(shelf.kept.values()).size).toBe(200);
    expect(only(shelf.about.values())).toMatchObject({ images: 200, results: 200 });
    made.study.remove(made.study.entries.value);
    await settled();
    expect(shelf.about.size).toBe(0);
  }, 20_000);

  it("writes an image when it comes and when it has come to its end, and not for the steps between", async () => {
    const made = bench(new FakePool(() => undefined));
    const { shelf } = keeping(made);
    const names = Array.from({ length: 6 }, (_, index) => `${index}.png`);
    const entries = made.add(...names);
    await settled();
    expect(shelf.writtenImages).toBe(6);
    for (const name of names) {
      made.pool.let(name);
      await settled();
    }
    expect(made.study.counts.value.done).toBe(6);
    expect(shelf.writtenImages).toBe(12);
    // What a person says of one that is at work is written at once.
    made.run.again(entries.slice(0, 1));
    await settled();
    const before = shelf.writtenImages;
    made.study.setLabel(entries.slice(0, 1), "benign");
    await settled();
    expect(shelf.writtenImages).toBe(before + 1);
    expect(only(shelf.kept.values()).get(entries[0]?.number ?? 0)?.label).toBe("benign");
  });

  it("brings back what was removed and is put back", async () => {
    const made = bench();
    const { shelf } = keeping(made);
    const entries = made.add("a.png", "b.png");
    await settled();
    made.study.remove(entries);
    await settled();
    made.study.add(entries);
    await settled();
    expect(only(shelf.kept.values()).size).toBe(2);
  });

  it("keeps nothing while it is switched off, and removes what it had", async () => {
    const { made, keeper, shelf } = await fullStudy();
    await keeper.set(false);
    expect(shelf.about.size).toBe(0);
    made.add("p/d.png");
    await settled();
    expect(shelf.about.size).toBe(0);
    await keeper.set(true);
    await settled();
    expect(only(shelf.kept.values()).size).toBe(5);
    const other = keeping(bench(), new MemoryShelf(), { wanted: false });
    expect(other.keeper.keeping.value.kind).toBe("off");
  });

  it("says where the browser has no room, and goes on without", async () => {
    const made = bench();
    const { keeper, shelf } = keeping(made);
    shelf.full = true;
    made.add("a.png");
    await settled();
    expect(keeper.keeping.value.kind).toBe("failed");
    expect(keeper.atRisk.value).toBe(true);
    shelf.full = false;
    await keeper.set(true);
    await settled();
    expect(keeper.atRisk.value).toBe(false);
    expect(only(shelf.kept.values()).size).toBe(1);
  });

  it("asks the browser once to hold on to what would be missed", async () => {
    const made = bench();
    const { persist } = keeping(made);
    made.add("a.png");
    await settled();
    expect(persist).not.toHaveBeenCalled();
    made.add(...Array.from({ length: 20 }, (_, index) => `${index}.png`));
    await settled();
    made.add("z.png");
    await settled();
    expect(persist).toHaveBeenCalledTimes(1);
  });

  it("offers neither its own study nor one that another tab has open, and keeps a few only", async () => {
    const shelf = new MemoryShelf();
    for (let index = 0; index < 24; index++) {
      await shelf.keep({ id: `${index}`, changed: index, images: 2, results: index === 22 ? 0 : 2 }, [], []);
    }
    const { keeper } = keeping(bench(), shelf, { open: async () => new Set(["23"]) });
    await keeper.look();
    // One without a result is no loss.
    const offered = Array.from({ length: 19 }, (_, index) => `${21 - index}`);
    expect(keeper.earlier.value.map(({ id }) => id)).toEqual(offered);
    expect(new Set(shelf.about.keys())).toEqual(new Set(["23", "22", ...offered]));
    const [latest] = keeper.earlier.value;
    await keeper.forget(latest as KeptStudy);
    expect(shelf.about.has("21")).toBe(false);
  });

  it("lets go of an earlier study only when this one has it", async () => {
    const { shelf } = await fullStudy();
    const made = bench();
    const { keeper } = keeping(made, shelf);
    await keeper.look();
    const earlier = only(keeper.earlier.value);
    made.study.add(await keeper.take(earlier));
    shelf.full = true;
    await keeper.taken(earlier);
    expect(shelf.about.has(earlier.id)).toBe(true);
    shelf.full = false;
    await keeper.set(true);
    await keeper.taken(earlier);
    expect(shelf.about.has(earlier.id)).toBe(false);
    expect(only(shelf.kept.values()).size).toBe(4);
  });
});

describe("leaving the page", () => {
  it("loses something while images are at work or not yet written", async () => {
    const made = bench(new FakePool(() => undefined));
    const { keeper } = keeping(made);
    expect(keeper.atRisk.value).toBe(false);
    made.add("a.png");
    await settled();
    expect(keeper.atRisk.value).toBe(true);
    made.pool.let("a.png");
    await vi.advanceTimersByTimeAsync(10);
    expect(keeper.atRisk.value).toBe(true);
    await settled();
    expect(keeper.atRisk.value).toBe(false);
    await keeper.set(false);
    expect(keeper.atRisk.value).toBe(true);
    made.study.remove(made.study.entries.value);
    expect(keeper.atRisk.value).toBe(false);
  });

  it("loses nothing where there are only drawings", async () => {
    const made = bench();
    const { keeper } = keeping(made, new MemoryShelf(), { wanted: false });
    made.study.add([new Entry({ path: "demo.jpg", file: new File([], "demo.jpg"), demo: true })]);
    expect(keeper.atRisk.value).toBe(false);
  });
});
