// The quiz: an image without its name, map and verdict, the votes of the class, and the button that reveals the rest.

import type { Entry } from "../study/entry.ts";
import { USUAL_LABELS } from "../study/labels.ts";
import { resultWords } from "../words/result.ts";
import { integer } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { Viewer } from "./viewer.tsx";
import { labelWord } from "./wording.ts";

/** What can be voted for: the labels of the study, or the usual ones. */
function useLabels(): readonly string[] {
  const known = useWorkbench().study.labels.value;
  return known.length > 1 ? known : [...new Set([...USUAL_LABELS, ...known])];
}

export function Riddle({ entry }: { entry: Entry }) {
  const { quiz, study } = useWorkbench();
  const labels = useLabels();
  const { quiz: said } = resultWords.value;
  const votes = quiz.votesOf(entry);
  const place = study.listedEntries().indexOf(entry) + 1;
  return (
    <article class="detail" aria-labelledby={`${entry.id}-title`}>
      <header class="detail-head">
        <h2 id={`${entry.id}-title`} tabIndex={-1}>
          {said.image(place, study.listed.value)}
        </h2>
      </header>
      <div class="detail-body">
        <Viewer entry={entry}>
          <section class="detail-side quiz" aria-label={said.title}>
            <p class="quiz-question">{said.question}</p>
            <ul class="quiz-votes">
              {labels.map((label) => (
                <li key={label}>
                  <button type="button" class="button quiz-vote" onClick={() => quiz.vote(entry, label)}>
                    {labelWord(label)} <strong>{integer(votes.get(label) ?? 0)}</strong>
                  </button>
                  <button
                    type="button"
                    class="button button-small"
                    aria-label={said.less(labelWord(label))}
                    disabled={(votes.get(label) ?? 0) === 0}
                    onClick={() => quiz.vote(entry, label, -1)}
                  >
                    −
                  </button>
                </li>
              ))}
            </ul>
            <button type="button" class="button button-primary" onClick={() => quiz.reveal(entry)}>
              {said.reveal}
            </button>
          </section>
        </Viewer>
      </div>
    </article>
  );
}

/** Beside the network's own votes, once it is revealed. */
export function ClassVotes({ entry }: { entry: Entry }) {
  const { quiz } = useWorkbench();
  const votes = [...quiz.votesOf(entry)].filter(([, count]) => count > 0);
  if (!quiz.on.value || votes.length === 0) return null;
  const { quiz: said } = resultWords.value;
  return (
    <p class="quiz-class">
      <strong>{said.class}</strong>{" "}
      {votes.map(([label, count]) => `${integer(count)} ${labelWord(label)}`).join(", ")}
    </p>
  );
}
