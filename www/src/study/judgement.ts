// A report by another head: what the core says of it in the place of what another head said.

import type { Judgements } from "../engine/protocol.ts";
import type * as core from "./core-types.ts";
import type { ImageReport } from "./report.ts";

/** The reports as the head has them; nothing else of them changes. Of slides the core makes whole reports. */
export function withJudgements(reports: readonly ImageReport[], judged: Judgements): ImageReport[] {
  const judgements = JSON.parse(judged.judgements) as core.Judgement[];
  let [pair, row] = [0, 0];
  return reports.map((report, index) => {
    const { taught, familiarity, familiarity_unknown, ...said } = judgements[index] as core.Judgement;
    const patches = report.patches.map((patch) => {
      if (patch.probabilities === null) return patch;
      const [benign = 0, malignant = 0] = judged.patches.subarray(pair, pair + 2);
      pair += 2;
      return { ...patch, probabilities: { benign, malignant } };
    });
    const { familiarity: _, familiarity_unknown: __, taught: ___, ...rest } = report;
    const made = {
      ...rest,
      ...said,
      patches,
      ...(familiarity !== undefined && { familiarity }),
      ...(familiarity_unknown !== undefined && { familiarity_unknown }),
    };
    if (taught === undefined) return made as ImageReport;
    const { length: classes } = taught.classes;
    const voters: number[][] = [];
    for (const { probabilities } of patches) {
      if (probabilities === null) continue;
      voters.push(Array.from(judged.taught.subarray(row, row + classes)));
      row += classes;
    }
    return { ...made, taught: { ...taught, voters } } as ImageReport;
  });
}
