// The worker: one model, one call at a time. Converts messages to calls of the wasm core and back; decides nothing.

import initInt8, * as int8 from "../../pkg/histoscope.js";
import initGeneral, * as general from "../../pkg-general/histoscope.js";
import type {
  BatchResult,
  Calls,
  DecodeEvent,
  Edition,
  ProtocolVersion,
  Request,
  Response,
  WireError,
} from "./protocol.ts";

declare const self: DedicatedWorkerGlobalScope;

const PROTOCOL: ProtocolVersion = 7;

/** The longer side of the picture that stands in for an image that browsers cannot show, in pixels. */
const PREVIEW_SIDE = 1600;
const PREVIEW_QUALITY = 0.9;

/** Each edition has a glue of its own; the two builds of the int8 one share theirs. */
const EDITIONS = {
  int8: { init: initInt8, core: int8 },
  general: { init: initGeneral, core: general },
} satisfies Record<Edition, unknown>;

type Session = int8.Session | general.Session;
type Micrograph = ReturnType<Session["decode"]>;

let session: Session | null = null;
/** Of the edition that the session belongs to. */
let engineInfo = "";

/**
 * An error that the core or this file made on purpose, as opposed to a trap. Those of this file stand in the page's
 * words to the letter, where their translation is found.
 */
class CodedError extends Error {
  constructor(readonly wire: WireError) {
    super(wire.message);
  }
}

function post(response: Response, transfer: Transferable[] = []): void {
  self.postMessage(response, transfer);
}

function opened(): Session {
  if (session === null) throw new Error("no model is open in this worker");
  return session;
}

async function start({
  protocol,
  edition,
  module,
}: Pick<Calls["open"]["request"], "protocol" | "edition" | "module">): Promise<void> {
  if (protocol !== PROTOCOL) {
    throw new CodedError({
      code: "protocol_mismatch",
      message: `The page speaks version ${protocol} of its protocol, its worker version ${PROTOCOL}.`,
      remedy: "Reload the page without the cache (Ctrl+Shift+R).",
      fault: "internal",
    });
  }
  await EDITIONS[edition].init({ module_or_path: module });
}

async function open(request: Calls["open"]["request"]): Promise<null> {
  await start(request);
  const { core } = EDITIONS[request.edition];
  session?.free();
  // Cleared first: if the model is refused, the one before must not answer in its name.
  session = null;
  session = new core.Session(request.model, request.manifest, request.variant, request.runtime);
  engineInfo = core.engine_info();
  return null;
}

async function read(file: Blob | ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
  if (file instanceof ArrayBuffer) return new Uint8Array(file);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new CodedError({
      code: "file_unreadable",
      message: `The browser could not read the file: ${error instanceof Error ? error.message : error}`,
      remedy: "See that the file still lies where it was chosen and may be read, then add it again.",
      fault: "image",
    });
  }
}

/** In hexadecimal, computed beside the worker's own thread; null where the browser does not. */
async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  try {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch {
    // An address that is not secure has no `subtle`. Nothing but the search for copies needs it.
    return null;
  }
}

/** TIFF is the one format that the core reads and browsers do not show. */
function isTiff(bytes: Uint8Array): boolean {
  const mark = String.fromCharCode(...bytes.subarray(0, 4));
  return mark === "II*\0" || mark === "MM\0*";
}

// Nothing below frees in a `finally`: after a trap, freeing would trap again and hide the first error, and the
// worker is thrown away. Objects left behind by an ordinary error are freed by wasm-bindgen's finalizers.

async function picture(micrograph: Micrograph): Promise<Blob> {
  const preview = micrograph.preview(PREVIEW_SIDE);
  const { width, height } = preview;
  const pixels = new ImageData(new Uint8ClampedArray(preview.rgba), width, height);
  preview.free();
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
  return canvas.convertToBlob({ type: "image/jpeg", quality: PREVIEW_QUALITY });
}

async function decode(
  { file, filename, options }: Calls["decode"]["request"],
  tell: (event: DecodeEvent, transfer?: Transferable[]) => void,
): Promise<null> {
  const bytes = await read(file);
  const hashed = digest(bytes);
  const micrograph = opened().decode(bytes, filename, options);
  const { batch_count: batchCount, decode_ms: decodeMs, screen_ms: screenMs } = micrograph;
  const sha256 = await hashed;
  tell({ kind: "plan", plan: micrograph.plan(), batchCount, decodeMs, screenMs, sha256 });
  if (isTiff(bytes)) tell({ kind: "preview", picture: await picture(micrograph) });
  for (let index = 0; index < batchCount; index++) {
    // wasm-bindgen copies the pixels out of the engine's memory into an array that has its buffer to itself.
    const pixels = micrograph.batch(index).buffer as ArrayBuffer;
    tell({ kind: "batch", index, pixels }, [pixels]);
  }
  micrograph.free();
  return null;
}

function infer({ pixels }: Calls["infer"]["request"]): BatchResult {
  const output = opened().infer(new Uint8Array(pixels));
  const result = {
    logits: output.logits as Float32Array<ArrayBuffer>,
    probabilities: output.probabilities as Float32Array<ArrayBuffer>,
    cam: output.cam as Float32Array<ArrayBuffer>,
    camWidth: output.cam_width,
    camHeight: output.cam_height,
  };
  output.free();
  return result;
}

function warmUp(): null {
  const { patch_size: side } = JSON.parse(opened().model_info()) as { patch_size: number };
  opened()
    .infer(new Uint8Array(side * side * 3))
    .free();
  return null;
}

type Answer = { result: Calls[keyof Calls]["result"]; transfer?: Transferable[] };

async function answer(request: Request): Promise<Answer> {
  switch (request.call) {
    case "open":
      return { result: await open(request) };
    case "inspect":
      await start(request);
      return { result: general.inspect_model(request.model) };
    case "describe":
      return { result: { model: opened().model_info(), engine: engineInfo } };
    case "decode":
      return {
        result: await decode(request, (event, transfer) =>
          post({ type: "event", id: request.id, event }, transfer),
        ),
      };
    case "warmUp":
      return { result: warmUp() };
    case "infer": {
      const result = infer(request);
      return { result, transfer: [result.logits.buffer, result.probabilities.buffer, result.cam.buffer] };
    }
    case "report":
      return {
        result: opened().report(
          request.plan,
          new Float32Array(request.logits),
          JSON.stringify(request.timings),
        ),
      };
    case "aggregate":
      return { result: opened().folder_report(request.reports, request.keepDuplicates) };
    default:
      return request satisfies never;
  }
}

function isCoded(thrown: unknown): thrown is Error & WireError {
  return thrown instanceof Error && typeof (thrown as Partial<WireError>).code === "string";
}

/** What was thrown, for the page; anything that nobody threw on purpose means that the engine can't be trusted. */
function failure(thrown: unknown): { error: WireError; poisoned: boolean } {
  if (thrown instanceof CodedError) return { error: thrown.wire, poisoned: false };
  if (isCoded(thrown)) {
    const { code, message, remedy, fault } = thrown;
    return { error: { code, message, remedy, fault }, poisoned: false };
  }
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return { error: { code: "internal", message, remedy: "", fault: "internal" }, poisoned: true };
}

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  try {
    const { result, transfer } = await answer(request);
    post({ type: "result", id: request.id, result }, transfer);
  } catch (thrown) {
    post({ type: "failed", id: request.id, ...failure(thrown) });
  }
};

// A worker that ends tells nobody. The lock of its name is free again the moment it is gone, for whatever reason;
// the page waits for that lock. (Web Locks need a secure context, and an origin, which a page opened as a file has not
// in every browser; without them only reported errors are seen.)
async function greet(watched: boolean): Promise<void> {
  post({ type: "hello", protocol: PROTOCOL, watched, reads: await readsFiles() });
}

/** To be asked only where there is no origin: it costs the start some time. */
async function readsFiles(): Promise<boolean> {
  if (self.origin !== "null") return true;
  return new Blob(["?"]).arrayBuffer().then(
    () => true,
    () => false,
  );
}

if ("locks" in navigator) {
  const held = () => {
    void greet(true);
    return new Promise<never>(() => {});
  };
  navigator.locks.request(self.name, held).catch(() => greet(false));
} else {
  void greet(false);
}
