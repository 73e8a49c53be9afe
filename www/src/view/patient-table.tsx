// What each patient's images say together.

import { isOwn, OWN_CLASSES } from "../study/classes.ts";
import { spokenTogether, togetherVotes } from "../study/diagnosis.ts";
import type { PatientDiagnosis } from "../study/patient-groups.ts";
import { resultWords } from "../words/result.ts";
import { integer, percent, words } from "../words/words.ts";
import { namedCounts } from "./result-wording.ts";
import { VerdictSign } from "./verdict-sign.tsx";
import { labelWord, verdictWord } from "./wording.ts";

export function PatientTable({ patients }: { patients: readonly PatientDiagnosis[] }) {
  const { teach } = words.value;
  const { patients: said } = resultWords.value;
  const named = patients.some(({ taught }) => taught !== undefined);
  const orders = new Set(patients.map((patient) => classesOf(patient).map(labelWord).join(" / ")));
  const [order = ""] = orders;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls, by keyboard too
    <section class="patients" aria-label={said.label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{said.patient}</th>
            <th scope="col">{said.verdict}</th>
            <th scope="col">{named ? teach.classes.share : said.malignant}</th>
            <th scope="col">
              {said.images}{" "}
              <span class="muted">({said.parts(orders.size === 1 ? order : teach.classes.mixed)})</span>
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

/** In the order of the legend, and of the counts. */
const classesOf = ({ taught }: PatientDiagnosis): readonly string[] => taught?.classes ?? OWN_CLASSES;

function Row({ patient: diagnosis }: RowProps) {
  const { patient, missing, ...rest } = diagnosis;
  const counts = togetherVotes(diagnosis).map(({ images }) => images);
  const others = counts.reduce((sum, images) => sum - images, rest.num_images);
  const { teach } = words.value;
  const { patients: said } = resultWords.value;
  const spoken = missing > 0 ? null : spokenTogether(diagnosis);
  return (
    <tr>
      <th scope="row">{patient}</th>
      <td data-verdict={spoken?.verdict}>
        {missing > 0 ? (
          <span class="muted">{said.partial(rest.num_images, rest.num_images + missing)}</span>
        ) : spoken === null ? (
          rest.models > 1 ? (
            said.mixed(rest.models)
          ) : (
            words.value.failed
          )
        ) : (
          <>
            <VerdictSign verdict={spoken.verdict} classes={spoken.classes} />
            {verdictWord(spoken.verdict)}
          </>
        )}
      </td>
      <td>
        {spoken?.shares && percent((isOwn(spoken.classes) ? spoken.shares[1] : spoken.confidence) ?? 0)}
      </td>
      <td>
        {integer(rest.num_images)}{" "}
        <span class="muted" title={teach.classes.listed(namedCounts(classesOf(diagnosis), counts), others)}>
          ({[...counts, others].map(integer).join(" / ")})
        </span>
      </td>
    </tr>
  );
}

interface RowProps {
  patient: PatientDiagnosis;
}
