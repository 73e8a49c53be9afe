// What may be set, folded away behind a line that tells how it is set now.

import { signal } from "@preact/signals";
import { plural } from "../format.ts";
import { MAX_WORKERS, PATCH_CHOICES } from "../options.ts";
import { useWorkbench } from "./context.ts";

/** The panel stands on the empty page and above the results, and stays open from one to the other. */
const open = signal(false);

export function OptionsPanel() {
  const workbench = useWorkbench();
  const { maxPatches, variant, workers, screen } = workbench.settings.value;
  const choices = PATCH_CHOICES.includes(maxPatches as never)
    ? PATCH_CHOICES
    : [maxPatches, ...PATCH_CHOICES];
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
      </div>
    </details>
  );
}
