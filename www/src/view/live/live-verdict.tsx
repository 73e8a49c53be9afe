// What is seen now: the verdict, or at once why there is none.

import { useEffect } from "preact/hooks";
import type { Live } from "../../live/live.ts";
import { spokenOf } from "../../study/classes.ts";
import type { ImageReport } from "../../study/report.ts";
import { liveWords } from "../../words/live.ts";
import { told } from "../../words/told.ts";
import { useWorkbench } from "../context.ts";
import { isClaim, JudgementBlock, NotAssessable, Unfamiliar } from "../judgement.tsx";
import { notAssessableWhy, remedies, unfamiliarWhy, votesWords } from "../result-wording.ts";
import { Told } from "../told.tsx";
import { reportWords } from "../wording.ts";

export function LiveVerdict({ live }: { live: Live }) {
  const workbench = useWorkbench();
  const look = live.look.value;
  const still = live.still.value;
  const trouble = live.trouble.value;
  const rate = live.rate.value;
  const said = liveWords.value;
  // Of what the model does not know nothing is claimed, unless a person wants it.
  const votes = workbench.study.countsUnfamiliar.value || look?.report.verdict !== "unfamiliar";
  const settled = still !== null && !live.examining.value && look !== null;
  // A moving field would never let a screen reader finish.
  useEffect(() => {
    if (settled) workbench.announcement.value = () => reportWords(look.report);
  }, [settled, look]);
  const waits = workbench.life.state.value.kind === "ready" ? said.waiting : said.waitingForModel;
  return (
    <section class="live-verdict" aria-label={said.verdict} aria-busy={live.examining.value}>
      {trouble !== null && (
        <div class="notice notice-caution" role="alert">
          <p>
            <Told phrase={told(trouble).message} /> <Told phrase={told(trouble).remedy} />
          </p>
          <button type="button" class="button button-small" onClick={() => live.again()}>
            {said.tryAgain}
          </button>
        </div>
      )}
      {look === null ? trouble === null && <p class="muted">{waits}</p> : <Seen report={look.report} />}
      {look !== null && votes && isClaim(spokenOf(look.report)) && <p>{votesWords(look.report)}</p>}
      {live.examining.value && <p class="muted">{said.examining}</p>}
      {still === null && rate > 0 && (
        <p class="muted">
          <span class="live-rate">{said.rate(rate)}</span>. {said.moving}
        </p>
      )}
    </section>
  );
}

function Seen({ report }: { report: ImageReport }) {
  const spoken = spokenOf(report);
  if (!isClaim(spoken)) {
    return (
      <NotAssessable why={notAssessableWhy(report.screen)}>
        <ul class="remedies">
          {remedies(report.screen).map((remedy) => (
            <li key={remedy}>{remedy}</li>
          ))}
        </ul>
      </NotAssessable>
    );
  }
  if (spoken.verdict === "unfamiliar") return <Unfamiliar why={unfamiliarWhy(spoken.familiarity)} />;
  return <JudgementBlock judgement={spoken} />;
}
