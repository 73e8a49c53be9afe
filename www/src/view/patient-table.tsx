// What each patient's images say together.

import type { PatientDiagnosis } from "../study/patient-groups.ts";
import { integer, percent, words } from "../words/words.ts";
import { VerdictSign } from "./verdict-sign.tsx";
import { verdictWord } from "./wording.ts";

export function PatientTable({ patients }: { patients: readonly PatientDiagnosis[] }) {
  const said = words.value.patients;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls, by keyboard too
    <section class="patients" aria-label={said.label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{said.patient}</th>
            <th scope="col">{said.verdict}</th>
            <th scope="col">{said.malignant}</th>
            <th scope="col">
              {said.images} <span class="muted">({said.parts})</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {patients.map((patient) => (
            <Row key={patient.patient} patient={patient} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ patient: { patient, missing, aggregated_diagnosis: diagnosis, ...rest } }: RowProps) {
  const { malignant_images: malignant, benign_images: benign } = rest.image_breakdown ?? {
    malignant_images: 0,
    benign_images: 0,
  };
  const said = words.value.patients;
  const verdict = missing > 0 ? null : rest.verdict;
  return (
    <tr>
      <th scope="row">{patient}</th>
      <td data-verdict={verdict ?? undefined}>
        {missing > 0 ? (
          <span class="muted">{said.partial(rest.num_images, rest.num_images + missing)}</span>
        ) : verdict === null ? (
          rest.models > 1 ? (
            said.mixed(rest.models)
          ) : (
            words.value.failed
          )
        ) : (
          <>
            <VerdictSign verdict={verdict} />
            {verdictWord(verdict)}
          </>
        )}
      </td>
      <td>{diagnosis !== null && missing === 0 && percent(diagnosis.probabilities.malignant)}</td>
      <td>
        {integer(rest.num_images)}{" "}
        <span class="muted" title={said.parts}>
          ({integer(malignant)} / {integer(benign)} / {integer(rest.num_images - malignant - benign)})
        </span>
      </td>
    </tr>
  );
}

interface RowProps {
  patient: PatientDiagnosis;
}
