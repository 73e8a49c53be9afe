// What may be set, folded away behind a line that tells how it is set now.

import { signal } from "@preact/signals";
import { plural } from "../format.ts";
import { BATCH_CHOICES, MAX_WORKERS, PATCH_CHOICES, STRIDE_CHOICES } from "../options.ts";
import { useWorkbench } from "./context.ts";

/** The panel stands on the empty page and above the results, and stays open from one to the other. */
const open = signal(false);

/** The address can ask for what is not in the list. */
const including = <T,>(choices: readonly T[], now: T): readonly T[] =>
  choices.includes(now) ? choices : [now, ...choices];

export function OptionsPanel() {
  const workbench = useWorkbench();
  const { maxPatches, variant, workers, screen, stride, batchSize } = workbench.settings.value;
  const choices = including(PATCH_CHOICES, maxPatches);
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
        <label class="field">
          <span class="field-name">Patches per image</span>
          <select
            name="max_patches"
            onChange={({ currentTarget: { value } }) =>
              workbench.set({ maxPatches: value === "all" ? "all" : Number(value) })
            }
          >
            {choices.map((choice) => (
              <option key={choice} value={choice} selected={choice === maxPatches}>
                {choice === "all" ? "All of them" : `At most ${choice}`}
              </option>
            ))}
          </select>
          <span class="field-hint">Spread evenly over the image. More takes longer.</span>
        </label>
        <label class="field">
          <span class="field-name">Distance of patches</span>
          <select
            name="stride"
            onChange={({ currentTarget: { value } }) =>
              workbench.set({ stride: value === "" ? null : Number(value) })
            }
          >
            {including(STRIDE_CHOICES, stride).map((choice) => (
              <option key={choice} value={choice ?? ""} selected={choice === stride}>
                {choice === null ? "Side by side" : `${choice} pixels`}
              </option>
            ))}
          </select>
          <span class="field-hint">
            Closer patches overlap: a finer map, and more patches to choose from. Raise their number with it.
          </span>
        </label>
        <fieldset class="field">
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
          <span class="field-hint">The same network; f32 is slower and hardly ever differs.</span>
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
        <label class="field">
          <span class="field-name">Workers</span>
          <select
            name="workers"
            onChange={({ currentTarget: { value } }) => workbench.set({ workers: Number(value) })}
          >
            {Array.from({ length: MAX_WORKERS }, (_, index) => index + 1).map((choice) => (
              <option key={choice} value={choice} selected={choice === workers}>
                {choice}
              </option>
            ))}
          </select>
          <span class="field-hint">Side by side on your processor. Never changes a result.</span>
        </label>
        <label class="field">
          <span class="field-name">Patches per batch</span>
          <select
            name="batch_size"
            onChange={({ currentTarget: { value } }) => workbench.set({ batchSize: Number(value) })}
          >
            {including(BATCH_CHOICES, batchSize).map((choice) => (
              <option key={choice} value={choice} selected={choice === batchSize}>
                {choice}
              </option>
            ))}
          </select>
          <span class="field-hint">Smaller batches show the map sooner. Never changes a result.</span>
        </label>
      </div>
    </details>
  );
}
