// What stands at the top when the engine could not start at all.

import { OWN_MODEL } from "../own-model/words.ts";
import { useWorkbench } from "./context.ts";
import { ErrorCard } from "./error-card.tsx";

export function EngineTrouble() {
  const workbench = useWorkbench();
  const state = workbench.engine.value;
  if (state.kind === "failed") {
    return (
      <ErrorCard title="The classifier could not start" error={state.error}>
        <button type="button" class="button" onClick={() => void workbench.start()}>
          Try again
        </button>
        {workbench.own.inUse.value !== null && (
          <button type="button" class="button" onClick={() => void workbench.own.leave()}>
            {OWN_MODEL.back}
          </button>
        )}
      </ErrorCard>
    );
  }
  if (state.kind === "unsupported") {
    return (
      <section class="error-card" role="alert">
        <h2>This browser cannot run Histoscope</h2>
        <p>It lacks:</p>
        <ul>
          {state.missing.map(({ name, why }) => (
            <li key={name}>
              <strong>{name}</strong> ({why})
            </li>
          ))}
        </ul>
        <p class="remedy">Use a current Chrome, Edge, Firefox or Safari (16.4 or later).</p>
      </section>
    );
  }
  return null;
}
