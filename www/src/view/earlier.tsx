// Offers to go on with what earlier visits left: the latest at once, older ones folded away.

import type { KeptStudy } from "../study/shelf.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

export function EarlierStudies() {
  const [latest, ...older] = useWorkbench().keeper.earlier.value;
  if (latest === undefined) return null;
  return (
    <div class="notice" role="status">
      <Offer study={latest} />
      {older.length > 0 && (
        <details>
          <summary>{words.value.notices.older(older.length)}</summary>
          {older.map((study) => (
            <Offer key={study.id} study={study} />
          ))}
        </details>
      )}
    </div>
  );
}

function Offer({ study }: { study: KeptStudy }) {
  const workbench = useWorkbench();
  const { notices } = words.value;
  return (
    <p>
      {notices.earlier(study.results, study.images, study.changed)}{" "}
      <button type="button" class="button button-small" onClick={() => void workbench.goOn(study)}>
        {notices.goOn}
      </button>{" "}
      <button type="button" class="button button-small" onClick={() => void workbench.keeper.forget(study)}>
        {notices.forget}
      </button>
    </p>
  );
}
