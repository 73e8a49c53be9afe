// The messages between page and worker: types only, so that both sides compile against one text and neither runs
// the other's code.
//
// The page numbers each call. A worker handles one call at a time, in the order in which they come, and answers it with any
// number of events and then exactly one result or failure that carries the same number. Of an analysis that is under way
// the page sends notes. The first message of a worker is its hello.
//
// One image is one call: the worker that takes it up decodes it, looks at its patches and writes the report, so its pixels
// never leave it. Only where other workers have nothing to do, the page lets it lend some of them. Nothing is sent
// that was not asked for: a worker has credits for so many portions, and waits for room before it decodes an image that
// is larger than what it may take unasked.

import type * as core from "../study/core-types.ts";

/** Raised with every change of a message. Both sides hold it as a constant and compare it at the handshake. */
export type ProtocolVersion = 17;

/** The precision of the weights: the key of a variant in the model's manifest. */
export type Variant = core.Variant;

/** Which models a module of the engine runs: those that are fused from end to end, or every classifier. */
export type Edition = "int8" | "general";

/** What computes a network: fused int8 layers where it has them, or tract alone, as its file has it. */
export type Runtime = "fused" | "tract";

/** Whose fault an error is; decides how it is shown and whether another try makes sense. */
export type Fault = core.Fault | "browser";

/**
 * Which error it is, and with which values, so that it can be told in any language. What is wrong with a part of it, such as
 * a manifest, is a cause of its own.
 */
export interface Cause {
  /** As the core calls its own; of the page's, the key of its words. */
  readonly kind: string;
  readonly params?: Readonly<Record<string, string | number | Cause>>;
}

/** An error on its way between the two sides; `errors.ts` makes a class of it again. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly fault: Fault;
  readonly cause?: Cause;
}

/**
 * What happens while an image is analysed, in this order: `wants`, if it is a large one; at most one preview; one plan;
 * results and portions, which between them hold each voter once. An image that cannot be assessed has no voters.
 */
export type AnalysisEvent =
  /** It has so many pixels, and waits for the note `room`. */
  | { readonly kind: "wants"; readonly pixels: number }
  /**
   * A small picture of an image that browsers cannot show, or that takes them too much memory. `coarse`: the file shows the
   * same with more pixels.
   */
  | { readonly kind: "preview"; readonly picture: Blob; readonly coarse: boolean }
  /** The core's own, with the digest of the file: browsers compute none at an address that is not secure. */
  | { readonly kind: "plan"; readonly plan: string }
  /** Of consecutive voters, from the one at place `first` on. */
  | { readonly kind: "results"; readonly first: number; readonly results: SoFar }
  /** For another worker; `pixels` is uint8 `[n, patch, patch, 3]` and is transferred. Costs a credit. */
  | { readonly kind: "portion"; readonly first: number; readonly pixels: ArrayBuffer };

/** What the network says of a batch of n patches, row by row in batch order; every buffer is transferred. */
export interface BatchResult {
  /** Benign and malignant, or those of the model's own. */
  readonly classes: readonly string[];
  /** `[n, classes]` */
  readonly logits: Float32Array<ArrayBuffer>;
  /** `[n, classes]`, each row sums to 1 */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** `[n, features]`; empty where the model gives none. */
  readonly features: Float32Array<ArrayBuffer>;
  /** `[n, camHeight, camWidth, classes]` */
  readonly cam: Float32Array<ArrayBuffer>;
  readonly camWidth: number;
  readonly camHeight: number;
}

/** An image that is done: its report as the core's JSON. */
export interface Analysed {
  readonly report: string;
  /** `[voters, features]`; empty where the model gives none, or nothing votes. */
  readonly features: Float32Array<ArrayBuffer>;
}

/** Of an image that is at work: features, which only its end needs, come with the report. */
export type SoFar = Omit<BatchResult, "features">;

/** What was found on one frame of a camera. */
export interface FrameResult {
  /** The plan and the report, as the core's JSON. */
  readonly plan: string;
  readonly report: string;
  /** Of all voters; null where there are none. */
  readonly results: BatchResult | null;
}

/** What was found on patches that somebody else cut out. */
export interface PatchesResult {
  /** One for each patch, as `SCREENS` counts them. */
  readonly screens: Uint8Array<ArrayBuffer>;
  /** Of those that vote, in order; null where none does. */
  readonly results: BatchResult | null;
}

/** What is asked to judge and to teach; requests and results are the core's JSON. */
export interface TeachingCalls {
  /** How right verdicts are, where labels are known. */
  evaluate: { request: { readonly request: string }; event: never; result: string };
  /** `features`: of all voters of all images, one image behind the other. */
  teach: {
    request: { readonly request: string; readonly features: Float32Array<ArrayBuffer> };
    event: never;
    result: string;
  };
  /** Reads a lesson strictly; the result is what it says of itself. */
  checkLesson: { request: { readonly lesson: string }; event: never; result: string };
  /**
   * What a lesson, or with an empty one the model's own head, makes of images that were judged before. `voters`: how many
   * each has; `thresholds` stand for the head's own, NaN for none; logits and features as above.
   */
  judge: {
    request: {
      readonly voters: Uint32Array<ArrayBuffer>;
      readonly thresholds: Float64Array<ArrayBuffer>;
      readonly logits: Float32Array<ArrayBuffer>;
      readonly features: Float32Array<ArrayBuffer>;
      readonly lesson: string;
    };
    event: never;
    result: Judgements;
  };
  /** Likewise of slides, whose regions are judged, too: `reports` is a JSON array of their reports, as the result is. */
  judgeAnew: {
    request: {
      readonly reports: string;
      readonly logits: Float32Array<ArrayBuffer>;
      readonly features: Float32Array<ArrayBuffer>;
      readonly lesson: string;
    };
    event: never;
    result: string;
  };
}

/** What a head says of images. */
export interface Judgements {
  /** A JSON array of the core's `Judgement`s, an element for each image; what it says of patches lies beside it. */
  readonly judgements: string;
  /** `[all voters, 2]`; empty of a model whose classes are its own. */
  readonly patches: Float64Array<ArrayBuffer>;
  /** `[all voters, classes of the lesson or of the model's own]`; empty where there are none. */
  readonly taught: Float64Array<ArrayBuffer>;
}

/** What a lesson says of places within an image's voters. */
export interface LessonMap {
  /** `[voters, height, width, classes of the lesson]`; the softmax of a cell is what it would say of a patch like it. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Both 0 where there is no map. */
  readonly width: number;
  readonly height: number;
}

/** What may be a saved report: the bytes of a file, or a report as it was kept in the browser. */
export type SavedContent = ArrayBuffer | object;

/** Of the content at a place: some of its images, as a JSON array of the core's `report::Saved`, or why it is refused. */
export type SavedEvent =
  | { readonly place: number; readonly saved: string }
  | { readonly place: number; readonly error: WireError };

/** A file beside a model. */
export interface DataFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Every call: what it takes, what it tells on the way, what it gives. */
export interface Calls extends TeachingCalls {
  /** Starts the engine with one variant of the model, in place of the one before. */
  open: {
    request: {
      readonly protocol: ProtocolVersion;
      readonly edition: Edition;
      readonly module: WebAssembly.Module;
      readonly model: Uint8Array;
      readonly manifest: string;
      readonly variant: Variant;
      readonly runtime: Runtime;
      /** What is familiar to the model, as the file that its manifest names; null where it names none. */
      readonly familiarity: Uint8Array | null;
    };
    event: never;
    result: null;
  };
  /**
   * Describes an ONNX file without opening it, as the core's JSON, with the files of weights that it names among `data`.
   * The worker is to be thrown away.
   */
  inspect: {
    request: {
      readonly protocol: ProtocolVersion;
      readonly edition: Edition;
      readonly module: WebAssembly.Module;
      readonly model: Uint8Array;
      readonly data: readonly DataFile[];
    };
    event: never;
    result: {
      readonly inspection: string;
      /** Of `model`. */
      readonly sha256: string;
      /** The model in one file; null if it was. */
      readonly joined: Uint8Array | null;
    };
  };
  /**
   * How the pixels of a float model may be scaled, as the core's JSON; null of a model that reads raw bytes. The worker is
   * to be thrown away.
   */
  advise: {
    request: {
      readonly protocol: ProtocolVersion;
      readonly edition: Edition;
      readonly module: WebAssembly.Module;
      readonly model: Uint8Array;
      readonly manifest: string;
    };
    event: never;
    result: { readonly advice: string };
  };
  /**
   * Reads saved reports, each by itself: all of its images are told, a portion at a time, or none. Buffers are transferred.
   * It needs no model, and the worker is to be thrown away.
   */
  readSaved: {
    request: {
      readonly protocol: ProtocolVersion;
      readonly edition: "int8";
      readonly module: WebAssembly.Module;
      readonly contents: readonly SavedContent[];
    };
    event: SavedEvent;
    result: null;
  };
  /** The open model and the engine, each as the core's JSON. */
  describe: { request: object; event: never; result: { readonly model: string; readonly engine: string } };
  /**
   * One image from file to report, which is the core's JSON, as `options` is. A worker that reads no files gets the file's
   * bytes, which are transferred. With more than `unasked` pixels it waits for room.
   */
  analyse: {
    request: {
      readonly file: Blob | ArrayBuffer;
      readonly filename: string;
      readonly options: string;
      readonly unasked: number;
      /** The text of the lesson that judges; absent where the model itself does. */
      readonly lesson?: string;
    };
    event: AnalysisEvent;
    result: Analysed;
  };
  /**
   * Where in its voters an image looks as a lesson says: it is decoded and the network runs over them once more. As of
   * `analyse` it waits for room, and a note may stop it.
   */
  lessonMap: {
    request: {
      readonly file: Blob | ArrayBuffer;
      readonly filename: string;
      readonly options: string;
      readonly unasked: number;
      readonly lesson: string;
    };
    event: Extract<AnalysisEvent, { kind: "wants" }>;
    result: LessonMap;
  };
  /** The open model, whose file `model` is, with a lesson as its head: an ONNX file, as the command line writes it. */
  exportLesson: {
    request: { readonly model: Uint8Array; readonly lesson: string };
    event: never;
    result: Uint8Array<ArrayBuffer>;
  };
  /**
   * One frame of a camera, which is transferred, from pixels to report. `lesson` is the text of the one that judges, or
   * empty. A frame is small and soon out of date: it is looked at in one go, by one worker.
   */
  look: {
    request: {
      readonly picture: ImageBitmap;
      readonly name: string;
      readonly options: string;
      readonly lesson: string;
    };
    event: never;
    result: FrameResult;
  };
  /** Patches of a slide, uint8 `[n, patch, patch, 3]`, transferred; `screen` says whether they are checked before. */
  patches: {
    request: { readonly pixels: ArrayBuffer; readonly screen: boolean };
    event: never;
    result: PatchesResult;
  };
  /** The report of a slide, from what was found on its patches; plan, timings and report are the core's JSON. */
  slideReport: {
    request: {
      readonly plan: string;
      readonly logits: Float32Array<ArrayBuffer>;
      readonly features: Float32Array<ArrayBuffer>;
      readonly lesson: string;
      readonly timings: string;
    };
    event: never;
    result: string;
  };
  /** Runs the network once on nothing, so that the browser compiles its fast code before there is an image. */
  warmUp: { request: object; event: never; result: null };
  /** A portion that another worker lends. */
  infer: { request: { readonly pixels: ArrayBuffer }; event: never; result: BatchResult };
  /** `votes` is a JSON array of the core's `report::Vote`; the result is the folder's report without its images. */
  together: {
    request: {
      readonly votes: string;
      readonly keepDuplicates: boolean;
      readonly countUnfamiliar: boolean;
    };
    event: never;
    result: string;
  };
}

export type CallName = keyof Calls;

/** What the page has to say of the analysis, or the map of a lesson, that is call `id`. */
export type Note = { readonly id: number } & (
  | { readonly note: "room" }
  /**
   * So many portions are wanted from now on, whatever was said before, while `workers` look at the image, this one among
   * them.
   */
  | { readonly note: "lend"; readonly credits: number; readonly workers: number }
  /** Another worker is done with the portion that begins at `first`. */
  | {
      readonly note: "returned";
      readonly first: number;
      readonly logits: Float32Array<ArrayBuffer>;
      readonly features: Float32Array<ArrayBuffer>;
    }
  /** Nobody waits for the result any more. */
  | { readonly note: "stop" }
);

/** Page to worker. */
export type Request = {
  [K in CallName]: { readonly call: K; readonly id: number } & Calls[K]["request"];
}[CallName];

/** Page to worker, which answers as soon as it hears anything at all. */
export interface Question {
  readonly ask: "alive";
}

/** Worker to page. */
export type Response =
  | { readonly type: "alive" }
  /**
   * `watched`: the worker holds the Web Lock of its own name until it ends, however it ends. `reads`: it can read files;
   * WebKit lets no worker do so whose page is itself a file, opened by double-click.
   */
  | {
      readonly type: "hello";
      readonly protocol: number;
      readonly watched: boolean;
      readonly reads: boolean;
    }
  | { readonly type: "event"; readonly id: number; readonly event: Calls[CallName]["event"] }
  /** `memory`: what the engine holds, in bytes. It never gives any back. */
  | {
      readonly type: "result";
      readonly id: number;
      readonly result: Calls[CallName]["result"];
      readonly memory: number;
    }
  /** `poisoned`: the engine trapped, and its memory can no longer be trusted. */
  | {
      readonly type: "failed";
      readonly id: number;
      readonly error: WireError;
      readonly poisoned: boolean;
      readonly memory: number;
    };

/** Several responses in one message, in their order. */
export type Together = readonly Response[];
