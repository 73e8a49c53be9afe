// What the core says of an ONNX file before it is opened; the Rust type `engine::Inspection`.

import type { Cause } from "../engine/protocol.ts";
import { clause } from "../words/said.ts";

export interface Port {
  readonly name: string;
  /** As "float32", or "unknown". */
  readonly dtype: string;
  /** Null as a size fits anything; null as a whole is a shape of any rank. */
  readonly shape: readonly (number | null)[] | null;
}

export type Layout = "NHWC" | "NCHW";

export interface Inspection {
  readonly sha256: string;
  readonly bytes: number;
  readonly opset: number | null;
  readonly producer: string;
  readonly input: Port | null;
  readonly layout: Layout | null;
  readonly patch_size: number | null;
  readonly outputs: readonly Port[];
  readonly scores: {
    readonly name: string;
    readonly columns: number | null;
    /** The operator, such as "Softmax". */
    readonly made_by: string;
  } | null;
  /** What the exporter wrote of the model, under names of its own. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly nodes: number;
  readonly lowered_nodes: number;
  readonly fused_layers: number;
  /** Why it cannot be used, as clauses without a full stop. */
  readonly problems: readonly string[];
  /** What each of them is, with its values. */
  readonly problem_causes: readonly Cause[];
}

/** "float32 [N, 3, 224, 224]", as the core writes it; `unknown` is said of a kind of numbers that nothing tells. */
export function portWords({ dtype, shape }: Port, unknown: string): string {
  const type = dtype === "unknown" ? unknown : dtype;
  if (shape === null) return type;
  return `${type} [${shape.map((size, axis) => size ?? (axis === 0 ? "N" : "?")).join(", ")}]`;
}

/** Why a model cannot be used, all of it as one value of an error; null where nothing is known to be wrong. */
export const whatIsWrong = ({ problem_causes: causes }: Pick<Inspection, "problem_causes">): Cause | null =>
  causes.reduceRight<Cause | null>(
    (rest, first) => (rest === null ? first : clause("several", { first, rest })),
    null,
  );
