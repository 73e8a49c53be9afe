// At the top while a lesson judges, with the way back; the lessons that are kept; and why one could not be used.

import type { ComponentChild } from "preact";
import type { Lesson, LessonFacts } from "../../teach/lesson.ts";
import { lessonFileName, onnxFileName } from "../../teach/lesson.ts";
import type { Wanting as WantingLesson } from "../../teach/lessons.ts";
import { messageOf, told } from "../../words/told.ts";
import { bytes, decimal, words } from "../../words/words.ts";
import type { Workbench } from "../../workbench.ts";
import { useWorkbench } from "../context.ts";
import { downloadBytes, downloadText } from "../download.ts";
import { Told } from "../told.tsx";
import { labelWord } from "../wording.ts";

/** "12 benign, 12 malignant" */
function taughtWords({ classes, taught }: LessonFacts): string {
  const { part } = words.value.teach.lessons;
  return classes.map((label, index) => part(taught[index]?.images ?? 0, labelWord(label))).join(", ");
}

/** Says of a lesson of the deeper network that it is one. */
export function Depth({ of: { facts } }: { of: Lesson }): ComponentChild {
  const { deeper } = useWorkbench().networks;
  return deeper.value?.sha256 === facts.model.sha256 && words.value.teach.deeper.of;
}

export function factsWords(facts: LessonFacts): string {
  const said = words.value.teach.lessons;
  const { auc, by_patient } = facts.proof;
  const proof = by_patient && auc !== null ? said.proof(decimal(auc.value, 2)) : said.unproven;
  return `${said.taughtOn(taughtWords(facts))} ${proof}`;
}

const save = (lesson: Lesson) => downloadText(lessonFileName(lesson), lesson.text, "application/json");

/** Saves the model with the lesson as its head; what stands in the way is told. */
async function saveOnnx({ classroom, notices }: Workbench, lesson: Lesson): Promise<void> {
  try {
    downloadBytes(onnxFileName(lesson), await classroom.exported(lesson), "application/octet-stream");
  } catch (error) {
    notices.tell("onnx", ({ teach }) => teach.lessons.notExported(messageOf(error)));
  }
}

export function LessonNotice() {
  const workbench = useWorkbench();
  const { lessons } = workbench.classroom;
  const inForce = workbench.classroom.inForce.value;
  const trouble = lessons.trouble.value;
  const wanting = lessons.wanting.value;
  const said = words.value.teach.lessons;
  return (
    <>
      {trouble !== null && (
        <section class="notice notice-caution" role="alert">
          <p>
            <strong>{said.refused}.</strong> <Told phrase={told(trouble).message} />{" "}
            <Told phrase={told(trouble).remedy} />
          </p>
          <div class="actions">
            <button type="button" class="button button-small" onClick={() => lessons.dismiss()}>
              {words.value.trouble.close}
            </button>
          </div>
        </section>
      )}
      {wanting !== null && <Wanting wanting={wanting} />}
      {inForce !== null && (
        <section class="notice lesson-notice" aria-label={said.label}>
          <p>
            <strong>{said.inForce(inForce.facts.name)}</strong> {factsWords(inForce.facts)}{" "}
            <Depth of={inForce} /> {lessons.notice.value?.(words.value)}
          </p>
          <div class="actions">
            <button type="button" class="button button-small" onClick={() => save(inForce)}>
              {said.save}
            </button>
            <button
              type="button"
              class="button button-small"
              title={said.onnxHint}
              onClick={() => void saveOnnx(workbench, inForce)}
            >
              {said.onnx}
            </button>
            <button type="button" class="button button-small" onClick={() => void lessons.leave()}>
              {said.back}
            </button>
          </div>
        </section>
      )}
    </>
  );
}

/** A lesson that cannot judge before its network has been fetched. */
function Wanting({ wanting: { name, progress } }: { wanting: WantingLesson }) {
  const { networks, classroom } = useWorkbench();
  const { lessons } = classroom;
  const network = networks.deeper.value;
  const said = words.value.teach.deeper;
  if (network === null) return null;
  const { received, total } = progress ?? { received: 0, total: network.bytes };
  return (
    <section class="notice lesson-notice" aria-label={words.value.teach.lessons.label}>
      <p role="alert">
        <strong>{said.missing(name)}</strong> {!network.canBeHad && said.drop(network.file)}
      </p>
      <p role="status">{progress !== null && said.fetching(bytes(received), bytes(total))}</p>
      {progress !== null && <progress aria-label={said.missing(name)} value={received} max={total} />}
      <div class="actions">
        {network.canBeHad && progress === null && (
          <button type="button" class="button button-small" onClick={() => void lessons.fetchWanted()}>
            {said.fetch(bytes(network.bytes))}
          </button>
        )}
        <button type="button" class="button button-small" onClick={() => lessons.decline()}>
          {progress === null ? said.notNow : said.cancel}
        </button>
      </div>
    </section>
  );
}

/** Those that are kept and do not judge. */
export function KeptLessons() {
  const { lessons, inForce: judging } = useWorkbench().classroom;
  const inForce = judging.value;
  const said = words.value.teach.lessons;
  const kept = lessons.kept.value;
  const others = kept.filter(({ sha256 }) => sha256 !== inForce?.sha256);
  if (others.length === 0) return null;
  return (
    <details class="kept-lessons">
      <summary>{said.kept}</summary>
      <ul>
        {others.map((lesson) => {
          const { name } = lesson.facts;
          return (
            <li key={lesson.sha256}>
              <span>
                <strong>{name}</strong>{" "}
                <span class="muted">
                  {factsWords(lesson.facts)} <Depth of={lesson} />
                </span>
              </span>
              <span class="actions">
                <button
                  type="button"
                  class="button button-small"
                  aria-label={said.useOf(name)}
                  onClick={() => void lessons.take(lesson.text)}
                >
                  {said.use}
                </button>
                <button
                  type="button"
                  class="button button-small"
                  aria-label={said.saveOf(name)}
                  onClick={() => save(lesson)}
                >
                  {said.save}
                </button>
                <button
                  type="button"
                  class="button button-small"
                  aria-label={said.removeOf(name)}
                  onClick={() => void lessons.remove(lesson.sha256)}
                >
                  {said.remove}
                </button>
              </span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
