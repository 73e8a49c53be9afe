// Above the table of images: what is searched for, what is shown, and whether patients stand together.

import { integer } from "../format.ts";
import { SHOWN, type Shown, type View } from "../table.ts";
import { useWorkbench } from "./context.ts";

const SHOWN_WORDS: Readonly<Record<Shown, string>> = {
  all: "All",
  malignant: "Malignant",
  benign: "Benign",
  uncertain: "Uncertain",
  "not assessable": "Not assessable",
  open: "Still to do",
  failed: "Failed",
  cancelled: "Cancelled",
};

export function ListControls() {
  const workbench = useWorkbench();
  const view = workbench.view.value;
  const set = (change: Partial<View>) => {
    workbench.view.value = { ...view, ...change };
  };
  const total = workbench.entries.value.length;
  const shown = workbench.listed.value.length;
  return (
    <div class="list-controls">
      <input
        type="search"
        class="list-search"
        placeholder="Name or patient"
        aria-label="Filter by name or patient"
        value={view.text}
        onInput={({ currentTarget }) => set({ text: currentTarget.value })}
      />
      <select
        aria-label="Show"
        onChange={({ currentTarget }) => set({ shown: currentTarget.value as Shown })}
      >
        {SHOWN.map((choice) => (
          <option key={choice} value={choice} selected={choice === view.shown}>
            {SHOWN_WORDS[choice]}
          </option>
        ))}
      </select>
      <label class="list-group">
        <input
          type="checkbox"
          checked={view.grouped}
          onChange={({ currentTarget }) => set({ grouped: currentTarget.checked })}
        />{" "}
        By patient
      </label>
      <span class="list-count muted" role="status">
        {shown < total && `${integer(shown)} of ${integer(total)}`}
      </span>
    </div>
  );
}
