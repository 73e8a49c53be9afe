// Slides: which tiles are asked for, in which order patches come and where they belong, and what is outlined.

import { describe, expect, it, vi } from "vitest";
import { CancelledError } from "../src/base/errors.ts";
import type { BatchResult, PatchesResult } from "../src/engine/protocol.ts";
import type { Fold } from "../src/run/fold.ts";
import { defaultSettings } from "../src/run/options.ts";
import { analyseSlide } from "../src/slide/analysis.ts";
import { isNoSlide, mayBeSlide } from "../src/slide/heads.ts";
import { Held } from "../src/slide/held.ts";
import type {
  Level,
  Note,
  SlideFacts,
  SlideGrid,
  SlideNote,
  SlideRequest,
  SlideResponse,
} from "../src/slide/protocol.ts";
import { isUrgent, nextOf } from "../src/slide/queue.ts";
import { SlideReader } from "../src/slide/reader.ts";
import { between, freeName, rectangle, regionOf, thinned } from "../src/slide/regions.ts";
import { Slide } from "../src/slide/slide.ts";
import { levelFor, tilesIn } from "../src/slide/tiles.ts";
import { OWN_CLASSES } from "../src/study/classes.ts";
import type { Plan } from "../src/study/report.ts";

const level = (width: number, height: number, downsample: number): Level => ({
  width,
  height,
  downsample,
  tile_width: 256,
  tile_height: 256,
  columns: Math.ceil(width / 256),
  rows: Math.ceil(height / 256),
});
const LEVELS = [level(4096, 2048, 1), level(1024, 512, 4), level(256, 128, 16)];

const REMARK: Note = {
  sentence: "It holds 2 regions; the largest is read.",
  cause: { kind: "several_regions", params: { regions: 2 } },
};

const FACTS: SlideFacts = {
  format: "Aperio SVS",
  levels: LEVELS,
  um_per_pixel: 0.25,
  objective: 40,
  identity: "ab".repeat(32),
  is_picture: false,
  warnings: [REMARK],
};

describe("the tiles of a view", () => {
  it("are of the coarsest level that is fine enough for the screen", () => {
    expect(levelFor(LEVELS, 1)).toBe(0);
    expect(levelFor(LEVELS, 0.5)).toBe(0);
    expect(levelFor(LEVELS, 0.25)).toBe(1);
    expect(levelFor(LEVELS, 0.01)).toBe(2);
    // Closer than its own pixels there is nothing finer.
    expect(levelFor(LEVELS, 20)).toBe(0);
  });

  it("are those that it touches and no others, the middle first", () => {
    const places = tilesIn(LEVELS, 0, { x: 300, y: 10, width: 600, height: 300 });
    expect(places).toHaveLength(6);
    expect(places[0]).toEqual({ level: 0, column: 2, row: 0 });
    expect(new Set(places.map(({ column }) => column))).toEqual(new Set([1, 2, 3]));
    expect(tilesIn(LEVELS, 1, { x: 0, y: 0, width: 4096, height: 2048 })).toHaveLength(8);
    // At an edge between two tiles only one is touched.
    expect(tilesIn(LEVELS, 0, { x: 256, y: 0, width: 256, height: 256 })).toEqual([
      { level: 0, column: 1, row: 0 },
    ]);
    expect(tilesIn(LEVELS, 7, { x: 0, y: 0, width: 1, height: 1 })).toEqual([]);
  });
});

it("what a person looks at comes before what is analysed, and the newest of it first", () => {
  const calls = (["patches", "tile", "patches", "tile"] as const).map((call, id) => ({ call, id }));
  const order: number[] = [];
  let queue = calls;
  for (let next = nextOf(queue, isUrgent); next !== null; next = nextOf(queue, isUrgent)) {
    const { id } = next;
    order.push(id);
    queue = queue.filter((one) => one.id !== id);
  }
  expect(order).toEqual([3, 1, 0, 2]);
});

/** Three columns, two rows; the plan goes from coarse to fine. */
const GRID: SlideGrid = {
  um_per_pixel: 0.5,
  level: 0,
  downsample: 2,
  width: 700,
  height: 460,
  patch_size: 224,
  columns: 3,
  rows: 2,
  candidates: 6,
  patches: [4, 0, 5, 1, 3],
  regions: [{ name: "left", patches: [1, 4] }],
  warnings: [],
};

/** A patch of the double is one byte, its place in the grid; its logit is that, and 100 more for the other class. */
function found(places: readonly number[], leftOut: readonly number[]): PatchesResult {
  const voters = places.filter((place) => !leftOut.includes(place));
  const pairs = Float32Array.from(voters.flatMap((place) => [place, 100 + place]));
  const results: BatchResult = {
    classes: OWN_CLASSES,
    logits: pairs,
    probabilities: pairs.slice(),
    features: Float32Array.from(voters.flatMap((place) => [place, place, place])),
    cam: Float32Array.from(voters.flatMap(() => [1, 2])),
    camWidth: 1,
    camHeight: 1,
  };
  const screens = Uint8Array.from(places, (place) => (leftOut.includes(place) ? 2 : 0));
  return { screens, results: voters.length === 0 ? null : results };
}

interface Asked {
  readonly plan: string;
  readonly logits: Float32Array;
  readonly features: Float32Array;
}

function bench({ leftOut = [], size = 2 }: { leftOut?: number[]; size?: number } = {}) {
  const asked: Asked[] = [];
  const reader = {
    facts: FACTS,
    plan: async () => GRID,
    patches: async (indices: Uint32Array) => ({
      pixels: Uint8Array.from(indices).buffer,
      faults: [],
    }),
  };
  const pool = {
    size,
    call: async (name: string, request: { readonly pixels: ArrayBuffer } & Asked) => {
      if (name === "patches") return found([...new Uint8Array(request.pixels)], leftOut);
      asked.push(request);
      return JSON.stringify({ success: true });
    },
  };
  return { asked, reader, pool: pool as never };
}

const OPTIONS = defaultSettings(2, "relaxed");
const REQUEST = { filename: "a.svs", plan: { patch_size: 224, max_patches: 25 }, scaleSet: null };

describe("a slide that is analysed", () => {
  it("has each result where its patch lies, in whatever order they come", async () => {
    const { reader, pool, asked } = bench();
    const plans: Plan[] = [];
    const folds: Fold[] = [];
    await analyseSlide(pool, reader, REQUEST, OPTIONS, new AbortController().signal, {
      onPlan: (plan, identity) => {
        plans.push(plan);
        expect(identity).toBe(FACTS.identity);
      },
      onResults: (fold) => folds.push(fold),
    });
    const [first] = plans;
    expect(first?.patches.map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [224, 0],
      [0, 224],
      [224, 224],
      [448, 224],
    ]);
    expect([...(asked[0]?.logits ?? [])].filter((_, at) => at % 2 === 0)).toEqual([0, 1, 3, 4, 5]);
    expect([...(asked[0]?.features ?? [])].filter((_, at) => at % 3 === 0)).toEqual([0, 1, 3, 4, 5]);
    expect(folds.at(-1)?.complete).toBe(true);
    // Of thousands of patches no maps are kept.
    expect(folds.at(-1)?.cam).toBeNull();
  });

  it("hands those on that vote, and tells the core where the others are", async () => {
    const { reader, pool, asked } = bench({ leftOut: [1, 4] });
    const plans: Plan[] = [];
    await analyseSlide(pool, reader, REQUEST, OPTIONS, new AbortController().signal, {
      onPlan: (plan) => plans.push(plan),
    });
    expect(plans.at(-1)?.voters).toEqual([0, 2, 4]);
    expect([...(asked[0]?.logits ?? [])].filter((_, at) => at % 2 === 0)).toEqual([0, 3, 5]);
    const plan = JSON.parse(asked[0]?.plan ?? "");
    expect(plan.patches.map(({ screen }: { screen: string }) => screen)).toEqual([
      "assessable",
      "blurred",
      "assessable",
      "blurred",
      "assessable",
    ]);
    // Places of the plan's order become places row by row: 0 and 3 lie in the first column.
    expect(plan.regions).toEqual([{ name: "left", patches: [0, 2] }]);
    expect(plan).toMatchObject({
      identity: FACTS.identity,
      um_per_pixel: 0.5,
      slide: { format: "Aperio SVS", width: 4096, height: 2048, downsample: 2, candidates: 6 },
      warnings: [REMARK],
    });
    expect(plan.options).not.toHaveProperty("um_per_pixel");
  });

  it("says what a person has corrected of its tissue", async () => {
    const { reader, pool, asked } = bench();
    const strokes = [{ adds: true, radius: 20, points: [[1, 2]] }];
    const request = { ...REQUEST, plan: { ...REQUEST.plan, strokes } };
    await analyseSlide(pool, reader, request, OPTIONS, new AbortController().signal);
    expect(JSON.parse(asked[0]?.plan ?? "").strokes).toEqual(strokes);
  });

  it("says that a person has set its scale", async () => {
    const { reader, pool, asked } = bench();
    const request = { ...REQUEST, scaleSet: 0.25 };
    await analyseSlide(pool, reader, request, OPTIONS, new AbortController().signal);
    // Of its finest level, as on the command line: the patches have 0.5.
    expect(JSON.parse(asked[0]?.plan ?? "").options.um_per_pixel).toBe(0.25);
  });

  it("ends as a whole where a worker dies: nothing comes behind the failure", async () => {
    const { reader, pool } = bench();
    let calls = 0;
    let goOn = () => {};
    const failedFirst = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const dying = {
      size: 2,
      call: async (name: string, request: { readonly pixels: ArrayBuffer } & Asked) => {
        if (++calls === 1) throw new Error("the worker died");
        await failedFirst;
        return (pool as { call: (...of: unknown[]) => Promise<unknown> }).call(name, request);
      },
    };
    const many = {
      ...GRID,
      rows: 200,
      height: 200 * 224,
      patches: Array.from({ length: 240 }, (_, at) => at),
    };
    const endless = { ...reader, plan: async () => many };
    let behind = 0;
    let failed = false;
    const watcher = {
      onResults: () => {
        if (failed) behind++;
      },
    };
    const { signal } = new AbortController();
    const analysed = analyseSlide(dying as never, endless, REQUEST, OPTIONS, signal, watcher);
    await expect(analysed).rejects.toThrow("died");
    failed = true;
    const then = calls;
    goOn();
    // All that follows at once has happened by the next turn.
    await new Promise((resolve) => setTimeout(resolve));
    expect({ behind, calls }).toEqual({ behind: 0, calls: then });
  });

  it("tells of tiles that could not be read, of each once", async () => {
    const { reader, pool, asked } = bench();
    const fault = { code: "slide_tile", message: "cut short", level: 0, column: 3, row: 1 };
    const later = { ...fault, column: 4, message: "cut, too" };
    const broken = {
      ...reader,
      patches: async (indices: Uint32Array) => ({
        ...(await reader.patches(indices)),
        faults: [later, fault],
      }),
    };
    await analyseSlide(pool, broken, REQUEST, OPTIONS, new AbortController().signal);
    const [, warning] = JSON.parse(asked[0]?.plan ?? "").warnings;
    // It comes with both batches of four patches.
    expect(warning.sentence).toMatch(/: 2\. The first is 3, 1 of level 0: cut short\.$/);
    const params = { tiles: 2, level: 0, column: 3, row: 1, detail: "cut short" };
    expect(warning.cause).toEqual({ kind: "tiles_unreadable", params });
  });

  it("stops in the middle", async () => {
    const { reader, pool, asked } = bench({ size: 1 });
    const stop = new AbortController();
    const work = analyseSlide(pool, reader, REQUEST, OPTIONS, stop.signal, { onResults: () => stop.abort() });
    await expect(work).rejects.toBeInstanceOf(CancelledError);
    expect(asked).toEqual([]);
  });
});

describe("a region", () => {
  it("encloses something", () => {
    const square = rectangle(between({ x: 10, y: 20 }, { x: 0, y: 0 })).map(([x, y]) => ({ x, y }));
    expect(regionOf(square, "a")?.rings[0]).toEqual([
      [0, 0],
      [10, 0],
      [10, 20],
      [0, 20],
    ]);
    expect(regionOf(square.slice(0, 2), "a")).toBeNull();
    const line = [0, 5, 10].map((x) => ({ x, y: 0 }));
    expect(regionOf(line, "a")).toBeNull();
  });

  it("has no more points than it needs", () => {
    const hand = Array.from({ length: 100 }, (_, x) => ({ x, y: 0 }));
    expect(thinned(hand, 10)).toHaveLength(10);
    expect(thinned([], 10)).toEqual([]);
  });

  it("has a name of its own", () => {
    const named = (name: string) => ({ name, rings: [] });
    expect(freeName("Region", [])).toBe("Region 1");
    expect(freeName("Region", [named("Region 2")])).toBe("Region 3");
  });
});

describe("the worker of a slide", () => {
  /** Its worker starts, and opens the file if it `opens`. */
  function port({ opens = true, readsFiles = true } = {}) {
    const sent: (SlideRequest | SlideNote)[] = [];
    let ended = false;
    const fake = {
      onmessage: null as ((event: MessageEvent<SlideResponse>) => void) | null,
      onerror: null as ((event: ErrorEvent) => void) | null,
      postMessage: (message: SlideRequest | SlideNote) => {
        sent.push(message);
        if ("drop" in message) return;
        const { call, id } = message;
        if (call === "start") setTimeout(() => say({ id, result: { readsFiles } }));
        if (call === "open" && opens) setTimeout(() => say({ id, result: FACTS }));
      },
      terminate: () => {
        ended = true;
      },
    };
    const say = (data: SlideResponse) => fake.onmessage?.({ data } as MessageEvent<SlideResponse>);
    return { fake, sent, say, ended: () => ended };
  }
  const parts = (fake: ReturnType<typeof port>["fake"]) => ({
    spawn: async () => fake,
    module: async () => ({}) as WebAssembly.Module,
  });
  const settled = () => new Promise((done) => setTimeout(done));
  const FILE = new File(["II*\0"], "a.svs");

  async function opened() {
    const { fake, sent, say, ended } = port();
    return { reader: await SlideReader.open([FILE], parts(fake)), sent, say, ended, fake };
  }

  it("is opened again once, however many ask at the same time", async () => {
    const ports: ReturnType<typeof port>[] = [];
    const spawning = {
      spawn: async () => {
        const one = port();
        ports.push(one);
        return one.fake;
      },
      module: async () => ({}) as WebAssembly.Module,
    };
    const slide = await Slide.open([FILE], spawning, new Held(3));
    slide.close();
    await settled();
    const readers = await Promise.all([slide.reader(), slide.reader(), slide.reader(), slide.reader()]);
    expect(new Set(readers).size).toBe(1);
    expect(ports.map(({ ended }) => ended())).toEqual([true, false]);
  });

  it("counts among those that are held open again, whatever it was opened for", async () => {
    let living = 0;
    const spawning = {
      spawn: async () => {
        const { fake } = port();
        living++;
        fake.terminate = () => void living--;
        return fake;
      },
      module: async () => ({}) as WebAssembly.Module,
    };
    const held = new Held(2);
    const slides = [];
    for (const name of ["a.svs", "b.svs", "c.svs"]) {
      const slide = await Slide.open([new File(["II*\0"], name)], spawning, held);
      held.use(slide);
      slides.push(slide);
      await settled();
    }
    expect(living).toBe(2);
    // The first one is looked at again, which opens it: the one that was used longest ago goes.
    await slides[0]?.reader();
    await settled();
    expect(living).toBe(2);
    // One that is taken from the study leaves its place to another.
    slides[2]?.close();
    await settled();
    expect(living).toBe(1);
    await slides[1]?.reader();
    await settled();
    expect(living).toBe(2);
  });

  it("is one alone where it holds the bytes of its slide, however many are opened", async () => {
    let [living, most] = [0, 0];
    const spawning = {
      spawn: async () => {
        const { fake } = port({ readsFiles: false });
        const { postMessage } = fake;
        fake.postMessage = (message) => {
          postMessage(message);
          if ("call" in message && message.call === "open") most = Math.max(most, ++living);
        };
        fake.terminate = () => void living--;
        return fake;
      },
      module: async () => ({}) as WebAssembly.Module,
    };
    const held = new Held(3);
    const slides = await Promise.all(
      ["a.svs", "b.svs", "c.svs", "d.svs"].map((name) =>
        Slide.open([new File(["II*\0"], name)], spawning, held),
      ),
    );
    await settled();
    expect([living, most]).toEqual([1, 1]);
    await slides[0]?.reader();
    await settled();
    expect([living, most]).toEqual([1, 1]);
  });

  it("is not held while its slide waits for the analysis of another", async () => {
    const held = new Held(3);
    const [first, second] = await Promise.all(
      ["a.svs", "b.svs"].map((name) => Slide.open([new File([], name)], parts(port().fake), held)),
    );
    if (first === undefined || second === undefined) throw new Error("two slides");
    const context = { patchSize: 224, learned: null, scaleSet: 0.5 };
    const [stop, pool] = [new AbortController(), {} as never];
    const begin = (slide: Slide) =>
      slide
        .analysis(context)(pool, FILE, OPTIONS, stop.signal)
        .catch(() => {});
    const analyses = [first, second].map(begin);
    await settled();
    // The worker of the first does not answer.
    expect([first.busy, second.busy]).toEqual([true, false]);
    stop.abort();
    first.close();
    await Promise.all(analyses);
    expect([first.busy, second.busy]).toEqual([false, false]);
  });

  it("writes what was outlined, and reads it, also where the file is gone", async () => {
    const ports: ReturnType<typeof port>[] = [];
    const spawning = {
      spawn: async () => {
        const one = port();
        ports.push(one);
        const { postMessage } = one.fake;
        one.fake.postMessage = (message) => {
          postMessage(message);
          if (!("call" in message)) return;
          const { call, id } = message;
          if (call === "annotations") setTimeout(() => one.say({ id, result: [{ type: "Feature" }] }));
          if (call === "regionsFrom") setTimeout(() => one.say({ id, result: [{ name: "a", rings: [] }] }));
        };
        return one.fake;
      },
      module: async () => ({}) as WebAssembly.Module,
    };
    const slide = await Slide.open([FILE], spawning, new Held(3));
    const calls = () =>
      ports.map(({ sent }) => sent.map((message) => ("call" in message ? message.call : "")));
    expect(await slide.geojson(null)).toEqual({ type: "FeatureCollection", features: [{ type: "Feature" }] });
    expect(calls()).toEqual([["start", "open", "annotations"]]);
    slide.close();
    await settled();
    await slide.geojson(null);
    await slide.readRegions("{}");
    expect(slide.regions.value).toHaveLength(1);
    // No file is asked for.
    expect(calls().slice(1)).toEqual([
      ["start", "annotations"],
      ["start", "regionsFrom"],
    ]);
    expect(ports.every(({ ended }) => ended())).toBe(true);
  });

  it("corrects the tissue, takes that back, and sets it as it was found", async () => {
    const asked: unknown[] = [];
    const { fake, say } = port();
    fake.postMessage = (message: SlideRequest | SlideNote) => {
      if ("drop" in message) return;
      if (message.call === "tissue") asked.push(message.strokes);
      const tissue = { rings: [], share: message.call === "tissue" ? message.strokes.length / 10 : 0 };
      const result =
        message.call === "start" ? { readsFiles: true } : message.call === "tissue" ? tissue : FACTS;
      setTimeout(() => say({ id: message.id, result }));
    };
    const slide = await Slide.open([FILE], parts(fake), new Held(3));
    const [first, second] = [1, 2].map((radius) => ({ adds: true, radius, points: [[0, 0]] }));
    if (first === undefined || second === undefined) throw new Error("two strokes");
    await slide.correct(first);
    // Who draws fast hears of the last one.
    await Promise.all([slide.correct(second), slide.resetTissue()]);
    expect(slide.tissue.value?.share).toBe(0);
    await slide.undo();
    expect([slide.strokes.value, slide.tissue.value?.share]).toEqual([[first, second], 0.2]);
    await slide.undo();
    await slide.undo();
    await slide.undo();
    expect([slide.strokes.value, slide.corrections.value]).toEqual([[], 0]);
    expect(asked).toEqual([[first], [first, second], [], [first, second], [first], []]);
  });

  it("is ended when the file is none of its", async () => {
    const { fake, sent, say, ended } = port({ opens: false });
    const opening = SlideReader.open([FILE], parts(fake));
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    say({
      id: 2,
      error: { code: "slide_unknown", message: "no slide", remedy: "", fault: "image" },
      poisoned: false,
    });
    await expect(opening).rejects.toMatchObject({ code: "slide_unknown" });
    expect(ended()).toBe(true);
  });

  it("is handed the bytes where it can read no file, unless they are too many", async () => {
    const { fake, sent } = port({ readsFiles: false });
    const reader = await SlideReader.open([FILE], parts(fake));
    expect(sent[1]).toMatchObject({ call: "open", files: [{ name: "a.svs" }] });
    const bytes = (message: unknown) =>
      (message as { files: { bytes: ArrayBuffer }[] }).files.map((file) => file.bytes.byteLength);
    expect(bytes(sent[1])).toEqual([4]);
    void reader.series([FILE, FILE]);
    await vi.waitFor(() => expect(sent).toHaveLength(3));
    expect(bytes(sent[2])).toEqual([4]);

    const large = Object.defineProperty(new File([], "b.svs"), "size", { value: 600e6 });
    const refused = port({ readsFiles: false });
    await expect(SlideReader.open([large], parts(refused.fake))).rejects.toMatchObject({
      code: "slide_too_large_here",
      message: expect.stringContaining("up to 512 MB; this one has 600"),
    });
    expect(refused.ended()).toBe(true);
  });

  it("tells the series of the others where one file cannot be read", async () => {
    const { fake, sent, say } = port({ readsFiles: false });
    const { postMessage } = fake;
    fake.postMessage = (message) => {
      postMessage(message);
      if ("call" in message && message.call === "series")
        setTimeout(() => say({ id: message.id, result: ["1.2"] }));
    };
    const reader = await SlideReader.start(parts(fake));
    const gone = new File(["II*\0"], "gone.dcm");
    gone.slice = () => {
      throw new DOMException("it is gone", "NotFoundError");
    };
    expect(await reader.series([FILE, gone, FILE])).toEqual(["1.2", null, "1.2"]);
    expect(sent).toHaveLength(3);
  });

  it("reads no tile that nobody waits for any more", async () => {
    const { reader, sent } = await opened();
    const stop = new AbortController();
    const tile = reader.tile({ level: 0, column: 1, row: 2 }, stop.signal);
    stop.abort();
    await expect(tile).rejects.toBeInstanceOf(CancelledError);
    expect(sent.at(-1)).toEqual({ drop: 3 });
  });

  it("is given up after a trap, and says so to all who wait", async () => {
    const { reader, say, ended } = await opened();
    const [first, second] = [reader.tissue([]), reader.thumbnail(100)];
    say({
      id: 3,
      error: { code: "internal", message: "unreachable", remedy: "", fault: "internal" },
      poisoned: true,
    });
    await expect(first).rejects.toMatchObject({ message: "unreachable" });
    await expect(second).rejects.toMatchObject({ code: "worker_died" });
    expect(ended()).toBe(true);
    expect(reader.death).not.toBeNull();
    await expect(reader.tissue([])).rejects.toMatchObject({ code: "worker_died" });
  });
});

describe("what may be a slide", () => {
  const file = (head: string, name = "a") =>
    new File([Uint8Array.from(head, (character) => character.charCodeAt(0))], name);

  it.each([
    ["II*\0 and more", true],
    ["MM\0*", true],
    ["II+\0", true],
    ["MM\0+", true],
    [`${"\0".repeat(128)}DICM`, true],
    ["\x89PNG\r\n\x1a\n", false],
    ["", false],
  ])("is told by its content: %j", async (head, expected) => {
    expect(await mayBeSlide(file(head))).toBe(expected);
  });

  it("is not asked of names of pictures", () => {
    expect(isNoSlide(file("", "a.JPG"))).toBe(true);
    expect(["a.svs", "a.tif", "a", "a.ndpi"].some((name) => isNoSlide(file("", name)))).toBe(false);
  });
});
