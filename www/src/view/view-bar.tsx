// What moves the camera without a mouse, and what is shown of the map.

import { useEffect, useState } from "preact/hooks";
import { resultWords } from "../words/result.ts";
import { decimal } from "../words/words.ts";
import { type Camera, ratioOf, STEP, type View } from "./camera.ts";
import type { Flight } from "./flight.ts";
import { canFillScreen, toggleFullScreen } from "./full-screen.ts";

interface ViewBarProps {
  flight: Flight;
  view: View | null;
  /** Null where there is no map to compare with or to hide. */
  compare: { readonly sideBySide: boolean; onSideBySide(on: boolean): void } | null;
  hidden: boolean;
  onHidden(hidden: boolean): void;
  onZoom(factor: number): void;
  onFit(): void;
  onActual(): void;
  /** To the next image, or the one before; null where there is but one. */
  onStep: ((by: 1 | -1) => void) | null;
}

export function ViewBar(props: ViewBarProps) {
  const { flight, view, compare, hidden, onHidden, onZoom, onFit, onActual, onStep } = props;
  const { viewer } = resultWords.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in
    <div class="view-bar" role="group" aria-label={viewer.bar}>
      <div class="joined">
        <IconButton
          name={viewer.zoomOut}
          hint={viewer.zoomOutHint}
          path="M3 8h10"
          onClick={() => onZoom(1 / STEP)}
        />
        <Ratio flight={flight} view={view} />
        <IconButton
          name={viewer.zoomIn}
          hint={viewer.zoomInHint}
          path="M3 8h10M8 3v10"
          onClick={() => onZoom(STEP)}
        />
      </div>
      <div class="joined">
        <button
          type="button"
          class="tool"
          aria-label={viewer.fitLabel}
          title={viewer.fitHint}
          onClick={onFit}
        >
          {viewer.fit}
        </button>
        <button
          type="button"
          class="tool"
          aria-label={viewer.actualLabel}
          title={viewer.actualHint}
          onClick={onActual}
        >
          1:1
        </button>
      </div>
      {onStep !== null && (
        <div class="joined">
          <IconButton
            name={viewer.previous}
            hint={viewer.previousHint}
            path="m10 3-5 5 5 5"
            onClick={() => onStep(-1)}
          />
          <IconButton
            name={viewer.next}
            hint={viewer.nextHint}
            path="m6 3 5 5-5 5"
            onClick={() => onStep(1)}
          />
        </div>
      )}
      {canFillScreen() && (
        <IconButton
          name={viewer.fullScreen}
          hint={viewer.fullScreenHint}
          path="M3 6V3h3m4 0h3v3m0 4v3h-3m-4 0H3v-3"
          onClick={toggleFullScreen}
        />
      )}
      {compare !== null && (
        <>
          <button
            type="button"
            class="tool"
            aria-pressed={compare.sideBySide}
            title={viewer.sideBySideHint}
            onClick={() => compare.onSideBySide(!compare.sideBySide)}
          >
            {viewer.sideBySide}
          </button>
          <HoldButton hidden={hidden} onHidden={onHidden} />
        </>
      )}
    </div>
  );
}

interface IconButtonProps {
  name: string;
  hint: string;
  path: string;
  onClick(): void;
}

function IconButton({ name, hint, path, onClick }: IconButtonProps) {
  return (
    <button type="button" class="tool tool-icon" aria-label={name} title={hint} onClick={onClick}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  );
}

/** Apart, so that a camera in motion renders no more than this number anew. */
function Ratio({ flight, view }: { flight: Flight; view: View | null }) {
  const [camera, setCamera] = useState<Camera>(flight.camera.peek());
  useEffect(() => flight.camera.subscribe(setCamera), [flight]);
  return (
    <span class="ratio" title={resultWords.value.viewer.ratio}>
      {view === null ? "" : ratioWords(ratioOf(view, camera))}
    </span>
  );
}

/** "0.51:1", "2.5:1", "32:1" */
function ratioWords(ratio: number): string {
  const digits = ratio < 2 ? 2 : ratio < 9.95 ? 1 : 0;
  const shown = String(Number(ratio.toFixed(digits)));
  return `${decimal(Number(shown), shown.split(".")[1]?.length ?? 0)}:1`;
}

/** The map is away as long as this is pressed, by mouse, finger or key. */
function HoldButton({ hidden, onHidden }: { hidden: boolean; onHidden(hidden: boolean): void }) {
  const show = () => onHidden(false);
  return (
    <button
      type="button"
      class="tool tool-hold"
      aria-pressed={hidden}
      title={resultWords.value.viewer.holdHint}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        onHidden(true);
      }}
      onPointerUp={show}
      onPointerCancel={show}
      onLostPointerCapture={show}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === " " || event.key === "Enter") onHidden(true);
      }}
      onKeyUp={show}
      onBlur={show}
    >
      {resultWords.value.viewer.hold}
    </button>
  );
}
