// The report on paper: all images and patients, how they were computed, and what this may be used for.

import { Fragment } from "preact";
import type { Variant } from "../engine/protocol.ts";
import { isOwn, type Spoken, spokenOf } from "../study/classes.ts";
import type { Exported } from "../study/csv.ts";
import { spokenTogether } from "../study/diagnosis.ts";
import { exported, patientsOf } from "../study/exports.ts";
import type { ImageReport, ModelIdentity } from "../study/report.ts";
import { type Filter, selectionOf } from "../study/selection.ts";
import { isSound, SUBJECTS, scoresOf } from "../teach/evaluation.ts";
import { judgedWords } from "../words/judged.ts";
import { resultWords } from "../words/result.ts";
import { slideWords } from "../words/slide.ts";
import { plain, told } from "../words/told.ts";
import { decimal, duration, percent, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { PatientTable } from "./patient-table.tsx";
import type { Printing } from "./print-report.tsx";
import { optionsWords, scaleWords, shownWord, votesWords } from "./result-wording.ts";
import { RegionTable } from "./slide/region-table.tsx";
import { Calibration, Coverage, Roc } from "./teach/curves.tsx";
import { Warnings } from "./teach/evaluation-view.tsx";
import { factsWords } from "./teach/lesson-note.tsx";
import { remarkWords } from "./teach/remarks.ts";
import { Confusions, ScoreTable } from "./teach/scores.tsx";
import { labelWord, stateWords, verdictWord } from "./wording.ts";

export function Paper({ when, caseNumber, pictures, ofAll }: Printing) {
  const workbench = useWorkbench();
  const { study } = workbench;
  const { entries, filter } = selectionOf(study);
  const images = exported(study, entries);
  const reports = images.flatMap(({ report }) => (report?.success ? [report] : []));
  const whole = study.together(entries);
  // A choice among images speaks for nobody.
  const oneVoice = filter === null && whole.missing === 0 && whole.groups === 1;
  const spoken = oneVoice ? spokenTogether(whole) : null;
  const judged = spoken?.shares ? spoken : null;
  const patients = study.total.value < 2 ? [] : patientsOf(study, entries);
  const { ownModel, researchUse } = words.value;
  const { print: said, provenance, summary } = resultWords.value;
  return (
    <article class="print">
      <div class="print-body">
        <header>
          <h1>{filter === null ? said.title(images.length) : said.titleOfPart(filter.images, filter.of)}</h1>
          <p>{said.when(when)}</p>
          <p>
            {said.caseNumber}:{" "}
            {caseNumber === "" ? <span class="print-blank" /> : <strong>{caseNumber}</strong>}
          </p>
        </header>
        <p class="print-notice">{workbench.own.inUse.value === null ? said.limits : ownModel.footer}</p>
        {filter !== null && <p class="print-notice">{said.filteredBy(filterWords(filter))}</p>}
        {whole.missing > 0 && (
          <p class="print-notice">
            <strong>{summary.partial(whole.num_images, whole.num_images + whole.missing)}</strong>{" "}
            {summary.partialWhy}
          </p>
        )}
        {judged !== null && (
          <p>
            {said.together} <strong>{verdictWord(judged.verdict)}</strong>
            {isOwn(judged.classes) ? said.mean(percent(judged.shares?.[1] ?? 0)) : `: ${sharesWords(judged)}`}
          </p>
        )}
        {patients.length > 0 && (
          <section>
            <h2>{said.patients}</h2>
            <PatientTable patients={patients} />
          </section>
        )}
        {pictures.length > 0 && !ofAll && (
          <section>
            <h2>{said.selected}</h2>
            <Pictures pictures={pictures} />
          </section>
        )}
        <section>
          <h2>{said.images}</h2>
          <ImageTable images={images} />
        </section>
        <Regions images={images} />
        {pictures.length > 0 && ofAll && (
          <section>
            <h2>{said.pictures}</h2>
            <Pictures pictures={pictures} />
          </section>
        )}
        {/* It judges every labelled image of the study. */}
        {filter === null && <Evaluated />}
        <section>
          <h2>{provenance.title}</h2>
          <Lessons reports={reports} />
          <Models reports={reports} />
          <SettingsAndTimes reports={reports} />
        </section>
        <Signature />
      </div>
      <footer class="print-foot">
        <p class="print-notice">{researchUse}</p>
      </footer>
    </article>
  );
}

/** By what images were chosen. */
function filterWords({ text, shown, label }: Filter): string[] {
  const { by } = resultWords.value.print;
  return [
    ...(text === undefined ? [] : [by.text(text)]),
    ...(shown === undefined ? [] : [by.shown(shownWord(shown))]),
    ...(label === undefined ? [] : [by.label(labelWord(label))]),
  ];
}

/** Whoever signs writes on the lines. */
function Signature() {
  const { place, name, signature } = resultWords.value.print;
  return (
    <section class="print-signature">
      {[place, name, signature].map((what) => (
        <p key={what}>{what}</p>
      ))}
    </section>
  );
}

function Pictures({ pictures }: Pick<Printing, "pictures">) {
  return pictures.map(({ path, url }) => (
    <img key={url} src={url} alt={resultWords.value.print.mapOver(path)} />
  ));
}

/** "normal 80 %, in situ 20 %" */
const sharesWords = ({ classes, shares }: Pick<Spoken, "classes" | "shares">): string =>
  classes
    .map((name, place) => resultWords.value.judgement.part(name, percent(shares?.[place] ?? 0)))
    .join(", ");

function ImageTable({ images }: { images: readonly Exported[] }) {
  const { columns } = resultWords.value.list;
  // Saved results may have been judged by another lesson than the one in force.
  const own = images.every(({ report }) => !report?.success || isOwn(spokenOf(report).classes));
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{columns.image.name}</th>
          <th scope="col">{columns.patient.name}</th>
          <th scope="col">{columns.verdict.name}</th>
          <th scope="col">{own ? columns.malignant.name : words.value.teach.classes.share}</th>
          <th scope="col">{columns.patches.name}</th>
        </tr>
      </thead>
      <tbody>
        {images.map(({ path, patient, state, sameAs, report, demo, leftOut }, index) => (
          <tr key={index}>
            <td>
              {path}
              {demo && ` (${resultWords.value.list.demo})`}
              {leftOut && ` (${words.value.states.leftOut})`}
            </td>
            <td>
              <Whole>{patient}</Whole>
            </td>
            {report?.success ? (
              <Said report={report} />
            ) : (
              <td colSpan={3}>
                {report === null
                  ? withoutResult(state, sameAs)
                  : resultWords.value.print.failed(plain(told(report.error).message), report.error.code)}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Stays in one line, unless it is very long. */
const Whole = ({ children }: { children: string }) => <span class="print-whole">{children}</span>;

/** What was outlined in slides, if anything was. */
function Regions({ images }: { images: readonly Exported[] }) {
  const outlined = images.filter(({ report }) => report?.success && (report.slide?.regions ?? []).length > 0);
  if (outlined.length === 0) return null;
  return (
    <section>
      <h2>{slideWords.value.judged}</h2>
      {outlined.map(({ path, report }, index) => (
        <Fragment key={index}>
          <h3>{path}</h3>
          {report?.success && <RegionTable report={report} />}
        </Fragment>
      ))}
    </section>
  );
}

/** Verdict, probability and votes of an image. */
function Said({ report }: { report: ImageReport }) {
  const { classes, verdict, shares, confidence } = spokenOf(report);
  if (shares === null || verdict === "unfamiliar") {
    return (
      <>
        <td class="print-words">{stateWords({ kind: "done", report })}</td>
        <td />
        <td class="print-words">{verdict !== "unfamiliar" && votesWords(report)}</td>
      </>
    );
  }
  return (
    <>
      <td>
        <Whole>{verdictWord(verdict)}</Whole>
      </td>
      <td>
        <Whole>{percent((isOwn(classes) ? shares[1] : confidence) ?? 0)}</Whole>
      </td>
      <td class="print-words">{votesWords(report)}</td>
    </>
  );
}

/** Why there is none. */
function withoutResult(state: Exported["state"], sameAs: string | null): string {
  const { states } = words.value;
  const { print: said } = resultWords.value;
  if (sameAs !== null) return states.same(sameAs);
  return state === "cancelled" ? states.cancelled : said.notYet;
}

/** How good the verdicts are by the labels, if there are any. */
function Evaluated() {
  const { classroom, threshold } = useWorkbench();
  const state = classroom.evaluating.state.value;
  const { teach } = words.value;
  if (state.kind !== "there") return null;
  const { evaluation } = state;
  return (
    <section>
      <h2>{teach.title}</h2>
      {isSound(evaluation) ? (
        <>
          <p>{teach.count(evaluation.images, evaluation.patients)}</p>
          <Warnings warnings={evaluation.warnings} />
          <ScoreTable evaluation={evaluation} />
          <Confusions evaluation={evaluation} />
          {SUBJECTS.map((subject) => {
            const of = { scores: scoresOf(evaluation, subject), subject, named: true };
            return (
              <div class="plots" key={subject}>
                <Roc {...of} />
                <Calibration {...of} />
                <Coverage {...of} threshold={threshold.value} onUse={null} />
              </div>
            );
          })}
          <p>{judgedWords.value.plots.band}</p>
        </>
      ) : (
        <p>
          {teach.nothing} {evaluation.refused !== null && remarkWords(evaluation.refused)}
        </p>
      )}
    </section>
  );
}

/** Each lesson that judged one of the reports; of the one in force, what it was taught and how it did. */
function Lessons({ reports }: { reports: readonly ImageReport[] }) {
  const inForce = useWorkbench().classroom.inForce.value;
  const lessons = new Map(
    reports.flatMap(({ taught }) => (taught?.lesson ? [[taught.lesson.sha256, taught.lesson] as const] : [])),
  );
  if (lessons.size === 0) return null;
  const said = words.value.teach.lessons;
  return (
    <dl class="facts">
      {[...lessons.values()].map(({ name, sha256 }) => (
        <Fragment key={sha256}>
          <dt>{said.fact}</dt>
          <dd>
            {name} <span class="hash">{sha256}</span>{" "}
            {sha256 === inForce?.sha256 && factsWords(inForce.facts)}
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

/** Each model that made one of the reports: those that were read from a file may come from another. */
function Models({ reports }: { reports: readonly ImageReport[] }) {
  const models = new Map(reports.map(({ model }) => [model.sha256, model]));
  return [...models.values()].map((model) => <Model key={model.sha256} model={model} />);
}

function Model({ model }: { model: ModelIdentity }) {
  const engine = useWorkbench().life.state.value;
  const manifest = engine.kind === "ready" ? engine.engine.manifest : null;
  const ours = manifest?.variants[model.variant as Variant]?.sha256 === model.sha256 ? manifest : null;
  const { facts } = words.value;
  const { print: said } = resultWords.value;
  const auc = ours?.metrics?.[`auc_${model.variant}`];
  return (
    <dl class="facts">
      <dt>{facts.model}</dt>
      <dd>
        {model.name} {model.version}, {model.variant}
      </dd>
      <dt>{facts.sha256}</dt>
      <dd class="hash">{model.sha256}</dd>
      {ours !== null && (
        <>
          {ours.architecture !== undefined && (
            <>
              <dt>{facts.architecture}</dt>
              <dd lang="en">{ours.architecture}</dd>
            </>
          )}
          {ours.training?.data !== undefined && (
            <>
              <dt>{facts.trainedOn}</dt>
              <dd>
                <span lang="en">{ours.training.data}</span>:{" "}
                {said.training(ours.training.images ?? 0, ours.training.patients ?? 0)}
              </dd>
            </>
          )}
        </>
      )}
      {typeof auc === "number" && (
        <>
          <dt>{facts.measured}</dt>
          <dd>
            AUC {decimal(auc, 2)} (<span lang="en">{ours?.metrics?.split}</span>)
          </dd>
        </>
      )}
    </dl>
  );
}

/** Options that every report shares, and how long the images took. */
function SettingsAndTimes({ reports }: { reports: readonly ImageReport[] }) {
  const { told: ofModel } = useWorkbench().study.thresholds;
  const settings = new Set(reports.map((report) => optionsWords(report, ofModel)));
  const times = reports.map(({ timings_ms: { total } }) => total).sort((a, b) => a - b);
  const versions = new Set(reports.map(({ engine }) => `${engine.name} ${engine.version}`));
  const scales = new Set(
    reports.map(({ scale }) => (scale === undefined ? resultWords.value.scale.unknown : scaleWords(scale))),
  );
  const { facts } = words.value;
  const { print: said } = resultWords.value;
  if (times.length === 0) return null;
  return (
    <dl class="facts">
      <dt>{facts.options}</dt>
      <dd>{[...settings].join(said.or)}</dd>
      <dt>{facts.scale}</dt>
      <dd>{[...scales].join("; ")}</dd>
      <dt>{facts.engine}</dt>
      <dd>{[...versions].join("; ")}</dd>
      <dt>{facts.time}</dt>
      <dd>
        {said.times(
          duration(times[Math.floor(times.length / 2)] ?? 0),
          duration(times[0] ?? 0),
          duration(times.at(-1) ?? 0),
          duration(times.reduce((sum, time) => sum + time, 0)),
        )}
      </dd>
    </dl>
  );
}
