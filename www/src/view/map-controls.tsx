// How the map is painted, what its colours mean, and how to get about in the picture.

import { Fragment } from "preact";
import { MAP_KINDS, type MapKind } from "../run/options.ts";
import { resultWords } from "../words/result.ts";
import { percent } from "../words/words.ts";
import { LeftOut, Scale } from "./legend.tsx";
import type { PatchMap } from "./patch-map.ts";

interface MapControlsProps {
  map: PatchMap;
  /** Whether there is a map within patches, or will be when it is asked for. */
  detailed: boolean;
  opacity: number;
  /** On the way, and where it is let go. */
  onOpacity(opacity: number): void;
  onOpacityKept(opacity: number): void;
  kind: MapKind;
  onKind(kind: MapKind): void;
}

export function MapControls(props: MapControlsProps) {
  const { map, detailed, opacity, onOpacity, onOpacityKept, kind, onKind } = props;
  const said = resultWords.value.map;
  const voting = map.patches.some(({ row }) => row !== null);
  return (
    <div class="map-controls">
      {voting && <Scale classes={map.classes} />}
      <label class="map-opacity">
        {said.opacity}{" "}
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={opacity}
          aria-label={said.opacityLabel}
          aria-valuetext={percent(opacity)}
          onInput={({ currentTarget }) => onOpacity(Number(currentTarget.value))}
          onChange={({ currentTarget }) => onOpacityKept(Number(currentTarget.value))}
        />
      </label>
      {voting && (
        <fieldset class="segments">
          <legend class="visually-hidden">{said.kind}</legend>
          {MAP_KINDS.filter((choice) => choice !== "detail" || detailed).map((choice) => (
            <label key={choice} title={said.kinds[choice].hint}>
              <input type="radio" name="map-kind" checked={choice === kind} onChange={() => onKind(choice)} />
              <span>{said.kinds[choice].name}</span>
            </label>
          ))}
        </fieldset>
      )}
      {voting && map.cam !== null && kind === "detail" && <p class="map-caveat">{said.caveat}</p>}
      <LeftOut map={map} />
    </div>
  );
}

/** The wheel is said first: that it scrolls the page over an untouched picture is no fault. */
export function GettingAbout() {
  const { gettingAbout, gettingAboutMore, keys } = resultWords.value.map;
  return (
    <details class="about-keys">
      <summary>{gettingAbout}</summary>
      <p>{gettingAboutMore}</p>
      <dl class="facts">
        {Object.entries(keys).map(([key, { name, hint }]) => (
          <Fragment key={key}>
            <dt>{name}</dt>
            <dd>{hint}</dd>
          </Fragment>
        ))}
      </dl>
    </details>
  );
}
