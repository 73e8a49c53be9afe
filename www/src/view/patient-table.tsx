// What each patient's images say together.

import type { PatientDiagnosis } from "../aggregation.ts";
import { integer, percent } from "../format.ts";
import { verdictWord } from "../wording.ts";
import { VerdictSign } from "./verdict-sign.tsx";

export function PatientTable({ patients }: { patients: readonly PatientDiagnosis[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls, by keyboard too
    <section class="patients" aria-label="Patients" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Patient</th>
            <th scope="col">Verdict</th>
            <th scope="col">Malignant</th>
            <th scope="col">
              Images <span class="muted">(malignant / benign / left out)</span>
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

function Row({
  patient: { patient, verdict, aggregated_diagnosis: diagnosis, ...rest },
}: {
  patient: PatientDiagnosis;
}) {
  const { malignant_images: malignant, benign_images: benign } = rest.image_breakdown ?? {
    malignant_images: 0,
    benign_images: 0,
  };
  return (
    <tr>
      <th scope="row">{patient}</th>
      <td data-verdict={verdict ?? undefined}>
        {verdict === null ? (
          "Failed"
        ) : (
          <>
            <VerdictSign verdict={verdict} />
            {verdictWord(verdict)}
          </>
        )}
      </td>
      <td>{diagnosis !== null && percent(diagnosis.probabilities.malignant)}</td>
      <td>
        {integer(rest.num_images)}{" "}
        <span class="muted" title="malignant / benign / left out">
          ({integer(malignant)} / {integer(benign)} / {integer(rest.num_failed + rest.num_not_assessable)})
        </span>
      </td>
    </tr>
  );
}
