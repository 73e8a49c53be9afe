// Calibrating an objective: a line that a person lays over a stage micrometer, and how long it is.

import { useRef, useState } from "preact/hooks";
import type { Point, Size } from "../../base/geometry.ts";
import { LONGEST_NAME, type Objective, type Optics, scaleOfLine } from "../../live/objectives.ts";
import { liveWords } from "../../words/live.ts";

/** In pixels of the frame. */
export type Line = readonly [Point, Point];

/** Below so many pixels, one pixel at each end is more than a hundredth of it. */
const SHORT = 200;

/** By one press of an arrow key, and with Shift, in pixels. */
const STEPS = { plain: 1, shifted: 10 } as const;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** To begin with. */
export const lineAcross = ({ width, height }: Size): Line => [
  { x: Math.round(width / 4), y: Math.round(height / 2) },
  { x: Math.round((3 * width) / 4), y: Math.round(height / 2) },
];

interface CalibrationLineProps {
  line: Line;
  /** Of the frame. */
  size: Size;
  onLine(line: Line): void;
}

/** Over the picture. A press beside both ends begins a new line. */
export function CalibrationLine({ line, size, onLine }: CalibrationLineProps) {
  const plane = useRef<HTMLElement>(null);
  const held = useRef<0 | 1 | null>(null);
  const latest = useRef(line);
  latest.current = line;
  const said = liveWords.value.calibration;

  const inside = ({ x, y }: Point): Point => ({
    x: Math.min(size.width, Math.max(0, x)),
    y: Math.min(size.height, Math.max(0, y)),
  });
  const pointOf = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = plane.current?.getBoundingClientRect() ?? new DOMRect();
    return inside({
      x: ((clientX - left) * size.width) / width,
      y: ((clientY - top) * size.height) / height,
    });
  };
  const move = (end: 0 | 1, to: Point) => {
    const [from, until] = latest.current;
    onLine(end === 0 ? [to, until] : [from, to]);
  };

  const press = (event: PointerEvent) => {
    const end = (event.target as HTMLElement).dataset["end"];
    plane.current?.setPointerCapture(event.pointerId);
    if (end === undefined) {
      const start = pointOf(event);
      onLine([start, start]);
      held.current = 1;
    } else held.current = end === "0" ? 0 : 1;
  };
  const drag = (event: PointerEvent) => {
    if (held.current !== null) move(held.current, pointOf(event));
  };
  const release = () => {
    held.current = null;
  };

  const share = ({ x, y }: Point) => ({
    insetInlineStart: `${(100 * x) / size.width}%`,
    insetBlockStart: `${(100 * y) / size.height}%`,
  });
  const [from, to] = line;
  return (
    <section
      ref={plane}
      class="calibration-plane"
      aria-label={said.line}
      onPointerDown={press}
      onPointerMove={drag}
      onPointerUp={release}
      onPointerCancel={release}
    >
      <svg viewBox={`0 0 ${size.width} ${size.height}`} preserveAspectRatio="none" aria-hidden="true">
        {["calibration-under", "calibration-over"].map((name) => (
          <line key={name} class={name} x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
        ))}
      </svg>
      {([0, 1] as const).map((end) => (
        <button
          key={end}
          type="button"
          class="calibration-end"
          data-end={end}
          style={share(line[end])}
          aria-label={said.ends[end]}
          aria-description={said.place(line[end].x, line[end].y)}
          onKeyDown={(event) => {
            const arrow = ARROWS[event.key];
            if (arrow === undefined) return;
            event.preventDefault();
            const step = event.shiftKey ? STEPS.shifted : STEPS.plain;
            move(end, inside({ x: line[end].x + step * arrow.x, y: line[end].y + step * arrow.y }));
          }}
        />
      ))}
    </section>
  );
}

interface CalibrationFormProps {
  line: Line;
  optics: Optics;
  onSave(objective: Objective): void;
  onCancel(): void;
}

export function CalibrationForm({ line: [from, to], optics, onSave, onCancel }: CalibrationFormProps) {
  const [micrometres, setMicrometres] = useState("100");
  const [name, setName] = useState("");
  const length = Number(micrometres.replace(",", "."));
  const pixels = Math.hypot(to.x - from.x, to.y - from.y);
  const umPerPixel = scaleOfLine(from, to, length);
  const said = liveWords.value.calibration;
  return (
    <form
      class="calibration"
      aria-labelledby="calibration-title"
      onSubmit={(event) => {
        event.preventDefault();
        if (umPerPixel !== null) onSave({ name: name.trim(), umPerPixel, ...optics });
      }}
    >
      <h3 id="calibration-title">{said.title}</h3>
      <p>{said.how}</p>
      <label class="field">
        <span class="field-name">{said.length}</span>
        <input
          type="text"
          inputMode="decimal"
          value={micrometres}
          onInput={({ currentTarget }) => setMicrometres(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span class="field-name">{said.name}</span>
        <input
          type="text"
          required
          pattern=".*\S.*"
          maxLength={LONGEST_NAME}
          placeholder={said.example}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <p role="status">
        {umPerPixel === null ? said.invalid : said.result(pixels, umPerPixel)}
        {umPerPixel !== null && pixels < SHORT && ` ${said.short}`}
      </p>
      <p class="actions">
        <button type="submit" class="button button-primary" disabled={umPerPixel === null}>
          {said.save}
        </button>
        <button type="button" class="button" onClick={onCancel}>
          {said.cancel}
        </button>
      </p>
    </form>
  );
}
