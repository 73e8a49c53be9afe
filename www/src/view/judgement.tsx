// A verdict: with its probability as a bar split between benign and malignant, or why there is none.

import type { ComponentChildren } from "preact";
import type { Judged, Verdict } from "../study/report.ts";
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

interface OpenProps {
  why: string;
  /** What to do. */
  children?: ComponentChildren;
}

/** No verdict, and no error: what there was could not be judged. */
export const NotAssessable = (props: OpenProps) => <Open verdict="not assessable" {...props} />;

/** No verdict, and no error: it is unlike what the model has learned from. */
export const Unfamiliar = (props: OpenProps) => <Open verdict="unfamiliar" {...props} />;

function Open({ verdict, why, children }: OpenProps & { verdict: Verdict }) {
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
