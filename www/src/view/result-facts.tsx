// A finished image in words and figures.

import { duration, sentence } from "../format.ts";
import type { ImageReport } from "../report.ts";
import {
  ALL_THE_SAME,
  notAssessableWhy,
  RESEARCH_USE,
  remedies,
  repeatsScreen,
  votesWords,
} from "../wording.ts";
import { Histogram } from "./histogram.tsx";
import { JudgementBlock, NotAssessable } from "./judgement.tsx";
import { Provenance } from "./provenance.tsx";

export function ResultFacts({ report }: { report: ImageReport }) {
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
          <p class="judgement-why">{ALL_THE_SAME}</p>
        </NotAssessable>
      ) : (
        <JudgementBlock judgement={report} />
      )}
      <p class="research-line">{RESEARCH_USE}</p>
      {report.prediction !== null && <Votes report={report} />}
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((warning) => (
            <li key={warning}>{sentence(warning)}</li>
          ))}
        </ul>
      )}
      <Provenance report={report} />
    </section>
  );
}

function Votes({ report }: { report: ImageReport }) {
  const { patches, screen, timings_ms: timings } = report;
  return (
    <>
      <p>
        {votesWords(report)} {screen.unchecked > 0 && "Tissue, focus and stain were not checked. "}
        <span class="muted">Took {duration(timings.total)}.</span>
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
