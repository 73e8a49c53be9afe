// A finished image in words and figures.

import type { ImageReport } from "../study/report.ts";
import { isBeyond } from "../study/scales.ts";
import { toldWarning } from "../words/told.ts";
import { duration, length, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { Histogram } from "./histogram.tsx";
import { JudgementBlock, NotAssessable, Unfamiliar } from "./judgement.tsx";
import { Provenance } from "./provenance.tsx";
import { TeachWayOut } from "./teach/teach-section.tsx";
import { Told } from "./told.tsx";
import { notAssessableWhy, remedies, repeatsScreen, unfamiliarWhy, votesWords } from "./wording.ts";

export function ResultFacts({ report }: { report: ImageReport }) {
  // A person who lets unfamiliar images vote wants to know how.
  const votes = useWorkbench().study.countsUnfamiliar.value || report.verdict !== "unfamiliar";
  const warnings = report.warnings.filter((warning) => !repeatsScreen(warning));
  return (
    <section class="facts-block">
      {report.prediction === null ? (
        <NotAssessable why={notAssessableWhy(report.screen)}>
          <ul class="remedies">
            {remedies(report.screen).map((remedy) => (
              <li key={remedy}>{remedy}</li>
            ))}
          </ul>
          <p class="judgement-why">{words.value.judgement.allTheSame}</p>
        </NotAssessable>
      ) : report.verdict === "unfamiliar" ? (
        <Unfamiliar why={unfamiliarWhy(report.familiarity)}>
          <p class="judgement-why">{words.value.judgement.unfamiliarAdvice}</p>
          <TeachWayOut />
        </Unfamiliar>
      ) : (
        <JudgementBlock judgement={report} />
      )}
      <p class="research-line">{words.value.researchUse}</p>
      {report.prediction !== null && votes && <Votes report={report} />}
      <Beyond report={report} />
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((warning) => (
            <li key={warning}>
              <Told phrase={toldWarning(warning)} />
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
      {words.value.scale.beyond(length(scale.um_per_pixel), length(least), length(most))}
    </p>
  );
}

function Votes({ report }: { report: ImageReport }) {
  const { patches, screen, timings_ms: timings } = report;
  const { votes } = words.value;
  return (
    <>
      <p>
        {votesWords(report)} {screen.unchecked > 0 && `${votes.unchecked} `}
        <span class="muted">{votes.took(duration(timings.total))}</span>
      </p>
      {report.probabilities !== null && (
        <Histogram
          values={patches.flatMap(({ probabilities }) =>
            probabilities === null ? [] : [probabilities.malignant],
          )}
          mean={report.probabilities.malignant}
        />
      )}
    </>
  );
}
