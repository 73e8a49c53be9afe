// The picture with the map of patch probabilities over it, painted as the batches come in.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Entry } from "../entry.ts";
import { percent, plural } from "../format.ts";
import { VIEW_SIDE, viewPicture } from "../pictures.ts";
import { patchWords } from "../wording.ts";
import { LeftOut, Scale } from "./legend.tsx";
import {
  drawMap,
  type MapKind,
  malignantAt,
  mapPatches,
  nextPatch,
  type PatchMap,
  patchAt,
} from "./patch-map.ts";

/** The longer side of the map in pixels: plain areas and lines need no more, and it is painted often. */
const MAP_SIDE = 1000;

/** Kept from image to image while the page is open; the picture to take away is painted alike. */
export const remembered = { opacity: 0.45, kind: "patches" as MapKind };

function useMap(entry: Entry): PatchMap | null {
  const plan = entry.plan.value;
  const patches = useMemo(() => plan && mapPatches(plan), [plan]);
  if (plan === null || patches === null) return null;
  const fold = entry.results.value?.fold;
  return {
    width: plan.width,
    height: plan.height,
    patchSize: plan.grid.patch_size,
    patches,
    probabilities: fold?.probabilities ?? null,
    cam: fold?.cam ?? null,
  };
}

export function Viewer({ entry }: { entry: Entry }) {
  const [opacity, setOpacity] = useState(remembered.opacity);
  const [kind, setKind] = useState(remembered.kind);
  const [chosen, setChosen] = useState<number | null>(null);
  const [bitmap, setBitmap] = useState<ImageBitmap | null>(null);
  const base = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);

  const map = useMap(entry);
  const voting = map?.patches.some(({ row }) => row !== null) ?? false;
  const picture = entry.picture.value;

  useEffect(() => {
    let wanted = true;
    let shown: ImageBitmap | null = null;
    void viewPicture(picture).then((result) => {
      shown = result;
      if (wanted) setBitmap(result);
      else result?.close();
    });
    return () => {
      wanted = false;
      shown?.close();
    };
  }, [picture]);

  // The picture's own size until the plan is there; both have the same shape.
  const shape = map ?? bitmap;
  const width = bitmap?.width ?? Math.min(map?.width ?? 0, VIEW_SIDE);
  const height = shape === null ? 0 : Math.round((width * shape.height) / shape.width);

  useEffect(() => {
    const canvas = base.current;
    if (canvas === null || bitmap === null || bitmap.width === 0) return;
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  }, [bitmap]);

  const results = entry.results.value;
  useEffect(() => {
    const canvas = overlay.current;
    if (canvas === null || width === 0) return;
    const shrink = Math.min(1, MAP_SIDE / Math.max(width, height));
    canvas.width = Math.round(width * shrink);
    canvas.height = Math.round(height * shrink);
    if (map !== null) drawMap(canvas, map, { kind, opacity, chosen });
  }, [results, entry.plan.value, width, height, kind, opacity, chosen]);

  const point = (event: PointerEvent) => {
    if (map === null || overlay.current === null) return;
    const box = overlay.current.getBoundingClientRect();
    const scale = map.width / box.width;
    setChosen(patchAt(map, (event.clientX - box.left) * scale, (event.clientY - box.top) * scale));
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (map === null) return;
    const next = event.key === "Escape" ? null : nextPatch(map, chosen, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
  };

  if (shape === null || width === 0) {
    return (
      <div class="viewer">
        <div class="stage stage-none">
          <p class="muted">{entry.settled ? "No picture to show" : "The picture appears once it is read"}</p>
        </div>
      </div>
    );
  }

  return (
    <div class="viewer">
      <section
        class="stage"
        aria-label="Picture with the map of patches. Arrow keys move from patch to patch."
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk over the patches
        tabIndex={0}
        style={{
          aspectRatio: `${shape.width} / ${shape.height}`,
          "--shape": `${shape.width / shape.height}`,
          // A small picture blown up further shows nothing more.
          maxWidth: `${2 * width}px`,
        }}
        onKeyDown={onKeyDown}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setChosen(null)}
      >
        <canvas ref={base} class="stage-picture" />
        <canvas ref={overlay} class="stage-map" />
      </section>
      {map !== null && (
        <>
          {!entry.hasFile && <p class="hint">From a saved report, which holds no picture.</p>}
          <p class="readout" role="status">
            {readout(map, chosen)}
          </p>
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
                onInput={({ currentTarget }) => {
                  remembered.opacity = Number(currentTarget.value);
                  setOpacity(remembered.opacity);
                }}
              />
            </label>
            {voting && entry.hasFile && (
              <fieldset class="map-kind">
                <legend class="visually-hidden">What the map shows</legend>
                {(["patches", "detail"] as const).map((choice) => (
                  <label key={choice}>
                    <input
                      type="radio"
                      name="map-kind"
                      checked={choice === kind}
                      onChange={() => {
                        remembered.kind = choice;
                        setKind(choice);
                      }}
                    />
                    <span>{choice === "patches" ? "Patches" : "Within patches"}</span>
                  </label>
                ))}
              </fieldset>
            )}
            <LeftOut map={map} />
          </div>
        </>
      )}
    </div>
  );
}

/** What is known of one patch. */
function words(map: PatchMap, index: number): string {
  const patch = map.patches[index];
  if (patch !== undefined && patch.row === null) return patchWords(patch.screen);
  const malignant = malignantAt(map, index);
  return Number.isNaN(malignant) ? "not yet" : `malignant ${percent(malignant)}`;
}

function readout(map: PatchMap, chosen: number | null): string {
  const patch = chosen === null ? undefined : map.patches[chosen];
  if (patch === undefined || chosen === null) {
    return `${plural(map.patches.length, "patch", "patches")}: point at one, or use the arrow keys.`;
  }
  return `Patch ${chosen + 1} of ${map.patches.length} at ${patch.x}, ${patch.y}: ${words(map, chosen)}`;
}
