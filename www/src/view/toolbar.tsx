// Above the results: add more, hold, stop, try again, export, clear; options.

import { useComputed } from "@preact/signals";
import { resultWords } from "../words/result.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ExportMenu } from "./export-menu.tsx";
import { OptionsPanel } from "./options-panel.tsx";
import { Pickers } from "./pickers.tsx";

export function Toolbar() {
  const workbench = useWorkbench();
  const { quiz, study } = workbench;
  // How many they are changes with each image.
  const several = useComputed(() => study.total.value > 1).value;
  const some = useComputed(() => study.finished.value > 0).value;
  if (quiz.on.value) {
    return (
      <div class="toolbar">
        <div class="toolbar-row">
          <button type="button" class="button" onClick={() => quiz.end()}>
            {resultWords.value.quiz.end}
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
          {several && (
            <button
              type="button"
              class="button"
              onClick={() => {
                workbench.assigning.value = { table: null };
              }}
            >
              {resultWords.value.assign.open}
            </button>
          )}
          {some && (
            <button
              type="button"
              class="button"
              title={resultWords.value.quiz.hint}
              onClick={() => workbench.beginQuiz()}
            >
              {resultWords.value.quiz.title}
            </button>
          )}
          <ExportMenu />
          <button
            type="button"
            class="button button-quiet"
            onClick={() => workbench.deeds.remove(study.entries.value)}
          >
            {resultWords.value.toolbar.clear}
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
  const { toolbar } = resultWords.value;
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
  // Not asked for while images are at work, each of which may change it.
  const outdated = useComputed(() =>
    workbench.study.open.value > 0 ? null : workbench.outdated.value,
  ).value;
  if (outdated === null || outdated.count === 0) return null;
  const { count, otherModel } = outdated;
  const { ownModel } = words.value;
  const { toolbar } = resultWords.value;
  return (
    <p class="notice">
      {otherModel ? ownModel.outdated(count) : toolbar.outdated(count)}{" "}
      <button type="button" class="button button-small" onClick={() => workbench.rerunOutdated()}>
        {otherModel ? ownModel.again : toolbar.runAgain}
      </button>
    </p>
  );
}
