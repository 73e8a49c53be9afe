// At the top while a person's own model is in use, or kept from an earlier visit.

import { OWN_MODEL } from "../own-model/words.ts";
import { useWorkbench } from "./context.ts";

export function OwnModelNotice() {
  const { own } = useWorkbench();
  const inUse = own.inUse.value;
  const kept = own.kept.value;
  if (inUse === null && kept === null) return null;
  const remove = kept !== null && (
    <button type="button" class="button button-small" onClick={() => void own.forget()}>
      {OWN_MODEL.remove}
    </button>
  );
  if (inUse === null) {
    return kept === null ? null : (
      <div class="notice own-model-notice" role="status">
        <p>
          {OWN_MODEL.keptWords(kept.name, kept.bytes)} <Hash sha256={kept.sha256} />
        </p>
        <div class="actions">
          <button type="button" class="button button-small" onClick={() => void own.useKept()}>
            {OWN_MODEL.useKept}
          </button>
          {remove}
        </div>
      </div>
    );
  }
  return (
    <div class="notice notice-caution own-model-notice" role="status">
      <p>
        <strong>{OWN_MODEL.inUse(inUse.name)}</strong> {OWN_MODEL.inUseWarning} <Hash sha256={inUse.sha256} />
        {own.notice.value !== "" && ` ${own.notice.value}`}
      </p>
      <div class="actions">
        <button type="button" class="button button-small" onClick={() => void own.leave()}>
          {OWN_MODEL.back}
        </button>
        {/* Else what is removed would seem to be what is in use. */}
        {kept?.sha256 === inUse.sha256 && remove}
      </div>
    </div>
  );
}

function Hash({ sha256 }: { sha256: string }) {
  return (
    <span class="own-model-hash">
      {OWN_MODEL.facts.hash} <span class="hash">{sha256}</span>
    </span>
  );
}
