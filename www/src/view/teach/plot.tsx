// A square plot of two shares from 0 to 1: frame, ticks, names of the axes, and what belongs in it. It wears the page's
// colours, is told to those who do not see it, has its numbers as a table beside it and can be saved as SVG.

import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";
import { judgedWords } from "../../words/judged.ts";
import { decimal } from "../../words/words.ts";
import { downloadSvg } from "../download.ts";
import { drawingOf } from "./drawing.ts";

/** In the drawing's own units. */
export const SIDE = 200;
const LEFT = 42;
const TOP = 10;
const WIDTH = LEFT + SIDE + 14;
const HEIGHT = TOP + SIDE + 44;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/** Where a share lies: to the right, and upwards. */
export const across = (share: number): number => LEFT + share * SIDE;
export const up = (share: number): number => TOP + (1 - share) * SIDE;

/** "M10 20L30 40" through points of two shares. */
export const pathOf = (points: readonly (readonly [x: number, y: number])[]): string =>
  points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${round(across(x))} ${round(up(y))}`).join("");

/** A closed ribbon between two lines over the same points: there below, back above. */
export const ribbonOf = (
  points: readonly { readonly x: number; readonly low: number; readonly high: number }[],
): string =>
  points.length === 0
    ? ""
    : `${pathOf([
        ...points.map(({ x, low }) => [x, low] as const),
        ...points.map(({ x, high }) => [x, high] as const).reverse(),
      ])}Z`;

const round = (value: number): number => Math.round(10 * value) / 10;

export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}

interface PlotProps {
  /** Of the file that it is saved as, without its ending. */
  name: string;
  title: string;
  /** What a person who does not see it must know. */
  about: string;
  x: string;
  y: string;
  /** Its numbers; a column is as long as the others. */
  table: readonly Column[];
  /** In the drawing. */
  children: ComponentChildren;
  /** Below it. */
  below?: ComponentChildren;
}

export function Plot({ name, title, about, x, y, table, children, below }: PlotProps) {
  const id = useId();
  const drawing = useRef<SVGSVGElement>(null);
  const { plots } = judgedWords.value;
  return (
    <figure class="plot">
      <figcaption>
        <span class="plot-title">{title}</span>{" "}
        <button
          type="button"
          class="button button-small plot-save"
          aria-label={plots.saveLabel(title)}
          onClick={() => {
            if (drawing.current !== null) downloadSvg(name, drawingOf(drawing.current));
          }}
        >
          {plots.save}
        </button>
      </figcaption>
      <svg
        ref={drawing}
        class="plot-drawing"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-labelledby={`${id}-title ${id}-about`}
      >
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-about`}>{about}</desc>
        <rect class="plot-ground" x={LEFT} y={TOP} width={SIDE} height={SIDE} />
        {TICKS.map((tick) => (
          <g key={tick}>
            <path class="plot-grid" d={`M${across(tick)} ${TOP}v${SIDE}M${LEFT} ${up(tick)}h${SIDE}`} />
            <text class="plot-tick plot-tick-x" x={across(tick)} y={TOP + SIDE + 14}>
              {decimal(tick, tick * 2 === Math.round(tick * 2) ? 1 : 2)}
            </text>
            <text class="plot-tick plot-tick-y" x={LEFT - 5} y={up(tick) + 3.5}>
              {decimal(tick, tick * 2 === Math.round(tick * 2) ? 1 : 2)}
            </text>
          </g>
        ))}
        <text class="plot-axis" x={LEFT + SIDE / 2} y={HEIGHT - 8}>
          {x}
        </text>
        <text class="plot-axis" transform={`translate(12 ${TOP + SIDE / 2}) rotate(-90)`}>
          {y}
        </text>
        {children}
      </svg>
      {below}
      <details class="plot-table">
        <summary>{plots.table}</summary>
        <Table caption={title} columns={table} />
      </details>
    </figure>
  );
}

function Table({ caption, columns }: { caption: string; columns: readonly Column[] }) {
  const rows = columns[0]?.cells.length ?? 0;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table scrolls, by keyboard too
    <section class="plot-numbers" aria-label={caption} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row}>
              {columns.map(({ name, cells }) => (
                <td key={name}>{cells[row]}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
