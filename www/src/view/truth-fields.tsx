// What a person says of the selected image, its patient and its label, to be set or mended: for it alone, or, after a
// question, for it and all images that the filter shows.

import { useComputed } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import type { Entry } from "../study/entry.ts";
import { LABEL_LENGTH, labelKeys, USUAL_LABELS } from "../study/labels.ts";
import { PATIENT_LENGTH } from "../study/patients.ts";
import { resultWords } from "../words/result.ts";
import { useWorkbench } from "./context.ts";
import { labelWord } from "./wording.ts";

/** Of a slide that of its finest level: its patches have another. */
function scaleOf(entry: Entry): number | null {
  const slide = entry.slide.value;
  return slide === null ? entry.umPerPixel : (entry.scaleSet ?? slide.facts.um_per_pixel);
}

export function TruthFields({ entry }: { entry: Entry }) {
  const workbench = useWorkbench();
  const { study } = workbench;
  const { patients, truth } = resultWords.value;
  if (entry.demo) return null;
  return (
    <div class="truth-fields">
      <AssignField
        entry={entry}
        id="patients"
        name={patients.patient}
        placeholder={patients.notKnown}
        most={PATIENT_LENGTH}
        known={study.patientNames()}
        of={(one) => one.patient.value}
        set={(entries, text) => workbench.deeds.setPatient(entries, text)}
        ask={patients.setForAll}
        question={patients.question}
      />
      <AssignField
        entry={entry}
        id="labels"
        name={truth.label}
        placeholder={patients.notKnown}
        hint={keyHint(study.labels.value)}
        most={LABEL_LENGTH}
        known={[...new Set([...study.labels.value, ...USUAL_LABELS])].map(labelWord)}
        of={(one) => labelWord(one.label.value)}
        set={(entries, text) => workbench.deeds.setLabel(entries, text)}
        ask={truth.setForAll}
        question={truth.question}
      />
      <AssignField
        entry={entry}
        id="scales"
        name={resultWords.value.scale.label}
        placeholder={patients.notKnown}
        most={20}
        known={[]}
        of={(one) => scaleOf(one)?.toString() ?? ""}
        set={(entries, text) => workbench.deeds.setScale(entries, text)}
        ask={resultWords.value.scale.setForAll}
        question={resultWords.value.scale.question}
      />
      {study.total.value > 1 && (
        <label class="leave-out">
          <input
            type="checkbox"
            checked={entry.leftOut.value}
            onChange={({ currentTarget }) => entry.leaveOut(currentTarget.checked)}
          />{" "}
          {patients.leaveOut}
        </label>
      )}
    </div>
  );
}

/** "B benign, M malignant, X none": the keys in list and picture. */
function keyHint(labels: readonly string[]): string {
  const keys = [...labelKeys([...new Set([...labels, ...USUAL_LABELS])])];
  return resultWords.value.truth.keys(keys.map(([key, label]) => `${key.toUpperCase()} ${labelWord(label)}`));
}

interface AssignFieldProps {
  entry: Entry;
  /** Of the list of what is known. */
  id: string;
  name: string;
  placeholder: string;
  hint?: string;
  most: number;
  known: readonly string[];
  of(entry: Entry): string;
  set(entries: readonly Entry[], text: string): void;
  ask(count: number): string;
  /** `others`: how many other values these images have now, and some of them. */
  question(count: number, value: string, others: number, names: string): string;
}

function AssignField({
  entry,
  id,
  name,
  placeholder,
  hint,
  most,
  known,
  of,
  set,
  ask,
  question,
}: AssignFieldProps) {
  const { study } = useWorkbench();
  const [typed, setTyped] = useState<string | null>(null);
  const [asking, setAsking] = useState(false);
  const pressed = useRef(false);
  // The list changes with every row that moves, how many they are hardly ever.
  const meant = useComputed(() => study.meant.value.length).value;
  // Also where the filter lets all through: a scale may be that of the whole study.
  const many = meant > 1;
  const wanted = typed ?? of(entry);
  const done = () => {
    setTyped(null);
    setAsking(false);
  };
  return (
    <form
      class="truth-field"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed !== null) set([entry], typed);
        done();
      }}
      onPointerDown={({ target }) => {
        pressed.current = (target as Element).closest("button") !== null;
      }}
      onPointerUp={() => {
        pressed.current = false;
      }}
      onFocusOut={({ currentTarget, relatedTarget }) => {
        // On the way to a button of this form nothing is kept yet: it may be meant for many. Safari gives a button that is
        // pressed no focus.
        if (pressed.current || currentTarget.contains(relatedTarget as Node | null)) return;
        if (typed !== null && !asking) {
          set([entry], typed);
          setTyped(null);
        }
      }}
    >
      <label title={hint}>
        <span>{name}</span>{" "}
        <input
          type="text"
          maxLength={most}
          autocomplete="off"
          placeholder={placeholder}
          list={id}
          value={wanted}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <datalist id={id}>
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      {many && !asking && (
        <button type="button" class="button button-small" onClick={() => setAsking(true)}>
          {ask(meant)}
        </button>
      )}
      {many && asking && (
        <Question value={wanted.trim()} of={of} set={set} ask={ask} question={question} onDone={done} />
      )}
    </form>
  );
}

/** So many other values are named in the question. */
const NAMED = 4;

interface QuestionProps extends Pick<AssignFieldProps, "of" | "set" | "ask" | "question"> {
  value: string;
  onDone(): void;
}

/** Whom it would hit, before it does. */
function Question({ value, of, set, ask, question, onDone }: QuestionProps) {
  const { study } = useWorkbench();
  const { patients: said } = resultWords.value;
  const entries = study.meant.value;
  const others = [...new Set(entries.map(of))].filter((name) => name !== "" && name !== value);
  const named = others.slice(0, NAMED).join(", ") + (others.length > NAMED ? " …" : "");
  return (
    <fieldset class="question" aria-label={ask(entries.length)}>
      <p>{question(entries.length, value, others.length, named)}</p>
      <div class="actions">
        <button
          type="button"
          class="button button-small button-primary"
          onClick={() => {
            set(entries, value);
            onDone();
          }}
        >
          {said.setAll(entries.length)}
        </button>
        <button type="button" class="button button-small" onClick={onDone}>
          {said.setNone}
        </button>
      </div>
    </fieldset>
  );
}
