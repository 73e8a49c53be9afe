// The selected image: its picture with the map, its verdict or progress or error, and how it was computed.

import type { Entry } from "../entry.ts";
import { stateWords } from "../wording.ts";
import { useWorkbench } from "./context.ts";
import { downloadJson, reportName } from "./download.ts";
import { ErrorCard } from "./error-card.tsx";
import { PatientField } from "./patient-field.tsx";
import { ResultFacts } from "./result-facts.tsx";
import { Viewer } from "./viewer.tsx";

export function Detail() {
  const entry = useWorkbench().selected.value;
  // Keyed: what one image's view holds must not leak into the next one's.
  return entry === null ? null : <Card key={entry.id} entry={entry} />;
}

function Card({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  const state = entry.state.value;
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
              Download report (JSON)
            </button>
          )}
        </div>
      </header>
      <PatientField entry={entry} />
      {entry.remark !== "" && <p class="remark">{entry.remark}</p>}
      <div class="detail-body">
        <Viewer entry={entry}>
          <div class="detail-side">
            {state.kind === "done" && <ResultFacts report={state.report} />}
            {state.kind === "failed" && (
              <ErrorCard title="This image could not be analysed" error={state.error}>
                {entry.hasFile && (
                  <button type="button" class="button" onClick={() => workbench.rerun([entry])}>
                    Try again
                  </button>
                )}
              </ErrorCard>
            )}
            {state.kind === "cancelled" && (
              <section class="pending">
                <p class="pending-words">Cancelled</p>
                <button type="button" class="button" onClick={() => workbench.rerun([entry])}>
                  Run again
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
  const held = workbench.engine.value.kind !== "ready";
  return (
    <section class="pending">
      <p class="pending-words">{held ? "Waiting for the model" : stateWords(state)}</p>
      <progress {...counting} aria-label={`Progress of ${entry.file.name}`} />
      <button type="button" class="button" onClick={() => workbench.cancel([entry])}>
        Cancel this image
      </button>
    </section>
  );
}
