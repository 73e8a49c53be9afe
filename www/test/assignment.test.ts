// Patients and labels of many images at once: what folders, patterns and tables say, and what they leave open.

import { describe, expect, it } from "vitest";
import { levelsOf, type Preview, preview, template } from "../src/study/assignment.ts";
import { Entry } from "../src/study/entry.ts";
import { Study } from "../src/study/study.ts";
import { parseTable, readTable } from "../src/study/table-file.ts";

const images = (...paths: string[]): Entry[] =>
  paths.map((path) => new Entry({ path, file: new File([path], path.split("/").at(-1) ?? "") }));

const said = ({ changes }: Preview) =>
  Object.fromEntries(changes.map(({ entry, patient, label }) => [entry.path, [patient, label]]));

describe("names of files and folders", () => {
  it("tell again what they told when the images came, whatever was said since", () => {
    const some = images(
      "s/benign/SOB_B_TA-14-22549AB-40-001.png",
      "s/north/case-9/HE/2.png",
      "s/south/case-9/HE/3.png",
      "4.png",
    );
    for (const entry of some) entry.assign("all of them");
    const found = preview(some, { kind: "names", apart: true });
    expect(said(found)).toEqual({
      "s/benign/SOB_B_TA-14-22549AB-40-001.png": ["14-22549", "benign"],
      "s/north/case-9/HE/2.png": ["north/case-9", null],
      "s/south/case-9/HE/3.png": ["south/case-9", null],
    });
    expect(found).toMatchObject({ silent: 1, onePatient: null });
    expect(found.branching.map(({ name }) => name)).toEqual(["case-9"]);
    expect(preview(some, { kind: "names", apart: false }).patients).toEqual(["14-22549", "case-9"]);
  });
});

describe("a level of the folders", () => {
  const entries = images("s/a/case-1/1.png", "s/b/case-1/2.png", "s/b/case-2/3.png", "4.png");

  it("names patients, and leaves images without one as they are", () => {
    const found = preview(entries, { kind: "level", part: "patient", level: 2, apart: true });
    expect(said(found)).toEqual({
      "s/a/case-1/1.png": ["a", null],
      "s/b/case-1/2.png": ["b", null],
      "s/b/case-2/3.png": ["b", null],
    });
    expect(found).toMatchObject({ silent: 1, patients: ["a", "b"], branching: [], onePatient: null });
  });

  it("keeps equal names of different branches apart, or merges them where that is wanted, and says so", () => {
    const merged = preview(entries, { kind: "level", part: "patient", level: 3, apart: false });
    expect(merged.patients).toEqual(["case-1", "case-2"]);
    expect(merged.branching).toEqual([{ name: "case-1", folders: ["s/a/case-1", "s/b/case-1"] }]);
    const apart = preview(entries, { kind: "level", part: "patient", level: 3, apart: true });
    expect(apart.patients).toEqual(["a/case-1", "b/case-1", "case-2"]);
    expect(apart.branching).toHaveLength(1);
  });

  it("says where all would be one patient", () => {
    const found = preview(entries, { kind: "level", part: "patient", level: 1, apart: true });
    expect(found.onePatient).toBe("s");
  });

  it("names labels, which may stand in several branches", () => {
    const some = images("a/Benign/1.png", "b/benign/2.png", "b/in situ/3.png");
    const found = preview(some, { kind: "level", part: "label", level: 2, apart: true });
    expect(said(found)).toEqual({
      "a/Benign/1.png": [null, "benign"],
      "b/benign/2.png": [null, "benign"],
      "b/in situ/3.png": ["", "in situ"],
    });
    expect(found).toMatchObject({ labels: ["benign", "in situ"], branching: [] });
  });

  it("takes a label's folder from the patients that were read off it, and from no others", () => {
    const some = images(
      "s/normal/1.png",
      "s/normal/case-7/2.png",
      "s/normal/3.png",
      "s/SOB_M_DC-14-2523-400-001.png",
    );
    some[2]?.assign("case-9");
    expect(some.map(({ patient }) => patient.peek())).toEqual(["normal", "case-7", "case-9", "14-2523"]);
    const found = preview(some, { kind: "level", part: "label", level: 2, apart: true });
    expect(said(found)).toEqual({
      "s/normal/1.png": ["", "normal"],
      "s/normal/case-7/2.png": [null, "normal"],
      "s/normal/3.png": [null, "normal"],
    });
    expect(found.patients).toEqual([]);
    const study = new Study();
    study.assign(found.changes);
    expect(some.map(({ patient }) => patient.peek())).toEqual(["", "case-7", "case-9", "14-2523"]);
    // The pattern of the same folder says the same.
    const [again] = images("s/normal/1.png");
    const pattern = preview(again ? [again] : [], { kind: "pattern", pattern: "{label}/*" });
    expect(said(pattern)).toEqual({ "s/normal/1.png": ["", "normal"] });
    // What somebody says of patients since stays.
    some[0]?.assign("normal 1");
    expect(
      said(preview(some, { kind: "level", part: "label", level: 1, apart: true }))["s/normal/1.png"],
    ).toEqual([null, "s"]);
  });

  it("takes it from patients of folders that were told apart by their paths, too", () => {
    const study = new Study();
    const some = images("a/normal/1.png", "b/normal/2.png");
    study.add(some);
    expect(some.map(({ patient }) => patient.peek())).toEqual(["a/normal", "b/normal"]);
    study.assign(preview(some, { kind: "level", part: "label", level: 2, apart: true }).changes);
    expect(some.map(({ patient }) => patient.peek())).toEqual(["", ""]);
  });

  it("is offered with the folders that lie there", () => {
    expect(levelsOf(entries)).toEqual([["s"], ["a", "b"], ["case-1", "case-2"]]);
    expect(levelsOf(images("x.png"))).toEqual([]);
  });
});

describe("a pattern", () => {
  it.each([
    ["{patient}_*", "s/p1_03.png", "p1", undefined],
    ["{label}-{patient}-*", "x/mal-7-01.tif", "7", "mal"],
    ["{label}/{patient}/*", "s/benign/case-1/001.png", "case-1", "benign"],
    ["{patient}_*.png", "p1_03.png", "p1", undefined],
    ["{patient}_*.png", "p1_03.jpg", undefined, undefined],
    // Letters that mean something to a machine mean themselves.
    ["(a+)[{patient}]", "(a+)[7].png", "7", undefined],
    ["{patient}_*", "nothing.png", undefined, undefined],
    // A hole never reaches over a folder.
    ["{patient}_x", "a/b_x.png", "b", undefined],
  ])("%s finds in %s", (pattern, path, patient, label) => {
    const found = template(pattern)?.(path);
    expect([found?.patient, found?.label]).toEqual([patient, label]);
  });

  it.each([
    "",
    "*",
    "abc",
    "{patient}{patient}",
    "{patient}*******",
    "{Patient}",
  ])("is refused: %j", (pattern) => {
    expect(template(pattern)).toBeNull();
  });

  it("takes no time to find that a long name does not fit", () => {
    const start = performance.now();
    expect(template("*_{patient}_*_{label}_*!")?.("_".repeat(100_000))).toBeNull();
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe("a table", () => {
  it.each([
    ["comma", "file,patient,label\r\na.png,p1,benign\r\n"],
    ["semicolon and a byte order mark", "\ufeffDatei;Patient;Befund\na.png;p1;gutartig"],
    ["tabs, other columns and another order", "id\tLabel\tImage_Path\tcase id\n1\tBenign\ta.png\tp1\n\n"],
    ["quotes", '"file","patient","label"\n"a.png"," p1 ","benign"'],
  ])("with %s is read", (_, text) => {
    expect(parseTable("t.csv", text).rows).toEqual([{ file: "a.png", patient: "p1", label: "benign" }]);
  });

  it("of an old spreadsheet keeps its umlauts", async () => {
    const bytes = Uint8Array.from("file;patient\na.png;M\xfcller", (letter) => letter.charCodeAt(0));
    expect((await readTable(new File([bytes], "t.csv"))).rows[0]?.patient).toBe("Müller");
  });

  it("that is none is refused by name", async () => {
    expect(() => parseTable("t.csv", "a.png,p1\nb.png,p2")).toThrow("no column of files");
    expect(() => parseTable("t.csv", "file,verdict\na.png,benign")).toThrow("no column of files");
    expect(() => parseTable("t.csv", "")).toThrow("no column of files");
    expect(() => parseTable("t.csv", "file,label\n,benign")).toThrow("no line");
    const large = { name: "t.csv", size: 2 ** 40 } as File;
    await expect(readTable(large)).rejects.toMatchObject({ code: "table_too_large" });
  });

  const table = (text: string) => ({ kind: "table", table: parseTable("t.csv", text) }) as const;

  it("finds images by path, by the end of a path, by name, with or without extension", () => {
    const entries = images("s/a/1.png", "s/b/1.png", "s/b/2.png", "3.tif", "s/4.png");
    const found = preview(
      entries,
      table("file,label\ns/a/1.png,w\nb/1.png,x\n2,y\nC:\\data\\3.tif,z\n./4.jpg,never\n9.png,gone"),
    );
    expect(said(found)).toEqual({
      "s/a/1.png": [null, "w"],
      "s/b/1.png": [null, "x"],
      "s/b/2.png": [null, "y"],
      "3.tif": [null, "z"],
    });
    expect(found.unmatched).toEqual(["4.jpg", "9.png"]);
    expect(found.silent).toBe(1);
  });

  it("changes nothing where it may mean several images, or says two things of one", () => {
    const found = preview(
      images("a/1.png", "b/1.png", "2.png"),
      table("file,patient\n1.png,p\n2.png,p\n2.png,q"),
    );
    expect(found.changes).toEqual([]);
    expect(found).toMatchObject({ ambiguous: ["1.png"], contradictory: ["2.png"], silent: 3 });
  });

  it("says the same thing twice, and takes what it leaves empty away", () => {
    const found = preview(images("2.png"), table("file,patient,label\n2.png,p,\n2.png,p,"));
    expect(said(found)).toEqual({ "2.png": ["p", ""] });
  });

  it("is put into the study at once, and what folders said gives way", () => {
    const study = new Study();
    const entries = images("a/case-1/1.png", "b/case-1/2.png");
    study.add(entries);
    expect(entries.map(({ patient }) => patient.value)).toEqual(["a/case-1", "b/case-1"]);
    study.assign(preview(entries, table("file,patient,label\n1.png,p,benign\n2.png,p,benign")).changes);
    expect(entries.map(({ patient, label }) => [patient.value, label.value])).toEqual([
      ["p", "benign"],
      ["p", "benign"],
    ]);
    // Another folder of that name changes nothing of what a table said.
    study.add(images("c/case-1/3.png"));
    expect(entries.map(({ patient }) => patient.value)).toEqual(["p", "p"]);
  });
});
