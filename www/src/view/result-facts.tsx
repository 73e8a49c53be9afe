// A finished image in words and figures.

import { isOwn, patchShares, spokenOf, votesOf } from "../study/classes.ts";
import type { ImageReport } from "../study/report.ts";
import { isBeyond } from "../study/scales.ts";
import { resultWords } from "../words/result.ts";
import { toldWarning } from "../words/told.ts";
import { duration, length } from "../words/words.ts";
import { ClassHistogram } from "./class-histogram.tsx";
import { useWorkbench } from "./context.ts";
import { Histogram } from "./histogram.tsx";
import { type Claim, isClaim, JudgementBlock, NotAssessable, Unfamiliar } from "./judgement.tsx";
import { Provenance } from "./provenance.tsx";
import { notAssessableWhy, remedies, saidElsewhere, unfamiliarWhy, votesWords } from "./result-wording.ts";
import { TeachWayOut } from "./teach/teach-section.tsx";
import { Told } from "./told.tsx";

export function ResultFacts({ report }: { report: ImageReport }) {
  // A person who lets unfamiliar images vote wants to know how.
  const spoken = spokenOf(report);
  const votes = useWorkbench().study.countsUnfamiliar.value || spoken.verdict !== "unfamiliar";
  const warnings = report.warnings
    .map((sentence, index) => ({ sentence, cause: report.warning_causes?.[index] }))
    .filter(({ cause }) => !saidElsewhere(cause));
  return (
    <section class="facts-block">
      {!isClaim(spoken) ? (
        <NotAssessable why={notAssessableWhy(report.screen)}>
          <ul class="remedies">
            {remedies(report.screen).map((remedy) => (
              <li key={remedy}>{remedy}</li>
            ))}
          </ul>
          <p class="judgement-why">{resultWords.value.judgement.allTheSame}</p>
        </NotAssessable>
      ) : spoken.verdict === "unfamiliar" ? (
        <Unfamiliar why={unfamiliarWhy(spoken.familiarity)}>
          <p class="judgement-why">{resultWords.value.judgement.unfamiliarAdvice}</p>
          <TeachWayOut />
        </Unfamiliar>
      ) : (
        <JudgementBlock judgement={spoken} />
      )}
      {isClaim(spoken) && votes && <Votes report={report} claim={spoken} />}
      <Beyond report={report} />
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map(({ sentence, cause }) => (
            <li key={sentence}>
              <Told phrase={toldWarning(sentence, cause)} />
            </li>
          ))}
        </ul>
      )}
      <Provenance report={report} />
    </section>
  );
}

/** A scale that the model has not learned from. */
function Beyond({ report: { scale, model } }: { report: ImageReport }) {
  const engine = useWorkbench().life.state.value;
  if (scale === undefined || engine.kind !== "ready") return null;
  const { training, variants } = engine.engine.manifest;
  const seen = training?.um_per_pixel;
  const isOurs = Object.values(variants).some((variant) => variant?.sha256 === model.sha256);
  if (seen === undefined || !isOurs || !isBeyond(scale, seen)) return null;
  const [least, most] = seen;
  return (
    <p class="notice notice-caution">
      {resultWords.value.scale.beyond(length(scale.um_per_pixel), length(least), length(most))}
    </p>
  );
}

function Votes({ report, claim: { classes, shares } }: { report: ImageReport; claim: Claim }) {
  const { screen, timings_ms: timings } = report;
  const { votes } = resultWords.value;
  return (
    <>
      <p>
        {votesWords(report)} {screen.unchecked > 0 && `${votes.unchecked} `}
        <span class="muted">{votes.took(duration(timings.total))}</span>
      </p>
      {isOwn(classes) ? (
        <Histogram values={patchShares(report).flatMap((patch) => patch?.[1] ?? [])} mean={shares[1] ?? 0} />
      ) : (
        <ClassHistogram classes={classes} votes={votesOf(report)} />
      )}
    </>
  );
}
