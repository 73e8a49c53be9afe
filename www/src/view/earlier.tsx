// Offers to go on with what earlier visits left: the latest at once, older ones folded away.

import { useState } from "preact/hooks";
import type { KeptStudy } from "../study/kept.ts";
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
  const [asking, setAsking] = useState(false);
  const { notices } = words.value;
  if (asking) return <Question study={study} onKeep={() => setAsking(false)} />;
  return (
    <p>
      {notices.earlier(study.results, study.images, study.changed)}{" "}
      <button type="button" class="button button-small" onClick={() => void workbench.goOn(study)}>
        {notices.goOn}
      </button>{" "}
      <button type="button" class="button button-small" onClick={() => setAsking(true)}>
        {notices.forget}
      </button>
    </p>
  );
}

/** What is deleted here cannot be brought back. */
function Question({ study, onKeep }: { study: KeptStudy; onKeep(): void }) {
  const { keeper } = useWorkbench();
  const { notices } = words.value;
  return (
    <fieldset class="question" aria-label={notices.forget}>
      <p>{notices.forgetQuestion(study.results, study.images, study.changed)}</p>
      <div class="actions">
        <button type="button" class="button button-small" onClick={onKeep}>
          {notices.keep}
        </button>
        <button type="button" class="button button-small" onClick={() => void keeper.forget(study)}>
          {notices.forgetForGood}
        </button>
      </div>
    </fieldset>
  );
}
