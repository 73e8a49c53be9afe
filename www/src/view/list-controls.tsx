// Above the table of images: what is searched for, what is shown, and whether patients stand together.

import { SHOWN, type Shown, type View } from "../study/table.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

export function ListControls() {
  const workbench = useWorkbench();
  const view = workbench.study.view.value;
  const { list } = words.value;
  const set = (change: Partial<View>) => {
    workbench.study.view.value = { ...view, ...change };
  };
  const total = workbench.study.total.value;
  const shown = workbench.study.listed.value;
  return (
    <div class="list-controls">
      <input
        type="search"
        class="list-search"
        placeholder={list.search}
        aria-label={list.searchLabel}
        value={view.text}
        onInput={({ currentTarget }) => set({ text: currentTarget.value })}
      />
      <select
        aria-label={list.show}
        onChange={({ currentTarget }) => set({ shown: currentTarget.value as Shown })}
      >
        {SHOWN.map((choice) => (
          <option key={choice} value={choice} selected={choice === view.shown}>
            {list.shown[choice]}
          </option>
        ))}
      </select>
      <label class="list-group">
        <input
          type="checkbox"
          checked={view.grouped}
          onChange={({ currentTarget }) => set({ grouped: currentTarget.checked })}
        />{" "}
        {list.byPatient}
      </label>
      <span class="list-count muted" role="status">
        {shown < total && list.count(shown, total)}
      </span>
    </div>
  );
}
