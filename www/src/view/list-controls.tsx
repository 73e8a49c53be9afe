// Above the table of images: what is searched for, what is shown, and whether patients stand together.

import { compareLabels } from "../study/labels.ts";
import { type Shown, shownOf, type View } from "../study/table.ts";
import { resultWords } from "../words/result.ts";
import { useWorkbench } from "./context.ts";
import { shownWord } from "./result-wording.ts";
import { labelWord } from "./wording.ts";

export function ListControls() {
  const workbench = useWorkbench();
  const view = workbench.study.view.value;
  const { list, truth } = resultWords.value;
  const labels = workbench.study.labels.value;
  // What is filtered by stays in the list, also after the last image lost it.
  const offered = [...new Set([...labels, ...(view.label ? [view.label] : [])])].sort(compareLabels);
  const set = (change: Partial<View>) => {
    workbench.study.view.value = { ...view, ...change };
  };
  const known = shownOf(workbench.classroom.classes.value);
  // As with labels: another lesson may judge by now.
  const choices = known.includes(view.shown) ? known : [...known, view.shown];
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
        {choices.map((choice) => (
          <option key={choice} value={choice} selected={choice === view.shown}>
            {shownWord(choice)}
          </option>
        ))}
      </select>
      {offered.length > 0 && (
        <select
          aria-label={truth.filter}
          onChange={({ currentTarget }) => {
            const at = currentTarget.selectedIndex;
            set({ label: at === 0 ? null : (offered[at - 1] ?? "") });
          }}
        >
          <option selected={view.label === null}>{truth.any}</option>
          {offered.map((label) => (
            <option key={label} selected={view.label === label}>
              {labelWord(label)}
            </option>
          ))}
          <option selected={view.label === ""}>{truth.none}</option>
        </select>
      )}
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
