// One row of the table of images, and the row that heads a patient's images.

import type { ComponentChildren } from "preact";
import { isOwn } from "../study/classes.ts";
import { spokenTogether } from "../study/diagnosis.ts";
import type { Entry, EntryLine } from "../study/entry.ts";
import type { PatchCounts } from "../study/table.ts";
import { resultWords } from "../words/result.ts";
import { integer, percent, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { GridCell, Row } from "./grid.tsx";
import { namedCounts } from "./result-wording.ts";
import { rowWords } from "./row-words.ts";
import { leftOutWords } from "./teach/left-out.tsx";
import { Thumb } from "./thumb.tsx";
import { VerdictSign } from "./verdict-sign.tsx";
import { labelWord, stateWords, verdictWord } from "./wording.ts";

interface Position {
  /** As `aria-rowindex`, from 1, the row of heads included. */
  index: number;
  /** In pixels from the top of the list. */
  top: number;
}

interface ImageRowProps extends Position {
  line: EntryLine;
  selected: boolean;
  /** 0 for the one row that the Tab key reaches. */
  reach: 0 | -1;
  onSelect: () => void;
  onDismiss: (entry: Entry) => void;
}

export function ImageRow({ line, index, top, selected, reach, onSelect, onDismiss }: ImageRowProps) {
  const { entry } = line;
  const { leftOut } = useWorkbench().classroom;
  // The list need not be arranged anew for what changes within a row.
  const { patient, label, classes, verdict, share, patches } = entry.line.value;
  const { list } = resultWords.value;
  const dismissal = entry.settled ? list.remove : list.cancel;
  const state = entry.state.value;
  const now = stateWords(state);
  const taught = leftOut.value.get(entry.path);
  const { brief, title } = rowWords(entry, taught === undefined ? null : leftOutWords(taught));
  return (
    <Row
      class="line line-grid"
      data-entry={entry.id}
      data-state={state.kind}
      data-code={state.kind === "failed" ? state.error.code : undefined}
      aria-rowindex={index}
      aria-selected={selected}
      style={{ top: `${top}px` }}
    >
      <Cell of="image">
        {/* Its own area is the whole row. */}
        <button type="button" id={entry.id} class="line-main" tabIndex={reach} onClick={onSelect}>
          <Thumb entry={entry} />
          <Name path={entry.path} />
          {entry.demo && <span class="tag">{list.demo}</span>}
        </button>
      </Cell>
      <Cell of="verdict">
        {state.kind === "done" && verdict !== null && (
          // Not assessable: the reason stands with it.
          <span data-verdict={verdict} title={now}>
            <VerdictSign verdict={verdict} classes={classes} />
            {share === null ? now : verdictWord(verdict)}
          </span>
        )}
      </Cell>
      <Cell of="malignant">{share !== null && percent(share)}</Cell>
      <Cell of="patches">
        {patches !== null && (
          <span title={patchWords(classes, patches)}>
            {[...patches.votes, patches.leftOut].map(integer).join(" / ")}
          </span>
        )}
      </Cell>
      <Cell of="patient">
        <span title={patient}>{patient}</span>
      </Cell>
      <Cell of="label">
        <span title={labelWord(label)}>{labelWord(label)}</span>
      </Cell>
      <Cell of="state">
        <span title={title}>{brief}</span>
        {state.kind === "classifying" && (
          <progress max={state.total} value={state.done} aria-hidden="true" tabIndex={-1} />
        )}
      </Cell>
      <Cell of="dismiss">
        <button
          type="button"
          class="line-dismiss"
          tabIndex={reach}
          aria-label={list.dismiss(dismissal, entry.name)}
          title={dismissal}
          onClick={() => onDismiss(entry)}
        >
          <svg viewBox="0 0 12 12" aria-hidden="true">
            <path d="m2 2 8 8m0-8-8 8" />
          </svg>
        </button>
      </Cell>
    </Row>
  );
}

/** How the patches of an image voted. */
function patchWords(classes: readonly string[], { votes, leftOut }: PatchCounts): string {
  const { teach } = words.value;
  const { list } = resultWords.value;
  const [benign = 0, malignant = 0] = votes;
  return isOwn(classes)
    ? list.votes(malignant, benign, leftOut)
    : teach.classes.listed(namedCounts(classes, votes), leftOut);
}

function Cell({ of, children }: { of: string; children: ComponentChildren }) {
  return <GridCell class={`cell cell-${of}`}>{children}</GridCell>;
}

/** How much of a name's end stays when there is no room: in a series it is what tells images apart. */
const TAIL = 12;

function Name({ path }: { path: string }) {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const folder = path.slice(0, -name.length);
  return (
    <span class="line-name" title={path}>
      <span class="visually-hidden">{path}</span>
      {folder !== "" && (
        <span class="line-folder" aria-hidden="true">
          {folder}
        </span>
      )}
      <span class="line-file" aria-hidden="true">
        <span class="line-file-head">{name.slice(0, -TAIL)}</span>
        <span>{name.slice(-TAIL)}</span>
      </span>
    </span>
  );
}

interface PatientRowProps extends Position {
  patient: string;
  count: number;
  columns: number;
}

export function PatientRow({ patient, count, index, top, columns }: PatientRowProps) {
  const diagnosis = useWorkbench().study.patients.value.find((known) => known.patient === patient);
  const { list } = resultWords.value;
  const judged = diagnosis === undefined ? null : spokenTogether(diagnosis);
  return (
    <Row class="line line-patient" aria-rowindex={index} style={{ top: `${top}px` }}>
      <GridCell aria-colspan={columns} class="cell">
        <strong title={patient}>{patient === "" ? list.noPatient : patient}</strong>{" "}
        <span class="muted">{list.images(count)}</span>
        {judged?.shares && (
          <span data-verdict={judged.verdict}>
            <VerdictSign verdict={judged.verdict} classes={judged.classes} />
            {isOwn(judged.classes)
              ? list.patientVerdict(verdictWord(judged.verdict), percent(judged.shares[1] ?? 0))
              : words.value.judgement.sure(verdictWord(judged.verdict), percent(judged.confidence ?? 0))}
          </span>
        )}
      </GridCell>
    </Row>
  );
}
