// What the core tells of a network, as tests of own models have it.

import type { Inspection } from "../src/own-model/inspection.ts";

/** Of a float network with two scores, whose scaling no file tells. */
export const FLOAT: Inspection = {
  sha256: "f".repeat(64),
  bytes: 1000,
  opset: 17,
  producer: "pytorch 2.9",
  input: { name: "input", dtype: "float32", shape: [null, 3, 224, 224] },
  layout: "NCHW",
  patch_size: 224,
  outputs: [{ name: "output", dtype: "float32", shape: [null, 2] }],
  scores: { name: "output", columns: 2, made_by: "Gemm" },
  metadata: {},
  nodes: 50,
  lowered_nodes: 0,
  fused_layers: 0,
  problems: [],
  problem_causes: [],
};
