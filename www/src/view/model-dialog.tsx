// The dialog about a model that was dropped: what it is, what has to be known of it, and whether to use it.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { areCounted, type OwnClass, ownClasses, uncounted } from "../own-model/classes.ts";
import { type Port, portWords } from "../own-model/inspection.ts";
import {
  type Answers,
  type Normalisation,
  PRESETS,
  type Preset,
  USUAL_PATCH_SIZE,
} from "../own-model/manifest.ts";
import type { Candidate, Dialog } from "../own-model/own-models.ts";
import type { Label } from "../study/report.ts";
import { bytes, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ErrorCard } from "./error-card.tsx";

/** The largest patch that the core takes, and the smallest that it makes sense to ask for, in pixels. */
const [LEAST_SIDE, MOST_SIDE] = [16, 1024];

export function ModelDialog() {
  const { own } = useWorkbench();
  const element = useRef<HTMLDialogElement>(null);
  // The browser tells of a closing later: by then another file may have come, which it must not end.
  const closing = useRef(false);
  const state = own.dialog.value;
  const open = state.kind !== "closed";
  useEffect(() => {
    // Where no dialog was open, the browser gives the focus back when it closes.
    if (open) element.current?.showModal();
    else if (element.current?.open) {
      closing.current = true;
      element.current.close();
    }
  }, [open]);
  return (
    <dialog
      ref={element}
      class="model-dialog"
      aria-labelledby="model-dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        own.close();
      }}
      onClose={() => {
        if (!closing.current) own.close();
        closing.current = false;
      }}
    >
      {state.kind !== "closed" && <Content state={state} />}
    </dialog>
  );
}

function Content({ state }: { state: Exclude<Dialog, { kind: "closed" }> }) {
  const { own } = useWorkbench();
  const { ownModel } = words.value;
  switch (state.kind) {
    case "reading":
      return (
        <>
          <Title>{ownModel.title(state.name)}</Title>
          <Wait text={ownModel.reading} />
          <Actions close={ownModel.cancel} />
        </>
      );
    case "refused":
      return (
        <>
          <Title>{ownModel.refused(state.name)}</Title>
          <ErrorCard title={ownModel.why} error={state.error}>
            <button type="button" class="button" onClick={() => own.close()}>
              {ownModel.close}
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

function Wait({ text }: { text: string }) {
  return (
    <div role="status">
      <p>{text}</p>
      <progress aria-label={text} />
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
  const known = ownClasses(candidate.names, candidate.inspection.scores?.columns ?? 0);
  const [answers, setAnswers] = useState<Partial<Answers>>({
    channels: "RGB",
    patchSize: USUAL_PATCH_SIZE,
    classes: areCounted(known) ? known : uncounted(known),
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
  const { labels, ownModel } = words.value;
  const { firstLabel, scores, layout, channels, patchSize } = ownModel;
  const { benign, malignant } = labels;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // Only what was asked: what the file says needs no second opinion.
        const given = Object.entries(answers).filter(([question]) => asked(question as keyof Answers));
        void workbench.own.accept(candidate, Object.fromEntries(given));
      }}
    >
      <Title>{ownModel.title(candidate.name)}</Title>
      <Facts candidate={candidate} />
      <p class="notice notice-caution">{ownModel.unknownQuality}</p>
      <fieldset class="model-questions" disabled={state.kind === "trying"}>
        {asked("firstLabel") && (
          <Select
            name="first_label"
            text={single ? firstLabel.one : firstLabel.two}
            hint={single ? firstLabel.hintOne : firstLabel.hint}
            // A single score speaks for the second label.
            choices={single ? { malignant: benign, benign: malignant } : { benign, malignant }}
            now={answers.firstLabel}
            onChoose={(label) => answer({ firstLabel: label })}
          />
        )}
        {asked("classes") && <ClassesField known={known} onChange={(classes) => answer({ classes })} />}
        {asked("scores") && (
          <Select
            name="scores"
            text={scores.name}
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
            text={channels.name}
            hint={channels.hint}
            choices={{ RGB: channels.rgb, BGR: channels.bgr }}
            now={answers.channels}
            onChoose={(order) => answer({ channels: order })}
          />
        )}
        {asked("layout") && (
          <Select
            name="layout"
            text={layout.name}
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
      {trouble !== null && <ErrorCard title={ownModel.refused(candidate.name)} error={trouble} />}
      {state.kind === "trying" && <Wait text={ownModel.trying} />}
      {workbench.study.open.value > 0 && <p class="field-hint">{ownModel.beginAnew}</p>}
      <Actions close={ownModel.cancel}>
        <button ref={submit} type="submit" class="button button-primary" disabled={state.kind === "trying"}>
          {ownModel.use}
        </button>
      </Actions>
    </form>
  );
}

function Facts({ candidate: { inspection, given, name } }: { candidate: Candidate }) {
  const { ownModel } = words.value;
  const { facts } = ownModel;
  const typed = (port: Port) => portWords(port, ownModel.unknownType);
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
            {[producer, opset === null ? "" : ownModel.opset(opset)].filter((part) => part !== "").join(", ")}
          </dd>
        </>
      )}
      <dt>{facts.input}</dt>
      <dd>{input !== null && typed(input)}</dd>
      <dt>{facts.scores}</dt>
      <dd>
        {output !== undefined && typed(output)}
        {scores !== null && scores.made_by !== "" && `, ${ownModel.madeBy(scores.made_by)}`}
      </dd>
      <dt>{facts.layers}</dt>
      <dd>{ownModel.layers(inspection.nodes, inspection.lowered_nodes, inspection.fused_layers)}.</dd>
      <dt>{facts.manifest}</dt>
      <dd>{given === null ? ownModel.withoutManifest : ownModel.withManifest}</dd>
    </dl>
  );
}

interface ClassesProps {
  /** As the file and what came with it tell them. */
  known: readonly OwnClass[];
  onChange(classes: readonly OwnClass[]): void;
}

/** A name for each class, and what it counts as, if they are not to stand for themselves. */
function ClassesField({ known, onChange }: ClassesProps) {
  const [{ classes, grouped }, set] = useState({ classes: known, grouped: areCounted(known) });
  const { labels, ownModel } = words.value;
  const { name, grouping, label, counts } = ownModel.classes;
  const tell = (now: { classes: readonly OwnClass[]; grouped: boolean }) => {
    set(now);
    onChange(now.grouped ? now.classes : uncounted(now.classes));
  };
  const change = (place: number, more: Partial<OwnClass>) =>
    tell({ classes: classes.map((own, index) => (index === place ? { ...own, ...more } : own)), grouped });
  return (
    <fieldset class="field model-classes">
      <legend class="field-name">{name(classes.length)}</legend>
      <Select
        name="grouping"
        text={grouping.name}
        hint={grouped ? grouping.hint : grouping.hintOwn}
        choices={{ own: grouping.own, groups: grouping.groups }}
        now={grouped ? "groups" : "own"}
        onChoose={(choice) => tell({ classes, grouped: choice === "groups" })}
      />
      <ol start={0}>
        {classes.map((own, place) => (
          <li key={place}>
            <input
              type="text"
              required
              maxLength={80}
              aria-label={label(place)}
              value={own.name}
              onInput={({ currentTarget: { value } }) => change(place, { name: value })}
            />
            {grouped && (
              <select
                required
                aria-label={counts(own.name)}
                value={own.counts ?? ""}
                onChange={({ currentTarget: { value } }) => change(place, { counts: value as Label })}
              >
                {own.counts === undefined && <option value="">{ownModel.select}</option>}
                <option value="benign">{labels.benign}</option>
                <option value="malignant">{labels.malignant}</option>
              </select>
            )}
          </li>
        ))}
      </ol>
    </fieldset>
  );
}

interface SelectProps<T extends string> {
  name: string;
  text: string;
  hint: string;
  /** Words by choice. */
  choices: Readonly<Record<T, string>>;
  /** Nothing is chosen before a person does. */
  now: T | undefined;
  onChoose(choice: T): void;
}

function Select<T extends string>({ name, text, hint, choices, now, onChoose }: SelectProps<T>) {
  return (
    <label class="field">
      <span class="field-name">{text}</span>
      <select
        name={name}
        required
        value={now ?? ""}
        onChange={({ currentTarget: { value } }) => onChoose(value as T)}
      >
        {now === undefined && <option value="">{words.value.ownModel.select}</option>}
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
  const scaling = words.value.ownModel.normalisation;
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
        text={scaling.name}
        hint={scaling.hint}
        choices={{
          imagenet: scaling.imagenet,
          zeroToOne: scaling.zeroToOne,
          minusOneToOne: scaling.minusOneToOne,
          raw: scaling.raw,
          custom: scaling.custom,
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
            text={scaling.divisor}
            hint=""
            choices={{ "255": scaling.unitsOne, "1": scaling.unitsRaw }}
            now={String(custom.divisor)}
            onChoose={(divisor) => change({ divisor: Number(divisor) })}
          />
          <Triple text={scaling.mean} values={custom.mean} onChange={(mean) => change({ mean })} />
          <Triple text={scaling.std} values={custom.std} least={1e-6} onChange={(std) => change({ std })} />
        </div>
      )}
    </>
  );
}

interface TripleProps {
  text: string;
  values: Normalisation["mean"];
  least?: number;
  onChange(values: Normalisation["mean"]): void;
}

/** A number for each colour. */
function Triple({ text, values, least, onChange }: TripleProps) {
  const { colours } = words.value.ownModel.normalisation;
  const [red, green, blue] = values;
  return (
    <fieldset class="field">
      <legend class="field-name">{text}</legend>
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
