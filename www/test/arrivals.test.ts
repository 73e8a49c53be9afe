// What comes in: images are run, known ones recognised, and what somebody has to decide is asked.

import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ImageError } from "../src/base/errors.ts";
import { Arrivals, type ArrivalsSettings, type Assigning } from "../src/page/arrivals.ts";
import { Deeds } from "../src/page/deeds.ts";
import { Notices } from "../src/page/notices.ts";
import { Entry } from "../src/study/entry.ts";
import type { Intake } from "../src/study/intake.ts";
import { Quiz } from "../src/study/quiz.ts";
import { type Say, words } from "../src/words/words.ts";
import { FakePool } from "./fake-pool.ts";
import { imageReport } from "./reports.ts";
import { bench, settled } from "./studies.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const fileOf = (path: string, content = path) =>
  new File([content], path.split("/").at(-1) ?? "", { lastModified: 1 });
const intake = (...paths: string[]): Intake => ({
  found: paths.map((path) => ({ path, file: fileOf(path) })),
  skipped: 0,
  unreadable: [],
});

function coming(pool = new FakePool(() => 0.75), change: Partial<ArrivalsSettings> = {}) {
  const made = bench(pool);
  const { study, run } = made;
  const notices = new Notices();
  const announcement = signal<Say | null>(null);
  const assigning = signal<Assigning | null>(null);
  const offerModel = vi.fn<ArrivalsSettings["offerModel"]>();
  const deeds = new Deeds({
    study,
    quiz: new Quiz(),
    notices,
    announcement,
    cancel: () => {},
    onEmpty: () => {},
  });
  const arrivals: Arrivals = new Arrivals({
    study,
    run,
    deeds,
    notices,
    announcement,
    assigning,
    offerModel,
    takeLesson: async () => false,
    readReport: async () => {},
    ...change,
  });
  const told = () => notices.list.value.map(({ say }) => say(words.value));
  const act = (matter: string) =>
    notices.list.value.find((notice) => notice.matter === matter)?.actions[0]?.act();
  const states = () => study.entries.value.map(({ path, state }) => `${path} ${state.value.kind}`);
  const patients = () => study.entries.value.map(({ patient }) => patient.value);
  return { ...made, arrivals, notices, announcement, assigning, offerModel, told, act, states, patients };
}

describe("images", () => {
  it("are taken in, run and said", async () => {
    const { arrivals, states, announcement } = coming();
    arrivals.add(intake("s/a.png", "s/b.png"));
    await settled();
    expect(states()).toEqual(["s/a.png done", "s/b.png done"]);
    expect(announcement.value?.(words.value)).toBe("2 images added.");
  });

  it("that come again are recognised, and run only where they have no result", async () => {
    let broken = true;
    const { arrivals, pool, states, told } = coming(
      new FakePool((name) => (name === "b.png" && broken ? new Error("no") : 0.75)),
    );
    arrivals.add(intake("x/a.png", "y/b.png"));
    await settled();
    expect(states()).toEqual(["x/a.png done", "y/b.png failed"]);
    broken = false;
    arrivals.add(intake("x/a.png", "y/b.png", "y/c.png"));
    await settled();
    expect(states()).toEqual(["x/a.png done", "y/b.png done", "y/c.png done"]);
    expect(pool.begun).toEqual(["a.png", "b.png", "b.png", "c.png"]);
    expect(told()).toContain("1 image was in the study already: its result was kept.");
  });

  it("give a result of an earlier visit its picture, where the file did not change", async () => {
    const { arrivals, study, pool } = coming();
    const known = Entry.of("s/a.png", imageReport("a.png"));
    known.remember({ size: "s/a.png".length, modified: 1 });
    study.add([known]);
    arrivals.add(intake("s/a.png"));
    await settled();
    expect(study.entries.value).toEqual([known]);
    expect(known.hasFile).toBe(true);
    expect(pool.begun).toEqual([]);
  });

  it("that are still on their way do not come once the study was emptied", async () => {
    const { arrivals, study } = coming();
    arrivals.add(intake(...Array.from({ length: 600 }, (_, index) => `s/${index}.png`)));
    await Promise.resolve();
    study.remove(study.entries.value);
    arrivals.stop();
    await settled();
    expect(study.total.value).toBe(0);
    arrivals.add(intake("t/a.png"));
    await settled();
    expect(study.total.value).toBe(1);
  });
});

describe("what is not sure", () => {
  it("is whether folders of one name are one patient, which a person can say", async () => {
    const { arrivals, told, act, patients } = coming();
    arrivals.add(intake("north/case-9/a.png", "south/case-9/b.png"));
    await settled();
    expect(patients()).toEqual(["north/case-9", "south/case-9"]);
    expect(told().join()).toContain("Folders called case-9 lie in different places.");
    act("patients");
    expect(patients()).toEqual(["case-9", "case-9"]);
    act("undo");
    expect(patients()).toEqual(["north/case-9", "south/case-9"]);
  });

  it("is whether a flat folder is a patient", async () => {
    const { arrivals, told, act, patients } = coming();
    arrivals.add(intake("fields/a.png", "fields/b.png"));
    await settled();
    expect(told().join()).toContain("All 2 images lie in one folder and count as one patient, fields.");
    act("patients");
    expect(patients()).toEqual(["", ""]);
  });

  it("is said of what was skipped and what could not be read, also where nothing else came", () => {
    const { arrivals, told } = coming();
    arrivals.add({ found: [], skipped: 2, unreadable: ["s/locked"] });
    expect(told()).toEqual(["2 files skipped: not images. 1 file or folder could not be read: s/locked."]);
    arrivals.add({ found: [], skipped: 0, unreadable: [] });
    expect(told()).toEqual(["There was no file in that."]);
  });
});

describe("a table", () => {
  it("that is chosen is read once there are images", async () => {
    const { arrivals, assigning, told } = coming();
    arrivals.add(intake("truth.csv"));
    await settled();
    expect(assigning.value).toBeNull();
    expect(told()).toEqual(["truth.csv is a table about images: add the images first."]);
    arrivals.add(intake("s/a.png", "truth.csv"));
    await settled();
    expect(assigning.value?.table?.name).toBe("truth.csv");
  });

  it("that lies in a folder is offered", async () => {
    const { arrivals, assigning, act } = coming();
    const table = { path: "s/list.csv", file: fileOf("s/list.csv") };
    arrivals.add({ ...intake("s/a.png"), tables: [table] });
    await settled();
    expect(assigning.value).toBeNull();
    act("table");
    expect(assigning.value).toEqual({ table: table.file });
  });
});

it("a model comes with its manifest and its weights, and with no image", async () => {
  const { arrivals, offerModel, states } = coming();
  arrivals.add(intake("net.onnx", "net.json", "net.onnx.data", "a.png"));
  await settled();
  const names = offerModel.mock.calls[0]?.map((files) => files.map(({ name }) => name));
  expect(names).toEqual([["net.onnx"], ["net.json"], ["net.onnx.data"]]);
  expect(states()).toEqual(["a.png done"]);
});

describe("saved reports", () => {
  const reading = async (file: File, take: (entries: Entry[]) => void) => {
    if (file.name.startsWith("bad")) throw new ImageError("report_invalid", `${file.name} is none.`, "");
    take([Entry.of(`${file.name}.png`, imageReport(`${file.name}.png`))]);
  };

  it("are read in order, and every one that is none is told of", async () => {
    const { arrivals, states } = coming(undefined, { readReport: reading });
    arrivals.add(intake("bad1.json", "one.json", "bad2.json", "two.json"));
    await settled();
    expect(states()).toEqual(["one.json.png done", "two.json.png done"]);
    expect(arrivals.troubles.value.map(({ name }) => name)).toEqual(["bad1.json", "bad2.json"]);
    // Of those that were added last.
    arrivals.add(intake("three.json"));
    await settled();
    expect(arrivals.troubles.value).toEqual([]);
  });

  it("that are there already count once", async () => {
    const { arrivals, states, told } = coming(undefined, { readReport: reading });
    arrivals.add(intake("one.json"));
    await settled();
    arrivals.add(intake("one.json"));
    await settled();
    expect(states()).toEqual(["one.json.png done"]);
    expect(told()).toContain("1 image was in the study already: its result was kept.");
  });

  it("that are lessons are none", async () => {
    const taken: string[] = [];
    const takeLesson = async ({ name }: File) => name === "ours.lesson.json" && taken.push(name) > 0;
    const { arrivals, states } = coming(undefined, { readReport: reading, takeLesson });
    arrivals.add(intake("ours.lesson.json", "one.json"));
    await settled();
    expect(taken).toEqual(["ours.lesson.json"]);
    expect(states()).toEqual(["one.json.png done"]);
  });
});
