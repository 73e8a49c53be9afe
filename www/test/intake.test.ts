// Files from pickers, folders and drops.

import { describe, expect, it } from "vitest";
import { type EntryLike, fromEntries, fromFolder, fromList } from "../src/study/intake.ts";

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

const paths = (found: { path: string }[]) => found.map(({ path }) => path);

describe("intake", () => {
  it("takes every chosen file in the order given, whatever its name", () => {
    const { found, skipped } = fromList([file("b.png"), file("notes.txt"), file("a.tif")]);
    expect(paths(found)).toEqual(["b.png", "notes.txt", "a.tif"]);
    expect(skipped).toBe(0);
  });

  it("takes the pictures of a folder in natural order and counts the rest", () => {
    const { found, skipped } = fromFolder(["p10.PNG", "p9.jpeg", ".hidden.png", "notes.txt"].map(file));
    expect(paths(found)).toEqual(["p9.jpeg", "p10.PNG"]);
    expect(skipped).toBe(2);
  });

  it("walks dropped folders to the bottom, however many readings that takes", async () => {
    const many = Array.from({ length: 5 }, (_, index) => fileEntry(`/top/deep/s${index}.webp`));
    const top = folderEntry("/top", [folderEntry("/top/deep", many), fileEntry("/top/Thumbs.db")]);
    const { found, skipped } = await fromEntries([top, fileEntry("/loose.txt")]);
    expect(paths(found)).toEqual(["loose.txt", ...[0, 1, 2, 3, 4].map((index) => `top/deep/s${index}.webp`)]);
    expect(skipped).toBe(1);
  });

  it("passes a folder's refusal on", async () => {
    const locked: EntryLike = {
      isFile: false,
      fullPath: "/locked",
      createReader: () => ({ readEntries: (_, reject) => reject(new Error("not allowed")) }),
    };
    await expect(fromEntries([locked])).rejects.toThrow("not allowed");
  });
});
