// A pool's double that answers from a table: at once, or when the test says so.

import { deferred } from "../src/base/deferred.ts";
import { CancelledError } from "../src/base/errors.ts";
import type { Analysed } from "../src/engine/protocol.ts";
import type { ImageEvent, PoolRequest } from "../src/engine/task.ts";
import type { RunPool } from "../src/run/run.ts";
import { OWN_CLASSES } from "../src/study/classes.ts";
import type { ImageReport } from "../src/study/report.ts";
import { imageReport } from "./reports.ts";

type Call = RunPool["call"];

/** What becomes of an image. */
export type Fate = number | Error;

export class FakePool implements RunPool {
  size = 1;
  held = false;
  /** While true an image stays at work once its plan is there; with an error it fails then. */
  stopAfterPlan: boolean | Error = false;
  revived = 0;
  /** SHA-256 of the network that runs, as reports name it. */
  network = "ab".repeat(32);
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
    if (name !== "analyse") throw new Error(`no answer to ${name}`);
    onStart?.();
    return this.#analyse(request as PoolRequest<"analyse">, signal, onEvent as never);
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

  async #analyse(
    { filename, options }: PoolRequest<"analyse">,
    signal: AbortSignal | undefined,
    tell: (event: ImageEvent) => void,
  ): Promise<Analysed> {
    this.begun.push(filename);
    let fate = this.fate(filename);
    if (fate === undefined) {
      const { promise, resolve, reject } = deferred<Fate>();
      this.waiting.set(filename, resolve);
      signal?.addEventListener("abort", () => reject(new CancelledError()));
      fate = await promise;
    }
    if (fate instanceof Error) throw fate;
    const sha256 = this.digest(filename) ?? "";
    tell({ kind: "plan", plan: JSON.stringify({ ...PLAN, filename, sha256 }) });
    if (this.stopAfterPlan instanceof Error) throw this.stopAfterPlan;
    if (this.stopAfterPlan) return new Promise(() => {});
    tell({ kind: "results", first: 0, results: RESULTS });
    const features = new Float32Array(3);
    const made: ImageReport = imageReport(filename, fate);
    const report = { ...made, model: { ...made.model, sha256: this.network } };
    const { uncertain_below = null } = JSON.parse(options) as { uncertain_below?: number };
    const open = uncertain_below !== null && (report.confidence ?? 1) < uncertain_below;
    const text = JSON.stringify({
      ...report,
      ...(open && { verdict: "uncertain" }),
      options: { ...report.options, uncertain_below },
    });
    return { report: text, features };
  }
}

const PLAN = {
  width: 1,
  height: 1,
  grid: { patch_size: 1, stride: 1 },
  patches: [{ x: 0, y: 0, screen: "assessable" }],
  voters: [0],
};

const RESULTS = {
  classes: OWN_CLASSES,
  logits: Float32Array.from([0, 1]),
  probabilities: Float32Array.from([0.25, 0.75]),
  cam: new Float32Array(2),
  camWidth: 1,
  camHeight: 1,
};
