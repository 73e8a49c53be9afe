// A verdict: with its probability as a bar split between benign and malignant, or why there is none.

import type { ComponentChildren } from "preact";
import type { Judged } from "../study/report.ts";
import { percent, words } from "../words/words.ts";
import { VerdictSign } from "./verdict-sign.tsx";
import { verdictWord } from "./wording.ts";

export function JudgementBlock({ judgement }: { judgement: Judged }) {
  const { verdict, prediction, confidence, probabilities } = judgement;
  const open = verdict === "uncertain";
  const said = words.value.judgement;
  /** As CSS writes it, whatever the language. */
  const width = (share: number) => `${100 * share}%`;
  return (
    <div class={open ? "judgement judgement-open" : "judgement"} data-verdict={verdict}>
      <p class="verdict">
        {open && <VerdictSign verdict={verdict} />}
        <span class="verdict-word">{verdictWord(verdict)}</span>{" "}
        <span class="verdict-share">
          {open ? said.leans(prediction, percent(confidence)) : percent(confidence)}
        </span>
      </p>
      <div class="split" aria-hidden="true">
        <span class="split-benign" style={{ width: width(probabilities.benign) }} />
        <span class="split-malignant" style={{ width: width(probabilities.malignant) }} />
      </div>
      <p class="split-words">
        <span>{said.part("benign", percent(probabilities.benign))}</span>
        <span>{said.part("malignant", percent(probabilities.malignant))}</span>
      </p>
      {open && <p class="judgement-why">{said.uncertainAdvice}</p>}
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
      <p>
        {why} {words.value.judgement.saysNothing}
      </p>
      {children}
    </div>
  );
}
