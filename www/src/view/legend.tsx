// What the colours and the hatchings of the map mean.

import { useId } from "preact/hooks";
import { isOwn, legendNames } from "../study/classes.ts";
import { STOPS } from "../study/core-types.ts";
import { REASONS, type Reason } from "../study/report.ts";
import { resultWords } from "../words/result.ts";
import { words } from "../words/words.ts";
import { classColour } from "./colours.ts";
import { HATCHES, STROKES, TILE } from "./hatch.ts";
import type { MapPatch, PatchMap } from "./patch-map.ts";
import { reasonName } from "./result-wording.ts";

/** The hatchings that the map has; nothing where every patch votes. */
export function LeftOut({ map: { patches } }: { map: PatchMap }) {
  const id = useId();
  const count = (test: (patch: MapPatch) => boolean) => patches.filter(test).length;
  const left = REASONS.map((reason) => ({ reason, patches: count(({ screen }) => screen === reason) }));
  const idle = count(({ row, screen }) => row === null && screen === "assessable");
  if (idle === 0 && left.every(({ patches }) => patches === 0)) return null;
  const { map, votes } = resultWords.value;
  return (
    <div class="legend legend-left">
      <span id={id}>{map.leftOut}</span>
      <ul aria-labelledby={id}>
        {left.map(
          ({ reason, patches }) =>
            patches > 0 && (
              <li key={reason}>
                <Swatch reason={reason} /> {votes.leftOut(patches, reasonName(reason))}
              </li>
            ),
        )}
        {idle > 0 && (
          <li>
            <Swatch reason={null} /> {map.idle(idle)}
          </li>
        )}
      </ul>
    </div>
  );
}

/** What the colours of a map with these classes mean. */
export function Scale({ classes }: { classes: readonly string[] }) {
  const id = useId();
  const { labels } = words.value;
  if (!isOwn(classes)) return <ClassColours classes={classes} />;
  return (
    <div class="legend legend-colours">
      <span>{labels.benign}</span>
      <svg class="legend-scale" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <linearGradient id={id}>
          {STOPS.map((stop, index) => (
            <stop key={index} offset={index / (STOPS.length - 1)} stop-color={`rgb(${stop.join(" ")})`} />
          ))}
        </linearGradient>
        <rect width="100" height="8" fill={`url(#${id})`} />
      </svg>
      <span>{labels.malignant}</span>
    </div>
  );
}

function ClassColours({ classes }: { classes: readonly string[] }) {
  const said = words.value.teach.classes;
  return (
    <ul class="legend legend-classes" aria-label={said.histogram}>
      {legendNames(classes, said.others).map((name, place) => (
        <li key={name}>
          <span class="chip" style={{ background: classColour(classes, place) }} aria-hidden="true" />
          {name}
        </li>
      ))}
    </ul>
  );
}

/** A piece of a hatching, or for no reason an empty outline. */
function Swatch({ reason }: { reason: Reason | null }) {
  const id = useId();
  return (
    <svg class="legend-swatch" viewBox="0 0 36 24" aria-hidden="true">
      {reason !== null && (
        <pattern id={id} width={TILE} height={TILE} patternUnits="userSpaceOnUse">
          {STROKES.map(({ colour, width }) => (
            <path
              key={colour}
              d={HATCHES[reason]}
              fill="none"
              stroke={colour}
              stroke-width={width}
              stroke-linecap="round"
            />
          ))}
        </pattern>
      )}
      <rect class="legend-ground" width="36" height="24" />
      {reason !== null && <rect width="36" height="24" fill={`url(#${id})`} />}
      <rect
        class="legend-outline"
        x="1"
        y="1"
        width="34"
        height="22"
        stroke-dasharray={reason === null ? "4 3" : undefined}
      />
    </svg>
  );
}
