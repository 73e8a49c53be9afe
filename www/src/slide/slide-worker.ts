// The worker that reads one slide: slices of its file in, tiles and patches out.

import init, {
  annotations,
  map_picture,
  regions_from_geojson,
  Slide,
  whole_slide_series,
} from "../../pkg-slide/histoscope_slide.js";
import { ofCore } from "../engine/core-error.ts";
import type { WireError } from "../engine/protocol.ts";
import { readsFiles } from "../engine/reads-files.ts";
import type {
  SlideCallName,
  SlideCalls,
  SlideFile,
  SlideNote,
  SlideRequest,
  SlideResponse,
} from "./protocol.ts";
import { isUrgent, nextOf } from "./queue.ts";

declare const self: DedicatedWorkerGlobalScope;

let slide: Slide | null = null;
let queue: SlideRequest[] = [];
let busy = false;

function opened(): Slide {
  if (slide === null) throw new Error("no slide is open in this worker");
  return slide;
}

/** A file as the module reads it: at once, in slices, never as a whole. */
const sourceOf = (file: SlideFile) => {
  if (!(file instanceof File)) {
    const { name, bytes } = file;
    const read = (offset: number, length: number) => new Uint8Array(bytes, offset, length);
    return { name, size: bytes.byteLength, read };
  }
  const reader = new FileReaderSync();
  return {
    name: file.name,
    size: file.size,
    read: (offset: number, length: number) =>
      new Uint8Array(reader.readAsArrayBuffer(file.slice(offset, offset + length))),
  };
};

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
  free(): void;
}

function bitmapOf(picture: Picture): Promise<ImageBitmap> {
  const { width, height, rgba } = picture;
  const pixels = new ImageData(new Uint8ClampedArray(rgba.buffer as ArrayBuffer), width, height);
  picture.free();
  return createImageBitmap(pixels);
}

type Answer = { result: SlideCalls[SlideCallName]["result"]; transfer?: Transferable[] };

const picture = async (of: Picture): Promise<Answer> => {
  const result = await bitmapOf(of);
  return { result, transfer: [result] };
};

async function answer(request: SlideRequest): Promise<Answer> {
  switch (request.call) {
    case "start":
      await init({ module_or_path: request.module });
      return { result: { readsFiles: await readsFiles() } };
    case "series":
      return { result: request.files.map((file) => whole_slide_series(sourceOf(file)) ?? null) };
    case "open":
      slide = new Slide(request.files.map(sourceOf));
      return { result: JSON.parse(slide.describe()) };
    case "setScale":
      opened().set_um_per_pixel(request.umPerPixel);
      return { result: null };
    case "thumbnail":
      return picture(opened().thumbnail(request.side));
    case "tissue":
      return { result: JSON.parse(opened().tissue(JSON.stringify(request.strokes))) };
    case "plan":
      return { result: JSON.parse(opened().plan(JSON.stringify(request.options))) };
    case "patches": {
      const pixels = opened().patches(request.indices).buffer as ArrayBuffer;
      return { result: { pixels, faults: JSON.parse(opened().faults()) }, transfer: [pixels] };
    }
    case "tile":
      return picture(opened().tile(request.level, request.column, request.row));
    case "map": {
      const file = map_picture(JSON.stringify(request.map), request.format).buffer as ArrayBuffer;
      return { result: file, transfer: [file] };
    }
    case "annotations":
      return { result: JSON.parse(annotations(JSON.stringify(request.regions))) };
    case "regionsFrom":
      return { result: JSON.parse(regions_from_geojson(request.geojson)) };
    default:
      return request satisfies never;
  }
}

function failure(thrown: unknown): { error: WireError; poisoned: boolean } {
  const error = ofCore(thrown);
  if (error !== null) return { error, poisoned: false };
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return { error: { code: "internal", message, remedy: "", fault: "internal" }, poisoned: true };
}

async function handle(request: SlideRequest): Promise<void> {
  const { id } = request;
  const post = (response: SlideResponse, transfer: Transferable[] = []) =>
    self.postMessage(response, transfer);
  try {
    const { result, transfer } = await answer(request);
    post({ id, result }, transfer);
  } catch (thrown) {
    post({ id, ...failure(thrown) });
  }
}

/** A turn of the event loop, in which what was asked meanwhile is heard. */
const turns = new MessageChannel();
turns.port1.onmessage = () => void work();

async function work(): Promise<void> {
  const next = nextOf(queue, isUrgent);
  if (next === null) {
    busy = false;
    return;
  }
  queue = queue.filter((request) => request !== next);
  await handle(next);
  turns.port2.postMessage(null);
}

self.onmessage = ({ data }: MessageEvent<SlideRequest | SlideNote>) => {
  if ("drop" in data) {
    queue = queue.filter(({ id }) => id !== data.drop);
    return;
  }
  queue.push(data);
  if (busy) return;
  busy = true;
  turns.port2.postMessage(null);
};
