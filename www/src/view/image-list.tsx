// The list of images: one tab stop, arrow keys to move, Delete to cancel or remove.

import { useRef } from "preact/hooks";
import type { Entry } from "../entry.ts";
import { stateWords } from "../wording.ts";
import { useWorkbench } from "./context.ts";
import { Thumb } from "./thumb.tsx";
import { VerdictSign } from "./verdict-sign.tsx";

export function ImageList() {
  const workbench = useWorkbench();
  const list = useRef<HTMLUListElement>(null);
  const entries = workbench.entries.value;

  const select = (index: number) => {
    const entry = entries[Math.min(Math.max(index, 0), entries.length - 1)];
    if (entry === undefined) return;
    workbench.selected.value = entry;
    list.current?.querySelector<HTMLElement>(`#${entry.id}`)?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const selected = workbench.selected.value;
    const at = selected === null ? 0 : entries.indexOf(selected);
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: entries.length - 1,
    };
    const target = moves[event.key];
    if (target !== undefined) select(target);
    else if (event.key === "Delete" && selected !== null) dismiss(selected);
    else return;
    event.preventDefault();
  };

  const dismiss = (entry: Entry) => {
    if (entry.settled) workbench.remove([entry]);
    else workbench.cancel([entry]);
  };

  return (
    <nav class="list" aria-label="Images">
      <ul ref={list} onKeyDown={onKeyDown}>
        {entries.map((entry) => (
          <Row
            key={entry.id}
            entry={entry}
            onSelect={() => {
              select(entries.indexOf(entry));
              showDetail();
            }}
            onDismiss={dismiss}
          />
        ))}
      </ul>
    </nav>
  );
}

/** Where the list stands above the image, on a phone, brings the image into view. */
function showDetail(): void {
  const detail = document.querySelector(".detail");
  if (detail !== null && detail.getBoundingClientRect().top > innerHeight / 2) {
    detail.scrollIntoView({ block: "start" });
  }
}

interface RowProps {
  entry: Entry;
  onSelect: () => void;
  onDismiss: (entry: Entry) => void;
}

function Row({ entry, onSelect, onDismiss }: RowProps) {
  const selected = useWorkbench().selected.value === entry;
  const dismissal = entry.settled ? "Remove" : "Cancel";
  const reach = selected ? 0 : -1;
  return (
    <li class="row">
      <button
        type="button"
        id={entry.id}
        class="row-main"
        aria-current={selected}
        tabIndex={reach}
        onClick={onSelect}
      >
        <Thumb entry={entry} />
        <span class="row-words">
          <Name path={entry.path} />
          <RowState entry={entry} />
        </span>
      </button>
      <button
        type="button"
        class="row-dismiss"
        tabIndex={reach}
        aria-label={`${dismissal} ${entry.file.name}`}
        title={dismissal}
        onClick={() => onDismiss(entry)}
      >
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <path d="m2 2 8 8m0-8-8 8" />
        </svg>
      </button>
    </li>
  );
}

/** How much of a name's end stays when there is no room: in a series it is what tells images apart. */
const TAIL = 12;

function Name({ path }: { path: string }) {
  return (
    <span class="row-name" title={path}>
      <span class="visually-hidden">{path}</span>
      <span class="row-name-head" aria-hidden="true">
        {path.slice(0, -TAIL)}
      </span>
      <span aria-hidden="true">{path.slice(-TAIL)}</span>
    </span>
  );
}

function RowState({ entry }: { entry: Entry }) {
  const state = entry.state.value;
  if (state.kind === "done") {
    return (
      <span class="row-state" data-verdict={state.report.verdict}>
        <VerdictSign verdict={state.report.verdict} />
        {stateWords(state)}
      </span>
    );
  }
  return (
    <span class={`row-state row-${state.kind}`}>
      {stateWords(state)}
      {state.kind === "classifying" && (
        <progress max={state.total} value={state.done} aria-hidden="true" tabIndex={-1} />
      )}
    </span>
  );
}
