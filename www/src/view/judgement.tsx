// A verdict with its probability as a bar split between benign and malignant.

import { percent } from "../format.ts";
import type { Label, Probabilities, Verdict } from "../report.ts";
import { verdictWord } from "../wording.ts";

interface Props {
  judgement: {
    readonly verdict: Verdict;
    readonly prediction: Label;
    readonly confidence: number;
    readonly probabilities: Probabilities;
  };
}

export function JudgementBlock({ judgement: { verdict, prediction, confidence, probabilities } }: Props) {
  const open = verdict !== prediction;
  return (
    <div class="judgement" data-verdict={verdict}>
      <p class="verdict">
        <span class="verdict-word">{verdictWord(verdict)}</span>{" "}
        <span class="verdict-share">
          {open && `leans ${prediction}, `}
          {percent(confidence)}
        </span>
      </p>
      <div class="split" aria-hidden="true">
        <span class="split-benign" style={{ width: percent(probabilities.benign) }} />
        <span class="split-malignant" style={{ width: percent(probabilities.malignant) }} />
      </div>
      <p class="split-words">
        <span>benign {percent(probabilities.benign)}</span>
        <span>malignant {percent(probabilities.malignant)}</span>
      </p>
    </div>
  );
}
