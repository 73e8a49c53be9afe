// All images together: how far they are, then the diagnosis over them and which of them had no part in it.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { origins } from "../study/aggregation.ts";
import type { FolderReport } from "../study/report.ts";
import { duration, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { JudgementBlock, NotAssessable } from "./judgement.tsx";
import { PatientTable } from "./patient-table.tsx";
import { obstacleWords } from "./wording.ts";

export function Summary() {
  const workbench = useWorkbench();
  const total = workbench.entries.value.length;
  if (total < 2) return null;
  if (workbench.unsettled.value.length > 0) return <Progress />;
  const folder = workbench.folder.value;
  return folder === null ? null : <Together folder={folder} />;
}

/** How many are done and how long the rest will take. */
function Progress() {
  const workbench = useWorkbench();
  const total = workbench.entries.value.length;
  const done = total - workbench.unsettled.value.length;
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const update = () => setLeft(workbench.remaining());
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  }, [workbench]);
  const { summary, researchUse } = words.value;
  return (
    <section class="summary summary-progress" aria-label={summary.progress}>
      <p>
        <strong>{summary.done(done, total)}</strong>
        {workbench.paused.value && <span class="muted"> {summary.paused}</span>}
        {left !== null && !workbench.paused.value && (
          <span class="muted"> {summary.toGo(duration(Math.max(1000, left)))}</span>
        )}
      </p>
      <progress max={total} value={done} aria-label={summary.doneLabel(done, total)} />
      {workbench.patients.value.length > 0 && (
        <>
          <Patients title={summary.soFar} />
          <p class="research-line">{researchUse}</p>
        </>
      )}
    </section>
  );
}

function Together({ folder }: { folder: FolderReport }) {
  const { aggregated_diagnosis: diagnosis, image_breakdown: breakdown } = folder;
  const patients = useWorkbench().patients.value.length > 0;
  const { summary, researchUse } = words.value;
  const failed = folder.individual_results.flatMap((result) =>
    result.success ? [] : [{ name: result.filename, why: <code>{result.error.code}</code> }],
  );
  const mute = folder.individual_results.flatMap((result) =>
    result.success && result.prediction === null
      ? [{ name: result.filename, why: <span class="muted">{obstacleWords(result.screen)}</span> }]
      : [],
  );
  return (
    <section class="summary" aria-labelledby="together-title">
      <h2 id="together-title">{summary.title}</h2>
      {diagnosis !== null && breakdown !== null && (
        <div class={patients ? "together together-patients" : "together"}>
          <JudgementBlock judgement={diagnosis} />
          <div>
            <p>
              {summary.meanOver(folder.num_images - failed.length - mute.length)}{" "}
              {summary.votes(breakdown.malignant_images, breakdown.benign_images)}
            </p>
            <Mixed folder={folder} />
            <p class="research-line">{researchUse}</p>
            <Patients title={summary.eachPatient} />
          </div>
        </div>
      )}
      {diagnosis === null && mute.length > 0 && (
        <>
          <NotAssessable why={summary.noVote} />
          <p class="research-line">{researchUse}</p>
        </>
      )}
      {diagnosis === null && mute.length === 0 && <p>{summary.nothing}</p>}
      <Apart images={mute} what={summary.notAssessable(mute.length)} />
      <Apart images={failed} what={summary.failed(failed.length)} />
    </section>
  );
}

/** Says where results of several models, or with several options, are taken together: saved reports can bring that. */
function Mixed({ folder }: { folder: FolderReport }) {
  const { models, options } = origins(folder.individual_results);
  if (models < 2 && options < 2) return null;
  const { otherOptions, otherModels } = words.value.summary;
  return <p class="mixed">{models < 2 ? otherOptions : otherModels(models)}</p>;
}

/** Nothing where no image's patient is known. */
function Patients({ title }: { title: string }) {
  const patients = useWorkbench().patients.value;
  if (patients.length === 0) return null;
  return (
    <div class="by-patient">
      <h3>{title}</h3>
      <PatientTable patients={patients} />
    </div>
  );
}

interface ApartProps {
  images: { name: string; why: ComponentChildren }[];
  /** How many they are, and what is the matter with them. */
  what: string;
}

/** Images that are no part of what is taken together, each with the reason. */
function Apart({ images, what }: ApartProps) {
  if (images.length === 0) return null;
  return (
    <div class="apart">
      <p>
        <strong>{what}</strong>
        {words.value.summary.leftOut(images.length)}
      </p>
      <ul>
        {images.map(({ name, why }, index) => (
          <li key={index}>
            {name} {why}
          </li>
        ))}
      </ul>
    </div>
  );
}
