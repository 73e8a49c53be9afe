// All images together: how far they are, then the diagnosis over them and which of them had no part in it.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Together } from "../study/diagnosis.ts";
import { duration, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { JudgementBlock, NotAssessable } from "./judgement.tsx";
import { PatientTable } from "./patient-table.tsx";
import { obstacleWords } from "./wording.ts";

export function Summary() {
  const { study } = useWorkbench();
  if (study.total.value < 2) return null;
  if (study.open.value > 0) return <Progress />;
  const whole = study.whole.value;
  return whole === null ? null : <All whole={whole} />;
}

/** How many are done and how long the rest will take. */
function Progress() {
  const { study, run } = useWorkbench();
  const total = study.total.value;
  const done = total - study.open.value;
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const update = () => setLeft(run.remaining());
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  }, [run]);
  const { summary, researchUse } = words.value;
  return (
    <section class="summary summary-progress" aria-label={summary.progress}>
      <p>
        <strong>{summary.done(done, total)}</strong>
        {run.paused.value && <span class="muted"> {summary.paused}</span>}
        {left !== null && !run.paused.value && (
          <span class="muted"> {summary.toGo(duration(Math.max(1000, left)))}</span>
        )}
      </p>
      <progress max={total} value={done} aria-label={summary.doneLabel(done, total)} />
      {study.patients.value.length > 0 && (
        <>
          <Patients title={summary.soFar} />
          <p class="research-line">{researchUse}</p>
        </>
      )}
    </section>
  );
}

function All({ whole }: { whole: Together }) {
  const { aggregated_diagnosis: diagnosis, image_breakdown: breakdown } = whole;
  const { study } = useWorkbench();
  const patients = study.patients.value.length > 0;
  const { summary, researchUse } = words.value;
  const failed = study.in("failed").flatMap((entry) => {
    const state = entry.state.value;
    return state.kind === "failed" ? [{ name: entry.path, why: <code>{state.error.code}</code> }] : [];
  });
  const mute = study.in("done").flatMap((entry) => {
    const state = entry.state.value;
    return state.kind === "done" && state.report.prediction === null
      ? [{ name: entry.path, why: <span class="muted">{obstacleWords(state.report.screen)}</span> }]
      : [];
  });
  return (
    <section class="summary" aria-labelledby="together-title">
      <h2 id="together-title">{summary.title}</h2>
      {breakdown !== null && (
        <div class={patients ? "together together-patients" : "together"}>
          {diagnosis !== null && <JudgementBlock judgement={diagnosis} />}
          <div>
            <p>
              {summary.meanOver(whole.num_images - failed.length - mute.length)}{" "}
              {summary.votes(breakdown.malignant_images, breakdown.benign_images)}
            </p>
            <Mixed whole={whole} />
            <p class="research-line">{researchUse}</p>
            <Patients title={summary.eachPatient} />
          </div>
        </div>
      )}
      {breakdown === null && mute.length > 0 && (
        <>
          <NotAssessable why={summary.noVote} />
          <p class="research-line">{researchUse}</p>
        </>
      )}
      {breakdown === null && mute.length === 0 && <p>{summary.nothing}</p>}
      <Apart images={mute} what={summary.notAssessable(mute.length)} />
      <Apart images={failed} what={summary.failed(failed.length)} />
    </section>
  );
}

/** Says where results of several models, or with several options, are taken together: saved reports can bring that. */
function Mixed({ whole: { models, options } }: { whole: Together }) {
  if (models < 2 && options < 2) return null;
  const { otherOptions, otherModels } = words.value.summary;
  return <p class="mixed">{models < 2 ? otherOptions : otherModels(models)}</p>;
}

/** Nothing where no image's patient is known. */
function Patients({ title }: { title: string }) {
  const patients = useWorkbench().study.patients.value;
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
