// What a person says of the report before it is printed: whose case it is, and whether every image comes with its picture.

import { useEffect, useRef, useState } from "preact/hooks";
import { selectionOf } from "../study/selection.ts";
import { resultWords } from "../words/result.ts";
import { useWorkbench } from "./context.ts";
import { MOST_PICTURES, pictured, printReport } from "./print-job.ts";
import { printWanted } from "./print-report.tsx";
import { tellUnsaved } from "./tell-unsaved.ts";

export function PrintDialog() {
  const workbench = useWorkbench();
  const element = useRef<HTMLDialogElement>(null);
  const [caseNumber, setCaseNumber] = useState("");
  const [all, setAll] = useState(false);
  const close = () => {
    printWanted.value = false;
  };
  useEffect(() => {
    // The menu that it was chosen from is closed by now.
    const chosen = document.activeElement;
    const before = chosen?.closest("details")?.querySelector("summary") ?? chosen;
    element.current?.showModal();
    return () => queueMicrotask(() => before instanceof HTMLElement && before.focus());
  }, []);
  const { exports, print: said, toolbar } = resultWords.value;
  const { entries, filter } = selectionOf(workbench.study);
  const count = pictured(entries).length;
  return (
    <dialog
      ref={element}
      class="model-dialog"
      aria-labelledby="print-title"
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <h2 id="print-title">{said.dialog}</h2>
      {filter !== null && <p>{exports.listed(filter.images, filter.of)}</p>}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          close();
          printReport(workbench, { caseNumber: caseNumber.trim(), all }).catch((error) =>
            tellUnsaved(workbench, error),
          );
        }}
      >
        <label class="field">
          <span class="field-name">{said.caseNumber}</span>
          <input
            value={caseNumber}
            maxLength={80}
            onInput={({ currentTarget }) => setCaseNumber(currentTarget.value)}
          />
          <span class="field-hint">{said.caseHint}</span>
        </label>
        <div class="field">
          <label>
            <input
              type="checkbox"
              checked={all}
              disabled={count > MOST_PICTURES}
              onChange={({ currentTarget }) => setAll(currentTarget.checked)}
            />{" "}
            {said.allPictures(count)}
          </label>
          <span class="field-hint">{count > MOST_PICTURES ? said.tooMany(MOST_PICTURES) : said.allHint}</span>
        </div>
        <div class="actions">
          <button type="submit" class="button button-primary">
            {said.go}
          </button>
          <button type="button" class="button" onClick={close}>
            {toolbar.cancel}
          </button>
        </div>
      </form>
    </dialog>
  );
}
