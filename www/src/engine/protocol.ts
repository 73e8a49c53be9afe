// The messages between page and worker: types only, so that both sides compile against one text and neither runs
// the other's code.
//
// The page numbers each call. A worker handles one call at a time and answers it with any number of events and
// then exactly one result or failure that carries the same number. The first message of a worker is its hello.

/** Raised with every change of a message. Both sides hold it as a constant and compare it at the handshake. */
export type ProtocolVersion = 7;

/** The precision of the weights: the key of a variant in the model's manifest. */
export type Variant = "int8" | "f32";

/** Which models a module of the engine runs: those that are fused from end to end, or every classifier. */
export type Edition = "int8" | "general";

/** What computes a network: fused int8 layers where it has them, or tract alone, as its file has it. */
export type Runtime = "fused" | "tract";

/** Whose fault an error is; decides how it is shown and whether another try makes sense. */
export type Fault = "image" | "limits" | "options" | "model" | "browser" | "internal";

/** An error on its way between the two sides; `errors.ts` makes a class of it again. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly fault: Fault;
}

/** Milliseconds, as the report has them. */
export interface Timings {
  readonly decode: number;
  readonly screen: number;
  readonly inference: number;
  readonly total: number;
}

/**
 * What happens while an image is decoded, in this order: one plan, at most one preview, the batches of voters by
 * index. An image that cannot be assessed has no voters and so no batches.
 */
export type DecodeEvent =
  | {
      readonly kind: "plan";
      readonly plan: string;
      readonly batchCount: number;
      /** What decoding and screening took. */
      readonly decodeMs: number;
      readonly screenMs: number;
      /** Of the file, in hexadecimal; null where the page's address is not secure and the browser computes none. */
      readonly sha256: string | null;
    }
  /** A small picture of an image in a format that browsers cannot show. */
  | { readonly kind: "preview"; readonly picture: Blob }
  /** `pixels` is uint8 `[n, patch, patch, 3]` and is transferred. */
  | { readonly kind: "batch"; readonly index: number; readonly pixels: ArrayBuffer };

/** What the network says of a batch of n patches, row by row in batch order; every buffer is transferred. */
export interface BatchResult {
  /** `[n, 2]` */
  readonly logits: Float32Array<ArrayBuffer>;
  /** `[n, 2]`, each row sums to 1 */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** `[n, camHeight, camWidth, 2]` */
  readonly cam: Float32Array<ArrayBuffer>;
  readonly camWidth: number;
  readonly camHeight: number;
}

/** Every call: what it takes, what it tells on the way, what it gives. */
export interface Calls {
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
    };
    event: never;
    result: null;
  };
  /** Describes an ONNX file without opening it, as the core's JSON. The worker is to be thrown away. */
  inspect: {
    request: {
      readonly protocol: ProtocolVersion;
      readonly edition: "general";
      readonly module: WebAssembly.Module;
      readonly model: Uint8Array;
    };
    event: never;
    result: string;
  };
  /** The open model and the engine, each as the core's JSON. */
  describe: { request: object; event: never; result: { readonly model: string; readonly engine: string } };
  /**
   * Reads and decodes one image, streams its patches and forgets it. `options` is the core's JSON. A worker that reads no
   * files gets the file's bytes, which are transferred.
   */
  decode: {
    request: { readonly file: Blob | ArrayBuffer; readonly filename: string; readonly options: string };
    event: DecodeEvent;
    result: null;
  };
  /** Runs the network once on nothing, so that the browser compiles its fast code before there is an image. */
  warmUp: { request: object; event: never; result: null };
  infer: { request: { readonly pixels: ArrayBuffer }; event: never; result: BatchResult };
  /** `logits` is `[n, 2]` in the order of the plan's voters; the result is the image's report as JSON. */
  report: {
    request: { readonly plan: string; readonly logits: Float32Array; readonly timings: Timings };
    event: never;
    result: string;
  };
  /** `reports` is a JSON array of image reports, failures among them; the result is the folder's report as JSON. */
  aggregate: {
    request: { readonly reports: string; readonly keepDuplicates: boolean };
    event: never;
    result: string;
  };
}

export type CallName = keyof Calls;

/** Page to worker. */
export type Request = {
  [K in CallName]: { readonly call: K; readonly id: number } & Calls[K]["request"];
}[CallName];

/** Worker to page. */
export type Response =
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
  | { readonly type: "result"; readonly id: number; readonly result: Calls[CallName]["result"] }
  /** `poisoned`: the engine trapped, and its memory can no longer be trusted. */
  | { readonly type: "failed"; readonly id: number; readonly error: WireError; readonly poisoned: boolean };
