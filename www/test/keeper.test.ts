// The study kept on the machine: what is written when, what comes back, and when leaving would lose something.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import privacy from "../privacy.html?raw";
import { CancelledError } from "../src/base/errors.ts";
import { Entry } from "../src/study/entry.ts";
import { Keeper, type KeeperSettings, MOST_STUDIES } from "../src/study/keeper.ts";
import { KEPT_VERSION, type KeptImage, type KeptStudy, toKept } from "../src/study/kept.ts";
import { fromKept } from "../src/study/restore.ts";
import type { Shelf } from "../src/study/shelf.ts";
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

const states = ({ study }: Bench) => study.entries.value.map(({ line }) => line.value.state);

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

  it("in which a later image counts for an earlier one comes back with its result", async () => {
    const { shelf } = await fullStudy();
    const [first, bad, second, other] = await shelf.images(only(shelf.about.keys()));
    if (!first || !bad || !second || !other) throw new Error("they were not kept");
    // As earlier versions of the page kept it.
    const copy = { ...first, state: "same", report: null, original: null, as: second.number } as const;
    const again = bench();
    again.study.add(await fromKept([copy, bad, { ...first, number: second.number }, other], trusting));
    expect(states(again)).toEqual(["same", "failed", "done", "done"]);
    const [one, , three] = again.study.entries.value;
    expect(one?.state.value).toEqual({ kind: "same", as: three });
    // And on the visit after that.
    const all = again.study.entries.value.map(toKept);
    const third = bench();
    third.study.add(await fromKept(all, trusting));
    expect(said(third)).toEqual(said(again));
  });

  it("in which copies count for each other comes back with what is still to do", async () => {
    const { shelf } = await fullStudy();
    const [first, , second] = await shelf.images(only(shelf.about.keys()));
    if (!first || !second) throw new Error("they were not kept");
    const copy = (image: KeptImage, as: number) => ({ ...image, state: "same", report: null, as }) as const;
    const again = bench();
    again.study.add(await fromKept([copy(first, second.number), copy(second, first.number)], trusting));
    expect(states(again)).toEqual(["cancelled", "cancelled"]);
  });

  it("that holds damaged images comes back without them", async () => {
    const { shelf } = await fullStudy();
    const [first, ...others] = await shelf.images(only(shelf.about.keys()));
    const spoilt = { ...first, report: { schema_version: 2, success: true } } as unknown as KeptImage;
    expect(await fromKept([spoilt, ...others], trusting)).toHaveLength(3);
  });
});

/** The study as another visit finds it, with the scale that was set for all of it. */
async function foundAgain({ shelf }: { shelf: MemoryShelf }): Promise<Bench> {
  const made = bench();
  const { keeper } = keeping(made, shelf);
  await keeper.look();
  const earlier = only(keeper.earlier.value);
  made.study.resume(await keeper.take(earlier), earlier.scale ?? null);
  return made;
}

const patients = ({ study }: Bench) => study.entries.value.map(({ patient }) => patient.value);

describe("folders of one name, on another visit,", () => {
  const TWO = ["a/case-9/1.png", "b/case-9/1.png"];

  it("stay apart, and what comes later joins its own", async () => {
    const made = bench();
    const kept = keeping(made);
    made.add(...TWO);
    await settled();
    const again = await foundAgain(kept);
    expect(patients(again)).toEqual(["a/case-9", "b/case-9"]);
    again.add("b/case-9/2.png", "c/case-9/3.png");
    expect(patients(again).slice(2)).toEqual(["b/case-9", "c/case-9"]);
  });

  it("are of one patient still where a person said so", async () => {
    const made = bench();
    const kept = keeping(made);
    const entries = made.add(...TWO);
    await settled();
    made.study.setPatient(entries, "case-9");
    await settled();
    expect(patients(await foundAgain(kept))).toEqual(["case-9", "case-9"]);
  });

  it("are of whom a person said, also where that is the folder's own name", async () => {
    const made = bench();
    const kept = keeping(made);
    const [one] = made.add("a/case-9/1.png");
    await settled();
    made.study.setPatient(one === undefined ? [] : [one], "case-9");
    await settled();
    const again = await foundAgain(kept);
    again.add("b/case-9/2.png");
    expect(patients(again)).toEqual(["case-9", "case-9"]);
  });

  it("are told apart anew where an earlier version kept them, which did not say by whom they were named", async () => {
    const made = bench();
    const kept = keeping(made);
    made.add("a/case-9/1.png");
    await settled();
    for (const images of kept.shelf.kept.values()) {
      for (const [number, { byFolder: _, ...image }] of images) images.set(number, image);
    }
    const again = await foundAgain(kept);
    again.add("b/case-9/2.png");
    expect(patients(again)).toEqual(["a/case-9", "b/case-9"]);
  });
});

describe("a scale that was set for all images, on another visit,", () => {
  const scales = ({ study }: Bench) => study.entries.value.map(({ scaleSet }) => scaleSet);

  async function scaled() {
    const made = bench(new FakePool((name) => (name === "slow.png" ? undefined : 0.9)));
    const kept = keeping(made);
    made.add("a.png", "b.png", "slow.png");
    await settled();
    const { study } = made;
    study.setScale(study.entries.value, 0.25);
    study.setScale(study.entries.value.slice(1, 2), null);
    await settled();
    return kept;
  }

  it("is that of what has no result yet and of later ones, and not of an exception", async () => {
    const again = await foundAgain(await scaled());
    expect(scales(again)).toEqual([0.25, null, 0.25]);
    again.add("c.png");
    expect(scales(again)).toEqual([0.25, null, 0.25, 0.25]);
    // And on the visit after that.
    await settled();
    expect(again.study.commonScale).toBe(0.25);
  });

  it("is not that of other images which were there before", async () => {
    const kept = await scaled();
    const made = bench();
    made.add("other.png");
    const { keeper } = keeping(made, kept.shelf);
    await keeper.look();
    const earlier = only(keeper.earlier.value);
    made.study.resume(await keeper.take(earlier), earlier.scale ?? null);
    made.add("c.png");
    expect(scales(made)).toEqual([null, 0.25, null, 0.25, null]);
  });

  it("is gone once it was taken away", async () => {
    const made = bench();
    const kept = keeping(made);
    const entries = made.add("a.png", "b.png");
    await settled();
    const takeBack = made.study.setScale(entries, 0.25);
    await settled();
    expect(only(kept.shelf.about.values()).scale).toBe(0.25);
    takeBack();
    await settled();
    expect(only(kept.shelf.about.values())).not.toHaveProperty("scale");
    expect(scales(await foundAgain(kept))).toEqual([null, null]);
  });

  it("counts for nothing where it was spoilt", async () => {
    const { shelf } = await scaled();
    const [first] = await shelf.images(only(shelf.about.keys()));
    const spoilt = { ...first, report: null, scale: -1, byFolder: "yes" } as unknown as KeptImage;
    const [back] = await fromKept([spoilt], trusting);
    expect(back?.scaleSet).toBeNull();
    expect(back?.byFolder).toBeNull();
  });
});

describe("a keeper", () => {
  it("leaves a study alone that a later version of the page has kept", async () => {
    const shelf = new MemoryShelf();
    const about = { changed: 1, images: 1, results: 1 };
    await shelf.keep({ ...about, id: "later", version: KEPT_VERSION + 1 }, [], []);
    await shelf.keep({ ...about, id: "now", version: KEPT_VERSION }, [], []);
    await shelf.keep({ ...about, id: "first" }, [], []);
    const { keeper } = keeping(bench(), shelf);
    await keeper.look();
    expect(keeper.earlier.value.map(({ id }) => id)).toEqual(["now", "first"]);
    expect(shelf.about.has("later")).toBe(true);
  });

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

  it("lets go of what was removed while there was no room, once there is some", async () => {
    const made = bench();
    const { keeper, shelf } = keeping(made);
    const entries = made.add("a.png", "b.png");
    await settled();
    shelf.full = true;
    made.study.remove(entries.slice(0, 1));
    await settled();
    expect(keeper.keeping.value.kind).toBe("failed");
    shelf.full = false;
    await keeper.set(true);
    await settled();
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

  it("keeps as many studies as the page on privacy says", () => {
    expect(privacy).toContain(`the ${MOST_STUDIES} latest studies are kept`);
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
