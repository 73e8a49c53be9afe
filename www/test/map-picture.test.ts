// The picture of an image with its map that is taken away: what stands over it.

import { expect, it } from "vitest";
import { Entry } from "../src/study/entry.ts";
import { caption } from "../src/view/map-picture.ts";
import { resultWords } from "../src/words/result.ts";
import { imageReport } from "./reports.ts";

function image(demo: boolean): Entry {
  return new Entry({ path: "a/1.png", file: new File([], "1.png"), demo });
}

it("says of a drawing that it is one, before there is a result and with it, and of an image nothing such", () => {
  const { demo } = resultWords.value.list;
  for (const isDrawing of [true, false]) {
    const entry = image(isDrawing);
    expect(caption(entry).includes(demo)).toBe(isDrawing);
    entry.finish(imageReport("1.png"));
    expect(caption(entry).includes(demo)).toBe(isDrawing);
  }
});

it("says what program drew it where that is known", () => {
  const remark = () => "Drawn to look like tissue.";
  const entry = new Entry({ path: "1.png", file: new File([], "1.png"), demo: true, remark });
  expect(caption(entry)).toContain("Drawn to look like tissue.");
});
