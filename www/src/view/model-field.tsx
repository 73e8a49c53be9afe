// Among the options: which model is in use, and the way to choose another.

import { useRef } from "preact/hooks";
import { fromList } from "../intake.ts";
import { OWN_MODEL } from "../own-model/words.ts";
import { useWorkbench } from "./context.ts";

export function ModelField() {
  const workbench = useWorkbench();
  const input = useRef<HTMLInputElement>(null);
  const own = workbench.own.inUse.value;
  const engine = workbench.engine.value;
  const name = engine.kind === "ready" ? engine.engine.manifest.name : "";
  return (
    <div class="field">
      <span class="field-name">{OWN_MODEL.fieldName}</span>
      <div class="model-choice">
        <span class="model-name">{own === null && name !== "" ? OWN_MODEL.builtIn(name) : name}</span>
        <button type="button" class="button button-small" onClick={() => input.current?.click()}>
          {OWN_MODEL.choose}
        </button>
      </div>
      <span class="field-hint">{OWN_MODEL.fieldHint}</span>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple
        accept=".onnx,application/json,.json"
        tabIndex={-1}
        aria-label={OWN_MODEL.pickerLabel}
        data-picker="model"
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // So that choosing the same file again is a change again.
          currentTarget.value = "";
          workbench.add(fromList(files));
        }}
      />
    </div>
  );
}
