// What may be set, folded away behind a line that tells how it is set now.

import { signal } from "@preact/signals";
import { plural } from "../format.ts";
import { BATCH_CHOICES, MAX_WORKERS, PATCH_CHOICES, STRIDE_CHOICES } from "../options.ts";
import { OWN_MODEL } from "../own-model/words.ts";
import { useWorkbench } from "./context.ts";
import { ModelField } from "./model-field.tsx";

const WORKER_CHOICES = Array.from({ length: MAX_WORKERS }, (_, index) => index + 1);

/** The panel stands on the empty page and above the results, and stays open from one to the other. */
const open = signal(false);

export function OptionsPanel() {
  const workbench = useWorkbench();
  const { maxPatches, workers, screen, stride, batchSize } = workbench.settings.value;
  const variant = workbench.variant.value;
  const own = workbench.own.inUse.value;
  return (
    <details
      class="options"
      open={open.value}
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open;
      }}
    >
      <summary>
        Options
        <span class="options-now">
          {maxPatches === "all" ? "all patches" : `up to ${maxPatches} patches`}, {variant},{" "}
          {plural(workers, "worker")}
          {stride !== null && `, every ${stride} pixels`}
          {!screen && ", patches not checked"}
        </span>
      </summary>
      <div class="options-fields">
        <SelectField
          id="max_patches"
          name="Patches per image"
          hint="Spread evenly over the image. More takes longer."
          choices={PATCH_CHOICES}
          now={maxPatches}
          words={(choice) => (choice === "all" ? "All of them" : `At most ${choice}`)}
          onChoose={(choice) => workbench.set({ maxPatches: choice })}
        />
        <SelectField
          id="stride"
          name="Distance of patches"
          hint="Closer patches overlap: a finer map, and more patches to choose from. Raise their number with it."
          choices={STRIDE_CHOICES}
          now={stride}
          words={(choice) => (choice === null ? "Side by side" : `${choice} pixels`)}
          onChoose={(choice) => workbench.set({ stride: choice })}
        />
        <ModelField />
        <fieldset class="field" disabled={own !== null}>
          <legend class="field-name">Precision</legend>
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
                {choice === "int8" ? "int8, fast" : "f32, full precision"}
              </label>
            ))}
          </div>
          <span class="field-hint">
            {own === null
              ? "The same network; f32 is slower and hardly ever differs."
              : OWN_MODEL.precisionHint}
          </span>
        </fieldset>
        <fieldset class="field">
          <legend class="field-name">Check of patches</legend>
          <div class="choices">
            <label>
              <input
                type="checkbox"
                name="screen"
                checked={screen}
                aria-describedby="screen-hint"
                onChange={({ currentTarget: { checked } }) => workbench.set({ screen: checked })}
              />{" "}
              Only assessable patches vote
            </label>
          </div>
          <span class="field-hint" id="screen-hint">
            Leaves out what is empty, blurred or not stained with H&E.
          </span>
        </fieldset>
        <SelectField
          id="workers"
          name="Workers"
          hint="Side by side on your processor. Never changes a result."
          choices={WORKER_CHOICES}
          now={workers}
          onChoose={(choice) => workbench.set({ workers: choice })}
        />
        <SelectField
          id="batch_size"
          name="Patches per batch"
          hint="Smaller batches show the map sooner. Never changes a result."
          choices={BATCH_CHOICES}
          now={batchSize}
          onChoose={(choice) => workbench.set({ batchSize: choice })}
        />
      </div>
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
  words?(choice: T): string;
  onChoose(choice: T): void;
}

function SelectField<T>({ id, name, hint, choices, now, words = String, onChoose }: SelectFieldProps<T>) {
  const offered = choices.includes(now) ? choices : [now, ...choices];
  return (
    <label class="field">
      <span class="field-name">{name}</span>
      <select
        name={id}
        onChange={({ currentTarget }) => onChoose(offered[currentTarget.selectedIndex] ?? now)}
      >
        {offered.map((choice) => (
          <option key={String(choice)} value={String(choice)} selected={choice === now}>
            {words(choice)}
          </option>
        ))}
      </select>
      <span class="field-hint">{hint}</span>
    </label>
  );
}
