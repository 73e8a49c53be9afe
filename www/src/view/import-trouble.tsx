// A file that was to be a saved report and cannot be shown.

import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ErrorCard } from "./error-card.tsx";

export function ImportTrouble() {
  const { importTrouble } = useWorkbench();
  const trouble = importTrouble.value;
  return trouble === null ? null : (
    <ErrorCard title={words.value.trouble.import(trouble.name)} error={trouble.error}>
      <button
        type="button"
        class="button"
        onClick={() => {
          importTrouble.value = null;
        }}
      >
        {words.value.trouble.close}
      </button>
    </ErrorCard>
  );
}
