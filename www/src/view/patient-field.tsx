// The patient of the selected image, to be set or mended: for it alone, or, after a question, for it and all images that
// the filter shows.

import { useState } from "preact/hooks";
import type { Entry } from "../study/entry.ts";
import { PATIENT_LENGTH } from "../study/patients.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

export function PatientField({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  const { study } = workbench;
  const [typed, setTyped] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const patient = entry.patient.value;
  const said = words.value.patients;
  const listed = study.listed.value;
  const narrowed = listed > 1 && listed < study.total.value;
  const wanted = typed ?? patient;
  const done = () => {
    setTyped(null);
    setAsking(false);
  };
  return (
    <form
      class="patient-field"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed !== null) workbench.setPatient([entry], typed);
        done();
      }}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        // On the way to a button of this form nothing is kept yet: it may be meant for many.
        if (currentTarget.contains(relatedTarget as Node | null)) return;
        if (typed !== null && !asking) {
          workbench.setPatient([entry], typed);
          setTyped(null);
        }
      }}
    >
      <label>
        <span>{said.patient}</span>{" "}
        <input
          type="text"
          maxLength={PATIENT_LENGTH}
          autocomplete="off"
          placeholder={said.notKnown}
          list="patients"
          value={wanted}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <datalist id="patients">
        {study.patients.value.map((known) => (
          <option key={known.patient} value={known.patient} />
        ))}
      </datalist>
      {narrowed && !asking && (
        <button type="button" class="button button-small" onClick={() => setAsking(true)}>
          {said.setForAll(listed)}
        </button>
      )}
      {study.total.value > 1 && !entry.demo && (
        <label class="leave-out">
          <input
            type="checkbox"
            checked={entry.leftOut.value}
            onChange={({ currentTarget }) => entry.leaveOut(currentTarget.checked)}
          />{" "}
          {said.leaveOut}
        </label>
      )}
      {narrowed && asking && <Question entry={entry} patient={wanted} onDone={done} />}
    </form>
  );
}

/** So many patients are named in the question. */
const NAMED = 4;

interface QuestionProps {
  entry: Entry;
  patient: string;
  onDone: () => void;
}

/** Whom it would hit, before it does. */
function Question({ entry, patient, onDone }: QuestionProps) {
  const workbench = useWorkbench();
  const said = words.value.patients;
  const entries = workbench.study.listedWith(entry);
  const others = [...new Set(entries.map((one) => one.patient.value))].filter(
    (name) => name !== "" && name !== patient,
  );
  const named = others.slice(0, NAMED).join(", ") + (others.length > NAMED ? " …" : "");
  return (
    <fieldset class="question" aria-label={said.setForAll(entries.length)}>
      <p>{said.question(entries.length, patient.trim(), others.length, named)}</p>
      <div class="actions">
        <button
          type="button"
          class="button button-small button-primary"
          onClick={() => {
            workbench.setPatient(entries, patient);
            onDone();
          }}
        >
          {said.setAll(entries.length)}
        </button>
        <button type="button" class="button button-small" onClick={onDone}>
          {said.setNone}
        </button>
      </div>
    </fieldset>
  );
}
