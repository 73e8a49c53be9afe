// A verdict: with its probability as a bar split between benign and malignant, or why there is none.

import type { ComponentChildren } from "preact";
import { isOwn, OWN_CLASSES, type Spoken, toldPlaces } from "../study/classes.ts";
import type { Verdict } from "../study/report.ts";
import { resultWords } from "../words/result.ts";
import { percent } from "../words/words.ts";
import { classColour } from "./colours.ts";
import { VerdictSign } from "./verdict-sign.tsx";
import { labelWord, verdictWord } from "./wording.ts";

/** By the classes that were told apart; benign stands before malignant, others in their order. */
export type Claim = Omit<Spoken, "familiarity"> & {
  readonly prediction: string;
  readonly confidence: number;
  readonly shares: readonly number[];
};

/** Whether anything is said at all. */
export const isClaim = (spoken: Omit<Spoken, "familiarity">): spoken is Claim => spoken.prediction !== null;

export function JudgementBlock({ judgement }: { judgement: Claim }) {
  const { classes, verdict, prediction, confidence, shares } = judgement;
  const own = isOwn(classes);
  const open = verdict === "uncertain";
  const said = resultWords.value.judgement;
  /** As CSS writes it, whatever the language. */
  const width = (share: number) => `${100 * share}%`;
  return (
    <div class={open ? "judgement judgement-open" : "judgement"} data-verdict={verdict}>
      <p class="verdict">
        {(open || !own) && <VerdictSign verdict={verdict} classes={classes} />}
        <span class="verdict-word">{verdictWord(verdict)}</span>{" "}
        <span class="verdict-share">
          {open ? said.leans(labelWord(prediction), percent(confidence)) : percent(confidence)}
        </span>
      </p>
      <div class="split" aria-hidden="true">
        {classes.map((name, place) => (
          <span
            key={name}
            class={own ? `split-${name}` : undefined}
            style={{
              width: width(shares[place] ?? 0),
              background: own ? undefined : classColour(classes, place),
            }}
          />
        ))}
      </div>
      <p class="split-words">
        {toldPlaces(shares).map((place) => (
          <span key={place}>{said.part(labelWord(classes[place] ?? ""), percent(shares[place] ?? 0))}</span>
        ))}
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
        <VerdictSign verdict={verdict} classes={OWN_CLASSES} />
        <span class="verdict-word">{verdictWord(verdict)}</span>
      </p>
      <p>
        {why} {resultWords.value.judgement.saysNothing}
      </p>
      {children}
    </div>
  );
}
