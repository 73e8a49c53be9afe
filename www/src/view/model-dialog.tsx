// The dialog about a model that was dropped: what it is, what has to be known of it, and whether to use it.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Port, portWords } from "../own-model/inspection.ts";
import {
  type Answers,
  type Normalisation,
  PRESETS,
  type Preset,
  USUAL_PATCH_SIZE,
} from "../own-model/manifest.ts";
import type { Candidate, Dialog } from "../own-model/own-models.ts";
import { OWN_MODEL } from "../own-model/words.ts";
import { bytes } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ErrorCard } from "./error-card.tsx";

/** The largest patch that the core takes, and the smallest that it makes sense to ask for, in pixels. */
const [LEAST_SIDE, MOST_SIDE] = [16, 1024];

export function ModelDialog() {
  const { own } = useWorkbench();
  const element = useRef<HTMLDialogElement>(null);
  const state = own.dialog.value;
  const open = state.kind !== "closed";
  useEffect(() => {
    // Where no dialog was open, the browser gives the focus back when it closes.
    if (open) element.current?.showModal();
    else element.current?.close();
  }, [open]);
  return (
    <dialog
      ref={element}
      class="model-dialog"
      aria-labelledby="model-dialog-title"
      onClose={() => own.close()}
    >
      {state.kind !== "closed" && <Content state={state} />}
    </dialog>
  );
}

function Content({ state }: { state: Exclude<Dialog, { kind: "closed" }> }) {
  const { own } = useWorkbench();
  switch (state.kind) {
    case "reading":
      return (
        <>
          <Title>{OWN_MODEL.title(state.name)}</Title>
          <Wait words={OWN_MODEL.reading} />
          <Actions close={OWN_MODEL.cancel} />
        </>
      );
    case "refused":
      return (
        <>
          <Title>{OWN_MODEL.refused(state.name)}</Title>
          <ErrorCard title={OWN_MODEL.why} error={state.error}>
            <button type="button" class="button" onClick={() => own.close()}>
              {OWN_MODEL.close}
            </button>
          </ErrorCard>
        </>
      );
    case "asking":
    case "trying":
      // Keyed: another file has other questions.
      return <Questions key={state.candidate.inspection.sha256} state={state} />;
    default:
      return state satisfies never;
  }
}

/** The focus comes here when the dialog opens or has other contents, so that it is read from its beginning. */
function Title({ children }: { children: ComponentChildren }) {
  const element = useRef<HTMLHeadingElement>(null);
  // Until the dialog is open nothing in it can have the focus; then the browser gives it by `autofocus`.
  useEffect(() => element.current?.focus(), []);
  return (
    <h2 ref={element} id="model-dialog-title" tabIndex={-1} autofocus>
      {children}
    </h2>
  );
}

function Wait({ words }: { words: string }) {
  return (
    <div role="status">
      <p>{words}</p>
      <progress aria-label={words} />
    </div>
  );
}

function Actions({ close, children }: { close: string; children?: ComponentChildren }) {
  const { own } = useWorkbench();
  return (
    <div class="actions">
      {children}
      <button type="button" class="button" onClick={() => own.close()}>
        {close}
      </button>
    </div>
  );
}

function Questions({ state }: { state: Extract<Dialog, { kind: "asking" | "trying" }> }) {
  const workbench = useWorkbench();
  const { candidate } = state;
  const [answers, setAnswers] = useState<Partial<Answers>>({
    channels: "RGB",
    patchSize: USUAL_PATCH_SIZE,
  });
  const submit = useRef<HTMLButtonElement>(null);
  const trouble = state.kind === "asking" ? state.trouble : null;
  // It lost the focus while it was out of use.
  useEffect(() => {
    if (trouble !== null) submit.current?.focus();
  }, [trouble]);
  const answer = (more: Partial<Answers>) => setAnswers((before) => ({ ...before, ...more }));
  const asked = (question: keyof Answers) => candidate.questions.includes(question);
  const single = candidate.inspection.scores?.columns === 1;
  const { firstLabel, scores, layout, channels, patchSize } = OWN_MODEL;
  const [benign, malignant] = [firstLabel.benign, firstLabel.malignant];
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // Only what was asked: what the file says needs no second opinion.
        const given = Object.entries(answers).filter(([question]) => asked(question as keyof Answers));
        void workbench.own.accept(candidate, Object.fromEntries(given));
      }}
    >
      <Title>{OWN_MODEL.title(candidate.name)}</Title>
      <Facts candidate={candidate} />
      <p class="notice notice-caution">{OWN_MODEL.unknownQuality}</p>
      <fieldset class="model-questions" disabled={state.kind === "trying"}>
        {asked("firstLabel") && (
          <Select
            name="first_label"
            words={single ? firstLabel.one : firstLabel.two}
            hint={single ? firstLabel.hintOne : firstLabel.hint}
            // A single score speaks for the second label.
            choices={single ? { malignant: benign, benign: malignant } : { benign, malignant }}
            now={answers.firstLabel}
            onChoose={(label) => answer({ firstLabel: label })}
          />
        )}
        {asked("scores") && (
          <Select
            name="scores"
            words={scores.name}
            hint={scores.hint}
            choices={{
              logits: single ? scores.logitsOne : scores.logits,
              probabilities: scores.probabilities,
            }}
            now={answers.scores}
            onChoose={(kind) => answer({ scores: kind })}
          />
        )}
        {asked("normalisation") && (
          <NormalisationField onChange={(normalisation) => answer({ normalisation })} />
        )}
        {asked("channels") && (
          <Select
            name="channels"
            words={channels.name}
            hint={channels.hint}
            choices={{ RGB: channels.rgb, BGR: channels.bgr }}
            now={answers.channels}
            onChoose={(order) => answer({ channels: order })}
          />
        )}
        {asked("layout") && (
          <Select
            name="layout"
            words={layout.name}
            hint={layout.hint}
            choices={{ NCHW: layout.nchw, NHWC: layout.nhwc }}
            now={answers.layout}
            onChoose={(order) => answer({ layout: order })}
          />
        )}
        {asked("patchSize") && (
          <label class="field">
            <span class="field-name">{patchSize.name}</span>
            <input
              type="number"
              name="patch_size"
              required
              min={LEAST_SIDE}
              max={MOST_SIDE}
              step={1}
              value={answers.patchSize}
              onInput={({ currentTarget: { valueAsNumber } }) => answer({ patchSize: valueAsNumber })}
            />
            <span class="field-hint">{patchSize.hint(MOST_SIDE)}</span>
          </label>
        )}
      </fieldset>
      {trouble !== null && <ErrorCard title={OWN_MODEL.refused(candidate.name)} error={trouble} />}
      {state.kind === "trying" && <Wait words={OWN_MODEL.trying} />}
      {workbench.unsettled.value.length > 0 && <p class="field-hint">{OWN_MODEL.beginAnew}</p>}
      <Actions close={OWN_MODEL.cancel}>
        <button ref={submit} type="submit" class="button button-primary" disabled={state.kind === "trying"}>
          {OWN_MODEL.use}
        </button>
      </Actions>
    </form>
  );
}

function Facts({ candidate: { inspection, given, name } }: { candidate: Candidate }) {
  const { facts } = OWN_MODEL;
  const { input, scores, opset, producer } = inspection;
  const output = inspection.outputs.find((port: Port) => port.name === scores?.name);
  return (
    <dl class="facts">
      <dt>{facts.file}</dt>
      <dd>
        {name}, {bytes(inspection.bytes)}
      </dd>
      <dt>{facts.hash}</dt>
      <dd class="hash">{inspection.sha256}</dd>
      {(producer !== "" || opset !== null) && (
        <>
          <dt>{facts.writtenBy}</dt>
          <dd>
            {[producer, opset === null ? "" : OWN_MODEL.opset(opset)]
              .filter((part) => part !== "")
              .join(", ")}
          </dd>
        </>
      )}
      <dt>{facts.input}</dt>
      <dd>{input !== null && portWords(input)}</dd>
      <dt>{facts.scores}</dt>
      <dd>
        {output !== undefined && portWords(output)}
        {scores !== null && scores.made_by !== "" && `, ${OWN_MODEL.madeBy(scores.made_by)}`}
      </dd>
      <dt>{facts.layers}</dt>
      <dd>{OWN_MODEL.layers(inspection.nodes, inspection.lowered_nodes, inspection.fused_layers)}.</dd>
      <dt>{facts.manifest}</dt>
      <dd>{given === null ? OWN_MODEL.withoutManifest : OWN_MODEL.withManifest}</dd>
    </dl>
  );
}

interface SelectProps<T extends string> {
  name: string;
  words: string;
  hint: string;
  /** Words by choice. */
  choices: Readonly<Record<T, string>>;
  /** Nothing is chosen before a person does. */
  now: T | undefined;
  onChoose(choice: T): void;
}

function Select<T extends string>({ name, words, hint, choices, now, onChoose }: SelectProps<T>) {
  return (
    <label class="field">
      <span class="field-name">{words}</span>
      <select
        name={name}
        required
        value={now ?? ""}
        onChange={({ currentTarget: { value } }) => onChoose(value as T)}
      >
        {now === undefined && <option value="">{OWN_MODEL.select}</option>}
        {(Object.entries(choices) as [T, string][]).map(([choice, label]) => (
          <option key={choice} value={choice}>
            {label}
          </option>
        ))}
      </select>
      <span class="field-hint">{hint}</span>
    </label>
  );
}

function NormalisationField({ onChange }: { onChange(normalisation: Normalisation): void }) {
  const { normalisation: words } = OWN_MODEL;
  const [preset, setPreset] = useState<Preset | "custom">();
  const [custom, setCustom] = useState<Normalisation>(PRESETS.imagenet);
  const change = (more: Partial<Normalisation>) => {
    const changed = { ...custom, ...more };
    setCustom(changed);
    onChange(changed);
  };
  return (
    <>
      <Select<Preset | "custom">
        name="normalisation"
        words={words.name}
        hint={words.hint}
        choices={{
          imagenet: words.imagenet,
          zeroToOne: words.zeroToOne,
          minusOneToOne: words.minusOneToOne,
          raw: words.raw,
          custom: words.custom,
        }}
        now={preset}
        onChoose={(choice) => {
          setPreset(choice);
          onChange(choice === "custom" ? custom : PRESETS[choice]);
        }}
      />
      {preset === "custom" && (
        <div class="model-custom">
          <Select
            name="divisor"
            words={words.divisor}
            hint=""
            choices={{ "255": words.unitsOne, "1": words.unitsRaw }}
            now={String(custom.divisor)}
            onChoose={(divisor) => change({ divisor: Number(divisor) })}
          />
          <Triple words={words.mean} values={custom.mean} onChange={(mean) => change({ mean })} />
          <Triple words={words.std} values={custom.std} least={1e-6} onChange={(std) => change({ std })} />
        </div>
      )}
    </>
  );
}

interface TripleProps {
  words: string;
  values: Normalisation["mean"];
  least?: number;
  onChange(values: Normalisation["mean"]): void;
}

/** A number for each colour. */
function Triple({ words, values, least, onChange }: TripleProps) {
  const { colours } = OWN_MODEL.normalisation;
  const [red, green, blue] = values;
  return (
    <fieldset class="field">
      <legend class="field-name">{words}</legend>
      <div class="model-triple">
        {colours.map((colour, place) => (
          <label key={colour}>
            <span class="field-hint">{colour}</span>
            <input
              type="number"
              required
              step="any"
              min={least}
              value={values[place]}
              onInput={({ currentTarget: { valueAsNumber: value } }) =>
                onChange([place === 0 ? value : red, place === 1 ? value : green, place === 2 ? value : blue])
              }
            />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
