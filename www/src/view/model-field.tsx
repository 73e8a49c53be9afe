// Among the options: which model is in use, and the way to choose another.

import { useRef } from "preact/hooks";
import { fromList } from "../study/intake.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

export function ModelField() {
  const workbench = useWorkbench();
  const input = useRef<HTMLInputElement>(null);
  const own = workbench.own.inUse.value;
  const engine = workbench.life.state.value;
  const { ownModel } = words.value;
  const name = engine.kind === "ready" ? engine.engine.manifest.name : "";
  return (
    <div class="field">
      <span class="field-name">{ownModel.fieldName}</span>
      <div class="model-choice">
        <span class="model-name">{own === null && name !== "" ? ownModel.builtIn(name) : name}</span>
        <button type="button" class="button button-small" onClick={() => input.current?.click()}>
          {ownModel.choose}
        </button>
      </div>
      <span class="field-hint">{ownModel.fieldHint}</span>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        multiple
        accept=".onnx,.data,.onnx_data,.weights,.bin,application/json,.json"
        tabIndex={-1}
        aria-label={ownModel.pickerLabel}
        data-picker="model"
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          // So that choosing the same file again is a change again.
          currentTarget.value = "";
          workbench.arrivals.add(fromList(files));
        }}
      />
    </div>
  );
}
