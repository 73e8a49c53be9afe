// One image in a worker, from the bytes of its file to its report.
//
//   read -> (room) -> decode and screen -> plan -> portions, own and lent -> report
//
// Each portion is placed by the voters that it holds, so the report cannot depend on who looked at what, nor when.

import type * as int8 from "../../pkg/histoscope.js";
import type * as general from "../../pkg-general/histoscope.js";
import type { Conversation } from "./conversation.ts";
import type { Analysed, AnalysisEvent, BatchResult, Calls, SoFar } from "./protocol.ts";

export type Session = int8.Session | general.Session;
type Micrograph = ReturnType<Session["decode"]>;

/** What the analysis needs besides the image. */
export interface Workplace {
  readonly session: Session;
  readonly announcedPixels: (bytes: Uint8Array) => number;
  readonly read: (file: Blob | ArrayBuffer) => Promise<Uint8Array<ArrayBuffer>>;
  readonly conversation: Conversation;
  /** `more`: what is told next follows at once, and may come together with this. */
  readonly tell: (event: AnalysisEvent, transfer?: Transferable[], more?: boolean) => void;
}

/** The model itself judges: the page has lessons judge afterwards, those that were found before included. */
const NO_LESSON = "";

/**
 * Patches that the worker looks at between two breaths, at most: so long a note waits, some tens of milliseconds.
 */
const OWN_PORTION = 8;

/** So many patches take no longer than it takes the page to hear of them and to answer. */
const SHORT = 2;

/** While others help, a portion is this part of an even share of what is left, so that all are done at one time. */
const PART_OF_SHARE = 3;

/**
 * An image of more pixels is not decoded again by the browser, which would take four bytes for each of them beside the
 * three that it takes here.
 */
const LARGE_PIXELS = 32e6;

/** The longer side of the picture that stands in for an image, in pixels. */
const PREVIEW_SIDE = 1600;
const PREVIEW_QUALITY = 0.9;

// Nothing below frees in a `finally`: after a trap, freeing would trap again and hide the first error, and the
// worker is thrown away. Objects left behind by an ordinary error are freed by wasm-bindgen's finalizers.

export async function analyseImage(
  { lesson = NO_LESSON, ...request }: Calls["analyse"]["request"],
  workplace: Workplace,
): Promise<Analysed> {
  const { session, conversation, tell } = workplace;
  // It may have waited here for its turn.
  conversation.goOn();
  const { image, standIn } = await decoded(request, workplace);
  const { decode_ms: decode, screen_ms: screen, voter_count: voters } = image;
  const planned = performance.now();
  if (standIn !== null) tell({ kind: "preview", picture: await preview(image), ...standIn });
  // At once, for a copy is told by it and need not be looked at, unless that is done before anybody could say so.
  tell({ kind: "plan", plan: image.plan() }, [], voters <= SHORT);

  const begun = performance.now();
  const said = new Said(voters, session.classes.length);
  const most = Math.min(OWN_PORTION, batchSize(request.options));
  let next = 0;
  let lent = 0;
  const takeBack = () => {
    for (const { first, ...theirs } of conversation.takeReturned()) {
      said.place(first, theirs);
      lent--;
    }
  };
  while (next < voters) {
    await conversation.breath();
    takeBack();
    const portion = () => {
      const share = (voters - next) / (PART_OF_SHARE * conversation.workers);
      return Math.min(voters - next, conversation.workers > 1 ? Math.min(most, Math.ceil(share)) : most);
    };
    while (conversation.credits > 0 && next < voters) {
      const count = portion();
      // wasm-bindgen copies the pixels out of the engine's memory into an array that has its buffer to itself.
      const buffer = image.pixels(next, count).buffer as ArrayBuffer;
      tell({ kind: "portion", first: next, pixels: buffer }, [buffer]);
      conversation.credits--;
      next += count;
      lent++;
    }
    if (next === voters) break;
    const count = portion();
    const { features, ...results } = unpack(session, session.infer_voters(image, next, count));
    said.place(next, { features, logits: results.logits });
    next += count;
    tell(
      { kind: "results", first: next - count, results },
      buffersOf(results),
      next === voters && lent === 0,
    );
  }
  while (lent > 0) {
    await conversation.someReturned();
    takeBack();
  }
  const finished = performance.now();
  const timings = {
    decode,
    screen,
    // Where nothing votes, what passes is not the network's time.
    inference: voters > 0 ? finished - begun : 0,
    // From the start of decoding: the time in the queue says nothing about the image.
    total: finished - planned + decode + screen,
  };
  const { logits, features } = said;
  return { report: session.report(image, logits, features, lesson, JSON.stringify(timings)), features };
}

/** By itself, so that nothing holds the file's bytes once its pixels are there. */
async function decoded(
  { file, filename, options, unasked }: Calls["analyse"]["request"],
  { session, announcedPixels, read, conversation, tell }: Workplace,
) {
  const bytes = await read(file);
  const pixels = announcedPixels(bytes);
  if (pixels > unasked) {
    tell({ kind: "wants", pixels });
    await conversation.room();
  }
  return { image: session.decode(bytes, filename, options), standIn: standInFor(bytes, pixels) };
}

/** What the network says of all voters, each result in its place. */
class Said {
  /** `[voters, columns]` */
  readonly logits: Float32Array;
  /** `[voters, features]`, from the first result on; empty where the model gives none. */
  features = new Float32Array(0);

  constructor(
    readonly voters: number,
    readonly columns: number,
  ) {
    this.logits = new Float32Array(columns * voters);
  }

  place(first: number, { logits, features }: Pick<BatchResult, "logits" | "features">): void {
    const each = (features.length * this.columns) / logits.length;
    if (this.features.length === 0) this.features = new Float32Array(each * this.voters);
    this.logits.set(logits, this.columns * first);
    this.features.set(features, each * first);
  }
}

/** The engine's answer as arrays of its own. */
export function unpack({ classes }: Session, output: ReturnType<Session["infer"]>): BatchResult {
  const result = {
    classes,
    logits: output.logits as Float32Array<ArrayBuffer>,
    probabilities: output.probabilities as Float32Array<ArrayBuffer>,
    features: output.features as Float32Array<ArrayBuffer>,
    cam: output.cam as Float32Array<ArrayBuffer>,
    camWidth: output.cam_width,
    camHeight: output.cam_height,
  };
  output.free();
  return result;
}

export const buffersOf = ({
  logits,
  probabilities,
  cam,
  features,
}: SoFar & Partial<BatchResult>): ArrayBuffer[] =>
  [logits, probabilities, cam, ...(features === undefined ? [] : [features])].map(({ buffer }) => buffer);

/** The core has checked it by now; it only says how fine the progress is. */
const batchSize = (options: string): number =>
  (JSON.parse(options) as { readonly batch_size?: number }).batch_size ?? OWN_PORTION;

const TIFF_MARKS = ["II*\0", "MM\0*", "II+\0", "MM\0+"];
/** In the flags of an extended WebP. */
const WEBP_HAS_EXIF = 0x08;

/** Whether a small picture of the core's stands in for the file, and whether that one shows the same with more pixels. */
export function standInFor(bytes: Uint8Array, pixels: number): { readonly coarse: boolean } | null {
  if (isUnshown(bytes)) return { coarse: false };
  return pixels > LARGE_PIXELS ? { coarse: true } : null;
}

/**
 * Whether browsers do not show the picture as the core reads it: no TIFF at all, and a WebP whose EXIF data turn it lies on
 * its side, for they do not look there.
 */
function isUnshown(bytes: Uint8Array): boolean {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (TIFF_MARKS.includes(text(0, 4))) return true;
  const extended = text(0, 4) === "RIFF" && text(8, 16) === "WEBPVP8X";
  return extended && ((bytes[20] ?? 0) & WEBP_HAS_EXIF) !== 0;
}

async function preview(image: Micrograph): Promise<Blob> {
  const small = image.preview(PREVIEW_SIDE);
  const { width, height } = small;
  const pixels = new ImageData(new Uint8ClampedArray(small.rgba), width, height);
  small.free();
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg", quality: PREVIEW_QUALITY });
}
