// The deeper network: fetched on demand and compared, kept, looked with beside what is shown, and in force only with its
// lesson. The network's own file; the run over a pool that stands in, the core over one that answers in its form.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signal } from "@preact/signals";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deferred } from "../src/base/deferred.ts";
import { CancelledError } from "../src/base/errors.ts";
import type { Judgements } from "../src/engine/protocol.ts";
import type { FileShelf } from "../src/offline/kept-file.ts";
import { analyse } from "../src/run/analysis.ts";
import { analysisOptions, defaultSettings } from "../src/run/options.ts";
import { Run } from "../src/run/run.ts";
import { Entry } from "../src/study/entry.ts";
import type { ImageReport } from "../src/study/report.ts";
import { Study } from "../src/study/study.ts";
import { Classroom } from "../src/teach/classroom.ts";
import type { JudgeRequest, TeachCore } from "../src/teach/core.ts";
import { Deeper } from "../src/teach/deeper.ts";
import type { Lesson } from "../src/teach/lesson.ts";
import { Lessons } from "../src/teach/lessons.ts";
import { lookBeside } from "../src/teach/looking.ts";
import type { Progress } from "../src/teach/networks.ts";
import type { KeptLesson } from "../src/teach/shelf.ts";
import { FakePool } from "./fake-pool.ts";
import { imageReport } from "./reports.ts";
import { quiet, settled } from "./studies.ts";

const MODELS = join(import.meta.dirname, "../../models");
const FILE = readFileSync(join(MODELS, "histoscope-teaching.int8.onnx"));
/** What is familiar to it. */
const BESIDE = readFileSync(join(MODELS, "histoscope-teaching.familiarity.json"));
const ALL = FILE.length + BESIDE.length;
const MANIFEST_URL = "https://host.test/page/models/histoscope-teaching.json";
const { signal: never } = new AbortController();

function shelf() {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const made: FileShelf = {
    has: async (url) => files.has(url),
    get: async (url) => files.get(url) ?? null,
    keep: async (url, bytes) => void files.set(url, bytes),
    remove: async (url) => void files.delete(url),
  };
  return { files, made };
}

function deeper(answer: () => Response, kept = shelf()) {
  const asked: string[] = [];
  const network = new Deeper({
    manifestUrl: MANIFEST_URL,
    get: async (url, signal) => {
      asked.push(String(url));
      signal?.throwIfAborted();
      return String(url).includes("familiarity") ? new Response(new Uint8Array(BESIDE)) : answer();
    },
    canFetch: () => true,
    shelf: kept.made,
  });
  return { network, asked, kept };
}

const whole = () => new Response(new Uint8Array(FILE));

describe("the deeper network", () => {
  it("is fetched once, tells how far it is, and is kept for the next visit", async () => {
    const { network, asked, kept } = deeper(whole);
    expect(await network.look()).toBe(false);
    const told: number[] = [];
    await network.bring(never, (received, total) => {
      expect(total).toBe(ALL);
      told.push(received);
    });
    expect(told.at(-1)).toBe(ALL);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect((await network.load()).length).toBe(FILE.length);
    expect((await network.familiarity()).length).toBe(BESIDE.length);
    expect(network.here.value).toBe(true);
    expect(asked).toEqual([
      `https://host.test/page/models/histoscope-teaching.int8.onnx?sha256=${network.sha256.slice(0, 16)}`,
      expect.stringMatching(/\/histoscope-teaching\.familiarity\.json\?sha256=[0-9a-f]{16}$/),
    ]);
    const next = deeper(whole, kept);
    expect(await next.network.look()).toBe(true);
    await next.network.bring(never, () => {});
    expect(next.asked).toEqual([]);
  });

  it("that came damaged, or short, is refused and not kept", async () => {
    const spoilt = new Uint8Array(FILE);
    spoilt[1000] = (spoilt[1000] ?? 0) ^ 1;
    for (const [bytes, kind] of [
      [spoilt, "fetched"],
      [spoilt.slice(1), "size"],
    ] as const) {
      const { network, kept } = deeper(() => new Response(bytes));
      const error = { code: "model_hash_mismatch", cause: { kind } };
      await expect(network.bring(never, () => {})).rejects.toMatchObject(error);
      expect(kept.files.size).toBe(0);
      expect(network.here.value).toBe(false);
    }
  });

  it("that was damaged where it is kept is fetched again", async () => {
    const { network, asked, kept } = deeper(whole);
    await network.bring(never, () => {});
    const [url = ""] = asked;
    kept.files.set(url, new Uint8Array(FILE.length));
    const next = deeper(whole, kept);
    await next.network.bring(never, () => {});
    expect(next.asked).toHaveLength(1);
    expect(FILE.equals(kept.files.get(url) ?? new Uint8Array())).toBe(true);
  });

  it("is not fetched any more when that is cancelled", async () => {
    const cancel = new AbortController();
    const { network, kept } = deeper(() => {
      cancel.abort();
      throw new DOMException("aborted", "AbortError");
    });
    await expect(network.bring(cancel.signal, () => {})).rejects.toMatchObject({ code: "cancelled" });
    expect(kept.files.size).toBe(0);
  });

  it("is forgotten with what is kept, and kept again when it is fetched again", async () => {
    const { network, asked, kept } = deeper(whole);
    await network.bring(never, () => {});
    kept.files.clear();
    // What is at hand still serves an engine that runs with it.
    expect(await network.look()).toBe(true);
    expect(await network.forget()).toBe(false);
    expect(network.here.value).toBe(false);
    await network.bring(never, () => {});
    expect(asked).toHaveLength(4);
    expect(kept.files.size).toBe(2);
  });

  it("is taken from a person's file, and no other file is taken for it", async () => {
    const { network, asked } = deeper(whole);
    const spoilt = new Uint8Array(FILE);
    spoilt[9] = (spoilt[9] ?? 0) ^ 1;
    for (const bytes of [new Uint8Array(9), spoilt]) {
      expect(await network.takeFile(new File([bytes], "a.onnx"))).toBe(false);
    }
    expect(await network.takeFile(new File([new Uint8Array(FILE)], "a.onnx"))).toBe(true);
    await network.bring(never, () => {});
    expect(asked.some((url) => url.includes(".onnx"))).toBe(false);
  });
});

/** As `imageReport` names it; and the other one. */
const USUAL = "ab".repeat(32);
const OTHER = "de".repeat(32);
const OPTIONS = analysisOptions(defaultSettings(1, "simd128"));

const ofDeeper = (report: ImageReport): ImageReport => ({
  ...report,
  model: { ...report.model, name: "deeper", sha256: OTHER },
});

const fileOf = (name: string, sha256: string) =>
  JSON.stringify({
    format: "histoscope-lesson",
    name,
    model: { name: "net", version: "1.0.0", sha256 },
    classes: ["benign", "malignant"],
    taught: [],
    images: [],
    proof: { by_patient: true, folds: 2, auc: null, accuracy: null },
  });

/** A core over the network of this digest. A lesson says "benign" of everything, the network itself "malignant". */
class Core {
  constructor(
    readonly network: string,
    readonly log: string[],
    readonly duringJudge: () => Promise<void>,
  ) {}

  async evaluate(): Promise<string> {
    return JSON.stringify({ images: 0, warnings: [], refused: null });
  }

  async teach(request: string, features: Float32Array): Promise<string> {
    const { images, options } = JSON.parse(request);
    this.log.push(`teach ${this.network.slice(0, 2)} ${images.length} ${features.length}`);
    return JSON.stringify({
      lesson: fileOf(options.name, this.network),
      before: { images: images.map((one: { probabilities: number[] }) => one.probabilities) },
      left_out: [],
      after: null,
      difference: null,
      warnings: [],
      refused: null,
    });
  }

  async check(lesson: string): Promise<string> {
    const { model, name } = JSON.parse(lesson);
    if (model.sha256 !== this.network) throw new Error(`${name} is of another network`);
    return JSON.stringify({ sha256: name.padEnd(64, "0") });
  }

  async judge({ voters, lesson }: JudgeRequest): Promise<Judgements> {
    this.log.push(`judge ${this.network.slice(0, 2)} ${voters.length} ${lesson ? "lesson" : "itself"}`);
    if (lesson !== null) await this.check(lesson);
    await this.duringJudge();
    const malignant = lesson === null ? 0.75 : 0.25;
    const { prediction, prediction_idx, confidence, probabilities, verdict, patch_breakdown } = imageReport(
      "",
      malignant,
    );
    const own = { prediction, prediction_idx, confidence, probabilities, verdict, patch_breakdown };
    const taught = lesson && {
      lesson: { name: JSON.parse(lesson).name, sha256: "aa" },
      classes: ["benign", "malignant"],
      voters: [],
    };
    return {
      judgements: JSON.stringify(Array.from(voters, () => ({ ...own, ...(taught && { taught }) }))),
      patches: new Float64Array(2 * voters.reduce((a, b) => a + b, 0)),
      taught: new Float64Array(lesson === null ? 0 : 2 * voters.length),
    };
  }
}

function school() {
  const study = new Study();
  const log: string[] = [];
  const [usualPool, otherPool] = [new FakePool(), new FakePool()];
  otherPool.network = OTHER;
  // It says something else by itself.
  Object.assign(otherPool, { fate: () => 0.5 });
  const duringJudge = () => state.duringJudge();
  const cores = { [USUAL]: new Core(USUAL, log, duringJudge), [OTHER]: new Core(OTHER, log, duringJudge) };
  const core = (network: string) => cores[network] as unknown as TeachCore;
  const here = signal(false);
  const state = {
    started: USUAL,
    fails: null as Error | null,
    duringFetch: () => {},
    duringJudge: async () => {},
    /** Until the engine is up. */
    coming: Promise.resolve(),
    closed: 0,
  };
  const wanted = () => room.lessons.inForce.value?.facts.model.sha256 ?? USUAL;
  const model = (network: string) => (network === USUAL ? "" : "deeper");
  const kept = new Map<string, KeptLesson>();
  const run = new Run({
    study,
    pool: async () => (wanted() === USUAL ? usualPool : otherPool),
    origin: () => ({ model: model(wanted()), options: OPTIONS }),
    onFinish: () => {},
    judge: (entry, report, fold) => room.hear(entry, report, fold),
  });
  const room: Classroom = new Classroom({
    study,
    shelf: {
      keep: async (lesson) => void kept.set(lesson.sha256, lesson),
      lessons: async () => [...kept.values()],
      remove: async (sha256) => void kept.delete(sha256),
      removeAll: async () => kept.clear(),
    },
    networks: {
      now: wanted,
      usual: () => USUAL,
      deeper: () => ({
        sha256: OTHER,
        bytes: 100,
        look: async () => here.value,
        bring: async (signal, onProgress) => {
          if (here.value) return;
          log.push("fetch");
          onProgress(50, 100);
          state.duringFetch();
          if (signal.aborted) throw new DOMException("aborted", "AbortError");
          if (state.fails !== null) throw state.fails;
          here.value = true;
        },
      }),
      core: async () => {
        await state.coming;
        return core(state.started);
      },
      turn: () => {
        const from = state.started;
        if (from === wanted()) return { from: [], up: Promise.resolve() };
        state.started = wanted();
        log.push(`start ${state.started.slice(0, 2)}`);
        run.engineChanges();
        return { from: [from], up: state.coming };
      },
      beside: async (sha256) => ({
        core: core(sha256),
        look: (entries, signal, onProgress) =>
          lookBeside(
            entries,
            {
              pool: sha256 === USUAL ? usualPool : otherPool,
              options: OPTIONS,
              model: model(sha256),
              sha256,
              analysisOf: async () => analyse,
              admit: room.memory.admitAside,
              onProgress,
            },
            signal,
          ),
        close: () => {
          state.closed++;
        },
      }),
    },
    again: (entries) => run.again(entries),
    cancel: (entries) => run.cancel(entries),
    threshold: () => null,
    ofModel: () => ["benign", "malignant"],
    onKept: () => {},
    onJudged: () => {},
  });
  run.engineChanges();
  const add = (...paths: string[]) => {
    const entries = paths.map(
      (path) => new Entry({ path, file: new File([path], path.split("/").at(-1) ?? "") }),
    );
    study.add(entries);
    run.start(entries);
    return entries;
  };
  return { study, run, room, log, usualPool, otherPool, here, state, add };
}

const LABELLED = ["a", "b"].flatMap((patient) =>
  [1, 2, 3].flatMap((image) => [
    `benign/${patient}/b${patient}${image}.png`,
    `malignant/${patient}/m${patient}${image}.png`,
  ]),
);
const verdicts = (entries: readonly Entry[]) => new Set(entries.map(({ line }) => line.value.verdict));
const models = (entries: readonly Entry[]) => new Set(entries.map(({ original }) => original?.model.sha256));

describe("a lesson on the deeper network", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  async function taught() {
    const made = school();
    const entries = made.add(...LABELLED);
    const [plain] = made.add("plain.png") as [Entry];
    await settled();
    await made.room.teaching.teach("Ours", { deeper: true });
    return { ...made, entries, plain };
  }

  it("is fetched for, looked for and taught beside what is shown, which stays", async () => {
    const { room, log, entries, plain, otherPool, state } = await taught();
    expect(room.teaching.state.value.kind).toBe("taught");
    // The images without a label are not looked at.
    expect(log).toEqual(["fetch", "teach de 12 36"]);
    // What was before is what judges now, and not what the deeper network itself says.
    expect(room.teaching.state.value).toMatchObject({
      outcome: { before: { images: LABELLED.map(() => [0.25, 0.75]) } },
    });
    expect(new Set(otherPool.begun)).toEqual(new Set(entries.map(({ name }) => name)));
    expect(state.closed).toBe(1);
    expect(models([...entries, plain])).toEqual(new Set([USUAL]));
    expect(verdicts([...entries, plain])).toEqual(new Set(["malignant"]));
    room.teaching.cancel();
    expect(models(entries)).toEqual(new Set([USUAL]));
    // Nothing is fetched or looked at again.
    log.length = 0;
    await room.teaching.teach("Again", { deeper: true });
    expect(log).toEqual(["teach de 12 36"]);
    expect(otherPool.begun).toHaveLength(12);
  });

  it("judges what was seen at once, has the rest looked at, and gives everything back when it is left", async () => {
    const { room, log, entries, plain, usualPool, otherPool, study, add } = await taught();
    log.length = 0;
    usualPool.begun.length = otherPool.begun.length = 0;
    await room.teaching.use();
    await settled();
    expect(log.slice(0, 2)).toEqual(["start de", "judge de 12 lesson"]);
    expect(otherPool.begun).toEqual(["plain.png"]);
    expect(models([...entries, plain])).toEqual(new Set([OTHER]));
    expect(verdicts([...entries, plain])).toEqual(new Set(["benign"]));
    expect(entries.every(({ model }) => model === "deeper")).toBe(true);
    // One that comes now is judged by it, too, and has nothing to give back later.
    const [late] = add("late.png") as [Entry];
    await settled();
    expect(models([late])).toEqual(new Set([OTHER]));

    log.length = 0;
    await room.lessons.leave();
    await settled();
    expect(log.slice(0, 2)).toEqual(["start ab", "judge ab 13 itself"]);
    expect(usualPool.begun).toEqual(["late.png"]);
    expect(models(study.entries.value)).toEqual(new Set([USUAL]));
    expect(verdicts(study.entries.value)).toEqual(new Set(["malignant"]));
    expect(entries.every(({ model }) => model === "")).toBe(true);
    expect(study.outdated({ model: "", options: OPTIONS }).count).toBe(0);
  });

  it("that is left while images are at work for it gives these their results back", async () => {
    const { room, plain, otherPool, usualPool } = await taught();
    otherPool.stopAfterPlan = true;
    usualPool.begun.length = 0;
    await room.teaching.use();
    await settled();
    expect(plain.state.value.kind).not.toBe("done");
    await room.lessons.leave();
    await settled();
    expect(plain.state.value.kind).toBe("done");
    expect(models([plain])).toEqual(new Set([USUAL]));
    expect(usualPool.begun).toEqual([]);
  });

  it("that is left while its engine starts judges nothing, and is kept", async () => {
    const { room, log, entries, state } = await taught();
    const { promise, resolve } = deferred<void>();
    state.coming = promise;
    log.length = 0;
    const used = room.teaching.use();
    await quiet();
    // Whether that engine ever comes up or not.
    expect(room.lessons.kept.value.map(({ facts }) => facts.name)).toEqual(["Ours"]);
    const left = room.lessons.leave();
    await quiet();
    resolve();
    await Promise.all([used, left]);
    await settled();
    expect(log).toEqual(["start de", "start ab", "judge ab 13 itself"]);
    expect(models(entries)).toEqual(new Set([USUAL]));
  });

  it("whose engine is ended while it judges says so only where nobody has asked for another", async () => {
    for (const leaves of [true, false]) {
      const { room, state } = await taught();
      let left: Promise<void> | undefined;
      state.duringJudge = async () => {
        state.duringJudge = async () => {};
        if (leaves) left = room.lessons.leave();
        throw new CancelledError();
      };
      const used = room.teaching.use();
      if (leaves) expect(await used).toBeUndefined();
      else await expect(used).rejects.toThrow(CancelledError);
      await left;
      expect(room.lessons.kept.value).toHaveLength(1);
    }
  });

  it("whose place another takes while its engine starts leaves no image to the network before", async () => {
    const { room, entries, plain, state, usualPool } = await taught();
    const second = await room.lessons.read(fileOf("Second", OTHER));
    const { promise, resolve } = deferred<void>();
    state.coming = promise;
    const first = room.teaching.use();
    await quiet();
    const other = room.lessons.use(second);
    await quiet();
    resolve();
    await Promise.all([first, other]);
    await settled();
    expect(models([...entries, plain])).toEqual(new Set([OTHER]));
    // Nor is anything looked at twice on the way back.
    usualPool.begun.length = 0;
    await room.lessons.leave();
    await settled();
    expect(models([...entries, plain])).toEqual(new Set([USUAL]));
    expect(usualPool.begun).toEqual([]);
  });

  it("that is cancelled while the network comes, or fails to, changes nothing", async () => {
    for (const fails of [null, new Error("no network")]) {
      const { room, state, log, add, here } = school();
      const entries = add(...LABELLED);
      await settled();
      state.fails = fails;
      if (fails === null) state.duringFetch = () => room.teaching.cancel();
      await room.teaching.teach("Ours", { deeper: true });
      expect(room.teaching.state.value.kind).toBe(fails === null ? "idle" : "failed");
      expect(log).toEqual(["fetch"]);
      expect(here.value).toBe(false);
      expect(models(entries)).toEqual(new Set([USUAL]));
      // Another try does what the first could not.
      state.fails = null;
      state.duringFetch = () => {};
      await room.teaching.teach("Ours", { deeper: true });
      expect(room.teaching.state.value.kind).toBe("taught");
    }
  });

  it("goes on without an image that cannot be looked at", async () => {
    const { room, log, add, otherPool } = school();
    add(...LABELLED);
    await settled();
    Object.assign(otherPool, { fate: (name: string) => (name === "ba1.png" ? new Error("spoilt") : 0.5) });
    await room.teaching.teach("Ours", { deeper: true });
    expect(log).toContain("teach de 11 33");
  });

  it("that comes as a file asks for its network, which a person fetches or not", async () => {
    const { room, log, add, state } = school();
    const entries = add("plain.png");
    await settled();
    const file = new File([fileOf("Theirs", OTHER)], "theirs.lesson.json");
    expect(await room.take(file)).toBe(false);
    expect(room.lessons.wanting.value).toMatchObject({ name: "Theirs", progress: null });
    expect(log).toEqual([]);
    room.lessons.decline();
    expect(room.lessons.wanting.value).toBeNull();

    await room.take(file);
    state.fails = new Error("no network");
    const received: unknown[] = [];
    const stop = room.lessons.wanting.subscribe((wanting) => received.push(wanting?.progress?.received));
    await room.lessons.fetchWanted();
    stop();
    // It is on its way from the first moment, when nothing has come yet.
    expect(received).toEqual([undefined, 0, 50, undefined]);
    expect(room.lessons.trouble.value).not.toBeNull();
    expect(room.lessons.wanting.value).toMatchObject({ name: "Theirs", progress: null });
    expect(models(entries)).toEqual(new Set([USUAL]));

    state.fails = null;
    await room.lessons.fetchWanted();
    await settled();
    expect(room.lessons.trouble.value).toBeNull();
    expect(room.inForce.value?.facts.name).toBe("Theirs");
    expect(models(entries)).toEqual(new Set([OTHER]));
    // A lesson of the usual network takes its place, and a network that is here is not asked for again.
    expect(await room.take(new File([fileOf("Usual", USUAL)], "usual.lesson.json"))).toBe(true);
    await settled();
    expect(models(entries)).toEqual(new Set([USUAL]));
    expect(await room.take(file)).toBe(true);
    await settled();
    expect(models(entries)).toEqual(new Set([OTHER]));
  });

  it("is taught again on the usual network where that is wanted, from what that has seen", async () => {
    const { room, log, usualPool } = await taught();
    await room.teaching.use();
    await settled();
    log.length = 0;
    usualPool.begun.length = 0;
    await room.teaching.teach("Plain", {});
    expect(log).toContain("teach ab 12 36");
    expect(usualPool.begun).toEqual([]);
    expect(room.teaching.state.value).toMatchObject({
      outcome: { lesson: { facts: { model: { sha256: USUAL } } } },
    });
  });
});

describe("of lessons that are asked for one after another", () => {
  function asked() {
    const reading = new Map<string, ReturnType<typeof deferred<string>>>();
    const brought: { signal: AbortSignal; onProgress: Progress; here: ReturnType<typeof deferred<void>> }[] =
      [];
    const judged: (string | null)[] = [];
    const lessons = new Lessons({
      shelf: {
        keep: async () => {},
        lessons: async () => [],
        remove: async () => {},
        removeAll: async () => {},
      },
      check: (text) => {
        const answer = deferred<string>();
        reading.set(JSON.parse(text).name, answer);
        return answer.promise;
      },
      isHere: async (network) => network === USUAL,
      bring: (_, signal, onProgress) => {
        const here = deferred<void>();
        brought.push({ signal, onProgress, here });
        return here.promise;
      },
      judge: async (lesson) => void judged.push(lesson?.facts.name ?? null),
    });
    return { lessons, reading, brought, judged };
  }
  const made = (name: string): Lesson => {
    const text = fileOf(name, USUAL);
    return { text, sha256: name, facts: JSON.parse(text) };
  };

  it("the last one judges, however long another takes to be read, or fails to be", async () => {
    for (const fails of [false, true]) {
      for (const last of ["file", "taught", "none"]) {
        const { lessons, reading, judged } = asked();
        await lessons.use(made("before"));
        const slow = lessons.take(fileOf("slow", USUAL));
        await quiet();
        if (last === "none") await lessons.leave();
        if (last === "taught") await lessons.use(made("taught"));
        if (last === "file") {
          const file = lessons.take(fileOf("file", USUAL));
          await quiet();
          reading.get("file")?.resolve("file");
          expect(await file).toBe(true);
        }
        if (fails) reading.get("slow")?.reject(new Error("spoilt"));
        else reading.get("slow")?.resolve("slow");
        expect(await slow).toBe(false);
        expect(judged).toEqual(["before", last === "none" ? null : last]);
        expect(lessons.trouble.value).toBeNull();
      }
    }
  });

  it("one that is fetched for twice is fetched for by the second alone, and its notice goes for good", async () => {
    const { lessons, reading, brought, judged } = asked();
    await lessons.take(fileOf("deep", OTHER));
    const first = lessons.fetchWanted();
    brought[0]?.onProgress(1, 2);
    const second = lessons.fetchWanted();
    expect(brought.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    brought[1]?.here.resolve();
    await quiet();
    reading.get("deep")?.resolve("deep");
    await second;
    brought[0]?.onProgress(2, 2);
    brought[0]?.here.resolve();
    await first;
    expect(lessons.wanting.value).toBeNull();
    expect(judged).toEqual(["deep"]);
  });

  it("one whose second fetch fails can be fetched for again", async () => {
    const { lessons, brought } = asked();
    await lessons.take(fileOf("deep", OTHER));
    void lessons.fetchWanted();
    brought[0]?.onProgress(1, 2);
    const second = lessons.fetchWanted();
    brought[1]?.here.reject(new Error("no network"));
    await second;
    expect(lessons.wanting.value).toMatchObject({ name: "deep", progress: null });
    expect(lessons.trouble.value).not.toBeNull();
  });
});

it("what was put aside counts as room, and comes back with what was said", () => {
  const entry = new Entry({ path: "a.png", file: new File(["a"], "a.png") });
  const said = { logits: new Float32Array(2), features: new Float32Array(3) };
  entry.hear(said, null);
  entry.finish(imageReport("a.png"));
  entry.putAside(
    { report: ofDeeper(imageReport("a.png", 0.1)), options: OPTIONS, model: "deeper", fold: null },
    (_, other) => other,
  );
  expect(entry.saidAside?.features).toHaveLength(0);
  expect(entry.turnTo("00")).toBe(false);
  expect(entry.turnTo(OTHER)).toBe(true);
  expect(entry.said?.features).toHaveLength(0);
  expect([entry.model, entry.line.value.verdict]).toEqual(["deeper", "benign"]);
  expect(entry.turnTo(USUAL)).toBe(true);
  expect(entry.said).toBe(said);
  expect([entry.model, entry.line.value.verdict]).toEqual(["", "malignant"]);
});
