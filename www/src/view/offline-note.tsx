// What is kept on this machine, with the button that removes it; and the offer of a new version.

import { bytes } from "../format.ts";
import type { Kept } from "../offline/offline.ts";
import { useWorkbench } from "./context.ts";

function words(kept: Kept): string {
  switch (kept.kind) {
    case "unknown":
      return "";
    case "single-file":
      return "This is the edition in a single file: it needs no server, and its policy allows no connection.";
    case "impossible":
      return `This page cannot be kept for use without a network: ${kept.why}.`;
    case "saving":
      return "Saving the page for use without a network.";
    case "saved":
      return "Saved on this machine: the page opens without a network.";
    case "failed":
      return "The page could not be saved for use without a network; reload it to try again.";
    case "removed":
      return "Removed from this machine. The next visit saves it again.";
    default:
      return kept satisfies never;
  }
}

export function OfflineNote() {
  const workbench = useWorkbench();
  const { offline } = workbench;
  const kept = offline.kept.value;
  const usage = offline.usage.value;
  if (kept.kind === "unknown") return null;
  const removable = kept.kind === "saved" || kept.kind === "failed";
  return (
    <p class="offline-note">
      <span role="status">{words(kept)}</span>{" "}
      {usage !== null && usage > 0 && `This site takes ${bytes(usage)} of storage.`}{" "}
      {removable && (
        <button type="button" class="button button-small" onClick={() => void workbench.removeFromMachine()}>
          Remove from this machine
        </button>
      )}
      {kept.kind === "removed" && (
        <button type="button" class="button button-small" onClick={() => void offline.keep()}>
          Save again
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
  const busy = workbench.unsettled.value.length > 0;
  return (
    <div class="notice update-notice" role="status">
      A new version is ready.{" "}
      <button
        type="button"
        class="button button-small"
        disabled={busy}
        onClick={() => offline.apply(() => workbench.unsettled.value.length > 0)}
      >
        Reload
      </button>
      {busy && " Possible when the analysis is done."}
      {!busy && workbench.entries.value.length > 0 && " This takes the images and results below away."}
    </div>
  );
}
