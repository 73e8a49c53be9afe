// All images together: how far they are, then what they say, patient by patient, and which of them had no part in it.
//
// Only the images of one patient have a verdict together, and only once all of them have come to an end.

import { useComputed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { Whole } from "../study/all-together.ts";
import { isOwn, OWN_CLASSES } from "../study/classes.ts";
import { spokenTogether, togetherVotes } from "../study/diagnosis.ts";
import type { Entry } from "../study/entry.ts";
import type { PatientDiagnosis } from "../study/patient-groups.ts";
import type { StateKind } from "../study/table.ts";
import { resultWords } from "../words/result.ts";
import { plain, told } from "../words/told.ts";
import { duration, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { isClaim, JudgementBlock, NotAssessable, Unfamiliar } from "./judgement.tsx";
import { PatientTable } from "./patient-table.tsx";
import { namedCounts, unfamiliarWhy } from "./result-wording.ts";
import { TellMe } from "./tell-me.tsx";
import { VerdictSign } from "./verdict-sign.tsx";
import { obstacleWords, verdictWord } from "./wording.ts";

export function Summary() {
  const { study } = useWorkbench();
  // How many are at work changes with each image, that any is hardly ever.
  const several = useComputed(() => study.total.value > 1).value;
  const atWork = useComputed(() => study.open.value > 0).value;
  const whole = study.whole.value;
  if (!several) return null;
  if (atWork) return <Progress />;
  return whole === null ? null : <All whole={whole} />;
}

function Progress() {
  const { summary } = resultWords.value;
  return (
    <section class="summary summary-progress" aria-label={summary.progress}>
      <HowFar />
      <Patients title={summary.soFar} />
    </section>
  );
}

/** What takes longer than this, in milliseconds, is left alone meanwhile. */
const LONG_MS = 20_000;

/** How many are done and how long the rest will take. By itself, since it changes with each image. */
function HowFar() {
  const { study, run } = useWorkbench();
  const total = study.total.value;
  const done = total - study.open.value;
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const update = () => setLeft(run.remaining());
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  }, [run]);
  const { summary } = resultWords.value;
  return (
    <>
      <p>
        <strong>{summary.done(done, total)}</strong>
        {run.paused.value && <span class="muted"> {summary.paused}</span>}
        {left !== null && !run.paused.value && (
          <span class="muted"> {summary.toGo(duration(Math.max(1000, left)))}</span>
        )}
      </p>
      <progress max={total} value={done} aria-label={summary.doneLabel(done, total)} />
      {left !== null && left > LONG_MS && <TellMe />}
    </>
  );
}

function All({ whole }: { whole: Whole }) {
  const { study } = useWorkbench();
  const patients = study.patients.value;
  const { summary } = resultWords.value;
  // Looked up, not followed: whatever changes of an image, the whole is found anew.
  const counting = (kind: StateKind) => study.in(kind).filter(({ line }) => line.peek().counts);
  const failed = counting("failed");
  const done = counting("done");
  const mute = done.filter(({ line }) => line.peek().verdict === "not assessable");
  const strange = done.filter(({ line }) => line.peek().verdict === "unfamiliar");
  return (
    <section class="summary" aria-labelledby="together-title">
      <h2 id="together-title">{summary.title}</h2>
      {whole.missing > 0 && <Missing whole={whole} />}
      {whole.groups > 1 ? <ManyPatients whole={whole} /> : <OnePatient whole={whole} mute={mute.length} />}
      {whole.groups <= 1 && patients.length > 0 && whole.missing === 0 && (
        <PatientTable patients={patients} />
      )}
      <Mixed whole={whole} />
      {study.countsUnfamiliar.value ? (
        strange.length > 0 && <p class="apart">{summary.unfamiliarCounted(strange.length)}</p>
      ) : (
        <Apart images={strange} what={summary.unfamiliar(strange.length)} />
      )}
      <Apart images={mute} what={summary.notAssessable(mute.length)} />
      <Apart images={failed} what={summary.failed(failed.length)} />
      <NoVote />
    </section>
  );
}

/** A part does not speak for the whole: it says how much of it there is, and how to get the rest. */
function Missing({ whole }: { whole: Whole }) {
  const { study, run } = useWorkbench();
  const { summary } = resultWords.value;
  const { runnable, cancelled } = study.counts.value;
  return (
    <p class="partial">
      <strong>{summary.partial(whole.num_images, whole.num_images + whole.missing)}</strong>{" "}
      {summary.partialWhy} {cancelled > runnable && `${summary.dropAgain(cancelled - runnable)} `}
      {runnable > 0 && (
        <button type="button" class="button button-small" onClick={() => run.again(study.in("cancelled"))}>
          {summary.runCancelled(runnable)}
        </button>
      )}
    </p>
  );
}

function OnePatient({ whole, mute }: { whole: Whole; mute: number }) {
  const spoken = spokenTogether(whole);
  const { teach } = words.value;
  const { summary } = resultWords.value;
  const counts = togetherVotes(whole);
  const voters = counts.reduce((sum, { images }) => sum + images, 0);
  if (voters === 0) {
    if (spoken?.verdict === "unfamiliar" && whole.missing === 0)
      return <Unfamiliar why={unfamiliarWhy(null)} />;
    if (mute > 0 && whole.missing === 0) return <NotAssessable why={summary.noVote} />;
    return whole.num_images > 0 && whole.missing === 0 ? <p>{summary.nothing}</p> : null;
  }
  const [benign, malignant] = counts;
  const votes =
    whole.taught === undefined
      ? summary.votes(malignant?.images ?? 0, benign?.images ?? 0)
      : teach.classes.votes(namedCounts(whole.taught.classes, whole.taught.images), "");
  if (whole.missing > 0) return <p>{votes}</p>;
  return (
    <div class="together">
      {spoken !== null && isClaim(spoken) && <JudgementBlock judgement={spoken} />}
      <p>
        {spoken?.shares && `${summary.meanOver(voters)} `}
        {votes}
      </p>
    </div>
  );
}

/** Of benign and malignant, what is uncertain stands between them. */
const OWN_ORDER = ["malignant", "uncertain", "benign"];
const OPEN = ["uncertain", "unfamiliar", "not assessable"];

/** Counts and a table: no mean over several patients says anything of one of them. */
function ManyPatients({ whole }: { whole: Whole }) {
  const patients = useWorkbench().study.patients.value;
  const { summary } = resultWords.value;
  const known = whole.groups - Number(whole.unknown > 0);
  const said = patients
    .filter(({ missing }) => missing === 0)
    .flatMap((patient) => spokenTogether(patient) ?? []);
  const [first] = said;
  const classes = first?.classes ?? OWN_CLASSES;
  const order = new Set([...(isOwn(classes) ? OWN_ORDER : [...classes].reverse()), ...OPEN]);
  const whose = (wanted: string) => said.filter(({ verdict }) => verdict === wanted).length;
  return (
    <>
      <p class="patient-counts">
        <strong>{summary.patients(known, whole.num_images + whole.missing)}</strong>
        {[...order].map((verdict) => {
          const count = whose(verdict);
          return (
            count > 0 && (
              <span key={verdict} data-verdict={verdict} class="patient-count">
                <VerdictSign verdict={verdict} classes={classes} />
                {summary.withVerdict(count, verdictWord(verdict))}
              </span>
            )
          );
        })}
        {whole.unknown > 0 && <span class="muted">{summary.unknown(whole.unknown)}</span>}
      </p>
      <PatientTable patients={patients} />
    </>
  );
}

/** Says where results of several models, or with several options, stand beside each other. */
function Mixed({ whole: { models, options } }: { whole: Whole }) {
  if (models < 2 && options < 2) return null;
  const { otherOptions, otherModels } = resultWords.value.summary;
  return <p class="mixed">{models < 2 ? otherOptions : otherModels(models)}</p>;
}

/** Nothing where no image's patient is known. */
function Patients({ title }: { title: string }) {
  const patients: readonly PatientDiagnosis[] = useWorkbench().study.patients.value;
  if (patients.length === 0) return null;
  return (
    <div class="by-patient">
      <h3>{title}</h3>
      <PatientTable patients={patients} />
    </div>
  );
}

/** Images that have a result, or could have one, and do not count: by themselves, or because a person said so. */
function NoVote() {
  const { study } = useWorkbench();
  const { summary } = resultWords.value;
  const { same } = study.counts.value;
  const entries = study.entries.value;
  const demos = entries.filter(({ demo, line }) => demo && !line.peek().counts).length;
  const leftOut = entries.filter((entry) => entry.leftOut.peek()).length;
  const said = [
    same > 0 && summary.same(same),
    demos > 0 && summary.demos(demos),
    leftOut > 0 && summary.leftByHand(leftOut),
  ].filter((text) => text !== false);
  return said.length === 0 ? null : <p class="apart">{said.join(" ")}</p>;
}

/** More than these are folded away: they would push the table out of sight. */
const SHOWN = 5;

interface ApartProps {
  images: readonly Entry[];
  /** How many they are, and what is the matter with them. */
  what: string;
}

/** Images that are no part of what is taken together, each with the reason. */
function Apart({ images, what }: ApartProps) {
  const [open, setOpen] = useState(false);
  if (images.length === 0) return null;
  const { summary } = resultWords.value;
  const list = (
    <ul>
      {images.map((entry) => (
        <li key={entry.id}>
          {entry.path} <span class="muted">{reason(entry)}</span>
        </li>
      ))}
    </ul>
  );
  const head = (
    <>
      <strong>{what}</strong>
      {summary.leftOut(images.length)}
    </>
  );
  return images.length <= SHOWN ? (
    <div class="apart">
      <p>{head}</p>
      {list}
    </div>
  ) : (
    <details class="apart" open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{head}</summary>
      {/* Of thousands only where somebody wants to see them. */}
      {open && list}
    </details>
  );
}

function reason(entry: Entry): string {
  const state = entry.state.value;
  if (state.kind === "failed") return plain(told(state.error).message);
  if (state.kind !== "done") return "";
  // The heading says it of all of them.
  return entry.line.value.verdict === "unfamiliar" ? "" : obstacleWords(state.report.screen);
}
