// At the top while a person's own model is in use, or kept from an earlier visit. No live region: nobody wants to hear
// a hash; what changed is announced in a few words.

import type { ComponentChildren } from "preact";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

export function OwnModelNotice() {
  const { own } = useWorkbench();
  const inUse = own.inUse.value;
  const kept = own.kept.value;
  const { doubt = null, suggested = null } = own.advice.value ?? {};
  const { ownModel } = words.value;
  const remove = (
    <button type="button" class="button button-small" onClick={() => void own.forget()}>
      {ownModel.remove}
    </button>
  );
  if (inUse !== null) {
    return (
      <Notice
        kind="notice-caution"
        sha256={inUse.sha256}
        text={
          <>
            <strong>{ownModel.inUse(inUse.name)}</strong> {ownModel.inUseWarning}{" "}
            {ownModel.fusedShare(inUse.opened.fused_share)}{" "}
            {doubt && suggested && `${ownModel.scalingDoubt[doubt](ownModel.normalisation[suggested])} `}
            {inUse.opened.fallback !== null && ownModel.fallback(inUse.opened.fallback)}{" "}
            {own.notice.value?.(words.value)}
          </>
        }
      >
        <button type="button" class="button button-small" onClick={() => void own.leave()}>
          {ownModel.back}
        </button>
        {/* Else another one would seem to be removed. */}
        {kept?.sha256 === inUse.sha256 && remove}
      </Notice>
    );
  }
  return kept === null ? null : (
    <Notice kind="" sha256={kept.sha256} text={ownModel.kept(kept.name, kept.bytes)}>
      <button type="button" class="button button-small" onClick={() => void own.useKept()}>
        {ownModel.useKept}
      </button>
      {remove}
    </Notice>
  );
}

interface NoticeProps {
  kind: string;
  text: ComponentChildren;
  sha256: string;
  children: ComponentChildren;
}

function Notice({ kind, text, sha256, children }: NoticeProps) {
  const { ownModel } = words.value;
  return (
    <section class={`notice own-model-notice ${kind}`} aria-label={ownModel.label}>
      <p>
        {text}{" "}
        <span class="own-model-hash">
          {ownModel.facts.hash} <span class="hash">{sha256}</span>
        </span>
      </p>
      <div class="actions">{children}</div>
    </section>
  );
}
