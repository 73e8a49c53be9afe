// One image in a worker over a stand-in for the core: the report is made of results in their places, whoever looked at what.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Conversation, Stopped } from "../src/engine/conversation.ts";
import { analyseImage, type Session, standInFor } from "../src/engine/image-analysis.ts";
import type { AnalysisEvent } from "../src/engine/protocol.ts";
import { OWN_CLASSES } from "../src/study/classes.ts";

/** The logits of the voter at place i are (i, -i). */
const logitsOf = (places: readonly number[]) => Float32Array.from(places.flatMap((place) => [place, -place]));
/** Likewise three features. */
const featuresOf = (places: readonly number[]) =>
  Float32Array.from(places.flatMap((place) => [place, 2 * place, 1]));
const range = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

/** A core whose images have so many voters of one byte each, which is their place. */
class StandIn {
  reported: number[] | null = null;
  features: number[] | null = null;
  readonly own: number[][] = [];

  constructor(
    readonly voters: number,
    /** Runs while the network looks at a portion. */
    readonly meanwhile: (portion: readonly number[]) => void = () => {},
  ) {}

  get session(): Session {
    const image = {
      voter_count: this.voters,
      decode_ms: 7,
      screen_ms: 2,
      plan: () => `${this.voters} voters`,
      pixels: (first: number, count: number) => Uint8Array.from(range(first, count)),
    };
    return {
      classes: OWN_CLASSES,
      decode: () => image,
      infer_voters: (_: unknown, first: number, count: number) => {
        const places = range(first, count);
        this.own.push(places);
        this.meanwhile(places);
        const logits = logitsOf(places);
        const [probabilities, cam] = [logits.slice(), logits.slice()];
        return { logits, probabilities, features: featuresOf(places), cam, free: () => {} };
      },
      report: (_: unknown, logits: Float32Array, features: Float32Array, lesson: string, timings: string) => {
        expect(lesson).toBe("");
        this.reported = [...logits];
        this.features = [...features];
        return timings;
      },
    } as unknown as Session;
  }
}

const OPTIONS = JSON.stringify({ batch_size: 16 });

interface Setup {
  readonly pixels?: number;
  readonly options?: string;
  readonly hear?: (event: AnalysisEvent, conversation: Conversation) => void;
  readonly conversation?: Conversation;
}

function analyse(core: StandIn, { pixels = 1, options = OPTIONS, hear, conversation }: Setup = {}) {
  const talk = conversation ?? new Conversation();
  const events: AnalysisEvent[] = [];
  /** Of each event, whether it may wait for the next. */
  const more: boolean[] = [];
  const report = analyseImage(
    { file: new ArrayBuffer(4), filename: "a.png", options, unasked: 10 },
    {
      session: core.session,
      announcedPixels: () => pixels,
      read: async (file) => new Uint8Array(file as ArrayBuffer),
      conversation: talk,
      tell: (event, _transfer, follows = false) => {
        events.push(event);
        more.push(follows);
        hear?.(event, talk);
      },
    },
  );
  return { report, events, more };
}

const kinds = (events: readonly AnalysisEvent[]) => events.map(({ kind }) => kind);
const whole = (voters: number) => [...logitsOf(range(0, voters))];

it("looks at all voters itself where nobody else is there", async () => {
  const core = new StandIn(20);
  const { report, events } = analyse(core);
  expect(JSON.parse((await report).report)).toMatchObject({ decode: 7, screen: 2 });
  expect(core.own.map(({ length }) => length)).toEqual([8, 8, 4]);
  expect(kinds(events)).toEqual(["plan", "results", "results", "results"]);
  expect(core.reported).toEqual(whole(20));
});

it("takes no larger portions than batches are to be", async () => {
  const core = new StandIn(5);
  await analyse(core, { options: JSON.stringify({ batch_size: 2 }) }).report;
  expect(core.own.map(({ length }) => length)).toEqual([2, 2, 1]);
});

it("tells together what comes at one time: of few patches all, of others the last results and the report", async () => {
  const some = async (voters: number) => {
    const { report, more } = analyse(new StandIn(voters));
    await report;
    return more;
  };
  expect(await some(0)).toEqual([true]);
  expect(await some(2)).toEqual([true, true]);
  expect(await some(8)).toEqual([false, true]);
  expect(await some(20)).toEqual([false, false, false, true]);
});

it("reports at once where no patch votes", async () => {
  const core = new StandIn(0);
  const { report, events } = analyse(core);
  await report;
  expect(kinds(events)).toEqual(["plan"]);
  expect(core.reported).toEqual([]);
});

it.each([
  [[0, 1, 2]],
  [[2, 1, 0]],
  [[1, 2, 0]],
])("reports the same when portions come back as %j", async (order) => {
  const conversation = new Conversation();
  conversation.hear({ id: 1, note: "lend", credits: 3, workers: 2 });
  const lent: Extract<AnalysisEvent, { kind: "portion" }>[] = [];
  const core = new StandIn(25);
  const { report } = analyse(core, {
    conversation,
    hear: (event) => {
      if (event.kind !== "portion") return;
      lent.push(event);
      if (lent.length < order.length) return;
      for (const at of order) {
        const { first, pixels } = lent[at] ?? event;
        const places = [...new Uint8Array(pixels)];
        const theirs = { logits: logitsOf(places), features: featuresOf(places) };
        setTimeout(() => conversation.hear({ id: 1, note: "returned", first, ...theirs }));
      }
    },
  });
  await report;
  expect(lent).toHaveLength(3);
  expect(core.reported).toEqual(whole(25));
  expect(core.features).toEqual([...featuresOf(range(0, 25))]);
  expect(
    [...core.own.flat(), ...lent.flatMap(({ pixels }) => [...new Uint8Array(pixels)])].sort((a, b) => a - b),
  ).toEqual(range(0, 25));
});

it("sends no portion that was not asked for, and none any more when it is not wanted", async () => {
  const conversation = new Conversation();
  const told: AnalysisEvent[] = [];
  const core = new StandIn(40, ([first]) => {
    if (first === 0) conversation.hear({ id: 1, note: "lend", credits: 2, workers: 2 });
    else conversation.hear({ id: 1, note: "lend", credits: 0, workers: 1 });
  });
  await analyse(core, {
    conversation,
    hear: (event) => {
      told.push(event);
      if (event.kind !== "portion") return;
      const places = [...new Uint8Array(event.pixels)];
      const theirs = { logits: logitsOf(places), features: featuresOf(places) };
      conversation.hear({ id: 1, note: "returned", first: event.first, ...theirs });
    },
  }).report;
  expect(kinds(told).filter((kind) => kind === "portion")).toHaveLength(2);
  expect(core.reported).toEqual(whole(40));
});

it("waits for room before it decodes an image of many pixels", async () => {
  const conversation = new Conversation();
  const { report, events } = analyse(new StandIn(1), { pixels: 11, conversation });
  // All that follows at once has happened by the next turn.
  await new Promise((go) => setTimeout(go));
  expect(events).toEqual([{ kind: "wants", pixels: 11 }]);
  conversation.hear({ id: 1, note: "room" });
  await report;
  expect(kinds(events)).toEqual(["wants", "plan", "results"]);
});

it("stops between two portions, and while it waits", async () => {
  const conversation = new Conversation();
  const core = new StandIn(40, () => conversation.hear({ id: 1, note: "stop" }));
  await expect(analyse(core, { conversation }).report).rejects.toBeInstanceOf(Stopped);
  expect(core.own).toHaveLength(1);
  const waiting = new Conversation();
  const { report } = analyse(core, { pixels: 11, conversation: waiting });
  setTimeout(() => waiting.hear({ id: 1, note: "stop" }));
  await expect(report).rejects.toBeInstanceOf(Stopped);
});

it.each([
  ["tiff_lzw.tif", 1e6, { coarse: false }],
  ["tiff_big.tif", 1e6, { coarse: false }],
  ["tiff_big_tiled.tif", 100e6, { coarse: false }],
  ["webp_orientation_6.webp", 1e6, { coarse: false }],
  ["webp_lossy.webp", 1e6, null],
  ["webp_lossless_alpha.webp", 32e6, null],
  ["jpeg_orientation_6.jpg", 32e6, null],
  ["jpeg_orientation_6.jpg", 33e6, { coarse: true }],
  ["png_orientation_6.png", 1e6, null],
])("what stands in for %s of %d pixels: %o", (name, pixels, wanted) => {
  const url = new URL(`../../tests/fixtures/good/${name}`, import.meta.url);
  expect(standInFor(readFileSync(url), pixels)).toEqual(wanted);
});
