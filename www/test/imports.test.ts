// Saved reports on their way to the core and back: who reads them, in which portions, and what a refusal does.

import { describe, expect, it } from "vitest";
import { ImageError } from "../src/base/errors.ts";
import type { SavedEvent } from "../src/engine/protocol.ts";
import { readSaved } from "../src/engine/saved-reports.ts";
import type { EngineParts } from "../src/engine/worker-handle.ts";
import { MAX_REPORTS_BYTES } from "../src/study/core-types.ts";
import { importReport } from "../src/study/imports.ts";
import { type ReadSaved, readingWith } from "../src/study/reading.ts";
import { replay } from "../src/study/replay.ts";
import { isReportFile } from "../src/study/report.ts";
import { FakeWorker, settled } from "./fake-worker.ts";
import { imageReport } from "./reports.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer;

function told(contents: Parameters<typeof readSaved>[0], read: (json: Uint8Array) => string[]): SavedEvent[] {
  const events: SavedEvent[] = [];
  readSaved(contents, read, (event) => events.push(event));
  return events;
}

describe("the worker", () => {
  it("hands files and kept reports to the core, and says of each what it holds", () => {
    const read = (json: Uint8Array) => [JSON.stringify({ path: text(json) })];
    expect(told([bytes("a file"), { kept: 1 }], read)).toEqual([
      { place: 0, saved: '[{"path":"a file"}]' },
      { place: 1, saved: '[{"path":"{\\"kept\\":1}"}]' },
    ]);
  });

  it("tells many images in portions, and none twice", () => {
    const images = Array.from({ length: 1000 }, (_, index) =>
      JSON.stringify({ index, text: "x".repeat(1000) }),
    );
    const events = told([bytes("")], () => images);
    expect(events.length).toBeGreaterThan(2);
    const portions = events.map((event) => ("saved" in event ? event.saved : ""));
    expect(portions.flatMap((portion) => JSON.parse(portion))).toEqual(
      images.map((image) => JSON.parse(image)),
    );
    expect(Math.max(...portions.map(({ length }) => length))).toBeLessThan(2 ** 18 + 2000);
  });

  it("says why one is refused, reads the next, and lets a trap be one", () => {
    const refused = Object.assign(new Error("no"), { code: "report_invalid", remedy: "r", fault: "image" });
    const read = (json: Uint8Array) => {
      if (text(json) === "bad") throw refused;
      return ["1"];
    };
    expect(told([bytes("bad"), bytes("good")], read)).toEqual([
      { place: 0, error: { code: "report_invalid", message: "no", remedy: "r", fault: "image" } },
      { place: 1, saved: "[1]" },
    ]);
    const trap = () => {
      throw new WebAssembly.RuntimeError("unreachable");
    };
    expect(() => told([bytes("")], trap)).toThrow("unreachable");
  });
});

describe("the page", () => {
  it("needs the small core alone, in a worker that goes when all is read", async () => {
    let worker: FakeWorker | undefined;
    const compiled: string[] = [];
    const parts: EngineParts = {
      modules: {
        compiled: async (edition) => {
          compiled.push(edition);
          return {} as WebAssembly.Module;
        },
        keep: async () => {},
      },
      spawn: (name) => {
        worker = new FakeWorker(name);
        queueMicrotask(() => worker?.hello());
        return worker;
      },
      watch: () => new Promise(() => {}),
      release: () => {},
    };
    const found: unknown[] = [];
    const done = readingWith(async () => parts)((read) =>
      read([bytes("x")], (place, saved) => found.push([place, saved])),
    );
    await settled();
    const { id } = worker?.take("readSaved") ?? { id: 0 };
    worker?.tell(id, { place: 0, saved: '[{"path":"a"}]' });
    const error = { code: "report_invalid", message: "m", remedy: "r", fault: "image" } as const;
    worker?.tell(id, { place: 1, error });
    worker?.answer(id, null);
    await done;
    expect(compiled).toEqual(["int8"]);
    expect(found).toEqual([
      [0, [{ path: "a" }]],
      [1, expect.objectContaining({ name: "ImageError", code: "report_invalid", message: "m" })],
    ]);
    expect(worker?.terminated).toBe(true);
  });

  it("refuses a file that is too large before it reads it", async () => {
    const file = { size: MAX_REPORTS_BYTES + 1, arrayBuffer: () => expect.unreachable() } as unknown as File;
    const never: ReadSaved = () => expect.unreachable();
    await expect(importReport(file, never, () => {})).rejects.toMatchObject({ code: "report_too_large" });
  });

  it("passes a refusal on", async () => {
    const refusing: ReadSaved = async (_, take) => take(0, new ImageError("report_invalid", "m", "r"));
    const take = () => expect.unreachable();
    await expect(importReport(new File(["{}"], "a.json"), refusing, take)).rejects.toThrow("m");
  });
});

it("a report's patches become the plan and the rows of its map", () => {
  const { plan, probabilities } = replay(imageReport("a.png", 0.75));
  expect(plan).toMatchObject({ width: 700, height: 230, grid: { patch_size: 224 }, voters: [0, 1] });
  expect([...probabilities]).toEqual([0.25, 0.75, 0.25, 0.75]);
});

it.each([
  ["report.json", "", true],
  ["REPORT.JSON", "", true],
  ["report", "application/json", true],
  ["a.png", "image/png", false],
])("%s of type %j is a report: %s", (name, type, expected) => {
  expect(isReportFile({ name, type })).toBe(expected);
});
