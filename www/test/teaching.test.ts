// Judging by labels, making lessons and having them judge, over a core that stands in: which images it is asked about, and
// what becomes of its answers.

import { type Signal, signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deferred } from "../src/base/deferred.ts";
import type { Judgements, LessonMap } from "../src/engine/protocol.ts";
import { analysisOptions, defaultSettings } from "../src/run/options.ts";
import { OWN_CLASSES } from "../src/study/classes.ts";
import { Entry } from "../src/study/entry.ts";
import { Study } from "../src/study/study.ts";
import { Classroom } from "../src/teach/classroom.ts";
import type { JudgeRequest, MapRequest, TeachCore } from "../src/teach/core.ts";
import { evaluationCsv, leftOutCsv } from "../src/teach/csv.ts";
import { coverageAt, type Sound } from "../src/teach/evaluation.ts";
import { isLesson, lessonFileName } from "../src/teach/lesson.ts";
import { SaidMemory } from "../src/teach/memory.ts";
import { classCounts, classesOf, lacking, mayBeTaught, samplesOf } from "../src/teach/samples.ts";
import type { KeptLesson, LessonShelf } from "../src/teach/shelf.ts";
import { imageReport } from "./reports.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const FEATURES = 3;
const VOTERS = 2;
const OPTIONS = analysisOptions(defaultSettings(2, "simd128"));

/** Digest of an image that every lesson here was taught. */
const TAUGHT = "ab".repeat(32);

/** A lesson's file by the name of its lesson. */
const fileOf = (name: string) =>
  JSON.stringify({
    format: "histoscope-lesson",
    name,
    model: { name: "net", version: "1.0.0", sha256: NETWORK },
    classes: ["benign", "malignant"],
    taught: [
      { images: 6, patients: 2 },
      { images: 6, patients: 2 },
    ],
    images: [TAUGHT],
    proof: { by_patient: true, folds: 2, auc: null, accuracy: null, auc_before: null, accuracy_before: null },
  });

/** That of the network, as `imageReport` names it. */
const NETWORK = "ab".repeat(32);

const shaOf = (text: string) => text.length.toString(16).padStart(64, "0");

class StandIn implements TeachCore {
  readonly evaluated: {
    images: { name: string; label: string; patient: string | null }[];
    taught: string[];
  }[] = [];
  readonly taught: { request: { images: { patches: number; path: string }[] }; features: number[] }[] = [];
  readonly judged: JudgeRequest[] = [];
  /** Options of the images whose maps were asked for, which come when `drawing` says so. */
  readonly drawn: string[] = [];
  drawing: Promise<void> = Promise.resolve();
  refuses: string | null = null;

  async evaluate(request: string): Promise<string> {
    const read = JSON.parse(request);
    this.evaluated.push(read);
    return JSON.stringify({ images: read.images.length, warnings: [], refused: null });
  }

  async teach(request: string, features: Float32Array): Promise<string> {
    const read = JSON.parse(request);
    this.taught.push({ request: read, features: [...features] });
    const refused = this.refuses === null ? null : { code: this.refuses, params: {} };
    const lesson = refused === null ? fileOf(read.options.name) : null;
    const left_out = read.images.map(({ name, patient, label }: Record<string, string | null>) => ({
      ...{ name, patient, label, prediction: "malignant", verdict: "malignant" },
      probabilities: [0.25, 0.75],
    }));
    return JSON.stringify({
      ...{ lesson, left_out, before: null, after: null, difference: null, warnings: [], refused },
    });
  }

  async check(lesson: string): Promise<string> {
    if (!lesson.includes("histoscope-lesson")) throw new Error("no lesson");
    return JSON.stringify({ sha256: shaOf(lesson) });
  }

  /** A lesson turns every verdict round. */
  async judge(request: JudgeRequest): Promise<Judgements> {
    this.judged.push(request);
    const { lesson, features } = request;
    const shares = Array.from(request.voters, (voters, index) => {
      expect(voters).toBe(VOTERS);
      const own = OWN.get(features[index * voters * FEATURES] ?? 0) ?? 0;
      return lesson === null ? own : 1 - own;
    });
    const ofPatches = shares.flatMap((share) => new Array(VOTERS).fill([1 - share, share]).flat());
    const judgements = shares.map((share) => {
      const { prediction, prediction_idx, confidence, probabilities, patch_breakdown, verdict } = imageReport(
        "",
        share,
      );
      const said = { prediction, prediction_idx, confidence, probabilities, patch_breakdown, verdict };
      if (lesson === null) return said;
      const { name, classes } = JSON.parse(lesson);
      return { ...said, taught: { lesson: { name, sha256: shaOf(lesson) }, classes, voters: [] } };
    });
    return {
      judgements: JSON.stringify(judgements),
      patches: Float64Array.from(ofPatches),
      taught: Float64Array.from(lesson === null ? [] : ofPatches),
    };
  }

  async judgeSlides(): Promise<string> {
    throw new Error("there are no slides here");
  }

  async map({ options }: MapRequest): Promise<LessonMap> {
    this.drawn.push(options);
    await this.drawing;
    return { width: 1, height: 1, values: new Float32Array(2 * VOTERS) };
  }

  async exportLesson(lesson: string): Promise<Uint8Array<ArrayBuffer>> {
    return new TextEncoder().encode(lesson);
  }
}

/** The share of malignant by the number of the image. */
const OWN = new Map<number, number>();

function shelf(kept = new Map<string, KeptLesson>()): LessonShelf {
  return {
    keep: async (lesson) => void kept.set(lesson.sha256, lesson),
    lessons: async () => [...kept.values()],
    remove: async (sha256) => void kept.delete(sha256),
    removeAll: async () => kept.clear(),
  };
}

interface Bench {
  readonly study: Study;
  readonly core: StandIn;
  readonly room: Classroom;
  readonly said: (string | null)[];
  /** Whether another model runs than lessons were taught on. */
  readonly own: Signal<boolean>;
}

function bench(kept?: Map<string, KeptLesson>): Bench {
  const study = new Study();
  const core = new StandIn();
  const said: (string | null)[] = [];
  const made: Bench = {
    study,
    core,
    said,
    own: signal(false),
    room: new Classroom({
      study,
      shelf: shelf(kept),
      networks: {
        now: () => (made.own.value ? "09".repeat(32) : NETWORK),
        usual: () => NETWORK,
        deeper: () => null,
        core: async () => core,
        turn: () => ({ from: [], up: Promise.resolve() }),
        beside: async () => null,
      },
      again: () => {},
      cancel: () => {},
      ofModel: () => OWN_CLASSES,
      threshold: () => null,
      onKept: () => {},
      onJudged: (lesson) => said.push(lesson?.facts.name ?? null),
    }),
  };
  return made;
}

/** An image whose two voters have three features each, all of them its number. */
function image(path: string, malignant = 0.8): Entry {
  const entry = new Entry({ path, file: new File([path], path.split("/").at(-1) ?? "") });
  OWN.set(entry.number, malignant);
  const logits = new Float32Array(4).fill(entry.number);
  entry.hear({ logits, features: new Float32Array(2 * FEATURES).fill(entry.number) }, null);
  entry.finish(imageReport(entry.name, malignant));
  return entry;
}

/** Of each class so many patients with so many images each. */
const cohort = (patients: number, images: number): Entry[] =>
  ["benign", "malignant"].flatMap((label) =>
    Array.from({ length: patients * images }, (_, index) =>
      image(`${label}/${label[0]}-${index % patients}/${label}-${index}.png`, label === "benign" ? 0.1 : 0.9),
    ),
  );

const settled = () => vi.advanceTimersByTimeAsync(1000);

describe("labelled images", () => {
  it("are those that have a result and count", () => {
    const study = new Study();
    const [one, out, open] = ["a/benign/1.png", "a/benign/2.png", "a/benign/3.png"].map((path) =>
      path.endsWith("3.png") ? new Entry({ path, file: new File([], path) }) : image(path),
    ) as [Entry, Entry, Entry];
    study.add([one, out, open, image("a/4.png")]);
    out.leaveOut(true);
    expect(samplesOf(study.entries.value).map(({ entry, label }) => [entry.path, label])).toEqual([
      ["a/benign/1.png", "benign"],
    ]);
  });

  it("are drawings only where there is nothing else", () => {
    const drawn = new Entry({
      path: "drawn-1.png",
      file: new File(["d"], "drawn-1.png"),
      demo: true,
      truth: { patient: "Drawn 1", label: "benign" },
    });
    drawn.finish(imageReport("drawn-1.png"));
    const study = new Study();
    study.add([drawn]);
    expect(samplesOf(study.entries.value)).toHaveLength(1);
    const real = image("p/malignant/1.png");
    study.add([real]);
    expect(samplesOf(study.entries.value).map(({ entry }) => entry)).toEqual([real]);
  });

  it("are enough with five images and two patients of each class", () => {
    const counts = classCounts(samplesOf(cohort(2, 3)));
    expect(counts).toEqual([
      { label: "benign", images: 6, patients: 2 },
      { label: "malignant", images: 6, patients: 2 },
    ]);
    expect(mayBeTaught(counts)).toBe(true);
    expect(mayBeTaught(counts.slice(0, 1))).toBe(false);
    // Of one patient each: the core refuses, unless a person wants it all the same.
    expect(mayBeTaught(classCounts(samplesOf(cohort(1, 6))))).toBe(true);
    expect(mayBeTaught(classCounts(samplesOf(cohort(2, 2))))).toBe(false);
    // As the core orders them, which knows no language.
    const labelled = (label: string) => ({ label, images: 5, patients: 2 });
    expect(classesOf(["grade 2", "in situ", "Normal", "grade 10"].map(labelled))).toEqual([
      "Normal",
      "grade 10",
      "grade 2",
      "in situ",
    ]);
    expect(classesOf([labelled("malignant")])).toEqual(["benign", "malignant"]);
    // Nobody knows whose they are.
    const alone = ["a", "b", "b"].map((label) => ({ label, patient: "" }));
    expect(classCounts([...alone, { label: "b", patient: "p" }])).toEqual([
      { label: "a", images: 1, patients: 1 },
      { label: "b", images: 3, patients: 3 },
    ]);
    expect(lacking({ images: 3, patients: 1 })).toEqual({ images: 2, patients: 1 });
  });
});

describe("verdicts", () => {
  it("are judged anew when labels change, once for a crowd of changes, and not for nothing", async () => {
    const { study, core, room } = bench();
    const entries = cohort(2, 3);
    study.add(entries);
    await settled();
    expect(core.evaluated).toHaveLength(1);
    expect(core.evaluated[0]?.images).toHaveLength(12);
    expect(room.evaluating.state.value.kind).toBe("there");
    study.setLabel(entries.slice(0, 2), "malignant");
    await settled();
    expect(core.evaluated).toHaveLength(2);
    study.setLabel(entries.slice(0, 2), "malignant");
    await settled();
    expect(core.evaluated).toHaveLength(2);
    study.setLabel(entries, "");
    await settled();
    expect(room.evaluating.state.value.kind).toBe("nothing");
  });

  it("of images of no known patient are said to be so", async () => {
    const { study, core } = bench();
    const entry = image("benign/1.png");
    study.add([entry]);
    study.setPatient([entry], "");
    await settled();
    expect(core.evaluated[0]?.images).toMatchObject([{ patient: null, label: "benign" }]);
  });
});

describe("a lesson", () => {
  it("is made of labelled images with their features, in order", async () => {
    const { study, core, room } = bench();
    const entries = cohort(2, 3);
    study.add(entries);
    await room.teaching.teach("Ours");
    const [{ request, features }] = core.taught as [(typeof core.taught)[number]];
    expect(request.images.map(({ patches }) => patches)).toEqual(new Array(12).fill(2));
    expect(request.images.map(({ path }) => path)).toEqual(entries.map(({ path }) => path));
    expect(features).toEqual(entries.flatMap(({ number }) => new Array(2 * FEATURES).fill(number)));
    expect(room.teaching.state.value).toMatchObject({
      kind: "taught",
      outcome: { lesson: { facts: { name: "Ours" } } },
    });
    // Nothing has changed yet.
    expect(core.judged).toHaveLength(0);
  });

  it("leaves out what was not run on this visit, and says how many those are", async () => {
    const { study, room, core } = bench();
    const entries = cohort(2, 3);
    entries[0]?.hear(null, null);
    study.add(entries);
    expect(room.teaching.material().without.map(({ entry }) => entry)).toEqual([entries[0]]);
    await room.teaching.teach("Ours");
    expect(core.taught[0]?.request.images).toHaveLength(11);
  });

  it("judges everything at hand once it is used, map included, and the model itself when it is left", async () => {
    const kept = new Map<string, KeptLesson>();
    const { study, room, said } = bench(kept);
    const entries = cohort(2, 3);
    study.add(entries);
    const verdicts = () => entries.map(({ line }) => line.value.verdict);
    const before = verdicts();
    await room.teaching.teach("Ours");
    await room.teaching.use();
    expect(verdicts()).toEqual(before.map((verdict) => (verdict === "benign" ? "malignant" : "benign")));
    expect([...(entries[0]?.results.value?.fold.probabilities ?? [])][1]).toBeCloseTo(0.9, 6);
    expect(room.lesson.value).toBe(shaOf(fileOf("Ours")));
    expect(entries[0]?.original?.taught?.lesson?.name).toBe("Ours");
    expect([...kept.values()].map(({ facts }) => facts.name)).toEqual(["Ours"]);
    await room.lessons.leave();
    expect(verdicts()).toEqual(before);
    expect(said).toEqual(["Ours", null]);
    expect(room.lessons.kept.value).toHaveLength(1);
  });

  it("keeps what was said of its images while they were left out for as long as it judges", async () => {
    const { study, room } = bench();
    const entries = cohort(2, 3);
    study.add(entries);
    await room.teaching.teach("Ours");
    // It does not judge yet.
    expect(room.leftOut.value.size).toBe(0);
    await room.teaching.use();
    expect([...room.leftOut.value.keys()]).toEqual(entries.map(({ path }) => path));
    expect(room.leftOut.value.get(entries[0]?.path ?? "")?.verdict).toBe("malignant");
    const said = room.teaching.used.value;
    const lines = leftOutCsv(said as NonNullable<typeof said>)
      .slice(1)
      .trimEnd()
      .split("\r\n");
    expect(lines[0]).toBe(
      "path,patient,label,prediction,verdict,probability_benign,probability_malignant,lesson",
    );
    expect(lines).toHaveLength(1 + entries.length);
    expect(lines[1]).toMatch(
      new RegExp(`^${entries[0]?.path},.*,benign,malignant,malignant,0.25,0.75,Ours$`),
    );
    await room.lessons.leave();
    expect(room.leftOut.value.size).toBe(0);
    // One that is dropped never judges.
    await room.teaching.teach("Another");
    room.teaching.cancel();
    expect(room.leftOut.value.size).toBe(0);
  });

  it("draws its map within patches when it is asked for, and not into what another head has judged", async () => {
    const { study, core, room } = bench();
    const entries = cohort(2, 3);
    for (const entry of entries) entry.options = OPTIONS;
    study.add(entries);
    const [one, other] = entries as [Entry, Entry];
    const { signal } = new AbortController();
    const cam = (entry: Entry) => entry.results.value?.fold.cam ?? null;
    expect(room.canDraw(one)).toBe(false);
    await room.teaching.teach("Ours");
    await room.teaching.use();
    expect(room.canDraw(one)).toBe(true);
    await room.draw(one, signal);
    expect(cam(one)?.width).toBe(1);
    expect(cam(other)).toBeNull();
    expect(core.drawn.map((options) => JSON.parse(options).max_patches)).toEqual([OPTIONS.maxPatches]);
    // It is there, and is not asked for again.
    expect(room.canDraw(one)).toBe(false);
    await room.draw(one, signal);
    expect(core.drawn).toHaveLength(1);
    // It comes when the model itself judges again.
    const { promise, resolve } = deferred<void>();
    core.drawing = promise;
    const late = room.draw(other, signal);
    await room.lessons.leave();
    resolve();
    await late;
    expect(core.drawn).toHaveLength(2);
    expect(cam(other)).toBeNull();
    expect(room.canDraw(other)).toBe(false);
  });

  it("is not judged by what it was taught, of which the core is told", async () => {
    const { study, room, core } = bench();
    study.add(cohort(2, 3));
    await settled();
    expect(core.evaluated.at(-1)?.taught).toEqual([]);
    await room.teaching.teach("Ours");
    await room.teaching.use();
    await settled();
    expect(core.evaluated.at(-1)?.taught).toEqual([TAUGHT]);
    await room.lessons.leave();
    await settled();
    expect(core.evaluated.at(-1)?.taught).toEqual([]);
  });

  it("is compared with the model itself, whichever lesson judges", async () => {
    const { study, room, core } = bench();
    study.add(cohort(2, 3));
    await room.teaching.teach("Ours");
    await room.teaching.use();
    await room.teaching.teach("Again");
    const probabilities = (at: number) =>
      core.taught[at]?.request.images.map(
        (one) => (one as unknown as { probabilities: number[] }).probabilities,
      );
    expect(probabilities(1)).toEqual(probabilities(0));
  });

  it("is discarded, and nothing has changed", async () => {
    const { study, room, core } = bench();
    study.add(cohort(2, 3));
    await room.teaching.teach("Ours");
    room.teaching.cancel();
    expect(room.teaching.state.value.kind).toBe("idle");
    expect(room.lessons.inForce.value).toBeNull();
    expect(core.judged).toHaveLength(0);
  });

  it("that is refused can be forced only where too few are the reason", async () => {
    const { study, room, core } = bench();
    study.add(cohort(1, 6));
    core.refuses = "too_few";
    await room.teaching.teach("Ours");
    expect(room.teaching.state.value).toMatchObject({ kind: "refused", canForce: true });
    await room.teaching.teach("Ours", { force: true });
    expect(room.teaching.state.value).toMatchObject({ kind: "refused", canForce: false });
    core.refuses = "classes";
    await room.teaching.teach("Ours");
    expect(room.teaching.state.value).toMatchObject({ kind: "refused", canForce: false });
  });

  it("that comes as a file judges, and another file is refused without a change", async () => {
    const { study, room } = bench();
    study.add(cohort(2, 3));
    expect(await room.take(new File([fileOf("Theirs")], "theirs.lesson.json"))).toBe(true);
    expect(room.lessons.inForce.value?.facts.name).toBe("Theirs");
    expect(await room.take(new File(["{}"], "other.lesson.json"))).toBe(false);
    expect(room.lessons.trouble.value).not.toBeNull();
    expect(room.lessons.inForce.value?.facts.name).toBe("Theirs");
  });

  it("is not said to judge while it waits behind another model", async () => {
    const { room, said, own } = bench();
    own.value = true;
    expect(await room.take(new File([fileOf("Theirs")], "theirs.lesson.json"))).toBe(true);
    expect(room.inForce.value).toBeNull();
    expect(said).toEqual([]);
  });

  it("judges an image that comes in, too, but not what it cannot judge", async () => {
    const made = bench();
    const { room } = made;
    await room.take(new File([fileOf("Theirs")], "theirs.lesson.json"));
    const entry = image("x.png", 0.9);
    const features = new Float32Array(VOTERS * FEATURES).fill(entry.number);
    const fold = { logits: new Float32Array(2 * VOTERS), features, cam: null } as never;
    const report = imageReport("x.png", 0.9);
    expect((await room.hear(entry, report, fold)).verdict).toBe("benign");
    made.own.value = true;
    expect(await room.hear(entry, report, fold)).toBe(report);
  });

  it("is kept to the letter, and removed with the rest", async () => {
    const kept = new Map<string, KeptLesson>();
    const text = `${fileOf("Theirs")} `;
    const { room } = bench(kept);
    await room.take(new File([text], "theirs.lesson.json"));
    expect([...kept.values()][0]?.text).toBe(text);
    await room.lessons.removeAll();
    expect(kept.size).toBe(0);
    expect(room.lessons.kept.value).toEqual([]);
  });
});

describe("a lesson's file", () => {
  it("is told by its name or by what it says first", async () => {
    expect(await isLesson(new File(["{"], "a.lesson.json"))).toBe(true);
    expect(await isLesson(new File([fileOf("x")], "a.json"))).toBe(true);
    expect(await isLesson(new File([JSON.stringify(imageReport("a.png"))], "a.json"))).toBe(false);
  });

  it.each([
    ["Our laboratory", "our-laboratory.lesson.json"],
    ["Ärzte & Söhne", "arzte-sohne.lesson.json"],
    ["../../etc", "etc.lesson.json"],
    ["???", "histoscope.lesson.json"],
  ])("of %s is called %s", (name, expected) => {
    const text = fileOf(name);
    expect(lessonFileName({ text, sha256: "", facts: JSON.parse(text) })).toBe(expected);
  });
});

it("what was said of images is kept up to a limit", () => {
  const study = new Study();
  const said = { logits: new Float32Array(2), features: new Float32Array(8) };
  const memory = new SaidMemory(study, 100);
  const [one, two, three] = ["1", "2", "3"].map((path) => new Entry({ path, file: new File([], path) })) as [
    Entry,
    Entry,
    Entry,
  ];
  for (const entry of [one, two, three]) {
    study.add([entry]);
    entry.hear(memory.admit(entry, said), null);
    entry.finish(imageReport(entry.name));
  }
  expect([one.said, two.said, three.said]).toEqual([said, said, null]);
  expect(memory.full.value).toBe(true);
  study.remove([one]);
  expect(memory.admit(three, said)).toBe(said);
  study.remove([two, three]);
  expect(memory.full.value).toBe(false);
});

describe("an evaluation", () => {
  const estimate = { value: 0.9, low: 0.8, high: 1 };
  const scores = {
    confusion: [
      [5, 1],
      [0, 6],
    ],
    accuracy: estimate,
    balanced_accuracy: null,
    sensitivity: null,
    specificity: null,
    auc: estimate,
    calibration_error: estimate,
    curves: {
      calibration: [{ from: 0.9, to: 1, count: 12, confidence: 0.95, right: estimate }],
      coverage: [
        { threshold: 0.5, kept: 1, right: estimate },
        { threshold: 0.9, kept: 0.5, right: { value: 1, low: 1, high: 1 } },
        { threshold: 1, kept: 0, right: null },
      ],
      roc: [{ threshold: 0.5, sensitivity: 1, specificity: 0.75 }],
      roc_band: [{ false_alarms: 0.25, sensitivity: estimate }],
    },
  };
  const evaluation: Sound = {
    classes: ["benign", "malignant"],
    images: 12,
    patients: 4,
    not_judged: 0,
    taught: 0,
    verdicts: {},
    by_image: scores,
    by_patient: { ...scores, curves: { ...scores.curves, roc: [], roc_band: [] } },
    worst: [],
    warnings: [],
    refused: null,
  };

  it("says what is left at a threshold", () => {
    const points = scores.curves.coverage.slice(0, 2);
    expect(coverageAt(points, 0.5)?.kept).toBe(1);
    expect(coverageAt(points, 0.6)?.kept).toBe(0.5);
    expect(coverageAt(points, 0.95)).toBeNull();
  });

  it("is one table to take away", () => {
    const lines = evaluationCsv(evaluation).slice(1).trimEnd().split("\r\n");
    expect(lines[0]).toBe("table,of,name,label,leaning,value,low,high,count,x,y,y_low,y_high");
    expect(lines).toContain("measure,patients,auc,,,0.9,0.8,1,,,,,");
    expect(lines).toContain("measure,patients,calibration_error,,,0.9,0.8,1,,,,,");
    expect(lines).toContain("confusion,images,,benign,malignant,,,,1,,,,");
    for (const of of ["images", "patients"]) {
      expect(lines).toContain(`coverage,${of},,,,0.9,,,,0.5,1,1,1`);
      expect(lines).toContain(`coverage,${of},,,,1,,,,0,,,`);
      expect(lines).toContain(`calibration,${of},,,,,0.9,1,12,0.95,0.9,0.8,1`);
    }
    expect(lines).toContain("roc,images,,,,0.5,,,,0.25,1,,");
    expect(lines).toContain("roc_band,images,,,,,,,,0.25,0.9,0.8,1");
    expect(lines.filter((line) => /^roc.*,patients,/.test(line))).toEqual([]);
  });
});
