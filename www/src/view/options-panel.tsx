// What may be set, folded away behind a line that tells how it is set now.

import { signal } from "@preact/signals";
import {
  BATCH_CHOICES,
  MAX_WORKERS,
  NEVER_UNCERTAIN,
  PATCH_CHOICES,
  STRIDE_CHOICES,
  UNCERTAIN_CHOICES,
} from "../run/options.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { ModelField } from "./model-field.tsx";

const WORKER_CHOICES = Array.from({ length: MAX_WORKERS }, (_, index) => index + 1);

/** The panel stands on the empty page and above the results, and stays open from one to the other. */
const open = signal(false);
/** Likewise what few need. */
const more = signal(false);

export function OptionsPanel() {
  const workbench = useWorkbench();
  const { maxPatches, workers, screen, stride, batchSize, uncertainBelow, countUnfamiliar } =
    workbench.settings.value;
  const variant = workbench.networks.variant.value;
  const isOwn = workbench.own.inUse.value !== null;
  const isOther = workbench.networks.network.value !== null;
  const own = workbench.networks.ownThreshold.value;
  const { options, ownModel } = words.value;
  return (
    <details
      class="options"
      open={open.value}
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open;
      }}
    >
      <summary>
        {options.title}
        <span class="options-now">
          {maxPatches === "all" ? options.now.allPatches : options.now.upTo(maxPatches)}
          {variant !== workbench.preferences.defaults.variant && !isOther && `, ${options.now.precise}`}
          {stride !== null && `, ${options.now.stride(stride)}`}
          {!screen && `, ${options.now.unchecked}`}
          {uncertainBelow === NEVER_UNCERTAIN && `, ${options.now.neverUncertain}`}
          {uncertainBelow !== null &&
            uncertainBelow > NEVER_UNCERTAIN &&
            `, ${options.now.uncertainBelow(uncertainBelow)}`}
          {countUnfamiliar && `, ${options.now.unfamiliarCount}`}
        </span>
      </summary>
      <div class="options-fields">
        <SelectField
          id="max_patches"
          name={options.maxPatches}
          hint={options.maxPatchesHint}
          choices={PATCH_CHOICES}
          now={maxPatches}
          say={(choice) => (choice === "all" ? options.allOfThem : options.atMost(choice))}
          onChoose={(choice) => workbench.set({ maxPatches: choice })}
        />
        <ModelField />
        <CheckField
          id="screen"
          name={options.check}
          label={options.checkOn}
          hint={options.checkHint}
          hintId="screen-hint"
          checked={screen}
          onChange={(checked) => workbench.set({ screen: checked })}
        />
        <SelectField
          id="uncertain_below"
          name={options.uncertain}
          hint={options.uncertainHint}
          choices={UNCERTAIN_CHOICES}
          now={uncertainBelow}
          say={(choice) => {
            if (choice === null) return options.ownThreshold(own);
            return choice === NEVER_UNCERTAIN ? options.never : options.confidence(choice);
          }}
          onChoose={(choice) => workbench.set({ uncertainBelow: choice })}
        />
        <CheckField
          id="count_unfamiliar"
          name={options.unfamiliar}
          label={options.unfamiliarCount}
          hint={options.unfamiliarHint}
          hintId="unfamiliar-hint"
          checked={countUnfamiliar}
          onChange={(checked) => workbench.set({ countUnfamiliar: checked })}
        />
      </div>
      <details
        class="options-more"
        open={more.value}
        onToggle={({ currentTarget }) => {
          more.value = currentTarget.open;
        }}
      >
        <summary>{options.advanced}</summary>
        <div class="options-fields">
          <SelectField
            id="stride"
            name={options.stride}
            hint={options.strideHint}
            choices={STRIDE_CHOICES}
            now={stride}
            say={(choice) => (choice === null ? options.touching : options.pixels(choice))}
            onChoose={(choice) => workbench.set({ stride: choice })}
          />
          <fieldset class="field" disabled={isOther}>
            <legend class="field-name">{options.precision}</legend>
            <div class="choices">
              {(["int8", "f32"] as const).map((choice) => (
                <label key={choice}>
                  <input
                    type="radio"
                    name="precision"
                    value={choice}
                    checked={choice === variant}
                    onChange={() => workbench.set({ variant: choice })}
                  />{" "}
                  {options[choice]}
                </label>
              ))}
            </div>
            <span class="field-hint">
              {isOwn
                ? ownModel.precisionHint
                : isOther
                  ? words.value.teach.deeper.precision
                  : options.precisionHint}
            </span>
          </fieldset>
          <SelectField
            id="workers"
            name={options.workers}
            hint={options.workersHint}
            choices={WORKER_CHOICES}
            now={workers}
            onChoose={(choice) => workbench.set({ workers: choice })}
          />
          <SelectField
            id="batch_size"
            name={options.batchSize}
            hint={options.batchSizeHint}
            choices={BATCH_CHOICES}
            now={batchSize}
            onChoose={(choice) => workbench.set({ batchSize: choice })}
          />
        </div>
      </details>
    </details>
  );
}

interface SelectFieldProps<T> {
  id: string;
  name: string;
  hint: string;
  choices: readonly T[];
  /** Offered too where it is none of the choices: the address can ask for anything. */
  now: T;
  say?(choice: T): string;
  onChoose(choice: T): void;
}

function SelectField<T>({ id, name, hint, choices, now, say = String, onChoose }: SelectFieldProps<T>) {
  const offered = choices.includes(now) ? choices : [now, ...choices];
  return (
    <label class="field">
      <span class="field-name">{name}</span>
      <select
        name={id}
        onChange={({ currentTarget }) => {
          const choice = offered[currentTarget.selectedIndex];
          // Null is a choice.
          if (choice !== undefined) onChoose(choice);
        }}
      >
        {offered.map((choice) => (
          <option key={String(choice)} value={String(choice)} selected={choice === now}>
            {say(choice)}
          </option>
        ))}
      </select>
      <span class="field-hint">{hint}</span>
    </label>
  );
}

interface CheckFieldProps {
  /** As the address calls it. */
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly hintId: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function CheckField({ id, name, label, hint, hintId, checked, onChange }: CheckFieldProps) {
  return (
    <fieldset class="field">
      <legend class="field-name">{name}</legend>
      <div class="choices">
        <label>
          <input
            type="checkbox"
            name={id}
            checked={checked}
            aria-describedby={hintId}
            onChange={({ currentTarget }) => onChange(currentTarget.checked)}
          />{" "}
          {label}
        </label>
      </div>
      <span class="field-hint" id={hintId}>
        {hint}
      </span>
    </fieldset>
  );
}
