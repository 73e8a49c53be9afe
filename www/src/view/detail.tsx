// The selected image: its picture with the map, its verdict or progress or error, and how it was computed.

import type { Entry } from "../study/entry.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { downloadJson, reportName } from "./download.ts";
import { ErrorCard } from "./error-card.tsx";
import { PatientField } from "./patient-field.tsx";
import { ResultFacts } from "./result-facts.tsx";
import { Viewer } from "./viewer.tsx";
import { stateWords } from "./wording.ts";

export function Detail() {
  const entry = useWorkbench().study.selected.value;
  // Keyed: what one image's view holds must not leak into the next one's.
  return entry === null ? null : <Card key={entry.id} entry={entry} />;
}

function Card({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  const state = entry.state.value;
  const { detail } = words.value;
  return (
    <article class="detail" aria-labelledby={`${entry.id}-title`} aria-busy={!entry.settled}>
      <header class="detail-head">
        <h2 id={`${entry.id}-title`} title={entry.path}>
          {entry.path}
        </h2>
        <div class="actions">
          {state.kind === "done" && (
            <button
              type="button"
              class="button"
              onClick={() => downloadJson(reportName(entry.file.name), state.report)}
            >
              {detail.download}
            </button>
          )}
        </div>
      </header>
      <PatientField entry={entry} />
      {entry.remark !== null && <p class="remark">{entry.remark(words.value)}</p>}
      <div class="detail-body">
        <Viewer entry={entry}>
          <div class="detail-side">
            {state.kind === "done" && <ResultFacts report={state.report} />}
            {state.kind === "failed" && (
              <ErrorCard title={detail.failed} error={state.error}>
                {entry.hasFile && (
                  <button type="button" class="button" onClick={() => workbench.run.again([entry])}>
                    {detail.tryAgain}
                  </button>
                )}
              </ErrorCard>
            )}
            {state.kind === "cancelled" && (
              <section class="pending">
                <p class="pending-words">{detail.cancelled}</p>
                <button type="button" class="button" onClick={() => workbench.run.again([entry])}>
                  {detail.runAgain}
                </button>
              </section>
            )}
            {!entry.settled && <Pending entry={entry} />}
          </div>
        </Viewer>
      </div>
    </article>
  );
}

function Pending({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  const state = entry.state.value;
  const counting = state.kind === "classifying" ? { max: state.total, value: state.done } : {};
  const held = workbench.life.state.value.kind !== "ready";
  const { detail, states } = words.value;
  return (
    <section class="pending">
      <p class="pending-words">{held ? states.waitingForModel : stateWords(state)}</p>
      <progress {...counting} aria-label={detail.progress(entry.file.name)} />
      <button type="button" class="button" onClick={() => workbench.cancel([entry])}>
        {detail.cancel}
      </button>
    </section>
  );
}
