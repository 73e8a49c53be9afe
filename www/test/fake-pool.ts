// A pool's double that answers from a table: at once, or when the test says so.

import { deferred } from "../src/base/deferred.ts";
import { CancelledError } from "../src/base/errors.ts";
import type { Calls } from "../src/engine/protocol.ts";
import type { RunPool } from "../src/run/run.ts";
import type { ImageReport } from "../src/study/report.ts";
import { imageReport } from "./reports.ts";

type Call = RunPool["call"];

/** What becomes of an image. */
export type Fate = number | Error;

export class FakePool implements RunPool {
  size = 1;
  held = false;
  /** While true an image stays at work once its plan is there. */
  stopAfterPlan = false;
  revived = 0;
  /** Names of the images that were taken up, in order. */
  readonly begun: string[] = [];
  /** Images that wait for `let`, by name. */
  readonly waiting = new Map<string, (fate: Fate) => void>();

  /** Of each image by name; null where the browser computes none. */
  digest: (name: string) => string | null = (name) =>
    Array.from(name, (letter) => letter.charCodeAt(0).toString(16).padStart(2, "0"))
      .join("")
      .padEnd(64, "0")
      .slice(0, 64);

  /** `fate`: of each image by name, the probability of malignant or an error; undefined makes it wait for `let`. */
  constructor(readonly fate: (name: string) => Fate | undefined = () => 0.75) {}

  readonly call = (async (name, request, { signal, onEvent, onStart }) => {
    if (signal?.aborted) throw new CancelledError();
    onStart?.();
    if (name === "decode")
      return this.#decode(request as Calls["decode"]["request"], signal, onEvent as never);
    if (name === "infer") return result((request as Calls["infer"]["request"]).pixels);
    if (name === "report") return this.#report(request as Calls["report"]["request"]);
    throw new Error(`no answer to ${name}`);
  }) as Call;

  hold(held: boolean): void {
    this.held = held;
  }

  revive(): void {
    this.revived++;
  }

  /** Lets an image that waits come to its end. */
  let(name: string, fate: Fate = 0.75): void {
    this.waiting.get(name)?.(fate);
    this.waiting.delete(name);
  }

  async #decode(
    { filename, options }: Calls["decode"]["request"],
    signal: AbortSignal | undefined,
    tell: (event: Calls["decode"]["event"]) => void,
  ): Promise<null> {
    this.begun.push(filename);
    let fate = this.fate(filename);
    if (fate === undefined) {
      const { promise, resolve, reject } = deferred<Fate>();
      this.waiting.set(filename, resolve);
      signal?.addEventListener("abort", () => reject(new CancelledError()));
      fate = await promise;
    }
    if (fate instanceof Error) throw fate;
    const plan = { ...PLAN, filename, options: JSON.parse(options), malignant: fate };
    tell({
      kind: "plan",
      plan: JSON.stringify(plan),
      batchCount: 1,
      decodeMs: 1,
      screenMs: 1,
      sha256: this.digest(filename),
    });
    if (this.stopAfterPlan) return new Promise(() => {});
    tell({ kind: "batch", index: 0, pixels: new ArrayBuffer(3) });
    return null;
  }

  async #report({ plan }: Calls["report"]["request"]): Promise<string> {
    const { filename, malignant, options } = JSON.parse(plan) as {
      filename: string;
      malignant: number;
      options: { uncertain_below?: number };
    };
    const report: ImageReport = imageReport(filename, malignant);
    const { uncertain_below = null } = options;
    const open = uncertain_below !== null && (report.confidence ?? 1) < uncertain_below;
    return JSON.stringify({
      ...report,
      ...(open && { verdict: "uncertain" }),
      options: { ...report.options, uncertain_below },
    });
  }
}

const PLAN = {
  width: 1,
  height: 1,
  grid: { patch_size: 1, stride: 1 },
  patches: [{ x: 0, y: 0, screen: "assessable" }],
  voters: [0],
};

function result(_: ArrayBuffer): Calls["infer"]["result"] {
  return {
    logits: Float32Array.from([0, 1]),
    probabilities: Float32Array.from([0.25, 0.75]),
    cam: new Float32Array(2),
    camWidth: 1,
    camHeight: 1,
  };
}
