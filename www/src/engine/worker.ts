// The worker: one model, one call at a time. Converts messages to calls of the wasm core and back; what happens to an
// image stands in `image-analysis.ts`.

import initInt8, * as int8 from "../../pkg/histoscope.js";
import initGeneral, * as general from "../../pkg-general/histoscope.js";
import { Conversation, Stopped } from "./conversation.ts";
import { ofCore } from "./core-error.ts";
import { lookAtFrame } from "./frame-analysis.ts";
import { analyseImage, buffersOf, type Session, unpack, type Workplace } from "./image-analysis.ts";
import { drawLessonMap } from "./lesson-map.ts";
import { Outbox } from "./outbox.ts";
import { judgePatches } from "./patches.ts";
import type {
  Calls,
  Edition,
  Judgements,
  Note,
  ProtocolVersion,
  Question,
  Request,
  WireError,
} from "./protocol.ts";
import { readsFiles } from "./reads-files.ts";
import { readSaved } from "./saved-reports.ts";

declare const self: DedicatedWorkerGlobalScope;

const PROTOCOL: ProtocolVersion = 17;

/** Each edition has a glue of its own; the two builds of the int8 one share theirs. */
const EDITIONS = {
  int8: { init: initInt8, core: int8 },
  general: { init: initGeneral, core: general },
} satisfies Record<Edition, unknown>;

let session: Session | null = null;
/** The edition that the session belongs to. */
let core: (typeof EDITIONS)[Edition]["core"] = int8;
/** Of the edition that was started last. */
let memory: WebAssembly.Memory | null = null;
/** With those who wait for an analysis, by its call: those that are under way or have come. */
const conversations = new Map<number, Conversation>();

/**
 * An error that the core or this file made on purpose, as opposed to a trap. Those of this file stand in the page's
 * words to the letter, where their translation is found.
 */
class CodedError extends Error {
  constructor(readonly wire: WireError) {
    super(wire.message);
  }
}

const outbox = new Outbox((message, transfer) => self.postMessage(message, transfer));

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
      cause: { kind: "hello", params: { page: protocol, worker: PROTOCOL } },
    });
  }
  ({ memory } = await EDITIONS[edition].init({ module_or_path: module }));
}

async function open(request: Calls["open"]["request"]): Promise<null> {
  await start(request);
  session?.free();
  // Cleared first: if the model is refused, the one before must not answer in its name.
  session = null;
  ({ core } = EDITIONS[request.edition]);
  session = new core.Session(
    request.model,
    request.manifest,
    request.variant,
    request.runtime,
    request.familiarity,
  );
  return null;
}

async function read(file: Blob | ArrayBuffer): Promise<Uint8Array<ArrayBuffer>> {
  if (file instanceof ArrayBuffer) return new Uint8Array(file);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new CodedError({
      code: "file_unreadable",
      message: `The browser could not read the file: ${detail}`,
      remedy: "See that the file still lies where it was chosen and may be read, then add it again.",
      fault: "image",
      cause: { kind: "worker", params: { detail } },
    });
  }
}

function warmUp(): null {
  const { patch_size: side } = JSON.parse(opened().model_info()) as { patch_size: number };
  opened()
    .infer(new Uint8Array(side * side * 3))
    .free();
  return null;
}

function inspect({ edition, model, data }: Calls["inspect"]["request"]): Calls["inspect"]["result"] {
  const found = EDITIONS[edition].core.inspect_model(
    model,
    data.map(({ name }) => name),
    data.map(({ bytes }) => bytes),
  );
  const { inspection, sha256, joined } = found;
  found.free();
  return { inspection, sha256, joined: joined ?? null };
}

/** Where the call of this number looks at an image. */
function workplace(id: number): Workplace {
  return {
    session: opened(),
    announcedPixels: core.announced_pixels,
    read,
    conversation: conversations.get(id) ?? new Conversation(),
    tell: (event, transfer, more = false) =>
      outbox[more ? "hold" : "say"]({ type: "event", id, event }, transfer),
  };
}

function judge({ voters, thresholds, logits, features, lesson }: Calls["judge"]["request"]): Judgements {
  const said = opened().judge(voters, thresholds, logits, features, lesson);
  const result = {
    judgements: said.judgements,
    patches: said.patches as Float64Array<ArrayBuffer>,
    taught: said.taught as Float64Array<ArrayBuffer>,
  };
  said.free();
  return result;
}

type Answer = { result: Calls[keyof Calls]["result"]; transfer?: Transferable[] };

async function answer(request: Request): Promise<Answer> {
  switch (request.call) {
    case "open":
      return { result: await open(request) };
    case "inspect":
      await start(request);
      return { result: inspect(request) };
    case "advise": {
      await start(request);
      const { edition, model, manifest } = request;
      return { result: { advice: EDITIONS[edition].core.advise_scaling(model, manifest) } };
    }
    case "readSaved":
      await start(request);
      readSaved(request.contents, int8.read_saved, (event) =>
        outbox.say({ type: "event", id: request.id, event }),
      );
      return { result: null };
    case "describe":
      return { result: { model: opened().model_info(), engine: core.engine_info() } };
    case "analyse": {
      const result = await analyseImage(request, workplace(request.id));
      return { result, transfer: [result.features.buffer] };
    }
    case "lessonMap": {
      const result = await drawLessonMap(request, workplace(request.id));
      return { result, transfer: [result.values.buffer] };
    }
    case "look": {
      const result = lookAtFrame(request, opened());
      return { result, transfer: result.results === null ? [] : buffersOf(result.results) };
    }
    case "patches": {
      const result = judgePatches(request, opened());
      const { screens, results } = result;
      return { result, transfer: [screens.buffer, ...(results === null ? [] : buffersOf(results))] };
    }
    case "slideReport": {
      const { plan, logits, features, lesson, timings } = request;
      return { result: opened().slide_report(plan, logits, features, lesson, timings) };
    }
    case "warmUp":
      return { result: warmUp() };
    case "infer": {
      const result = unpack(opened(), opened().infer(new Uint8Array(request.pixels)));
      return { result, transfer: buffersOf(result) };
    }
    case "together": {
      const { votes, keepDuplicates, countUnfamiliar } = request;
      return { result: opened().together(votes, keepDuplicates, countUnfamiliar) };
    }
    case "evaluate":
      return { result: core.evaluate(request.request) };
    case "teach":
      return { result: opened().teach(request.request, request.features) };
    case "checkLesson":
      return { result: opened().check_lesson(request.lesson) };
    case "exportLesson": {
      const result = opened().export_lesson(request.model, request.lesson) as Uint8Array<ArrayBuffer>;
      return { result, transfer: [result.buffer] };
    }
    case "judge": {
      const result = judge(request);
      return { result, transfer: [result.patches.buffer, result.taught.buffer] };
    }
    case "judgeAnew": {
      const { reports, logits, features, lesson } = request;
      return { result: opened().judge_anew(reports, logits, features, lesson) };
    }
    default:
      return request satisfies never;
  }
}

/** To an answer that nobody reads. */
const STOPPED: WireError = { code: "cancelled", message: "", remedy: "", fault: "options" };

/** What was thrown, for the page; anything that nobody threw on purpose means that the engine can't be trusted. */
function failure(thrown: unknown): { error: WireError; poisoned: boolean } {
  if (thrown instanceof CodedError) return { error: thrown.wire, poisoned: false };
  if (thrown instanceof Stopped) return { error: STOPPED, poisoned: false };
  const error = ofCore(thrown);
  if (error !== null) return { error, poisoned: false };
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return { error: { code: "internal", message, remedy: "", fault: "internal" }, poisoned: true };
}

async function handle(request: Request): Promise<void> {
  const { id } = request;
  const held = () => memory?.buffer.byteLength ?? 0;
  try {
    const { result, transfer } = await answer(request);
    outbox.say({ type: "result", id, result, memory: held() }, transfer);
  } catch (thrown) {
    outbox.say({ type: "failed", id, ...failure(thrown), memory: held() });
  } finally {
    conversations.delete(id);
  }
}

/** The call that came last, done or not. */
let last: Promise<void> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request | Note | Question>) => {
  if ("ask" in data) {
    outbox.say({ type: "alive" });
    return;
  }
  if ("note" in data) {
    conversations.get(data.id)?.hear(data);
    return;
  }
  if (data.call === "analyse" || data.call === "lessonMap") conversations.set(data.id, new Conversation());
  last = last.then(() => handle(data));
};

// A worker that ends tells nobody. The lock of its name is free again the moment it is gone, for whatever reason;
// the page waits for that lock. (Web Locks need a secure context, and an origin, which a page opened as a file has not
// in every browser; without them the page asks now and then whether the worker is alive.)
async function greet(watched: boolean): Promise<void> {
  outbox.say({ type: "hello", protocol: PROTOCOL, watched, reads: await readsFiles() });
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
