// How long the page's own bookkeeping takes for 5,000 images whose engine answers at once: `npm run bench:bookkeeping`.
//
// Counters, the table's order, patients and the whole, read as the views read them; no markup, no engine.

import { describe, bench as measure } from "vitest";
import { PLAIN_VIEW, type View } from "../src/study/table.ts";
import { bench } from "../test/studies.ts";
import { watch } from "../test/watching.ts";

const IMAGES = 5000;
const PATHS = Array.from({ length: IMAGES }, (_, index) => `case-${index % 80}/field-${index}.png`);

async function run(view: View): Promise<void> {
  const made = bench();
  const stop = watch(made);
  made.study.view.value = view;
  made.add(...PATHS);
  // A turn of the event loop for each few images, as the messages of workers make them.
  while (made.study.open.peek() > 0) await new Promise((go) => setImmediate(go));
  made.study.publish();
  if (made.study.whole.value?.num_images !== IMAGES) throw new Error("not all images were counted");
  stop();
}

describe(`${IMAGES} images`, () => {
  const once = { iterations: 3, warmupIterations: 1, time: 0, warmupTime: 0 };
  measure("in the order in which they came", () => run(PLAIN_VIEW), once);
  measure("sorted by probability", () => run({ ...PLAIN_VIEW, sort: "malignant" }), once);
  measure("by patient", () => run({ ...PLAIN_VIEW, grouped: true }), once);
});
