// Files from pickers, folders and drops.

import { describe, expect, it } from "vitest";
import { type EntryLike, fromChosen, fromEntries, fromFolder, fromList } from "../src/study/intake.ts";

const file = (name: string) => new File(["x"], name);

const fileEntry = (path: string): EntryLike => ({
  isFile: true,
  fullPath: path,
  file: (resolve) => resolve(file(path.split("/").at(-1) ?? "")),
});

/** Gives its entries a few at a time, as browsers do. */
function folderEntry(path: string, children: EntryLike[], atOnce = 2): EntryLike {
  return {
    isFile: false,
    fullPath: path,
    createReader: () => {
      const left = [...children];
      return { readEntries: (resolve) => resolve(left.splice(0, atOnce)) };
    },
  };
}

/** An instance whose series is the text behind the mark; a capture has none. */
const dicom = (path: string, series: string) => {
  const content = `${"\0".repeat(128)}DICM${series}`;
  const made = new File([content], path.slice(path.lastIndexOf("/") + 1));
  return Object.assign(made, { webkitRelativePath: path });
};

const seriesOf = (files: readonly File[]) =>
  Promise.all(files.map(async (one) => (await one.text()).slice(132) || null));

const paths = (found: { path: string }[]) => found.map(({ path }) => path);

describe("intake", () => {
  it("takes every chosen file in the order given, whatever its name", () => {
    const { found, skipped } = fromList([file("b.png"), file("notes.txt"), file("a.tif")]);
    expect(paths(found)).toEqual(["b.png", "notes.txt", "a.tif"]);
    expect(skipped).toBe(0);
  });

  it("takes the pictures of a folder in natural order and counts the rest", async () => {
    const files = ["p10.PNG", "p9.jpeg", ".hidden.png", "notes.txt"].map(file);
    const { found, skipped } = await fromFolder(files, seriesOf);
    expect(paths(found)).toEqual(["p9.jpeg", "p10.PNG"]);
    expect(skipped).toBe(2);
  });

  it.each([
    ["PNG", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]],
    ["JPEG", [0xff, 0xd8, 0xff, 0xe0]],
    ["TIFF", [0x49, 0x49, 0x2a, 0]],
    ["TIFF of the other order", [0x4d, 0x4d, 0, 0x2a]],
    ["BigTIFF", [0x49, 0x49, 0x2b, 0]],
    ["WebP", [..."RIFF\0\0\0\0WEBPVP8 "].map((letter) => letter.charCodeAt(0))],
  ])("takes a %s of a folder by its content, whatever its name", async (_, bytes) => {
    const content = Uint8Array.from(bytes);
    const files = [new File([content], "scan.svs"), new File([content.subarray(0, 2)], "cut.svs")];
    const { found, skipped } = await fromFolder(files, seriesOf);
    expect(paths(found)).toEqual(["scan.svs"]);
    expect(skipped).toBe(1);
  });

  it("walks dropped folders to the bottom, however many readings that takes", async () => {
    const many = Array.from({ length: 5 }, (_, index) => fileEntry(`/top/deep/s${index}.webp`));
    const top = folderEntry("/top", [folderEntry("/top/deep", many), fileEntry("/top/Thumbs.db")]);
    const heard: number[] = [];
    const { found, skipped, unreadable } = await fromEntries(
      [top, fileEntry("/loose.txt")],
      seriesOf,
      (files) => heard.push(files),
    );
    expect(paths(found)).toEqual(["loose.txt", ...[0, 1, 2, 3, 4].map((index) => `top/deep/s${index}.webp`)]);
    expect(skipped).toBe(1);
    expect(unreadable).toEqual([]);
    expect(heard).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("goes on past what cannot be read, and names it", async () => {
    const refuse = (_: unknown, reject: (error: unknown) => void) => reject(new Error("not allowed"));
    const locked: EntryLike = {
      isFile: false,
      fullPath: "/top/locked",
      createReader: () => ({ readEntries: refuse }),
    };
    const gone: EntryLike = { isFile: true, fullPath: "/top/gone.png", file: refuse };
    const good = folderEntry("/top/good", [fileEntry("/top/good/1.png")]);
    const { found, skipped, unreadable } = await fromEntries(
      [folderEntry("/top", [locked, gone, good])],
      seriesOf,
    );
    expect(paths(found)).toEqual(["top/good/1.png"]);
    expect(skipped).toBe(0);
    expect([...unreadable].sort()).toEqual(["top/gone.png", "top/locked"]);
  });

  it("names a file of a folder whose content cannot be looked at", async () => {
    const odd = { name: "odd", slice: () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }) };
    const { found, skipped, unreadable } = await fromFolder(
      [file("a.png"), odd as unknown as File],
      seriesOf,
    );
    expect([paths(found), skipped, unreadable]).toEqual([["a.png"], 0, ["odd"]]);
  });

  it("asks a folder of many for a few at a time", async () => {
    let [open, most] = [0, 0];
    const slow = Array.from({ length: 100 }, (_, index): EntryLike => {
      const path = `/top/${index}.png`;
      return {
        isFile: true,
        fullPath: path,
        file: (resolve) => {
          most = Math.max(most, ++open);
          setTimeout(() => {
            open--;
            resolve(file(`${index}.png`));
          });
        },
      };
    });
    expect((await fromEntries([folderEntry("/top", slow, 100)], seriesOf)).found).toHaveLength(100);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });

  it("joins the instances of a whole slide that lie in one folder", async () => {
    const { found, skipped } = await fromFolder(
      [
        dicom("a/level-0.dcm", "1.2"),
        dicom("a/level-1.dcm", "1.2"),
        // A picture of its own.
        dicom("a/capture.dcm", ""),
        dicom("b/one", "1.2"),
        dicom("b/other", "1.3"),
      ],
      seriesOf,
    );
    expect(found.map(({ path, parts }) => [path, parts?.map(({ name }) => name)])).toEqual([
      ["a/capture.dcm", undefined],
      ["a/level-0.dcm", ["level-0.dcm", "level-1.dcm"]],
      ["b/one", ["one"]],
      ["b/other", ["other"]],
    ]);
    expect(skipped).toBe(0);
  });

  it("joins those that are chosen one by one, in the place of the first", async () => {
    const chosen = [file("a.png"), dicom("1.dcm", "1.2"), dicom("x.dcm", "1.3"), dicom("2.dcm", "1.2")];
    const { found } = await fromChosen(chosen, seriesOf);
    expect(found.map(({ path, parts }) => [path, parts?.length])).toEqual([
      ["a.png", undefined],
      ["1.dcm", 2],
      ["x.dcm", 1],
    ]);
  });

  it("asks nobody about files that are no DICOM", async () => {
    const { found } = await fromChosen([file("a.png"), file("b")], () => Promise.reject(new Error("asked")));
    expect(paths(found)).toEqual(["a.png", "b"]);
  });
});
