// The study: counters, patients and selection as images come, change and go.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ImageError } from "../src/base/errors.ts";
import { Entry } from "../src/study/entry.ts";
import { Study } from "../src/study/study.ts";
import { PLAIN_VIEW } from "../src/study/table.ts";
import { FakePool } from "./fake-pool.ts";
import { imageReport } from "./reports.ts";
import { bench, settled } from "./studies.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const bad = new Error("no image");

describe("the counters", () => {
  it("follow every image from waiting to its end, and out of the study", async () => {
    const { study, run, add, pool } = bench(
      new FakePool((name) => (name.startsWith("bad") ? bad : undefined)),
    );
    const [one, , three] = add("a/1.png", "a/bad.png", "b/3.png");
    expect(study.counts.value).toMatchObject({ total: 3, open: 3, waiting: 3 });
    await settled();
    expect(study.counts.value).toMatchObject({ total: 3, open: 2, decoding: 2, failed: 1, retriable: 1 });
    pool.let("1.png");
    await settled();
    run.cancel([three as Entry]);
    expect(study.counts.value).toMatchObject({ open: 0, done: 1, failed: 1, cancelled: 1 });
    expect(study.finished.value).toBe(2);
    study.remove([one as Entry, three as Entry]);
    expect(study.counts.value).toMatchObject({ total: 1, done: 0, cancelled: 0, failed: 1 });
    // What is not in the study any more changes nothing in it.
    one?.become({ kind: "cancelled" });
    study.remove([one as Entry]);
    expect(study.counts.value).toMatchObject({ total: 1, cancelled: 0 });
  });

  it("know which failures another try may mend", async () => {
    const { study, add } = bench(
      new FakePool((name) => {
        const code = name === "text.png" ? "image_not_recognised" : "image_too_small";
        return new ImageError(code, "No.", "");
      }),
    );
    const [, small] = add("text.png", "small.png");
    await settled();
    expect(study.counts.value).toMatchObject({ failed: 2, retriable: 1 });
    expect(study.retriable()).toEqual([small]);
  });

  it("know how many results other options or another model gave", async () => {
    const made = bench();
    made.add("1.png", "2.png");
    await settled();
    const { study, origin } = made;
    expect(study.outdated(origin)).toEqual({ count: 0, otherModel: false });
    const more = { ...origin, options: { ...origin.options, maxPatches: 50 } };
    expect(study.outdated(more)).toEqual({ count: 2, otherModel: false });
    made.origin = more;
    made.run.again(study.entries.value.slice(0, 1));
    await settled();
    expect(study.outdated(more)).toEqual({ count: 1, otherModel: false });
    expect(study.outdatedEntries(more).map(({ path }) => path)).toEqual(["2.png"]);
    expect(study.outdated({ ...more, model: "own" })).toEqual({ count: 2, otherModel: true });
    // Verdicts follow a threshold at once, so that it makes nothing outdated.
    expect(study.outdated({ ...more, options: { ...more.options, uncertainBelow: 0.9 } }).count).toBe(1);
    // What a report says was made by nobody knows whom.
    study.add([Entry.of("old.png", imageReport("old.png"))]);
    expect(study.outdated(more).count).toBe(1);
  });
});

describe("patients", () => {
  it("have the mean of their images, found anew only where an image changed", async () => {
    const { study, add } = bench(new FakePool((name) => (name === "1.png" ? 0.9 : 0.7)));
    add("a/1.png", "b/2.png", "a/3.png", "loose.png");
    await settled();
    const [a, b] = study.patients.value;
    expect(study.patients.value.map(({ patient, num_images }) => [patient, num_images])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    expect(a?.aggregated_diagnosis?.probabilities.malignant).toBeCloseTo(0.8, 12);
    expect(study.whole.value?.num_images).toBe(4);
    study.setPatient([study.entries.value[3] as Entry], " b ");
    await settled();
    expect(study.patients.value[0]).toBe(a);
    expect(study.patients.value[1]).not.toBe(b);
    expect(study.patients.value[1]?.num_images).toBe(2);
    study.remove(study.entries.value.filter(({ patient }) => patient.value === "b"));
    await settled();
    expect(study.patients.value).toEqual([a]);
  });

  it("are shown now and then while images are at work, and the whole not before the end", async () => {
    const { study, add, pool } = bench(new FakePool((name) => (name === "1.png" ? 0.9 : undefined)));
    add("a/1.png", "a/2.png");
    await settled();
    expect(study.patients.value[0]?.num_images).toBe(1);
    expect(study.whole.value).toBeNull();
    pool.let("2.png", 0.8);
    await settled();
    expect(study.whole.value?.num_images).toBe(2);
    add("a/3.png");
    expect(study.whole.value).toBeNull();
  });

  it("are none for a single image", async () => {
    const { study, add } = bench();
    add("a/1.png");
    await settled();
    expect(study.patients.value).toEqual([]);
    expect(study.whole.value).toBeNull();
  });
});

describe("a threshold", () => {
  it("changes every verdict at once, those of saved reports too, and back", async () => {
    const { study, add, origin } = bench();
    add("1.png");
    study.add([Entry.of("saved.png", imageReport("saved.png", 0.8))]);
    await settled();
    const verdicts = () => study.entries.value.map(({ line }) => line.value.verdict);
    study.tellThreshold(imageReport("x").model.sha256, 0.6);
    study.rejudge(0.9);
    await settled();
    expect(verdicts()).toEqual(["uncertain", "uncertain"]);
    expect(study.whole.value?.verdict).toBe("uncertain");
    study.rejudge(null);
    await settled();
    expect(verdicts()).toEqual(["malignant", "malignant"]);
    expect(study.whole.value?.verdict).toBe("malignant");
    expect(study.outdated(origin).count).toBe(0);
  });

  it("that was chosen while an image was at work holds for it", async () => {
    const made = bench(new FakePool(() => undefined));
    made.add("1.png");
    await settled();
    made.origin = { ...made.origin, options: { ...made.origin.options, uncertainBelow: 0.9 } };
    made.study.rejudge(0.9);
    made.pool.let("1.png");
    await settled();
    expect(made.study.entries.value[0]?.line.value.verdict).toBe("uncertain");
  });
});

describe("the selection", () => {
  const entries = (...paths: string[]) => paths.map((path) => new Entry({ path, file: new File([], path) }));

  it("goes to the next image when its own is removed, and to the last at the end", () => {
    const study = new Study();
    const [a, b, c, d] = entries("a", "b", "c", "d") as [Entry, Entry, Entry, Entry];
    study.add([a, b, c, d]);
    expect(study.selected.value).toBe(a);
    study.selected.value = b;
    study.remove([b, c]);
    expect(study.selected.value).toBe(d);
    study.remove([d]);
    expect(study.selected.value).toBe(a);
    study.remove([a]);
    expect(study.selected.value).toBeNull();
    // What comes back stands where it stood.
    study.add([d]);
    study.add([b, a]);
    expect(study.entries.value).toEqual([a, b, d]);
  });

  it("is told apart from what the filter lets through", () => {
    const study = new Study();
    study.add(entries("a/x", "b/x", "b/y"));
    study.view.value = { ...PLAIN_VIEW, text: "b/" };
    expect(study.listed.value).toBe(2);
    expect(study.listedEntries().map(({ path }) => path)).toEqual(["b/x", "b/y"]);
    expect(study.selected.value?.path).toBe("a/x");
    // But what is set for all of those is meant for it, too.
    const meant = () => study.meant.value.map(({ path }) => path);
    expect(meant()).toEqual(["a/x", "b/x", "b/y"]);
    study.selected.value = study.listedEntries()[1] ?? null;
    expect(meant()).toEqual(["b/x", "b/y"]);
    study.selected.value?.assign("c");
    study.view.value = { ...PLAIN_VIEW, text: "c" };
    expect(meant()).toEqual(["b/y"]);
    // It leaves the filter by what is said of it, and stays selected.
    study.selected.value?.assign("d");
    expect(meant()).toEqual(["b/y"]);
  });

  it("is never a drawing where something is set for all", () => {
    const study = new Study();
    const drawing = new Entry({ path: "a/drawn", file: null, demo: true });
    study.add([drawing, ...entries("a/x", "b/y")]);
    expect(study.selected.value).toBe(drawing);
    expect(study.meant.value.map(({ path }) => path)).toEqual(["a/x", "b/y"]);
    study.view.value = { ...PLAIN_VIEW, text: "b/" };
    expect(study.meant.value.map(({ path }) => path)).toEqual(["b/y"]);
  });
});

describe("the file close up", () => {
  it("is there where it has more pixels than what is shown of it", () => {
    const file = new File(["1"], "1.png");
    const entry = new Entry({ path: "1.png", file });
    expect(entry.closeUp).toBe(file);
    entry.depict(new Blob(["small"]), true);
    expect(entry.closeUp).toBe(file);
    entry.depict(new Blob(["of a TIFF"]), false);
    expect(entry.closeUp).toBeNull();
    const other = new Entry({ path: "2.png", file: null });
    expect(other.closeUp).toBeNull();
    other.depictAs(entry);
    expect([other.file, other.picture.value, other.closeUp]).toEqual([file, entry.picture.value, null]);
    other.attach(file);
    expect(other.closeUp).toBe(file);
  });
});
