// What a person does to images: it hits those that were meant, says so, and is undone by the button that is offered.

import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deeds } from "../src/page/deeds.ts";
import { Notices } from "../src/page/notices.ts";
import { Entry } from "../src/study/entry.ts";
import { Quiz } from "../src/study/quiz.ts";
import { type Say, words } from "../src/words/words.ts";
import { FakePool } from "./fake-pool.ts";
import { imageReport } from "./reports.ts";
import { bench, settled } from "./studies.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function doing(pool?: FakePool) {
  const made = bench(pool);
  const notices = new Notices();
  const announcement = signal<Say | null>(null);
  const quiz = new Quiz();
  const onEmpty = vi.fn();
  const cancel = (entries: readonly Entry[]) => made.run.cancel(entries);
  const deeds = new Deeds({ study: made.study, quiz, notices, announcement, cancel, onEmpty });
  const told = () => notices.list.value.map(({ say }) => say(words.value));
  const undo = () => {
    const notice = notices.list.value.find(({ matter }) => matter === "undo");
    notice?.actions[0]?.act();
    return notice !== undefined;
  };
  const patients = () => made.study.entries.value.map(({ patient }) => patient.value);
  const labels = () => made.study.entries.value.map(({ label }) => label.value);
  return { ...made, deeds, quiz, notices, announcement, onEmpty, told, undo, patients, labels };
}

const stroke = (key: string, held: { ctrlKey?: boolean } = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});

describe("a patient", () => {
  it("of one image is set without a question and without an undo", () => {
    const { deeds, add, patients, undo } = doing();
    const [one] = add("a/1.png", "b/2.png");
    deeds.setPatient([one as Entry], "  Ada  ");
    expect(patients()).toEqual(["Ada", "b"]);
    expect(undo()).toBe(false);
  });

  it("of many is said and undone, to each one's own", () => {
    const { deeds, add, patients, told, undo } = doing();
    deeds.setPatient(add("a/1.png", "b/2.png", "3.png"), "Ada");
    expect(patients()).toEqual(["Ada", "Ada", "Ada"]);
    expect(told()).toEqual(["3 images now of patient Ada."]);
    undo();
    expect(patients()).toEqual(["a", "b", ""]);
  });
});

describe("folders of one name in different places", () => {
  const TWO = ["a/case-9/1.png", "b/case-9/1.png"];
  const APART = ["a/case-9", "b/case-9"];

  it.each([
    [
      "a patient of many",
      ({ deeds, study }: ReturnType<typeof doing>) => deeds.setPatient(study.entries.value, "case-9"),
    ],
    [
      "patients told at once",
      ({ deeds, study }: ReturnType<typeof doing>) =>
        deeds.assign(study.entries.value.map((entry) => ({ entry, patient: "case-9", label: "benign" }))),
    ],
    ["a removal", ({ deeds, study }: ReturnType<typeof doing>) => deeds.remove(study.entries.value)],
  ])("stay apart for what comes after %s was undone", (_, does) => {
    const made = doing();
    made.add(...TWO);
    expect(made.patients()).toEqual(APART);
    does(made);
    made.undo();
    expect(made.patients()).toEqual(APART);
    made.add("a/case-9/2.png", "b/case-9/2.png");
    expect(made.patients()).toEqual([...APART, ...APART]);
  });

  it("are told apart for what came before that was undone, too", () => {
    const { deeds, study, add, patients, undo } = doing();
    add(...TWO);
    deeds.setPatient(study.entries.value, "case-9");
    add("b/case-9/2.png");
    expect(patients()).toEqual(["case-9", "case-9", "case-9"]);
    undo();
    expect(patients()).toEqual([...APART, "b/case-9"]);
  });

  it("stay one patient, as a person said, when they are removed and come back", () => {
    const { deeds, study, add, patients, undo } = doing();
    add(...TWO);
    deeds.setPatient(study.entries.value, "case-9");
    deeds.remove(study.entries.value);
    undo();
    expect(patients()).toEqual(["case-9", "case-9"]);
  });
});

describe("a label", () => {
  it("is given by its key, said aloud and undone", () => {
    const { deeds, add, labels, announcement, undo } = doing();
    const [one = new Entry({ path: "?", file: null })] = add("1.png", "2.png");
    expect(deeds.labelByKey(one, stroke("M"))).toBe(true);
    expect(labels()).toEqual(["malignant", ""]);
    expect(announcement.value?.(words.value)).toBe("1 image now labelled malignant.");
    undo();
    expect(labels()).toEqual(["", ""]);
    expect(deeds.labelByKey(one, stroke("b"))).toBe(true);
    expect(deeds.labelByKey(one, stroke("x"))).toBe(true);
    expect(labels()).toEqual(["", ""]);
  });

  it("is given by no key that is the browser's or nobody's, and to no drawing", () => {
    const { deeds, add, study, labels } = doing();
    const [one = new Entry({ path: "?", file: null })] = add("1.png");
    expect(deeds.labelByKey(one, stroke("m", { ctrlKey: true }))).toBe(false);
    expect(deeds.labelByKey(one, stroke("7"))).toBe(false);
    const drawing = new Entry({ path: "d.png", file: new File([], "d.png"), demo: true });
    study.add([drawing]);
    expect(deeds.labelByKey(drawing, stroke("m"))).toBe(false);
    expect(labels()).toEqual(["", ""]);
  });

  it("is a vote where a quiz hides the image", () => {
    const { deeds, add, quiz, labels, told } = doing();
    const [one = new Entry({ path: "?", file: null })] = add("1.png");
    quiz.begin();
    expect(deeds.labelByKey(one, stroke("m"))).toBe(true);
    expect(deeds.labelByKey(one, stroke("x"))).toBe(false);
    expect([...quiz.votesOf(one)]).toEqual([["malignant", 1]]);
    expect(labels()).toEqual([""]);
    expect(told()).toEqual([]);
  });
});

it("patients and labels told at once are undone at once", () => {
  const { deeds, add, patients, labels, notices, undo } = doing();
  const [one, two] = add("a/1.png", "b/2.png") as [Entry, Entry];
  notices.tell("patients", () => "All in one folder.");
  deeds.assign([
    { entry: one, patient: "p", label: null },
    { entry: two, patient: null, label: "benign" },
  ]);
  expect([patients(), labels()]).toEqual([
    ["p", "b"],
    ["", "benign"],
  ]);
  // What was asked about patients is answered.
  expect(notices.list.value.map(({ matter }) => matter)).toEqual(["undo"]);
  undo();
  expect([patients(), labels()]).toEqual([
    ["a", "b"],
    ["", ""],
  ]);
});

it("a scale is that of many, undone to each one's own; what is none is said and changes nothing", () => {
  const { deeds, study, told, undo } = doing();
  const images = ["1.png", "2.png"].map((path) => Entry.of(path, imageReport(path)));
  study.add(images);
  const scales = () => images.map(({ umPerPixel }) => umPerPixel);
  deeds.setScale(images.slice(0, 1), "0,25");
  deeds.setScale(images, "0.5");
  expect(scales()).toEqual([0.5, 0.5]);
  undo();
  expect(scales()).toEqual([0.25, null]);
  deeds.setScale(images, "wide");
  expect(scales()).toEqual([0.25, null]);
  expect(told().join()).toContain("A scale is a number of micrometres per pixel");
});

describe("a scale that is set for all images", () => {
  const set = (study: ReturnType<typeof doing>["study"]) =>
    study.entries.value.map(({ scaleSet }) => scaleSet);

  it("is that of later images, until it is undone or another study begins", () => {
    const { deeds, study, add, told, undo } = doing();
    add("1.png", "2.png");
    deeds.setScale(study.entries.value, "0.5");
    expect(told().join()).toContain("Images that you add later get it, too.");
    add("3.png");
    study.add([new Entry({ path: "d.png", file: null, demo: true })]);
    expect(set(study)).toEqual([0.5, 0.5, 0.5, null]);
    deeds.setScale(study.meant.value, "0.25");
    add("4.png");
    expect(set(study)).toEqual([0.25, 0.25, 0.25, null, 0.25]);
    undo();
    expect(set(study)).toEqual([0.5, 0.5, 0.5, null, 0.5]);
    deeds.remove(study.entries.value);
    undo();
    add("5.png");
    expect(set(study).at(-1)).toBe(0.5);
    deeds.remove(study.entries.value);
    add("6.png");
    expect(set(study)).toEqual([null]);
  });

  it("is none where the files' word is taken, or some images were not meant", () => {
    const { deeds, study, add, told } = doing();
    add("1.png", "2.png", "3.png");
    deeds.setScale(study.entries.value.slice(1), "0.5");
    expect(told().join()).not.toContain("later");
    add("4.png");
    deeds.setScale(study.entries.value, "0.25");
    deeds.setScale(study.entries.value, "");
    add("5.png");
    expect(set(study)).toEqual([null, null, null, null, null]);
  });
});

describe("what is taken out", () => {
  it("comes back to its place, looked at as before; what was at work is cancelled by then", async () => {
    const { deeds, study, add, pool, onEmpty, undo } = doing(
      new FakePool((name) => (name === "1.png" ? 0.75 : undefined)),
    );
    const [one, two, three] = add("1.png", "2.png", "3.png") as [Entry, Entry, Entry];
    await settled();
    study.selected.value = two;
    deeds.remove([two]);
    expect(onEmpty).not.toHaveBeenCalled();
    expect(study.selected.value).toBe(three);
    deeds.remove([one, three]);
    expect(onEmpty).toHaveBeenCalledTimes(1);
    expect(pool.begun).toContain("3.png");
    undo();
    // Only the last deed can be.
    expect(study.entries.value).toEqual([one, three]);
    expect(study.entries.value.map(({ state }) => state.value.kind)).toEqual(["done", "cancelled"]);
  });
});
