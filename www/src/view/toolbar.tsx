// Above the results: add more, hold, stop, try again, export, clear; options; passing remarks.

import { type Say, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ExportMenu } from "./export-menu.tsx";
import { OptionsPanel } from "./options-panel.tsx";
import { Pickers } from "./pickers.tsx";

export function Toolbar() {
  const workbench = useWorkbench();
  const running = workbench.unsettled.value;
  const outdated = workbench.outdated.value;
  const otherModel = outdated.some(({ model }) => model !== workbench.model);
  const failed = workbench.retriable.value;
  const paused = workbench.paused.value;
  const { ownModel, toolbar } = words.value;
  return (
    <div class="toolbar">
      <div class="toolbar-row">
        <Pickers quiet />
        <div class="actions">
          {(running.length > 1 || paused) && (
            <button type="button" class="button" onClick={() => workbench.pause(!paused)}>
              {paused ? toolbar.resume : toolbar.pause}
            </button>
          )}
          {running.length > 0 && (
            <button type="button" class="button" onClick={() => workbench.cancel(running)}>
              {running.length > 1 ? toolbar.cancelAll(running.length) : toolbar.cancel}
            </button>
          )}
          {failed.length > 0 && running.length === 0 && (
            <button type="button" class="button" onClick={() => workbench.rerun(failed)}>
              {toolbar.retry(failed.length)}
            </button>
          )}
          <ExportMenu />
          <button
            type="button"
            class="button button-quiet"
            onClick={() => workbench.remove(workbench.entries.value)}
          >
            {toolbar.clear}
          </button>
        </div>
      </div>
      <OptionsPanel />
      {outdated.length > 0 && running.length === 0 && (
        <p class="notice">
          {otherModel ? ownModel.outdated(outdated.length) : toolbar.outdated(outdated.length)}{" "}
          <button type="button" class="button button-small" onClick={() => workbench.rerun(outdated)}>
            {otherModel ? ownModel.again : toolbar.runAgain}
          </button>
        </p>
      )}
      <Notice say={workbench.intakeNotice.value} />
      <Notice say={workbench.workerNotice.value} />
    </div>
  );
}

function Notice({ say }: { say: Say | null }) {
  return say === null ? null : (
    <p class="notice" role="status">
      {say(words.value)}
    </p>
  );
}
