// The picture of the camera, or the frame that is held still, with the map over it.

import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Live, Look } from "../../live/live.ts";
import { replay } from "../../study/replay.ts";
import { liveWords } from "../../words/live.ts";
import { length } from "../../words/words.ts";
import { CamPainting } from "../cam-map.ts";
import { useWorkbench } from "../context.ts";
import { LeftOut, Scale } from "../legend.tsx";
import { drawMap, mapPatches, type PatchMap, paintedAreas, patchMap } from "../patch-map.ts";
import { useBox } from "../picture-hooks.ts";
import { barOf } from "../scale-bars.ts";

/** Of a scale bar, in CSS pixels. */
const WIDEST = 160;

/** What a lesson has judged is shown by its classes, patch by patch. */
const shownOf = ({ report, fold }: Look) =>
  report.taught?.lesson === undefined ? fold : { ...replay(report), cam: null };

interface LiveStageProps {
  stage: RefObject<HTMLElement | null>;
  video: RefObject<HTMLVideoElement | null>;
  live: Live;
  /** Without the map. */
  bare: boolean;
  /** Over the picture. */
  children: ComponentChildren;
}

export function LiveStage({ stage, video, live, bare, children }: LiveStageProps) {
  const held = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const { map: kind, opacity } = useWorkbench().settings.value;
  const look = live.look.value;
  const still = live.still.value;
  const optics = live.optics.value;
  const umPerPixel = live.umPerPixel.value;
  const box = useBox(stage, true);
  const map = useMemo(
    (): PatchMap | null => look && patchMap(look.plan, mapPatches(look.plan), shownOf(look)),
    [look],
  );

  useEffect(() => {
    const canvas = held.current;
    if (canvas === null || still === null) return;
    const { picture } = still;
    Object.assign(canvas, { width: picture.width, height: picture.height });
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
  }, [still]);

  useEffect(() => {
    const canvas = overlay.current;
    if (canvas === null || box === null) return;
    const density = 1 / box.screenPixel;
    Object.assign(canvas, {
      width: Math.round(box.width * density),
      height: Math.round(box.height * density),
    });
    const context = canvas.getContext("2d");
    if (context === null || map === null || bare || opacity === 0) return;
    const ground = { x: 0, y: 0, scale: canvas.width / map.width };
    const within =
      kind === "detail" && map.cam !== null ? paintingOf(map, new CamPainting(map, map.cam)) : null;
    const outlined = kind === "outline";
    drawMap(context, map, ground, { areas: paintedAreas(map), within, outlined, opacity, density });
  }, [map, bare, box, kind, opacity]);

  const shape = optics === null ? 4 / 3 : optics.width / optics.height;
  const bar =
    umPerPixel === null || box === null || optics === null
      ? null
      : barOf((umPerPixel * optics.width) / box.width, Math.min(WIDEST, box.width / 3));
  const voting = map?.patches.some(({ row }) => row !== null) ?? false;
  const said = liveWords.value;
  return (
    <>
      <section
        ref={stage}
        class="live-stage"
        style={{ "--shape": String(shape) }}
        aria-label={said.picture}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the keys that hold a field still and keep it
        tabIndex={0}
      >
        <video ref={video} muted playsInline onResize={({ currentTarget }) => live.measure(currentTarget)} />
        <canvas ref={held} hidden={still === null} />
        <canvas ref={overlay} />
        {bar !== null && (
          <span class="scale-bar">
            <span>{length(bar.um)}</span>
            <span class="scale-bar-line" style={{ width: `${bar.pixels}px` }} />
          </span>
        )}
        {children}
      </section>
      <div class="map-controls">
        {map !== null && voting && <Scale classes={map.classes} />}
        {map !== null && <LeftOut map={map} />}
      </div>
    </>
  );
}

function paintingOf(map: PatchMap, painting: CamPainting): Pick<CamPainting, "canvas" | "scale"> {
  painting.update(map, Number.POSITIVE_INFINITY);
  return painting;
}
