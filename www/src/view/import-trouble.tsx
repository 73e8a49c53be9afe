// Files that were to be saved reports and cannot be shown.

import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ErrorCard } from "./error-card.tsx";

export function ImportTroubles() {
  const { troubles } = useWorkbench().arrivals;
  const { trouble: said } = words.value;
  return (
    <>
      {troubles.value.map((trouble, index) => (
        <ErrorCard key={index} title={said.import(trouble.name)} error={trouble.error}>
          <button
            type="button"
            class="button"
            onClick={() => {
              troubles.value = troubles.value.filter((other) => other !== trouble);
            }}
          >
            {said.close}
          </button>
        </ErrorCard>
      ))}
    </>
  );
}
