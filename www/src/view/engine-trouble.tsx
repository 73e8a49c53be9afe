// What stands at the top when the engine could not start at all.

import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ErrorCard } from "./error-card.tsx";

export function EngineTrouble() {
  const workbench = useWorkbench();
  const state = workbench.life.state.value;
  const { ownModel, trouble } = words.value;
  if (state.kind === "failed") {
    return (
      <ErrorCard title={trouble.engine} error={state.error}>
        <button type="button" class="button" onClick={() => void workbench.start()}>
          {trouble.tryAgain}
        </button>
        {workbench.networks.network.value !== null && (
          <button type="button" class="button" onClick={() => void workbench.back()}>
            {ownModel.back}
          </button>
        )}
      </ErrorCard>
    );
  }
  if (state.kind === "unsupported") {
    return (
      <section class="error-card" role="alert">
        <h2>{trouble.unsupported}</h2>
        <p>{trouble.lacks}</p>
        <ul>
          {state.missing.map((capability) => (
            <li key={capability}>
              <strong>{trouble.capabilities[capability].name}</strong> ({trouble.capabilities[capability].why}
              )
            </li>
          ))}
        </ul>
        <p class="remedy">{trouble.update}</p>
      </section>
    );
  }
  return null;
}
