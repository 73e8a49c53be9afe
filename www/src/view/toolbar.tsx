// Above the results: add more, hold, stop, try again, export, clear; options.

import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ExportMenu } from "./export-menu.tsx";
import { OptionsPanel } from "./options-panel.tsx";
import { Pickers } from "./pickers.tsx";

export function Toolbar() {
  const workbench = useWorkbench();
  const { quiz } = workbench;
  if (quiz.on.value) {
    return (
      <div class="toolbar">
        <div class="toolbar-row">
          <button type="button" class="button" onClick={() => quiz.end()}>
            {words.value.quiz.end}
          </button>
        </div>
      </div>
    );
  }
  return (
    <div class="toolbar">
      <div class="toolbar-row">
        <Pickers quiet />
        <div class="actions">
          <RunButtons />
          {workbench.study.total.value > 1 && (
            <button
              type="button"
              class="button"
              onClick={() => {
                workbench.assigning.value = { table: null };
              }}
            >
              {words.value.assign.open}
            </button>
          )}
          {workbench.study.finished.value > 0 && (
            <button
              type="button"
              class="button"
              title={words.value.quiz.hint}
              onClick={() => workbench.beginQuiz()}
            >
              {words.value.quiz.title}
            </button>
          )}
          <ExportMenu />
          <button
            type="button"
            class="button button-quiet"
            onClick={() => workbench.deeds.remove(workbench.study.entries.value)}
          >
            {words.value.toolbar.clear}
          </button>
        </div>
      </div>
      <OptionsPanel />
      <Outdated />
    </div>
  );
}

/** By themselves, since they change with each image. */
function RunButtons() {
  const workbench = useWorkbench();
  const { study, run } = workbench;
  const open = study.open.value;
  const { retriable: failed, runnable: cancelled } = study.counts.value;
  const paused = run.paused.value;
  const { toolbar } = words.value;
  return (
    <>
      {(open > 1 || paused) && (
        <button type="button" class="button" onClick={() => workbench.pause(!paused)}>
          {paused ? toolbar.resume : toolbar.pause}
        </button>
      )}
      {open > 0 && (
        <button type="button" class="button" onClick={() => workbench.cancel(study.openEntries())}>
          {open > 1 ? toolbar.cancelAll(open) : toolbar.cancel}
        </button>
      )}
      {failed > 0 && open === 0 && (
        <button type="button" class="button" onClick={() => run.again(study.retriable())}>
          {toolbar.retry(failed)}
        </button>
      )}
      {cancelled > 0 && open === 0 && study.total.value > 1 && (
        <button type="button" class="button" onClick={() => run.again(study.in("cancelled"))}>
          {toolbar.runCancelled(cancelled)}
        </button>
      )}
    </>
  );
}

/** The offer to run again what other options, or another model, gave. */
function Outdated() {
  const workbench = useWorkbench();
  const { count, otherModel } = workbench.outdated.value;
  if (count === 0 || workbench.study.open.value > 0) return null;
  const { ownModel, toolbar } = words.value;
  return (
    <p class="notice">
      {otherModel ? ownModel.outdated(count) : toolbar.outdated(count)}{" "}
      <button type="button" class="button button-small" onClick={() => workbench.rerunOutdated()}>
        {otherModel ? ownModel.again : toolbar.runAgain}
      </button>
    </p>
  );
}
