// The dialog that tells whose many images are and what they show: by folders, by a pattern, or by a table. What would
// change is seen before anything does.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { asHistoscopeError, type HistoscopeError } from "../base/errors.ts";
import {
  type Change,
  levelsOf,
  type Part,
  type Preview,
  preview,
  type Source,
  template,
} from "../study/assignment.ts";
import { type FileTable, readTable } from "../study/table-file.ts";
import { resultWords } from "../words/result.ts";
import { plain, told } from "../words/told.ts";
import { useWorkbench } from "./context.ts";
import { labelWord } from "./wording.ts";

/** So many names stand in a remark, and so many images in the preview. */
const [NAMED, SHOWN] = [4, 8];

type Kind = Source["kind"];
const KINDS: readonly Kind[] = ["names", "level", "pattern", "table"];

const named = (names: readonly string[]): string =>
  names.slice(0, NAMED).join(", ") + (names.length > NAMED ? " …" : "");

export function AssignDialog() {
  const workbench = useWorkbench();
  const element = useRef<HTMLDialogElement>(null);
  const close = () => {
    workbench.assigning.value = null;
  };
  useEffect(() => {
    const before = document.activeElement;
    element.current?.showModal();
    // The browser gives the focus back of a dialog that is closed, not of one that goes.
    return () => queueMicrotask(() => before instanceof HTMLElement && before.focus());
  }, []);
  return (
    <dialog
      ref={element}
      class="model-dialog"
      aria-labelledby="assign-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <Content onClose={close} />
    </dialog>
  );
}

function Content({ onClose }: { onClose(): void }) {
  const workbench = useWorkbench();
  const { study } = workbench;
  const given = workbench.assigning.value?.table ?? null;
  // Those that were meant when the dialog was opened: its own changes may move images out of the filter.
  const entries = useMemo(() => study.meant.peek(), []);
  const levels = useMemo(() => levelsOf(entries), [entries]);
  const [kind, setKind] = useState<Kind>(given !== null || levels.length === 0 ? "table" : "level");
  const [part, setPart] = useState<Part>("patient");
  const [level, setLevel] = useState(Math.max(1, levels.length));
  const [apart, setApart] = useState(true);
  const [pattern, setPattern] = useState("");
  const { table, error, read } = useTable(given);
  const { assign: said } = resultWords.value;

  const source: Source | null =
    kind === "names"
      ? { kind, apart }
      : kind === "level"
        ? levels.length === 0
          ? null
          : { kind, part, level, apart }
        : kind === "pattern"
          ? template(pattern) === null
            ? null
            : { kind, pattern }
          : table && { kind, table };
  const found = useMemo(
    () => (source === null ? null : preview(entries, source)),
    [entries, kind, part, level, apart, pattern, table],
  );
  const changes = found === null ? [] : found.changes.filter(isChange);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (changes.length === 0) return;
        workbench.deeds.assign(changes);
        onClose();
      }}
    >
      <h2 id="assign-title" tabIndex={-1} autofocus>
        {said.title}
      </h2>
      <p>
        {entries.length < study.total.value - study.drawings.value
          ? said.introListed(entries.length)
          : said.intro(entries.length)}
      </p>
      <fieldset class="field">
        <legend class="field-name">{said.source}</legend>
        <div class="choices">
          {KINDS.map((choice) => (
            <label key={choice}>
              <input
                type="radio"
                name="assign-source"
                value={choice}
                checked={choice === kind}
                onChange={() => setKind(choice)}
              />{" "}
              {said.sources[choice]}
            </label>
          ))}
        </div>
      </fieldset>
      {kind === "level" &&
        (levels.length === 0 ? (
          <p class="hint">{said.noFolders}</p>
        ) : (
          <div class="model-questions">
            <label class="field">
              <span class="field-name">{said.part}</span>
              <select onChange={({ currentTarget }) => setPart(currentTarget.value as Part)}>
                {(["patient", "label"] as const).map((choice) => (
                  <option key={choice} value={choice} selected={choice === part}>
                    {said.parts[choice]}
                  </option>
                ))}
              </select>
            </label>
            <label class="field">
              <span class="field-name">{said.level}</span>
              <select onChange={({ currentTarget }) => setLevel(currentTarget.selectedIndex + 1)}>
                {levels.map((folders, index) => (
                  <option key={index} selected={index + 1 === level}>
                    {said.levelOption(index + 1, named(folders), folders.length)}
                  </option>
                ))}
              </select>
            </label>
          </div>
        ))}
      {kind === "pattern" && (
        <label class="field">
          <span class="field-name">{said.pattern}</span>
          <input
            type="text"
            autocomplete="off"
            spellcheck={false}
            maxLength={200}
            value={pattern}
            onInput={({ currentTarget }) => setPattern(currentTarget.value)}
          />
          <span class="field-hint">
            {pattern !== "" && template(pattern) === null ? said.patternInvalid : said.patternHint}
          </span>
        </label>
      )}
      {kind === "table" && <TableChoice table={table} error={error} onFile={read} />}
      {found !== null && (
        <Found
          found={found}
          apart={apart}
          onApart={kind === "names" || (part === "patient" && kind === "level") ? setApart : null}
        />
      )}
      {found !== null && <Changes changes={changes} />}
      <div class="actions">
        <button type="submit" class="button button-primary" disabled={changes.length === 0}>
          {said.apply(changes.length)}
        </button>
        <button type="button" class="button" onClick={onClose}>
          {said.cancel}
        </button>
      </div>
    </form>
  );
}

const isChange = ({ entry, patient, label }: Change): boolean =>
  (patient !== null && patient !== entry.patient.peek()) || (label !== null && label !== entry.label.peek());

/** The table that was chosen last, and why it could not be read. */
function useTable(given: File | null) {
  const [table, setTable] = useState<FileTable | null>(null);
  const [error, setError] = useState<HistoscopeError | null>(null);
  const latest = useRef<File | null>(null);
  const read = async (file: File) => {
    latest.current = file;
    const [found, trouble] = await readTable(file).then(
      (one) => [one, null] as const,
      (reason) => [null, asHistoscopeError(reason)] as const,
    );
    if (latest.current !== file) return;
    setTable(found);
    setError(trouble);
  };
  useEffect(() => {
    if (given !== null) void read(given);
  }, [given]);
  return { table, error, read };
}

interface TableChoiceProps {
  table: FileTable | null;
  error: HistoscopeError | null;
  onFile(file: File): Promise<void>;
}

function TableChoice({ table, error, onFile }: TableChoiceProps) {
  const input = useRef<HTMLInputElement>(null);
  const { assign: said } = resultWords.value;
  return (
    <div class="field">
      <div class="model-choice">
        <button type="button" class="button" onClick={() => input.current?.click()}>
          {said.choose}
        </button>
        {table !== null && <span>{said.tableOf(table.name, table.rows.length)}</span>}
      </div>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        accept=".csv,.tsv,.txt,text/csv"
        tabIndex={-1}
        aria-label={said.tableFile}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          if (file !== undefined) void onFile(file);
          currentTarget.value = "";
        }}
      />
      {error !== null && (
        <p class="notice notice-caution" role="alert">
          {plain(told(error).message)} {plain(told(error).remedy)}
        </p>
      )}
      <span class="field-hint">{said.tableHint}</span>
    </div>
  );
}

interface FoundProps {
  found: Preview;
  apart: boolean;
  /** Null where folders do not tell patients. */
  onApart: ((apart: boolean) => void) | null;
}

/** How many it would be, and what is not as one would expect. */
function Found({ found, apart, onApart }: FoundProps) {
  const { assign: said } = resultWords.value;
  const { branching, unmatched, ambiguous, contradictory } = found;
  const remarks = [
    found.silent > 0 && said.silent(found.silent),
    found.onePatient !== null && said.onePatient(found.onePatient),
    unmatched.length > 0 && said.unmatched(unmatched.length, named(unmatched)),
    ambiguous.length > 0 && said.ambiguous(ambiguous.length, named(ambiguous)),
    contradictory.length > 0 && said.contradictory(contradictory.length, named(contradictory)),
    ...branching.slice(0, NAMED).map(({ name, folders }) => said.branching(name, named(folders))),
  ].filter((remark) => remark !== false);
  return (
    <div role="status">
      <p>
        <strong>{said.found(found.changes.length, found.patients.length, found.labels.length)}</strong>
      </p>
      {remarks.length > 0 && (
        <ul class="warnings">
          {remarks.map((remark) => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
      {branching.length > 0 && onApart !== null && (
        <label class="leave-out">
          <input
            type="checkbox"
            checked={apart}
            onChange={({ currentTarget }) => onApart(currentTarget.checked)}
          />{" "}
          {said.apart}
        </label>
      )}
    </div>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  const { assign: said, list, truth } = resultWords.value;
  if (changes.length === 0) return <p class="muted">{said.nothing}</p>;
  return (
    <div class="assign-preview">
      <table aria-label={said.preview}>
        <thead>
          <tr>
            <th scope="col">{list.columns.image.name}</th>
            <th scope="col">{list.columns.patient.name}</th>
            <th scope="col">{truth.label}</th>
          </tr>
        </thead>
        <tbody>
          {changes.slice(0, SHOWN).map((change) => (
            <ChangeRow key={change.entry.id} {...change} />
          ))}
        </tbody>
      </table>
      {changes.length > SHOWN && <p class="muted">{said.more(changes.length - SHOWN)}</p>}
    </div>
  );
}

function ChangeRow({ entry, patient, label }: Change) {
  return (
    <tr>
      <td title={entry.path}>{entry.path}</td>
      <td>
        <Step now={entry.patient.value} then={patient} />
      </td>
      <td>
        <Step now={labelWord(entry.label.value)} then={label === null ? null : labelWord(label)} />
      </td>
    </tr>
  );
}

/** "a → b", or what stays. */
function Step({ now, then }: { now: string; then: string | null }) {
  const none = "–";
  if (then === null || then === now) return <span class="muted">{now || none}</span>;
  return (
    <>
      {now !== "" && <del class="muted">{now}</del>} <ins>{then || none}</ins>
    </>
  );
}
