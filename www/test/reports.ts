// Reports for tests, whole and consistent, as the core writes them.

import type { FailureReport, ImageReport, PatchReport } from "../src/study/report.ts";

function patch(x: number, malignant: number | null): PatchReport {
  return {
    x,
    y: 0,
    width: 224,
    height: 224,
    screen: malignant === null ? "blurred" : "assessable",
    probabilities: malignant === null ? null : { benign: 1 - malignant, malignant },
  };
}

/** Three patches in a row, of which the last did not vote. */
export function imageReport(filename: string, malignant = 0.75): ImageReport {
  const prediction = malignant > 0.5 ? "malignant" : "benign";
  return {
    schema_version: 2,
    success: true,
    filename,
    prediction,
    prediction_idx: malignant > 0.5 ? 1 : 0,
    confidence: Math.max(malignant, 1 - malignant),
    probabilities: { benign: 1 - malignant, malignant },
    verdict: prediction,
    num_patches: 3,
    patch_breakdown: { benign_patches: malignant > 0.5 ? 0 : 2, malignant_patches: malignant > 0.5 ? 2 : 0 },
    screen: { assessable: 2, background: 0, blurred: 1, not_he: 0, unchecked: 0 },
    image: { width: 700, height: 230 },
    grid: { columns: 3, rows: 1, stride: 224, total_patches: 3 },
    patches: [patch(0, malignant), patch(224, malignant), patch(448, null)],
    model: { name: "net", version: "1.0.0", variant: "int8", sha256: "ab".repeat(32) },
    engine: { name: "histoscope", version: "0.1.0" },
    options: { max_patches: 25, screen: true },
    timings_ms: { decode: 1, screen: 2, inference: 3, total: 6.04 },
    warnings: [],
  };
}

export function failedReport(filename: string): FailureReport {
  const error = { code: "bad_file", message: "it is bad", remedy: "mend it", fault: "image" } as const;
  return { schema_version: 2, success: false, filename, error };
}
