// Under which objective the camera looks, and those that were calibrated.

import { useId } from "preact/hooks";
import type { Live } from "../../live/live.ts";
import type { Objectives } from "../../live/objectives.ts";
import { liveWords } from "../../words/live.ts";

interface ObjectiveFieldProps {
  live: Live;
  objectives: Objectives;
  onCalibrate(): void;
}

export function ObjectiveField({ live, objectives, onCalibrate }: ObjectiveFieldProps) {
  const id = useId();
  const all = objectives.all.value;
  const chosen = objectives.chosen.value;
  const umPerPixel = live.umPerPixel.value;
  const said = liveWords.value;
  return (
    <div class="live-objectives">
      {all.length > 0 && (
        <div class="field">
          <label class="field-name" for={id}>
            {said.objective}
          </label>
          <select
            id={id}
            onChange={({ currentTarget }) => {
              objectives.choose(currentTarget.value);
              live.again();
            }}
          >
            <option value="" selected={chosen === null}>
              {said.unknown}
            </option>
            {all.map(({ name }) => (
              <option key={name} value={name} selected={name === chosen?.name}>
                {name}
              </option>
            ))}
          </select>
          {chosen !== null && (
            <span class="field-hint">{umPerPixel === null ? said.noScale : said.scale(umPerPixel)}</span>
          )}
        </div>
      )}
      <p class="actions">
        <button type="button" class="button button-small" onClick={onCalibrate}>
          {said.calibrate}
        </button>
        {chosen !== null && (
          <button type="button" class="button button-small" onClick={() => objectives.remove(chosen)}>
            {said.remove(chosen.name)}
          </button>
        )}
      </p>
      {all.length > 0 && <p class="hint">{said.keptHere}</p>}
    </div>
  );
}
