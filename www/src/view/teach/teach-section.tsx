// Below what all images say together: how good that is by the labels, and the way to teach it better.

import { told } from "../../words/told.ts";
import { words } from "../../words/words.ts";
import type { Workbench } from "../../workbench.ts";
import { useWorkbench } from "../context.ts";
import { Told } from "../told.tsx";
import { EvaluationView } from "./evaluation-view.tsx";
import { KeptLessons } from "./lesson-note.tsx";
import { TeachPanel } from "./teach-panel.tsx";

export function TeachSection() {
  const workbench = useWorkbench();
  const { evaluating } = workbench.classroom;
  const labelled = evaluating.counts.value.length > 0;
  const teachable = workbench.networks.teachable.value && (labelled || hasStrangers(workbench));
  if (!labelled && !teachable) return null;
  return (
    <section class="summary teach" aria-labelledby="teach-title">
      <h2 id="teach-title">{words.value.teach.title}</h2>
      <Judged />
      {teachable && <TeachPanel />}
      {workbench.networks.teachable.value && <KeptLessons />}
    </section>
  );
}

/** Whether any image is unlike what was learned. */
function hasStrangers({ study }: Workbench): boolean {
  const one = study.selected.value?.line.value.verdict === "unfamiliar";
  return one || (study.whole.value?.num_unfamiliar ?? 0) > 0;
}

function Judged() {
  const workbench = useWorkbench();
  const { evaluating } = workbench.classroom;
  const state = evaluating.state.value;
  const { teach } = words.value;
  switch (state.kind) {
    case "nothing":
      return <p>{evaluating.counts.value.length > 0 ? teach.otherClasses : teach.howToLabel}</p>;
    case "working":
      return <p role="status">{teach.working}</p>;
    case "failed":
      return (
        <p>
          {teach.failed} <Told phrase={told(state.error).message} />
        </p>
      );
    case "there":
      return (
        <EvaluationView
          evaluation={state.evaluation}
          threshold={workbench.threshold.value}
          onThreshold={(uncertainBelow) => workbench.set({ uncertainBelow })}
        />
      );
    default:
      return state satisfies never;
  }
}

/** The way out for an image that is unfamiliar; nothing where nothing can be taught. */
export function TeachWayOut() {
  const workbench = useWorkbench();
  if (!workbench.networks.teachable.value) return null;
  const { teach } = words.value;
  return (
    <p>
      <button
        type="button"
        class="button button-small"
        onClick={() => {
          const title = document.getElementById("teach-panel-title");
          title?.scrollIntoView({ block: "start" });
          title?.focus({ preventScroll: true });
        }}
      >
        {teach.wayOut}
      </button>{" "}
      {teach.wayOutWhy}
    </p>
  );
}
