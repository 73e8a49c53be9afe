// How many patches voted for each class, where these are not benign and malignant, as bars with their names.

import { toldPlaces } from "../study/classes.ts";
import { integer, words } from "../words/words.ts";
import { classColour } from "./colours.ts";

interface ClassHistogramProps {
  classes: readonly string[];
  /** By class. */
  votes: readonly number[];
}

export function ClassHistogram({ classes, votes }: ClassHistogramProps) {
  const most = Math.max(1, ...votes);
  return (
    <figure class="class-histogram">
      <figcaption>{words.value.teach.classes.histogram}</figcaption>
      <ul>
        {toldPlaces(votes).map((place) => {
          const count = votes[place] ?? 0;
          return (
            <li key={place}>
              <span class="class-name">{classes[place]}</span>
              <span class="class-bar-line">
                <span
                  class="class-bar"
                  style={{ width: `${(80 * count) / most}%`, background: classColour(classes, place) }}
                  aria-hidden="true"
                />
                <span class="class-count">{integer(count)}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}
