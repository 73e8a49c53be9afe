// A verdict: with its probability as a bar split between benign and malignant, or why there is none.

import type { ComponentChildren } from "preact";
import { percent } from "../format.ts";
import type { Judged } from "../report.ts";
import { UNCERTAIN_ADVICE, verdictWord } from "../wording.ts";
import { VerdictSign } from "./verdict-sign.tsx";

export function JudgementBlock({ judgement }: { judgement: Judged }) {
  const { verdict, prediction, confidence, probabilities } = judgement;
  const open = verdict === "uncertain";
  return (
    <div class={open ? "judgement judgement-open" : "judgement"} data-verdict={verdict}>
      <p class="verdict">
        {open && <VerdictSign verdict={verdict} />}
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
      {open && <p class="judgement-why">{UNCERTAIN_ADVICE}</p>}
    </div>
  );
}

interface NotAssessableProps {
  why: string;
  /** What to do. */
  children?: ComponentChildren;
}

/** No verdict, and no error: what there was could not be judged. */
export function NotAssessable({ why, children }: NotAssessableProps) {
  const verdict = "not assessable";
  return (
    <div class="judgement judgement-open" data-verdict={verdict}>
      <p class="verdict">
        <VerdictSign verdict={verdict} />
        <span class="verdict-word">{verdictWord(verdict)}</span>
      </p>
      <p>{why} This says nothing about the tissue, neither benign nor malignant.</p>
      {children}
    </div>
  );
}
