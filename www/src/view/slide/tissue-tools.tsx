// The tissue of a slide: shown, corrected with a brush, taken back.

import { sameStrokes } from "../../slide/protocol.ts";
import type { Slide } from "../../slide/slide.ts";
import type { Entry } from "../../study/entry.ts";
import { slideWords } from "../../words/slide.ts";
import { messageOf } from "../../words/told.ts";
import { percent } from "../../words/words.ts";
import { drawing, LEAST_BRUSH, MOST_BRUSH, take } from "./drawing.ts";
import { JudgeAgain } from "./judge-again.tsx";

interface TissueToolsProps {
  entry: Entry;
  slide: Slide;
  onTrouble(trouble: string): void;
}

export function TissueTools({ entry, slide, onTrouble }: TissueToolsProps) {
  const brush = drawing.brush.value;
  const tissue = slide.tissue.value;
  const strokes = slide.strokes.value;
  const state = entry.state.value;
  const judged = state.kind === "done" ? (state.report.slide?.strokes ?? []) : strokes;
  const said = slideWords.value;

  const attempt = (work: Promise<void>) => {
    onTrouble("");
    work.catch((error) => onTrouble(messageOf(error)));
  };
  const show = (shown: boolean) => {
    drawing.tissue.value = shown;
    if (shown) attempt(slide.findTissue());
    else drawing.brush.value = null;
  };
  return (
    <fieldset class="slide-tools">
      <legend>{said.tissueTools}</legend>
      <label>
        <input
          type="checkbox"
          checked={drawing.tissue.value}
          onChange={({ currentTarget }) => show(currentTarget.checked)}
        />{" "}
        {said.showTissue}
      </label>
      <p role="status">
        {tissue !== null && said.tissue(percent(tissue.share))}
        {strokes.length > 0 && ` ${said.corrected(strokes.length)}`}
      </p>
      <div class="actions">
        {(["adds", "rubs"] as const).map((one) => (
          <button
            key={one}
            type="button"
            class="tool"
            aria-pressed={brush === one}
            title={said.brushes[one].hint}
            onClick={() => {
              take({ brush: one });
              show(true);
            }}
          >
            {said.brushes[one].name}
          </button>
        ))}
        <button
          type="button"
          class="tool"
          disabled={slide.corrections.value === 0}
          onClick={() => attempt(slide.undo())}
        >
          {said.undo}
        </button>
        <button
          type="button"
          class="tool"
          disabled={strokes.length === 0}
          onClick={() => attempt(slide.resetTissue())}
        >
          {said.asFound}
        </button>
      </div>
      {brush !== null && (
        <>
          <label>
            {said.brushSize}{" "}
            <input
              type="range"
              min={LEAST_BRUSH}
              max={MOST_BRUSH}
              value={drawing.brushSize.value}
              onInput={({ currentTarget }) => {
                drawing.brushSize.value = Number(currentTarget.value);
              }}
            />
          </label>
          <p class="hint" id="slide-brush-hint">
            {said.brushes[brush].hint} {said.brushKeys}
          </p>
        </>
      )}
      {!sameStrokes(strokes, judged) && <JudgeAgain entry={entry}>{said.judgeTissue}</JudgeAgain>}
    </fieldset>
  );
}
