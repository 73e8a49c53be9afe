// Above the results: add more, hold, stop, try again, export, clear; options; passing remarks.

import { OWN_MODEL } from "../own-model/words.ts";
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
  return (
    <div class="toolbar">
      <div class="toolbar-row">
        <Pickers quiet />
        <div class="actions">
          {(running.length > 1 || paused) && (
            <button type="button" class="button" onClick={() => workbench.pause(!paused)}>
              {paused ? "Resume" : "Pause"}
            </button>
          )}
          {running.length > 0 && (
            <button type="button" class="button" onClick={() => workbench.cancel(running)}>
              {running.length > 1 ? `Cancel all ${running.length}` : "Cancel"}
            </button>
          )}
          {failed.length > 0 && running.length === 0 && (
            <button type="button" class="button" onClick={() => workbench.rerun(failed)}>
              Retry {failed.length} failed
            </button>
          )}
          <ExportMenu />
          <button
            type="button"
            class="button button-quiet"
            onClick={() => workbench.remove(workbench.entries.value)}
          >
            Clear
          </button>
        </div>
      </div>
      <OptionsPanel />
      {outdated.length > 0 && running.length === 0 && (
        <p class="notice">
          {OWN_MODEL.outdated(outdated.length, otherModel)}{" "}
          <button type="button" class="button button-small" onClick={() => workbench.rerun(outdated)}>
            {OWN_MODEL.again(otherModel)}
          </button>
        </p>
      )}
      <Notice words={workbench.intakeNotice.value} />
      <Notice words={workbench.workerNotice.value} />
    </div>
  );
}

function Notice({ words }: { words: string }) {
  return words === "" ? null : (
    <p class="notice" role="status">
      {words}
    </p>
  );
}
