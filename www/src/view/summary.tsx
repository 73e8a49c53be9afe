// All images together: how far they are, then the diagnosis over them and which of them had no part in it.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { origins } from "../aggregation.ts";
import { duration, integer, plural } from "../format.ts";
import type { FolderReport } from "../report.ts";
import { obstacleWords, RESEARCH_USE } from "../wording.ts";
import { useWorkbench } from "./context.ts";
import { JudgementBlock, NotAssessable } from "./judgement.tsx";
import { PatientTable } from "./patient-table.tsx";

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
  return (
    <section class="summary summary-progress" aria-label="Progress of all images">
      <p>
        <strong>
          {integer(done)} of {integer(total)} images
        </strong>
        {workbench.paused.value && <span class="muted"> paused</span>}
        {left !== null && !workbench.paused.value && (
          <span class="muted"> about {duration(Math.max(1000, left))} to go</span>
        )}
      </p>
      <progress max={total} value={done} aria-label={`${done} of ${total} images done`} />
      {workbench.patients.value.length > 0 && (
        <>
          <Patients title="Patients so far" />
          <p class="research-line">{RESEARCH_USE}</p>
        </>
      )}
    </section>
  );
}

function Together({ folder }: { folder: FolderReport }) {
  const { aggregated_diagnosis: diagnosis, image_breakdown: breakdown } = folder;
  const patients = useWorkbench().patients.value.length > 0;
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
      <h2 id="together-title">All images together</h2>
      {diagnosis !== null && breakdown !== null && (
        <div class={patients ? "together together-patients" : "together"}>
          <JudgementBlock judgement={diagnosis} />
          <div>
            <p>
              Mean over {plural(folder.num_images - failed.length - mute.length, "image")}:{" "}
              {integer(breakdown.malignant_images)} malignant, {integer(breakdown.benign_images)} benign.
            </p>
            <Mixed folder={folder} />
            <p class="research-line">{RESEARCH_USE}</p>
            <Patients title="Each patient" />
          </div>
        </div>
      )}
      {diagnosis === null && mute.length > 0 && (
        <>
          <NotAssessable why="No image could vote." />
          <p class="research-line">{RESEARCH_USE}</p>
        </>
      )}
      {diagnosis === null && mute.length === 0 && (
        <p>No image could be analysed, so there is nothing to take together.</p>
      )}
      <Apart images={mute} what={mute.length === 1 ? "is not assessable" : "are not assessable"} />
      <Apart images={failed} what="failed" />
    </section>
  );
}

/** Says where results of several models, or with several options, are taken together: saved reports can bring that. */
function Mixed({ folder }: { folder: FolderReport }) {
  const { models, options } = origins(folder.individual_results);
  if (models < 2 && options < 2) return null;
  const what = models < 2 ? "with different options" : `by ${integer(models)} different models`;
  return (
    <p class="mixed">
      These images were not all analysed alike, but {what}: compare their figures with care. Each image's "How
      this was computed" says with which.
    </p>
  );
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
  what: string;
}

/** Images that are no part of what is taken together, each with the reason. */
function Apart({ images, what }: ApartProps) {
  if (images.length === 0) return null;
  return (
    <div class="apart">
      <p>
        <strong>
          {plural(images.length, "image")} {what}
        </strong>
        , so {images.length === 1 ? "it is" : "they are"} left out:
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
