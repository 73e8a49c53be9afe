// The table of images: one tab stop, arrow keys to move, Enter to look at it, Delete to cancel or remove. Of a long
// list only the rows in sight are in the document.

import { useComputed } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { isOwn } from "../study/classes.ts";
import type { Entry } from "../study/entry.ts";
import { COLUMNS, nextSort } from "../study/table.ts";
import { resultWords } from "../words/result.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ColumnHead, Grid, Row, RowGroup } from "./grid.tsx";
import { ImageRow, PatientRow } from "./image-row.tsx";
import { ListControls } from "./list-controls.tsx";
import { useWindow } from "./windowed.ts";

/** The columns of results and that of the button which removes. */
const COLUMN_COUNT = COLUMNS.length + 1;

export function ImageList() {
  const workbench = useWorkbench();
  const { study } = workbench;
  const scroller = useRef<HTMLDivElement>(null);
  const ruler = useRef<HTMLDivElement>(null);
  const focusNext = useRef<string | null>(null);
  const items = study.items.value;
  const selected = study.selected.value;
  const places = items.flatMap((item, index) => (item.kind === "line" ? [index] : []));
  const selectedPlace = items.findIndex((item) => item.kind === "line" && item.line.entry === selected);
  /** What the Tab key reaches. */
  const stop = selectedPlace >= 0 ? selectedPlace : (places[0] ?? -1);
  const { start, end, row, onScroll, reveal } = useWindow(items.length, scroller, ruler);

  const entryAt = (place: number | undefined): Entry | null => {
    const item = place === undefined ? undefined : items[place];
    return item?.kind === "line" ? item.line.entry : null;
  };

  const go = (place: number | undefined) => {
    const entry = entryAt(place);
    if (entry === null || place === undefined) return;
    reveal(place);
    study.selected.value = entry;
    focusNext.current = entry.id;
    focusWanted();
  };

  /** A row that is not in the document yet gets the focus once it is. */
  const focusWanted = () => {
    if (focusNext.current === null) return;
    const target = scroller.current?.querySelector<HTMLElement>(`#${focusNext.current}`);
    if (!target) return;
    focusNext.current = null;
    target.focus();
  };
  useLayoutEffect(focusWanted);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = places.indexOf(stop);
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / row) - 1);
    const last = places.length - 1;
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    };
    const target = moves[event.key];
    const entry = entryAt(stop);
    if (target !== undefined) go(places[Math.min(Math.max(target, 0), last)]);
    else if (event.key === "Delete" && entry !== null) dismiss(entry);
    else if (entry !== null && workbench.deeds.labelByKey(entry, event)) focusNext.current = entry.id;
    else return;
    event.preventDefault();
  };

  const dismiss = (entry: Entry) => {
    if (!entry.settled) {
      workbench.cancel([entry]);
      return;
    }
    workbench.deeds.remove([entry]);
    // The row that took its place, so that the next key means that one.
    focusNext.current = study.selected.peek()?.id ?? null;
  };

  // The row that has the focus stays, however far it is scrolled away: else the focus would be lost.
  const shown = Array.from({ length: end - start }, (_, index) => start + index);
  if (stop >= 0 && stop < start) shown.unshift(stop);
  else if (stop >= end) shown.push(stop);

  const { list } = resultWords.value;
  return (
    <section class="list" aria-label={list.label}>
      <ListControls />
      <Grid
        class={study.labels.value.length > 0 ? "with-labels" : undefined}
        aria-label={list.grid}
        aria-rowcount={items.length + 1}
        aria-colcount={COLUMN_COUNT}
      >
        <Head />
        <RowGroup
          ref={scroller}
          class="lines"
          style={{ "--height": `${items.length * row}px` }}
          onScroll={onScroll}
          onKeyDown={onKeyDown}
        >
          <div ref={ruler} class="line-ruler" aria-hidden="true" />
          {shown.map((place) => {
            const item = items[place];
            if (item === undefined) return null;
            const position = { index: place + 2, top: place * row };
            return item.kind === "patient" ? (
              <PatientRow key={`of ${item.patient}`} {...item} {...position} columns={COLUMN_COUNT} />
            ) : (
              <ImageRow
                key={item.line.id}
                line={item.line}
                {...position}
                selected={item.line.entry === selected}
                reach={place === stop ? 0 : -1}
                onSelect={() => {
                  go(place);
                  showDetail();
                }}
                onDismiss={dismiss}
              />
            );
          })}
        </RowGroup>
      </Grid>
      {items.length === 0 && <p class="lines-none">{list.none}</p>}
    </section>
  );
}

/** Where the list stands above the image, on a phone, brings the image into view. */
function showDetail(): void {
  const detail = document.querySelector(".detail");
  if (detail !== null && detail.getBoundingClientRect().top > innerHeight / 2) {
    detail.scrollIntoView({ block: "start" });
  }
}

function Head() {
  const { study, classroom } = useWorkbench();
  const view = study.view.value;
  const { teach } = words.value;
  const { list, patients } = resultWords.value;
  const classes = classroom.classes.value;
  // Saved results may have been judged by another lesson than the one in force.
  const others = useComputed(() => study.counts.value.otherClasses > 0).value;
  const own = isOwn(classes) && !others;
  const columns = own
    ? list.columns
    : {
        ...list.columns,
        // Of other classes it is the share of the one that is said.
        malignant: { name: teach.classes.share, hint: teach.classes.shareHint },
        patches: { ...list.columns.patches, hint: patients.parts(classes.join(" / ")) },
      };
  const order = view.descending ? "descending" : "ascending";
  return (
    <RowGroup class="lines-head">
      <Row class="line-grid" aria-rowindex={1} data-lead={list.sortBy}>
        {COLUMNS.map((column) => (
          <ColumnHead
            key={column}
            class={`cell cell-${column}`}
            aria-sort={view.sort === column ? order : "none"}
          >
            <button
              type="button"
              class="sort"
              title={columns[column].hint}
              onClick={() => {
                study.view.value = nextSort(view, column);
              }}
            >
              {columns[column].name}
              <span aria-hidden="true">{view.sort !== column ? "" : view.descending ? " ▾" : " ▴"}</span>
            </button>
          </ColumnHead>
        ))}
      </Row>
    </RowGroup>
  );
}
