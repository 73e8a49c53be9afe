// What was said of each image that was taught while it was left out: by a head that had seen neither it nor others of its
// patient.

import { leftOutCsv } from "../../teach/csv.ts";
import type { LeftOut } from "../../teach/lesson.ts";
import type { Said } from "../../teach/teaching.ts";
import { words } from "../../words/words.ts";
import { useWorkbench } from "../context.ts";
import { csvForm } from "../csv-form.ts";
import { dated, downloadCsv } from "../download.ts";
import { judgementWords, labelWord } from "../wording.ts";

/** More rows would hold the page up; the file has all. */
const SHOWN = 200;

export function LeftOutTable({ said }: { said: Said }) {
  const { study } = useWorkbench();
  const { leftOut: spoken } = words.value.teach;
  const show = (path: string) => {
    const entry = study.entries.peek().find((one) => one.path === path);
    if (entry === undefined) return;
    study.selected.value = entry;
    document.querySelector(".detail")?.scrollIntoView({ block: "start" });
  };
  const rows = [...said.leftOut].sort((a, b) => byPatient.compare(keyOf(a), keyOf(b)));
  return (
    <section class="left-out">
      <p class="muted">{said.lesson.facts.proof.by_patient ? spoken.patients : spoken.images}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls, by keyboard too */}
      <section class="plot-numbers" aria-label={spoken.title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{spoken.image}</th>
              <th scope="col">{spoken.patient}</th>
              <th scope="col">{spoken.label}</th>
              <th scope="col">{spoken.said}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map((one) => (
              <tr key={one.name} data-right={one.prediction === one.label}>
                <td>
                  <button type="button" class="link-button" onClick={() => show(one.name)}>
                    {one.name}
                  </button>
                </td>
                <td>{one.patient}</td>
                <td>{labelWord(one.label)}</td>
                <td>
                  {leftOutWords(one)}
                  {one.prediction !== one.label && <strong> {spoken.wrong}</strong>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > SHOWN && <p class="muted">{spoken.more(rows.length - SHOWN)}</p>}
      <button
        type="button"
        class="button button-small"
        onClick={() => downloadCsv(dated("left-out", "csv"), leftOutCsv(said, csvForm()))}
      >
        {spoken.save}
      </button>
    </section>
  );
}

/** "Malignant, 81.0%" */
export const leftOutWords = ({ verdict, prediction, probabilities }: LeftOut): string =>
  judgementWords(verdict, prediction, Math.max(...probabilities));

/** "patient 2" before "patient 10". */
const byPatient = new Intl.Collator(undefined, { numeric: true });
const keyOf = ({ patient, name }: LeftOut): string => `${patient ?? ""} ${name}`;
