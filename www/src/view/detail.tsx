// The selected image: its picture with the map, its verdict or progress or error, and how it was computed.

import { useRef } from "preact/hooks";
import { type HistoscopeError, isForGood } from "../base/errors.ts";
import type { Entry } from "../study/entry.ts";
import { exportedFolder } from "../study/exports.ts";
import type { ImageReport } from "../study/report.ts";
import type { Study } from "../study/study.ts";
import { resultWords } from "../words/result.ts";
import { told } from "../words/told.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { downloadJson, reportName } from "./download.ts";
import { ErrorCard } from "./error-card.tsx";
import { ClassVotes, Riddle } from "./quiz.tsx";
import { ResearchNotice } from "./research-notice.tsx";
import { ResultFacts } from "./result-facts.tsx";
import { leftOutWords } from "./teach/left-out.tsx";
import { Told } from "./told.tsx";
import { TruthFields } from "./truth-fields.tsx";
import { Viewer } from "./viewer.tsx";
import { stateWords } from "./wording.ts";

export function Detail() {
  const entry = useWorkbench().study.selected.value;
  if (entry === null) return null;
  return (
    // It stays from image to image, so that it can fill the screen.
    <div class="detail-frame">
      <ResearchNotice />
      {/* Keyed: what one image's view holds must not leak into the next one's. */}
      <Card key={entry.id} entry={entry} />
    </div>
  );
}

function Card({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  if (workbench.quiz.hides(entry)) return <Riddle entry={entry} />;
  return <OpenCard entry={entry} />;
}

function OpenCard({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  const state = entry.state.value;
  const { detail } = resultWords.value;
  return (
    <article class="detail" aria-labelledby={`${entry.id}-title`} aria-busy={!entry.settled}>
      <header class="detail-head">
        <h2 id={`${entry.id}-title`} title={entry.path} tabIndex={-1}>
          {entry.path}
        </h2>
        <div class="actions">
          {state.kind === "done" && (
            <button
              type="button"
              class="button"
              onClick={() =>
                downloadJson(reportName(entry.name), saved(workbench.study, entry, state.report))
              }
            >
              {detail.download}
            </button>
          )}
        </div>
      </header>
      {entry.remark !== null && <p class="remark">{entry.remark(words.value)}</p>}
      <div class="detail-body">
        <Viewer entry={entry}>
          <div class="detail-side">
            <ClassVotes entry={entry} />
            <Trouble entry={entry} />
            {state.kind === "done" && <ResultFacts report={state.report} />}
            <LeftOutNote entry={entry} />
            {state.kind === "same" && (
              <section class="pending">
                <p class="pending-words">{detail.same}</p>
                <p>{detail.sameAs(state.as.path)}</p>
                <button
                  type="button"
                  class="button"
                  onClick={() => {
                    workbench.study.selected.value = state.as;
                  }}
                >
                  {detail.showOther}
                </button>
              </section>
            )}
            {state.kind === "failed" && (
              <ErrorCard title={detail.failed} error={state.error}>
                <Again entry={entry} error={state.error} />
              </ErrorCard>
            )}
            {state.kind === "cancelled" && (
              <section class="pending">
                <p class="pending-words">{detail.cancelled}</p>
                {entry.hasFile ? (
                  <button type="button" class="button" onClick={() => workbench.run.again([entry])}>
                    {detail.runAgain}
                  </button>
                ) : (
                  <ChooseAgain entry={entry} />
                )}
              </section>
            )}
            {!entry.settled && <Pending entry={entry} />}
            {/* Below: picture and verdict come first. */}
            <TruthFields entry={entry} />
          </div>
        </Viewer>
      </div>
    </article>
  );
}

/** The lesson that judges was taught this image: then what counts is what was said before. */
function LeftOutNote({ entry }: { entry: Entry }) {
  const said = useWorkbench().classroom.leftOut.value.get(entry.path);
  if (said === undefined) return null;
  return <p class="remark">{words.value.teach.leftOut.note(leftOutWords(said))}</p>;
}

/** The core's report; of a drawing with the mark that it is one, so that it counts nowhere when it is read again. */
const saved = (study: Study, entry: Entry, report: ImageReport) =>
  entry.demo ? exportedFolder(study, null, { entries: [entry], filter: null }) : report;

/** The way to try again; of a file that is gone, with another one. */
function Again({ entry, error }: { entry: Entry; error: HistoscopeError }) {
  const { run } = useWorkbench();
  const { detail } = resultWords.value;
  if (error.code === "file_unreadable" || !entry.hasFile) return <ChooseAgain entry={entry} />;
  if (isForGood(error)) return null;
  return (
    <button type="button" class="button" onClick={() => run.again([entry])}>
      {detail.tryAgain}
    </button>
  );
}

/** For an image whose file is gone, or that was found on this machine without it. */
function ChooseAgain({ entry }: { entry: Entry }) {
  const { run } = useWorkbench();
  const input = useRef<HTMLInputElement>(null);
  const { detail } = resultWords.value;
  return (
    <>
      <button type="button" class="button" onClick={() => input.current?.click()}>
        {detail.chooseAgain}
      </button>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        tabIndex={-1}
        aria-label={detail.fileOf(entry.name)}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file === undefined) return;
          entry.attach(file);
          run.again([entry]);
        }}
      />
    </>
  );
}

/** Another run failed, and the result of the one before is still shown. */
function Trouble({ entry }: { entry: Entry }) {
  const error = entry.trouble.value;
  if (error === null) return null;
  const { detail } = resultWords.value;
  return (
    <section class="notice notice-caution" role="status">
      <p>
        {detail.stayed} <Told phrase={told(error).message} />
      </p>
      <div class="actions">
        <Again entry={entry} error={error} />
      </div>
    </section>
  );
}

function Pending({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  const state = entry.state.value;
  const counting = state.kind === "classifying" ? { max: state.total, value: state.done } : {};
  const engine = workbench.life.state.value.kind;
  const never = engine === "failed" || engine === "unsupported";
  const { states } = words.value;
  const { detail } = resultWords.value;
  return (
    <section class="pending">
      <p class="pending-words">
        {never ? states.noModel : engine === "loading" ? states.waitingForModel : stateWords(state)}
      </p>
      {!never && <progress {...counting} aria-label={detail.progress(entry.name)} />}
      <button type="button" class="button" onClick={() => workbench.cancel([entry])}>
        {detail.cancel}
      </button>
    </section>
  );
}
