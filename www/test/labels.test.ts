// The truth about images: read off names and folders, given by people and by keys, filtered by, kept and taken away.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Entry } from "../src/study/entry.ts";
import { exportedFolder } from "../src/study/exports.ts";
import { toKept } from "../src/study/kept.ts";
import { labelKeys, labelOf, tidyLabel } from "../src/study/labels.ts";
import { fromKept } from "../src/study/restore.ts";
import { Study } from "../src/study/study.ts";
import { PLAIN_VIEW } from "../src/study/table.ts";
import { imported, trusting } from "./reading.ts";
import { imageReport } from "./reports.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a label", () => {
  it.each([
    ["SOB_M_DC-14-2523-400-001.png", "malignant"],
    ["sob_b_a-14-22549AB-100-001.webp", "benign"],
    ["benign/x.png", "benign"],
    ["study/Malignant/case-1/40x/x.png", "malignant"],
    ["study/bösartig/x.png", "malignant"],
    // As macOS writes it, in two characters.
    ["study/bo\u0308sartig/x.png", "malignant"],
    // The name of the file tells more than where it lies, and the inner folder more than the outer one.
    ["benign/SOB_M_DC-14-2523-400-001.png", "malignant"],
    ["benign/malignant/x.png", "malignant"],
    ["benign-looking/x.png", ""],
    ["b/x.png", ""],
    ["x.png", ""],
    ["", ""],
  ])("of %s is %j", (path, label) => {
    expect(labelOf(path)).toBe(label);
  });

  it("as said loses what nobody sees, and has one way to be written", () => {
    expect(tidyLabel("  in \n situ ")).toBe("in situ");
    expect(tidyLabel("MALIGNANT")).toBe("malignant");
    expect(tidyLabel("gutartig")).toBe("benign");
    expect(tidyLabel("x".repeat(500))).toHaveLength(40);
  });

  it("has a key of its own, which is none of the picture's", () => {
    expect([...labelKeys(["benign", "malignant"])]).toEqual([
      ["b", "benign"],
      ["m", "malignant"],
    ]);
    // "H" hides the map, "X" takes a label away.
    expect([...labelKeys(["hx", "heal", "ha", "b", "bb"])]).toEqual([
      ["2", "hx"],
      ["e", "heal"],
      ["a", "ha"],
      ["b", "b"],
      ["3", "bb"],
    ]);
  });
});

function done(path: string): Entry {
  const entry = new Entry({ path, file: new File([path], path.split("/").at(-1) ?? "") });
  entry.finish(imageReport(entry.name));
  return entry;
}

function studyOf(...paths: string[]): { study: Study; entries: Entry[] } {
  const study = new Study();
  const entries = paths.map(done);
  study.add(entries);
  return { study, entries };
}

describe("a study with labels", () => {
  it("knows its classes while labels come and go", () => {
    const { study, entries } = studyOf("a.png", "b.png", "malignant/c.png");
    expect(study.labels.value).toEqual(["malignant"]);
    study.setLabel(entries, "in situ");
    expect(study.labels.value).toEqual(["in situ"]);
    study.setLabel(entries.slice(0, 1), "benign");
    expect(study.labels.value).toEqual(["benign", "in situ"]);
    study.remove(entries.slice(0, 1));
    expect(study.labels.value).toEqual(["in situ"]);
    study.setLabel(entries.slice(1), "");
    expect(study.labels.value).toEqual([]);
  });

  it("is filtered by a label, by none, and by its text", () => {
    const { study } = studyOf("benign/a.png", "malignant/b.png", "c.png");
    const shown = () => study.listedEntries().map(({ name }) => name);
    study.view.value = { ...PLAIN_VIEW, label: "malignant" };
    expect(shown()).toEqual(["b.png"]);
    study.view.value = { ...PLAIN_VIEW, label: "" };
    expect(shown()).toEqual(["c.png"]);
    study.view.value = { ...PLAIN_VIEW, sort: "label", descending: true };
    expect(shown()).toEqual(["b.png", "a.png", "c.png"]);
    study.view.value = PLAIN_VIEW;
    const [, , c] = study.entries.value;
    study.setLabel(c === undefined ? [] : [c], "in situ");
    study.view.value = { ...PLAIN_VIEW, text: "situ" };
    expect(shown()).toEqual(["c.png"]);
  });

  it("never labels a drawing", () => {
    const study = new Study();
    const demo = new Entry({ path: "malignant/x.png", file: new File([], "x.png"), demo: true });
    study.add([demo]);
    study.setLabel([demo], "benign");
    expect(demo.label.value).toBe("");
  });

  it("comes back from this machine with them, also where a person took one away", async () => {
    const { study, entries } = studyOf("benign/a.png", "benign/b.png", "c.png");
    study.setLabel(entries.slice(0, 1), "");
    study.setLabel(entries.slice(2), "in situ");
    const kept = structuredClone(entries.map(toKept));
    expect((await fromKept(kept, trusting)).map(({ label }) => label.value)).toEqual([
      "",
      "benign",
      "in situ",
    ]);
    // Of an earlier version, which knew none.
    const old = kept.map(({ label: _, ...rest }) => rest);
    expect((await fromKept(old, trusting)).map(({ label }) => label.value)).toEqual(["benign", "benign", ""]);
  });

  it("comes back from a saved report with them", async () => {
    const { study, entries } = studyOf("benign/a.png", "benign/b.png", "c.png");
    study.setLabel(entries.slice(0, 1), "");
    study.setLabel(entries.slice(2), "in situ");
    const saved = exportedFolder(study, null);
    expect(saved.labels).toEqual([null, "benign", "in situ"]);
    const back = await imported(new File([JSON.stringify(saved)], "all.json"));
    expect(back.map(({ label }) => label.value)).toEqual(["", "benign", "in situ"]);
  });

  it("says nothing of labels in a report where none is known", () => {
    expect(exportedFolder(studyOf("a.png").study, null)).not.toHaveProperty("labels");
  });
});
