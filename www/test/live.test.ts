// Looking through a camera: which frames are looked at, what scale they have, and what is kept of them.

import { afterEach, describe, expect, it, vi } from "vitest";
import { deferred } from "../src/base/deferred.ts";
import { openCamera, TROUBLES, troubleOf } from "../src/live/camera.ts";
import { fieldName } from "../src/live/field.ts";
import {
  MOST_OBJECTIVES,
  type Objective,
  Objectives,
  objectivesFrom,
  scaleOfLine,
  scaleUnder,
} from "../src/live/objectives.ts";
import { withScale } from "../src/live/png-scale.ts";
import { Rate, watch } from "../src/live/watching.ts";
import { liveWords as de } from "../src/words/de-live.ts";
import { liveWords as en } from "../src/words/en-live.ts";

const FORTY: Objective = { name: "40×", umPerPixel: 0.25, width: 1920, height: 1440, zoom: 1 };

/** As Python wrote it. */
const ONE_PIXEL = Uint8Array.from([
  137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 144,
  119, 83, 222, 0, 0, 0, 12, 73, 68, 65, 84, 120, 156, 99, 96, 100, 98, 6, 0, 0, 14, 0, 7, 215, 111, 228, 120,
  0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
]);

function chunksOf(png: Uint8Array): { name: string; data: number[]; crc: number }[] {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks = [];
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...png.subarray(at + 4, at + 8));
    const data = [...png.subarray(at + 8, at + 8 + length)];
    chunks.push({ name, data, crc: view.getUint32(at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

/** A camera whose frames come when the test says so, and an engine likewise. */
function field(lanes: number) {
  const frames: { resolve(frame: number): void }[] = [];
  const looks = new Map<number, { resolve(result: number): void; reject(error: unknown): void }>();
  const results: number[] = [];
  const troubles: unknown[] = [];
  const stop = new AbortController();
  let made = 0;
  const over = watch<number, number>(
    {
      lanes: () => lanes,
      next: () => {
        const frame = deferred<number>();
        frames.push(frame);
        return frame.promise;
      },
      look: (frame) => {
        const look = deferred<number>();
        looks.set(frame, look);
        return look.promise;
      },
      onResult: (result) => results.push(result),
      onTrouble: (error) => troubles.push(error),
    },
    stop.signal,
  );
  const settle = () => new Promise((done) => setTimeout(done));
  return {
    over,
    stop,
    results,
    troubles,
    /** A frame comes; whether anybody wanted it. */
    async frame() {
      await settle();
      const waiting = frames.shift();
      waiting?.resolve(++made);
      await settle();
      return waiting !== undefined;
    },
    async found(frame: number) {
      looks.get(frame)?.resolve(frame);
      await settle();
    },
    async fails(frame: number, error: unknown) {
      looks.get(frame)?.reject(error);
      await settle();
    },
  };
}

describe("a moving field", () => {
  it("has as many frames looked at as there are workers, and no frame waits", async () => {
    const { frame, found, results } = field(2);
    expect([await frame(), await frame(), await frame()]).toEqual([true, true, false]);
    await found(1);
    expect(await frame()).toBe(true);
    expect(await frame()).toBe(false);
    expect(results).toEqual([1]);
  });

  it("never shows an older frame after a newer one", async () => {
    const { frame, found, results } = field(2);
    await frame();
    await frame();
    await found(2);
    await found(1);
    expect(results).toEqual([2]);
  });

  it("ends with the first frame that cannot be looked at, and says so once", async () => {
    const { frame, fails, troubles, over, results } = field(2);
    await frame();
    await frame();
    const error = new Error("trap");
    await fails(1, error);
    await fails(2, new Error("and another"));
    await over;
    expect(troubles).toEqual([error]);
    expect(results).toEqual([]);
  });

  it("shows nothing more once it is stopped", async () => {
    const { frame, found, stop, results, over } = field(1);
    await frame();
    stop.abort();
    await found(1);
    await over;
    expect(results).toEqual([]);
  });

  it("knows how many fields a second there are, over the last moments", () => {
    const rate = new Rate();
    expect(rate.count(0)).toBe(0);
    expect(rate.count(200)).toBe(5);
    expect(rate.count(400)).toBe(5);
    // What is long past does not count.
    expect(rate.count(10_000)).toBe(0);
    expect(rate.count(10_100)).toBe(10);
  });
});

describe("an objective", () => {
  it("tells the scale of frames of any size, as long as they show the same", () => {
    const half = { width: 960, height: 720, zoom: 1 };
    expect(scaleUnder(FORTY, FORTY)).toBe(0.25);
    expect(scaleUnder(FORTY, half)).toBe(0.5);
    // Cut off above and below, or enlarged by the camera.
    expect(scaleUnder(FORTY, { ...half, height: 540 })).toBeNull();
    expect(scaleUnder(FORTY, { ...half, zoom: 2 })).toBeNull();
    expect(scaleUnder({ ...FORTY, umPerPixel: 90 }, half)).toBeNull();
    expect(scaleUnder(null, half)).toBeNull();
  });

  it("is calibrated by a line of known length", () => {
    expect(scaleOfLine({ x: 100, y: 200 }, { x: 400, y: 600 }, 125)).toBe(0.25);
    const point = { x: 5, y: 5 };
    expect(scaleOfLine(point, point, 100)).toBeNull();
    for (const length of [0, -1, Number.NaN, 1e6]) {
      expect(scaleOfLine(point, { x: 105, y: 5 }, length), String(length)).toBeNull();
    }
  });

  it("is kept until it is removed, one of each name", () => {
    let text = "";
    const place = {
      recall: () => text,
      remember: (kept: string) => {
        text = kept;
      },
    };
    const first = new Objectives(place);
    first.add(FORTY);
    first.add({ ...FORTY, name: "10×", umPerPixel: 1 });
    first.add({ ...FORTY, umPerPixel: 0.26 });
    expect(first.chosen.value?.umPerPixel).toBe(0.26);

    const next = new Objectives(place);
    expect(next.all.value.map(({ name }) => name)).toEqual(["10×", "40×"]);
    expect(next.chosen.value).toBeNull();
    next.choose("10×");
    next.remove({ ...FORTY, name: "10×" });
    expect(next.chosen.value).toBeNull();
    next.remove(FORTY);
    expect(text).toBe("");
    first.read();
    expect([first.all.value, first.chosen.value]).toEqual([[], null]);
  });

  it("is taken from storage only where it is one", () => {
    const bad = [
      null,
      "40×",
      {},
      { ...FORTY, name: "" },
      { ...FORTY, name: "x".repeat(100) },
      { ...FORTY, umPerPixel: "0.25" },
      { ...FORTY, umPerPixel: 0 },
      { ...FORTY, width: -1 },
      { ...FORTY, zoom: null },
    ];
    expect(objectivesFrom(JSON.stringify([...bad, FORTY]))).toEqual([FORTY]);
    expect(objectivesFrom("{")).toEqual([]);
    expect(objectivesFrom('{"length":1}')).toEqual([]);
    const many = Array.from({ length: 100 }, (_, index) => ({ ...FORTY, name: String(index) }));
    expect(objectivesFrom(JSON.stringify(many))).toHaveLength(MOST_OBJECTIVES);
  });
});

describe("a field that is kept", () => {
  it("is named by the moment and the objective", () => {
    const when = new Date(2026, 10, 7, 3, 5, 9, 42);
    expect(fieldName(when, null)).toBe("field-2026-11-07-03-05-09-042.png");
    expect(fieldName(when, FORTY)).toBe("field-2026-11-07-03-05-09-042-40x.png");
    expect(fieldName(when, { ...FORTY, name: "Plan/Apo 20×/0.8" })).toBe(
      "field-2026-11-07-03-05-09-042-Plan-Apo-20x-0-8.png",
    );
    expect(fieldName(when, { ...FORTY, name: "../.." })).toBe("field-2026-11-07-03-05-09-042.png");
  });

  it("says its scale as PNG has it, and stays the same picture", () => {
    const chunks = chunksOf(withScale(ONE_PIXEL, 0.25));
    expect(chunks.map(({ name }) => name)).toEqual(["IHDR", "pHYs", "IDAT", "IEND"]);
    const view = new DataView(Uint8Array.from(chunks[1]?.data ?? []).buffer);
    // Four million pixels a metre, either way; the unit is the metre.
    expect([view.getUint32(0), view.getUint32(4), view.getUint8(8)]).toEqual([4e6, 4e6, 1]);
    // As Python's `zlib.crc32` has it.
    expect(chunks[1]?.crc).toBe(0x6ca50e28);
    expect(chunks.filter(({ name }) => name !== "pHYs")).toEqual(chunksOf(ONE_PIXEL));
  });
});

describe("the camera of a phone", () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A camera with what it can do and is set to; `refuses` what it is asked for later. */
  async function phone(capabilities: object, refuses = false) {
    const settings: Record<string, unknown> = { deviceId: "rear", torch: false, zoom: 1 };
    const asked: MediaStreamConstraints[] = [];
    const track = {
      getCapabilities: () => capabilities,
      getSettings: () => settings,
      applyConstraints: async ({ advanced = [] }: MediaTrackConstraints) => {
        if (refuses) throw new DOMException("not now", "OverconstrainedError");
        Object.assign(settings, ...advanced);
      },
    };
    const stream = { getVideoTracks: () => [track], getTracks: () => [track] };
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("navigator", {
      mediaDevices: {
        getUserMedia: async (wanted: MediaStreamConstraints) => {
          asked.push(wanted);
          return stream;
        },
      },
    });
    return { camera: await openCamera(null), asked };
  }

  it("is the one on its back, without sound, unless another is chosen", async () => {
    const { asked } = await phone({});
    expect(asked[0]).toMatchObject({ audio: false, video: { facingMode: { ideal: "environment" } } });
    await openCamera("front");
    expect(asked[1]?.video).toMatchObject({ deviceId: { exact: "front" } });
    expect(asked[1]?.video).not.toHaveProperty("facingMode");
  });

  it("has its light and zoom set where it has them", async () => {
    const { camera } = await phone({ torch: true, zoom: { min: 1, max: 8, step: 0.5 } });
    expect([camera.hasTorch, camera.torch, camera.zoom]).toEqual([true, false, 1]);
    expect(camera.zoomRange).toEqual({ min: 1, max: 8, step: 0.5 });
    await camera.set({ torch: true });
    await camera.set({ zoom: 3 });
    expect([camera.torch, camera.zoom]).toEqual([true, 3]);
  });

  it("stays as it is where it refuses, and offers nothing that it has not", async () => {
    const { camera } = await phone({ torch: true }, true);
    await camera.set({ torch: true });
    expect(camera.torch).toBe(false);
    expect([camera.zoomRange, camera.zoom]).toEqual([null, 1]);
    const { camera: plain } = await phone({});
    expect(plain.hasTorch).toBe(false);
  });
});

describe("what keeps a camera from being used", () => {
  it.each([
    ["NotAllowedError", "camera_refused"],
    ["SecurityError", "camera_refused"],
    ["NotFoundError", "camera_missing"],
    ["OverconstrainedError", "camera_missing"],
    ["NotReadableError", "camera_in_use"],
    ["AbortError", "camera_in_use"],
    ["TypeError", "camera_failed"],
  ])("%s is %s", (name, code) => {
    expect(troubleOf(Object.assign(new Error("why"), { name })).code).toBe(code);
  });

  it.each(TROUBLES)("%s has words and a remedy in both languages", (code) => {
    for (const { troubles } of [en, de]) {
      expect(troubles[code].message).toMatch(/\.$/);
      expect(troubles[code].remedy).toMatch(/\.$/);
    }
    expect(en.troubles[code].message).not.toBe(de.troubles[code].message);
  });
});
