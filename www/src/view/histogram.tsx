// The histogram of patch probabilities, drawn and told.

import { BINS, histogram, histogramWords } from "../study/histogram.ts";
import { resultWords } from "../words/result.ts";
import { decimal, percent, words } from "../words/words.ts";
import { cssColour } from "./colours.ts";

/** The drawing, in its own units. */
const WIDTH = 300;
const HEIGHT = 122;
const LEFT = 4;
const RIGHT = 296;
const TOP = 18;
const BASE = 84;
const BIN = (RIGHT - LEFT) / BINS;

interface HistogramProps {
  /** The probability of malignant of each patch that voted. */
  values: readonly number[];
  /** The image's. */
  mean: number;
}

export function Histogram({ values, mean }: HistogramProps) {
  const counts = histogram(values);
  const most = Math.max(1, ...counts);
  const { labels } = words.value;
  const { histogram: said } = resultWords.value;
  const meanAt = LEFT + mean * (RIGHT - LEFT);
  return (
    <figure class="histogram">
      <figcaption>
        {said.title}{" "}
        <span aria-hidden="true" class="mean-key">
          {said.mean}
        </span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={said.label(histogramWords(counts), percent(mean))}
      >
        {counts.map((count, bin) => {
          if (count === 0) return null;
          const height = Math.max(2, ((BASE - TOP) * count) / most);
          return (
            <g key={bin}>
              <rect
                class="bin"
                x={LEFT + bin * BIN + 1}
                y={BASE - height}
                width={BIN - 2}
                height={height}
                fill={cssColour((bin + 0.5) / BINS)}
              />
              <text class="bin-count" x={LEFT + (bin + 0.5) * BIN} y={BASE - height - 4}>
                {count}
              </text>
            </g>
          );
        })}
        <line class="axis" x1={LEFT} y1={BASE} x2={RIGHT} y2={BASE} />
        {Array.from({ length: BINS + 1 }, (_, edge) => {
          const x = LEFT + edge * BIN;
          const named = edge % 5 === 0;
          return <line key={edge} class="axis" x1={x} y1={BASE} x2={x} y2={BASE + (named ? 5 : 3)} />;
        })}
        <path class="mean" d={`M${meanAt} ${BASE + 1}l4 7h-8z`} />
        <text class="axis-word axis-start" x={LEFT} y={BASE + 19}>
          0
        </text>
        <text class="axis-word" x={WIDTH / 2} y={BASE + 19}>
          {decimal(0.5, 1)}
        </text>
        <text class="axis-word axis-end" x={RIGHT} y={BASE + 19}>
          1
        </text>
        <text class="axis-word axis-start" x={LEFT} y={BASE + 32}>
          {labels.benign}
        </text>
        <text class="axis-word axis-end" x={RIGHT} y={BASE + 32}>
          {labels.malignant}
        </text>
      </svg>
    </figure>
  );
}
