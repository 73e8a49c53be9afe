// Where it is taught: what there is to learn from and what is missing, the button, and what came of it.

import { useState } from "preact/hooks";
import type { Deeper } from "../../teach/deeper.ts";
import type { Estimate } from "../../teach/evaluation.ts";
import { type ClassCount, lacking, mayBeTaught } from "../../teach/samples.ts";
import type { Outcome, TeachingState } from "../../teach/teaching.ts";
import { judgedWords } from "../../words/judged.ts";
import { told } from "../../words/told.ts";
import { bytes, decimal, integer, percent, words } from "../../words/words.ts";
import { useWorkbench } from "../context.ts";
import { Told } from "../told.tsx";
import { labelWord } from "../wording.ts";
import { EvaluationView, Warnings } from "./evaluation-view.tsx";
import { LeftOutTable } from "./left-out.tsx";
import { Depth } from "./lesson-note.tsx";
import { remarkWords } from "./remarks.ts";
import { estimateWords } from "./scores.tsx";

/** More characters than this a lesson's name has not. */
const NAME_LENGTH = 60;

export function TeachPanel() {
  const { evaluating, teaching, memory } = useWorkbench().classroom;
  const state = teaching.state.value;
  const counts = evaluating.counts.value;
  const { panel } = judgedWords.value;
  return (
    <section class="teach-panel" aria-labelledby="teach-panel-title">
      <h3 id="teach-panel-title" tabIndex={-1}>
        {panel.title}
      </h3>
      <p>{panel.what}</p>
      {/* Without labels there is nothing to ask, and how to give some stands above. */}
      {(counts.length > 0 || state.kind !== "idle") && (
        <>
          <Counts counts={counts} />
          <Without />
          {memory.full.value && <p class="muted">{panel.full}</p>}
          {state.kind === "taught" ? (
            <Result outcome={state.outcome} />
          ) : (
            <Ask state={state} ready={mayBeTaught(counts)} />
          )}
          <Used />
        </>
      )}
    </section>
  );
}

function Counts({ counts }: { counts: readonly ClassCount[] }) {
  const { panel } = judgedWords.value;
  return (
    <table class="scores teach-counts">
      <caption>{panel.counts}</caption>
      <thead>
        <tr>
          <th scope="col">{panel.label}</th>
          <th scope="col">{panel.images}</th>
          <th scope="col">{panel.patients}</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {counts.map((count) => {
          const lacks = lacking(count);
          return (
            <tr key={count.label}>
              <th scope="row">{labelWord(count.label)}</th>
              <td>{integer(count.images)}</td>
              <td>{integer(count.patients)}</td>
              <td class="muted">
                {lacks.images + lacks.patients === 0
                  ? panel.enough
                  : panel.lacks(lacks.images, lacks.patients)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Labelled images that were not run on this visit, and the way to run them. */
function Without() {
  const { run, classroom } = useWorkbench();
  const { evaluating, teaching } = classroom;
  // Whenever there are other samples.
  evaluating.counts.value;
  const without = teaching.material().without.map(({ entry }) => entry);
  const runnable = without.filter(({ hasFile }) => hasFile);
  const { panel } = judgedWords.value;
  if (without.length === 0) return null;
  return (
    <p>
      {panel.without(without.length)}{" "}
      {runnable.length > 0 && (
        <button type="button" class="button button-small" onClick={() => run.again(runnable)}>
          {panel.runThem(runnable.length)}
        </button>
      )}
    </p>
  );
}

/** What was said while it was left out of what the lesson that judges was taught on this visit. */
function Used() {
  const { leftOut, teaching } = useWorkbench().classroom;
  const said = teaching.used.value;
  if (said === null || leftOut.value.size === 0 || teaching.state.value.kind === "taught") return null;
  return (
    <details>
      <summary>{words.value.teach.leftOut.title}</summary>
      <LeftOutTable said={said} />
    </details>
  );
}

interface AskProps {
  state: Exclude<TeachingState, { kind: "taught" }>;
  ready: boolean;
}

function Ask({ state, ready }: AskProps) {
  const workbench = useWorkbench();
  const { teaching } = workbench.classroom;
  const isDeeper = workbench.networks.network.value !== null && workbench.own.inUse.value === null;
  const { panel } = judgedWords.value;
  const [typed, setTyped] = useState<string | null>(null);
  const name = typed ?? panel.usualName;
  const [chosen, setChosen] = useState<boolean | null>(null);
  const deeper = useDeeper();
  // A lesson of the deeper network is mended on it.
  const dig = deeper?.canBeHad === true && (chosen ?? isDeeper);
  const teach = (force = false) =>
    void teaching.teach(name.trim() || panel.usualName, { force, deeper: dig });
  if (state.kind === "fetching" || state.kind === "looking" || state.kind === "teaching") {
    return <AtWork state={state} />;
  }
  return (
    <form
      class="teach-ask"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) teach();
      }}
    >
      {state.kind === "failed" && (
        <p role="alert">
          {panel.failed} <Told phrase={told(state.error).message} />{" "}
          <Told phrase={told(state.error).remedy} />
        </p>
      )}
      {state.kind === "refused" && (
        <p role="alert">
          {panel.failed} {remarkWords(state.refused)}
        </p>
      )}
      <label>
        {panel.name}{" "}
        <input
          type="text"
          maxLength={NAME_LENGTH}
          autocomplete="off"
          value={name}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      {deeper !== null && <DeeperChoice deeper={deeper} chosen={dig} onChoose={setChosen} />}
      <button type="submit" class="button button-primary" disabled={!ready}>
        {panel.teach}
      </button>
      {state.kind === "refused" && state.canForce && (
        <p>
          <button type="button" class="button button-small" onClick={() => teach(true)}>
            {panel.force}
          </button>{" "}
          {panel.forceWhy}
        </p>
      )}
    </form>
  );
}

type Working = Extract<TeachingState, { kind: "fetching" | "looking" | "teaching" }>;

function AtWork({ state }: { state: Working }) {
  const { teaching } = useWorkbench().classroom;
  const { panel } = judgedWords.value;
  const { deeper } = words.value.teach;
  const [text, value, max] = (() => {
    switch (state.kind) {
      case "fetching":
        return [deeper.fetching(bytes(state.received), bytes(state.total)), state.received, state.total];
      case "looking":
        return [deeper.looking(state.done, state.total), state.done, state.total];
      default:
        return [panel.teaching(state.images), undefined, undefined];
    }
  })();
  return (
    <div class="teach-ask">
      <p role="status">{text}</p>
      <progress aria-label={panel.title} value={value} max={max} />
      <button type="button" class="button button-small" onClick={() => teaching.cancel()}>
        {panel.cancel}
      </button>
    </div>
  );
}

/** The network that lessons can look deeper with; null where there is none, or a person's own model runs. */
function useDeeper(): Deeper | null {
  const { networks, own } = useWorkbench();
  return own.inUse.value === null ? networks.deeper.value : null;
}

interface DeeperChoiceProps {
  deeper: Deeper;
  chosen: boolean;
  onChoose(chosen: boolean): void;
}

function DeeperChoice({ deeper, chosen, onChoose }: DeeperChoiceProps) {
  const { life } = useWorkbench();
  const said = words.value.teach.deeper;
  if (!deeper.canBeHad) return <p class="muted">{said.notInFile(deeper.file)}</p>;
  const times = deeper.costOver(life.builtIn.value?.manifest);
  return (
    <div class="teach-deeper">
      <label>
        <input
          type="checkbox"
          checked={chosen}
          aria-describedby="teach-deeper-about"
          onChange={({ currentTarget }) => onChoose(currentTarget.checked)}
        />{" "}
        {said.choice}
      </label>
      <ul id="teach-deeper-about" class="muted">
        <li>{deeper.here.value ? said.here : said.once(bytes(deeper.bytes))}</li>
        <li>{said.cost(times === null ? "" : decimal(times, 1))}</li>
        <li>{said.worth}</li>
        <li>{said.stays}</li>
      </ul>
    </div>
  );
}

function Result({ outcome }: { outcome: Outcome }) {
  const { teaching } = useWorkbench().classroom;
  const { panel } = judgedWords.value;
  const { lesson, before, after, difference, warnings } = outcome;
  return (
    <section class="teach-result" aria-labelledby="teach-result-title">
      <h4 id="teach-result-title">
        {panel.result}: {lesson.facts.name}
      </h4>
      <p>
        {lesson.facts.proof.by_patient ? panel.leftOut : panel.notByPatient} <Depth of={lesson} />
      </p>
      <Warnings warnings={warnings} />
      <table class="scores">
        <thead>
          <tr>
            <th scope="col">{panel.measure}</th>
            {difference !== null && <th scope="col">{panel.before}</th>}
            <th scope="col">{panel.after}</th>
            {difference !== null && <th scope="col">{panel.difference}</th>}
          </tr>
        </thead>
        <tbody>
          {(["auc", "accuracy"] as const).map((measure) => (
            <tr key={measure}>
              <th scope="row">{judgedWords.value.scores.measures[measure].name}</th>
              {difference !== null && <td>{estimateWords(measure, before?.by_image?.[measure] ?? null)}</td>}
              <td>{estimateWords(measure, after?.by_image?.[measure] ?? null)}</td>
              {difference !== null && <td>{changeWords(measure, difference[measure])}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <div class="actions teach-answer">
        <button type="button" class="button button-primary" onClick={() => void teaching.use()}>
          {panel.use}
        </button>
        <button type="button" class="button" onClick={() => teaching.cancel()}>
          {panel.discard}
        </button>
      </div>
      <details open>
        <summary>{words.value.teach.leftOut.title}</summary>
        <LeftOutTable said={outcome} />
      </details>
      {after !== null && (
        <details>
          <summary>{panel.details}</summary>
          <EvaluationView evaluation={after} threshold={null} onThreshold={null} />
        </details>
      )}
    </section>
  );
}

/** "+0.31 (0.20 to 0.42)" */
function changeWords(measure: "auc" | "accuracy", change: Estimate | null): string {
  const { panel, scores } = judgedWords.value;
  if (change === null) return scores.none;
  const show = measure === "auc" ? (value: number) => decimal(value, 2) : percent;
  const signed = (value: number) => (value > 0 ? `+${show(value)}` : show(value));
  return panel.change(signed(change.value), signed(change.low), signed(change.high));
}
