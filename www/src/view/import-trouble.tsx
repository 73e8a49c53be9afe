// A file that was to be a saved report and cannot be shown.

import { useWorkbench } from "./context.ts";
import { ErrorCard } from "./error-card.tsx";

export function ImportTrouble() {
  const { importTrouble } = useWorkbench();
  const trouble = importTrouble.value;
  return trouble === null ? null : (
    <ErrorCard title={`${trouble.name} could not be read as a report`} error={trouble.error}>
      <button
        type="button"
        class="button"
        onClick={() => {
          importTrouble.value = null;
        }}
      >
        Close
      </button>
    </ErrorCard>
  );
}
