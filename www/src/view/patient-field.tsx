// The patient of the selected image, to be set or mended: for it alone, or for all images that the filter shows.

import { useState } from "preact/hooks";
import type { Entry } from "../study/entry.ts";
import { PATIENT_LENGTH } from "../study/patients.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

export function PatientField({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  const [typed, setTyped] = useState<string | null>(null);
  const patient = entry.patient.value;
  const said = words.value.patients;
  const listed = workbench.study.listed.value;
  const narrowed = listed > 1 && listed < workbench.study.total.value;
  const keep = (entries: readonly Entry[]) => {
    workbench.study.setPatient(entries, typed ?? patient);
    setTyped(null);
  };
  return (
    <form
      class="patient-field"
      onSubmit={(event) => {
        event.preventDefault();
        keep([entry]);
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
          value={typed ?? patient}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          onBlur={() => typed !== null && keep([entry])}
        />
      </label>
      <datalist id="patients">
        {workbench.study.patients.value.map((known) => (
          <option key={known.patient} value={known.patient} />
        ))}
      </datalist>
      {narrowed && (
        <button
          type="button"
          class="button button-small"
          onClick={() => keep(workbench.study.listedEntries())}
        >
          {said.setForAll(listed)}
        </button>
      )}
    </form>
  );
}
