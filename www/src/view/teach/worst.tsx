// The images that were judged most wrongly and most surely. A click shows the image.

import type { Wrong } from "../../teach/evaluation.ts";
import { judgedWords } from "../../words/judged.ts";
import { percent } from "../../words/words.ts";
import { useWorkbench } from "../context.ts";
import { labelWord } from "../wording.ts";

const SHOWN = 8;

export function Worst({ worst }: { worst: readonly Wrong[] }) {
  const { study } = useWorkbench();
  const said = judgedWords.value.worst;
  const show = (name: string) => {
    const entry = study.entries.peek().find(({ path }) => path === name);
    if (entry === undefined) return;
    study.selected.value = entry;
    document.querySelector(".detail")?.scrollIntoView({ block: "start" });
  };
  return (
    <section class="worst">
      <h4>{said.title}</h4>
      {worst.length === 0 ? (
        <p>{said.none}</p>
      ) : (
        <>
          <p class="muted">{said.hint}</p>
          <ol>
            {worst.slice(0, SHOWN).map(({ name, label, prediction, probability }) => (
              <li key={name}>
                <button type="button" class="link-button" onClick={() => show(name)}>
                  {name}
                </button>{" "}
                <span class="muted">
                  {said.wrong(labelWord(label), labelWord(prediction), percent(probability))}
                </span>
              </li>
            ))}
          </ol>
          {worst.length > SHOWN && <p class="muted">{said.more(worst.length - SHOWN)}</p>}
        </>
      )}
    </section>
  );
}
