// Nothing is lost and nothing counts twice: the same bytes, runs that fail, what is removed, what is a part.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Entry } from "../src/study/entry.ts";
import type { ExportedFolder } from "../src/study/exchange.ts";
import { exportedFolder } from "../src/study/exports.ts";
import { FakePool } from "./fake-pool.ts";
import { imported } from "./reading.ts";
import { imageReport } from "./reports.ts";
import { type Bench, bench, settled } from "./studies.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const states = ({ study }: Bench) => study.entries.value.map(({ line }) => line.value.state);
const file = (content: unknown) => new File([JSON.stringify(content)], "saved.json");

/** A pool for which a name's first letter is its content. */
function byLetter(fate = (name: string): number | Error | undefined => (name.startsWith("b") ? 0.3 : 0.9)) {
  const pool = new FakePool(fate);
  pool.digest = (name) => (name[0] ?? "").repeat(64);
  return pool;
}

describe("the same bytes", () => {
  it("count once, and the second says as what", async () => {
    const made = bench(byLetter());
    made.add("x/a1.png", "x/b1.png", "y/a2.png", "x/a3.png");
    await settled();
    expect(states(made)).toEqual(["done", "done", "same", "same"]);
    const [first, , second] = made.study.entries.value;
    expect(second?.state.value).toEqual({ kind: "same", as: first });
    expect(made.study.whole.value?.num_images).toBe(2);
    expect(made.study.whole.value?.aggregated_diagnosis?.probabilities.malignant).toBeCloseTo(0.6, 12);
    expect(made.study.patients.value.map(({ patient, num_images }) => [patient, num_images])).toEqual([
      ["x", 2],
    ]);
    expect(made.study.counts.value).toMatchObject({ done: 2, same: 2, open: 0 });
    const saved = exportedFolder(made.study, null);
    expect(saved.num_images).toBe(2);
    expect(saved.duplicates).toEqual([
      { path: "y/a2.png", same_as: "x/a1.png" },
      { path: "x/a3.png", same_as: "x/a1.png" },
    ]);
  });

  it("go on counting when the first of them is removed, and again as they did when it comes back", async () => {
    const made = bench(byLetter());
    made.add("x/a1.png", "y/a2.png", "y/a3.png");
    await settled();
    const [first, second, third] = made.study.entries.value as [Entry, Entry, Entry];
    made.study.remove([first]);
    expect(states(made)).toEqual(["done", "same"]);
    expect(second.line.value.outcome?.filename).toBe("a2.png");
    expect(third.state.value).toEqual({ kind: "same", as: second });
    made.study.add([first]);
    expect(states(made)).toEqual(["done", "same", "same"]);
    expect(third.state.value).toEqual({ kind: "same", as: first });
  });

  it("fare alike when the first fails or is cancelled, and can be run again", async () => {
    const made = bench(byLetter(() => undefined));
    made.add("a1.png", "a2.png");
    await settled();
    const pool = made.pool;
    // Both are with the workers; the plan of the first is there, that of the second comes.
    pool.let("a1.png", new Error("no image"));
    await settled();
    expect(states(made)).toEqual(["failed", "decoding"]);
    pool.let("a2.png");
    await settled();
    expect(states(made)).toEqual(["failed", "done"]);
    made.run.again(made.study.in("failed"));
    await settled();
    pool.let("a1.png");
    await settled();
    // The first counts again.
    expect(states(made)).toEqual(["done", "same"]);
  });

  it("count for the first, whichever worker was faster", async () => {
    const made = bench(byLetter(() => undefined));
    made.pool.size = 2;
    const [first, second] = made.add("a1.png", "a2.png") as [Entry, Entry];
    await settled();
    // Both are read; the second is known first.
    made.pool.stopAfterPlan = true;
    made.pool.let("a2.png");
    await settled();
    expect(second.state.value.kind).toBe("decoding");
    made.pool.stopAfterPlan = false;
    made.pool.let("a1.png");
    await settled();
    expect(states(made)).toEqual(["done", "same"]);
    expect(second.state.value).toEqual({ kind: "same", as: first });
  });

  it("count for the first, also where the second, and a third, was done before", async () => {
    const made = bench(byLetter((name) => (name === "a1.png" ? undefined : 0.75)));
    made.pool.size = 2;
    const [first, second, third] = made.add("a1.png", "a2.png", "a3.png") as [Entry, Entry, Entry];
    await settled();
    expect(states(made)).toEqual(["decoding", "done", "same"]);
    made.pool.let("a1.png");
    await settled();
    expect(states(made)).toEqual(["done", "same", "same"]);
    for (const copy of [second, third]) expect(copy.state.value).toEqual({ kind: "same", as: first });
    expect(made.finished).toHaveLength(3);
    expect(made.study.copiesOf(first)).toEqual([second, third]);
    // What counted before leaves nothing behind that would count again.
    made.study.remove([first]);
    expect(states(made)).toEqual(["done", "same"]);
  });

  describe("keep the result of a later one", () => {
    /** Of three the first was cancelled, the second is done, and the first runs again, and is as far as its plan. */
    async function firstAgain(stop: true | Error) {
      const made = bench(byLetter((name) => (name === "a1.png" ? undefined : 0.75)));
      const [first] = made.add("a1.png") as [Entry];
      made.run.cancel([first]);
      made.add("a2.png", "a3.png");
      await settled();
      made.run.again([first]);
      await settled();
      made.pool.stopAfterPlan = stop;
      made.pool.let("a1.png");
      await settled();
      return { ...made, first };
    }

    it("until the first has its own", async () => {
      const { first, ...made } = await firstAgain(true);
      expect(states(made)).toEqual(["decoding", "done", "same"]);
      made.pool.stopAfterPlan = false;
      made.run.again([first]);
      await settled();
      made.pool.let("a1.png");
      await settled();
      expect(states(made)).toEqual(["done", "same", "same"]);
    });

    it("where the first is cancelled, or removed and put back", async () => {
      const { first, ...made } = await firstAgain(true);
      made.run.cancel([first]);
      await settled();
      expect(states(made)).toEqual(["cancelled", "done", "same"]);
      const putBack = made.study.remove([first]);
      expect(states(made)).toEqual(["done", "same"]);
      putBack();
      await settled();
      expect(states(made)).toEqual(["cancelled", "done", "same"]);
      expect(made.study.whole.value?.num_images).toBe(1);
    });

    it("where the first fails", async () => {
      const made = await firstAgain(new Error("the worker died"));
      expect(states(made)).toEqual(["failed", "done", "same"]);
    });

    it("that runs again, too", async () => {
      const { first, ...made } = await firstAgain(true);
      const second = made.study.entries.value[1] as Entry;
      made.run.cancel([first]);
      // The plan of the second comes before that of the first, which takes its place and is stopped.
      made.pool.size = 2;
      made.run.again([second]);
      await settled();
      expect(second.settled).toBe(false);
      made.run.again([first]);
      await settled();
      made.pool.let("a1.png");
      await settled();
      expect(states(made)).toEqual(["decoding", "same", "same"]);
      made.run.cancel([first]);
      await settled();
      expect(states(made)).toEqual(["cancelled", "done", "cancelled"]);
      made.run.again(made.study.in("cancelled").slice(1));
      made.pool.stopAfterPlan = false;
      await settled();
      expect(states(made)).toEqual(["cancelled", "done", "same"]);
    });
  });

  it("count once after all that was removed is put back", async () => {
    const made = bench(byLetter());
    const [first, second, third] = made.add("a1.png", "a2.png", "a3.png") as [Entry, Entry, Entry];
    await settled();
    const putThird = made.study.remove([third]);
    made.study.remove([first]);
    // What it was the copy of is gone, and another counts.
    putThird();
    expect(third.state.value).toEqual({ kind: "same", as: second });
    const putAll = made.study.remove([second, third]);
    putAll();
    expect(states(made)).toEqual(["done", "same"]);
    made.study.remove([third]);
    made.study.remove([second]);
    made.study.add([third]);
    expect(states(made)).toEqual(["done"]);
    expect(third.line.value.outcome?.filename).toBe("a3.png");
  });

  it("keep the threshold that holds when the first of them goes", async () => {
    const made = bench(byLetter());
    const [first] = made.add("a1.png", "a2.png") as [Entry];
    await settled();
    made.study.rejudge(0.95);
    made.study.remove([first]);
    expect(made.study.entries.value[0]?.line.value.verdict).toBe("uncertain");
    made.study.rejudge(null);
    expect(made.study.entries.value[0]?.line.value.verdict).toBe("malignant");
  });

  it("have no result for what was removed at work", async () => {
    const made = bench(byLetter((name) => (name === "a1.png" ? undefined : 0.75)));
    made.pool.stopAfterPlan = true;
    const [first] = made.add("a1.png", "a2.png") as [Entry];
    await settled();
    made.pool.let("a1.png");
    await settled();
    expect(states(made)).toEqual(["decoding", "same"]);
    made.study.remove([first]);
    expect(states(made)).toEqual(["cancelled"]);
  });

  it("are not looked for where there is no digest", async () => {
    const made = bench(byLetter());
    made.pool.digest = () => null;
    made.add("a1.png", "a2.png");
    await settled();
    expect(states(made)).toEqual(["done", "done"]);
  });
});

describe("a saved study and its folder", () => {
  async function saved(digest: boolean): Promise<ExportedFolder> {
    const made = bench(byLetter());
    if (!digest) made.pool.digest = () => null;
    made.add("x/a1.png", "x/b1.png");
    await settled();
    made.study.setPatient(made.study.entries.value, "p");
    return exportedFolder(made.study, null);
  }

  it.each([true, false])("are one study; only what is missing is new (digests: %s)", async (digest) => {
    const report = await saved(digest);
    const made = bench(byLetter());
    const recognised: string[] = [];
    made.onRecognised = ({ path }) => recognised.push(path);
    made.study.add(await imported(file(report)));
    made.add("x/a1.png", "x/b1.png", "x/c1.png");
    await settled();
    expect(made.study.entries.value.map(({ path }) => path)).toEqual(["x/a1.png", "x/b1.png", "x/c1.png"]);
    expect(made.study.entries.value.map(({ patient }) => patient.value)).toEqual(["p", "p", "x"]);
    expect(made.study.entries.value.every(({ hasFile }) => hasFile)).toBe(true);
    expect(made.study.selected.value?.path).toBe("x/a1.png");
    expect(recognised).toEqual(["x/a1.png", "x/b1.png"]);
    expect(made.study.open.value).toBe(0);
    // From now on they are known by their bytes.
    made.add("z/a1.png");
    await settled();
    if (digest) expect(states(made).at(-1)).toBe("same");
  });

  it.each([true, false])("opened twice is there once (digests: %s)", async (digest) => {
    const report = await saved(digest);
    const { study } = bench();
    study.add(await imported(file(report)));
    const again = await imported(file(report));
    expect(again.filter((entry) => study.has(entry))).toEqual(again);
  });

  it("is known again although its images were run anew since", async () => {
    const report = await saved(false);
    const made = bench(byLetter(() => 0.1));
    made.pool.digest = () => null;
    made.study.add(await imported(file(report)));
    for (const entry of made.study.entries.value) entry.attach(new File([entry.name], entry.name));
    made.run.again(made.study.entries.value);
    await settled();
    expect(made.study.counts.value).toMatchObject({ total: 2, done: 2 });
    const again = await imported(file(report));
    expect(again.filter((entry) => made.study.has(entry))).toEqual(again);
  });

  it("of another image with the same name stays another", async () => {
    const made = bench(byLetter());
    made.pool.digest = () => null;
    made.study.add([Entry.of("x/a1.png", imageReport("a1.png", 0.1))]);
    made.add("y/a1.png");
    await settled();
    expect(states(made)).toEqual(["done", "done"]);
  });
});

describe("a file that is chosen again", () => {
  it("is the image that is there, unless it changed", async () => {
    const made = bench();
    const [entry] = made.add("x/a.png") as [Entry];
    await settled();
    const { path, file } = entry;
    if (file === null) throw new Error("it has no file");
    expect(made.study.known({ path, file })).toBe(entry);
    expect(made.study.known({ path: "y/a.png", file })).toBeNull();
    const changed = new File(["other"], file.name, { lastModified: file.lastModified });
    expect(made.study.known({ path, file: changed })).toBeNull();
    made.study.remove([entry]);
    expect(made.study.known({ path, file })).toBeNull();
  });
});

describe("another run", () => {
  it("that fails leaves the result that was there, and says so", async () => {
    let fate: number | Error = 0.9;
    const made = bench(new FakePool(() => fate));
    const [entry] = made.add("a.png", "b.png") as [Entry, Entry];
    await settled();
    const before = entry.state.value;
    fate = new Error("the file is gone");
    made.run.again(made.study.entries.value);
    await settled();
    expect(entry.state.value).toBe(before);
    expect(entry.results.value).not.toBeNull();
    expect(entry.trouble.value?.message).toBe("the file is gone");
    expect(made.study.whole.value?.num_images).toBe(2);
    fate = 0.8;
    made.run.again([entry]);
    await settled();
    expect(entry.trouble.value).toBeNull();
    expect(entry.line.value.share).toBe(0.8);
  });

  it("that is cancelled leaves it, too", async () => {
    let wait = false;
    const made = bench(new FakePool(() => (wait ? undefined : 0.9)));
    made.add("a.png", "b.png");
    await settled();
    wait = true;
    made.run.again(made.study.entries.value);
    await settled();
    expect(made.study.open.value).toBe(2);
    made.run.cancel(made.study.openEntries());
    await settled();
    expect(states(made)).toEqual(["done", "done"]);
    expect(made.study.counts.value.cancelled).toBe(0);
  });
});

describe("a part of a study", () => {
  it("has no verdict, in the file neither, and names what is missing", async () => {
    const made = bench(new FakePool((name) => (name === "wait.png" ? undefined : 0.9)));
    made.add("p/a.png", "p/wait.png", "q/b.png");
    await settled();
    const open = exportedFolder(made.study, null);
    const none = { verdict: null, aggregated_diagnosis: null, no_verdict: "incomplete" };
    expect(open).toMatchObject({ ...none, incomplete: ["p/wait.png"] });
    expect(open.patients).toMatchObject([
      { patient: "p", ...none, num_missing: 1 },
      { patient: "q", verdict: "malignant" },
    ]);
    expect(open.patients[1]).not.toHaveProperty("num_missing");
    expect(open.patients[1]).not.toHaveProperty("no_verdict");
    made.run.cancel(made.study.openEntries());
    await settled();
    expect(made.study.whole.value).toMatchObject({ num_images: 2, missing: 1 });
    expect(exportedFolder(made.study, null).incomplete).toEqual(["p/wait.png"]);
    made.run.again(made.study.in("cancelled"));
    await settled();
    made.pool.let("wait.png");
    await settled();
    // All of it has none either: it is of two patients.
    const whole = exportedFolder(made.study, null);
    expect(whole.incomplete).toBeUndefined();
    expect(whole).toMatchObject({ ...none, no_verdict: "several patients" });
    expect(whole.image_breakdown).toEqual({ benign_images: 0, malignant_images: 3 });
    made.study.remove(made.study.entries.value.slice(2));
    const ofOne = exportedFolder(made.study, null);
    expect(ofOne.verdict).toBe("malignant");
    expect(ofOne).not.toHaveProperty("no_verdict");
  });

  it("is opened again with the patients that it had, whoever had told them", async () => {
    const again = async (made: Bench) => {
      const file = new File([JSON.stringify(exportedFolder(made.study, null))], "study.json");
      const other = bench();
      other.study.add(await imported(file));
      return other;
    };
    const patients = ({ study }: Bench) => study.entries.value.map(({ patient }) => patient.value);
    const made = bench();
    const entries = made.add("a/case-9/1.png", "b/case-9/2.png");
    await settled();
    const apart = await again(made);
    apart.add("b/case-9/3.png");
    expect(patients(apart)).toEqual(["a/case-9", "b/case-9", "b/case-9"]);
    // A person knows better than folders.
    made.study.setPatient(entries, "case-9");
    const merged = await again(made);
    expect(patients(merged)).toEqual(["case-9", "case-9"]);
    expect(patients(await again(merged))).toEqual(["case-9", "case-9"]);
  });

  it("has none over several models either, of one patient or in the file", () => {
    const made = bench();
    const [one, two] = [0.9, 0.8].map((p, at) => {
      const report = imageReport(`${at}.png`, p);
      return Entry.of(`p/${at}.png`, { ...report, model: { ...report.model, sha256: `${at}`.repeat(64) } });
    });
    if (one === undefined || two === undefined) throw new Error("none");
    made.study.add([one, two]);
    const none = { verdict: null, aggregated_diagnosis: null, no_verdict: "several models" };
    expect(exportedFolder(made.study, null)).toMatchObject({ ...none, patients: [none] });
  });
});

describe("what does not count", () => {
  it("is a drawing among images of tissue, or alone", async () => {
    const made = bench();
    const drawing = new Entry({ path: "demo.jpg", file: new File([], "demo.jpg"), demo: true });
    made.study.add([drawing]);
    made.run.start([drawing]);
    made.add("p/a.png");
    await settled();
    expect(made.study.whole.value).toMatchObject({ num_images: 1, groups: 1, missing: 0 });
    const saved = exportedFolder(made.study, null);
    expect(saved).toMatchObject({ num_images: 1, demos: [0] });
    expect(saved.individual_results).toHaveLength(2);
    const again = bench();
    again.study.add(await imported(file(saved)));
    await settled();
    expect(again.study.whole.value?.num_images).toBe(1);
  });

  it("is what a person takes out, until it is put back", async () => {
    const made = bench(byLetter());
    const [, second] = made.add("p/a.png", "p/b.png") as [Entry, Entry];
    await settled();
    second.leaveOut(true);
    await settled();
    expect(made.study.patients.value[0]).toMatchObject({ num_images: 1, missing: 0 });
    expect(made.study.whole.value?.aggregated_diagnosis?.probabilities.malignant).toBe(0.9);
    second.leaveOut(false);
    await settled();
    expect(made.study.patients.value[0]?.num_images).toBe(2);
  });
});
