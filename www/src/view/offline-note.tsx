// What is kept on this machine, with the button that removes it; and the offer of a new version.

import type { Kept } from "../offline/offline.ts";
import { bytes, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

function standing(kept: Kept): string {
  const { offline } = words.value;
  switch (kept.kind) {
    case "unknown":
      return "";
    case "single-file":
      return offline.singleFile;
    case "impossible":
      return offline.impossible(offline.why[kept.why]);
    case "saving":
      return offline.saving;
    case "saved":
      return offline.saved;
    case "failed":
      return offline.failed;
    case "removed":
      return offline.removed;
    default:
      return kept satisfies never;
  }
}

export function OfflineNote() {
  const workbench = useWorkbench();
  const { offline } = workbench;
  const kept = offline.kept.value;
  const usage = offline.usage.value;
  const said = words.value.offline;
  // Without an engine nothing is saved for later, and what earlier visits kept is here all the same.
  const engine = workbench.life.state.value.kind;
  if (kept.kind === "unknown" && engine !== "failed" && engine !== "unsupported") return null;
  return (
    <p class="offline-note">
      <span role="status">{standing(kept)}</span>{" "}
      {kept.kind === "saved" && !offline.lasting.value && `${said.mayGo} `}
      {usage !== null && usage > 0 && said.usage(bytes(usage))}{" "}
      <label>
        <input
          type="checkbox"
          checked={workbench.keeper.keeping.value.kind !== "off"}
          onChange={({ currentTarget }) => void workbench.keep(currentTarget.checked)}
        />{" "}
        {said.keepStudies}
      </label>{" "}
      {kept.kind !== "removed" && (
        <button type="button" class="button button-small" onClick={() => void workbench.removeFromMachine()}>
          {said.remove}
        </button>
      )}
      {kept.kind === "removed" && (
        <button type="button" class="button button-small" onClick={() => void offline.keep()}>
          {said.saveAgain}
        </button>
      )}
    </p>
  );
}

/** Never reloads by itself: a reload takes images and results away. */
export function UpdateNotice() {
  const workbench = useWorkbench();
  const { offline } = workbench;
  if (!offline.update.value) return null;
  const busy = workbench.study.open.value > 0;
  const said = words.value.offline;
  return (
    <div class="notice update-notice" role="status">
      {said.update}{" "}
      <button
        type="button"
        class="button button-small"
        disabled={busy}
        onClick={() => offline.apply(() => workbench.study.open.value > 0)}
      >
        {said.reload}
      </button>
      {busy && ` ${said.busy}`}
      {!busy && workbench.keeper.atRisk.value && ` ${said.takesAway}`}
    </div>
  );
}
