// At the top while a person's own model is in use, or kept from an earlier visit. No live region: nobody wants to hear
// a hash; what changed is announced in a few words.

import type { ComponentChildren } from "preact";
import { OWN_MODEL } from "../own-model/words.ts";
import { useWorkbench } from "./context.ts";

export function OwnModelNotice() {
  const { own } = useWorkbench();
  const inUse = own.inUse.value;
  const kept = own.kept.value;
  const remove = (
    <button type="button" class="button button-small" onClick={() => void own.forget()}>
      {OWN_MODEL.remove}
    </button>
  );
  if (inUse !== null) {
    return (
      <Notice
        kind="notice-caution"
        sha256={inUse.sha256}
        words={
          <>
            <strong>{OWN_MODEL.inUse(inUse.name)}</strong> {OWN_MODEL.inUseWarning} {own.notice}
          </>
        }
      >
        <button type="button" class="button button-small" onClick={() => void own.leave()}>
          {OWN_MODEL.back}
        </button>
        {/* Else another one would seem to be removed. */}
        {kept?.sha256 === inUse.sha256 && remove}
      </Notice>
    );
  }
  return kept === null ? null : (
    <Notice kind="" sha256={kept.sha256} words={OWN_MODEL.keptWords(kept.name, kept.bytes)}>
      <button type="button" class="button button-small" onClick={() => void own.useKept()}>
        {OWN_MODEL.useKept}
      </button>
      {remove}
    </Notice>
  );
}

interface NoticeProps {
  kind: string;
  words: ComponentChildren;
  sha256: string;
  children: ComponentChildren;
}

function Notice({ kind, words, sha256, children }: NoticeProps) {
  return (
    <section class={`notice own-model-notice ${kind}`} aria-label={OWN_MODEL.ownModel}>
      <p>
        {words}{" "}
        <span class="own-model-hash">
          {OWN_MODEL.facts.hash} <span class="hash">{sha256}</span>
        </span>
      </p>
      <div class="actions">{children}</div>
    </section>
  );
}
