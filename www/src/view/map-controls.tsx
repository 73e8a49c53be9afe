// How the map is painted, what its colours mean, and how to get about in the picture.

import { Fragment } from "preact";
import { percent } from "../format.ts";
import type { MapKind } from "../options.ts";
import { LeftOut, Scale } from "./legend.tsx";
import type { PatchMap } from "./patch-map.ts";

interface MapControlsProps {
  map: PatchMap;
  opacity: number;
  onOpacity(opacity: number): void;
  kind: MapKind;
  onKind(kind: MapKind): void;
}

const KINDS: Readonly<Record<MapKind, { name: string; hint: string }>> = {
  patches: { name: "Patches", hint: "What the network says of each patch" },
  detail: {
    name: "Within patches",
    hint: "Class-activation map: what the network says of each part of a patch",
  },
};

const CAVEAT =
  "Class-activation map: what each part of a patch would say by itself. At the edges of a patch the network sees no " +
  "surroundings, so a frame in one colour there is no finding. Closer patches, among the options, leave it out.";

export function MapControls({ map, opacity, onOpacity, kind, onKind }: MapControlsProps) {
  const voting = map.patches.some(({ row }) => row !== null);
  return (
    <div class="map-controls">
      {voting && <Scale />}
      <label class="map-opacity">
        Map{" "}
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          value={opacity}
          aria-label="Opacity of the map"
          aria-valuetext={percent(opacity)}
          onInput={({ currentTarget }) => onOpacity(Number(currentTarget.value))}
        />
      </label>
      {voting && map.cam !== null && (
        <fieldset class="map-kind">
          <legend class="visually-hidden">What the map shows</legend>
          {(["patches", "detail"] as const).map((choice) => (
            <label key={choice} title={KINDS[choice].hint}>
              <input type="radio" name="map-kind" checked={choice === kind} onChange={() => onKind(choice)} />
              <span>{KINDS[choice].name}</span>
            </label>
          ))}
        </fieldset>
      )}
      {voting && map.cam !== null && kind === "detail" && <p class="map-caveat">{CAVEAT}</p>}
      <LeftOut map={map} />
    </div>
  );
}

const KEYS: readonly (readonly [string, string])[] = [
  ["Arrows, Home, End", "from patch to patch"],
  ["Enter", "close up on the patch"],
  ["+ and -", "larger, smaller"],
  ["0", "the whole picture"],
  ["1", "pixel for pixel"],
  ["Shift + arrows", "move the picture"],
  ["H, held", "hides the map"],
  ["Escape", "no patch"],
];

/** The wheel is said first: that it scrolls the page over an untouched picture is no fault. */
export function GettingAbout() {
  return (
    <details class="about-keys">
      <summary>Ctrl + wheel or a pinch zooms, dragging moves; more by keys</summary>
      <p>
        Once the picture was clicked or tabbed to, the wheel zooms without Ctrl, and these keys work. A
        double-click comes closer, with Shift it goes back.
      </p>
      <dl class="facts">
        {KEYS.map(([key, effect]) => (
          <Fragment key={key}>
            <dt>{key}</dt>
            <dd>{effect}</dd>
          </Fragment>
        ))}
      </dl>
    </details>
  );
}
