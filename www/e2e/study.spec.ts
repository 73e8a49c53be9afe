// A study, not a heap: nothing is lost, nothing counts twice, and a part does not speak for the whole.

import { readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { ExportedFolder } from "../src/study/exchange.ts";
import { chooseSeries } from "./pictures.ts";
import {
  allOf,
  choose,
  copies,
  downloadFolder,
  downloadReport,
  expect,
  fixture,
  folderOf,
  knowingNothing,
  LARGE,
  open,
  rows,
  SMALL,
  test,
} from "./site.ts";
import { dropFolder, fillDisk, haltAfter, keptResults } from "./tab.ts";

const patients = (page: Page) => page.getByRole("region", { name: "Patients" }).locator("tbody tr");

const chooseFolder = (page: Page, folder: string) =>
  page.getByLabel("Folder of images").setInputFiles(folder);

/** How many results of this page lie in the browser's database. */
const kept = (page: Page) => page.evaluate(keptResults);

/** Whether the browser would ask before the page is left. */
const asks = (page: Page) =>
  page.evaluate(() => {
    const leaving = new Event("beforeunload", { cancelable: true });
    dispatchEvent(leaving);
    return leaving.defaultPrevented;
  });

test("a tab that is killed in the middle of 300 images: the next visit goes on with them", {
  tag: "@slow",
}, async ({ page, site, context }) => {
  await open(page, site, "?workers=1");
  await page.evaluate(haltAfter, 150);
  await chooseSeries(page, 300);
  await expect.poll(() => kept(page), { timeout: 90_000 }).toBe(150);
  await page.close();

  const next = await context.newPage();
  await open(next, site);
  await expect(next.getByText(/^150 results of 300 images are kept on this machine \(.+\)\./)).toBeVisible();
  await next.getByRole("button", { name: "Go on with them" }).click();
  await expect(rows(next)).not.toHaveCount(0);
  await expect(next.getByText("150 of 300 images analysed.", { exact: true })).toBeVisible();
  await expect(next.locator(".partial")).toContainText("Choose the folder again to analyse the ");
  await expect(next.locator(".summary .verdict-word")).toHaveCount(0);
  await chooseSeries(next, 300);
  await expect(next.getByText("15 patients, 300 images")).toBeVisible({ timeout: 90_000 });
  await expect(next.getByRole("grid", { name: "Images" })).toHaveAttribute("aria-rowcount", "301");
});

test("a folder that is chosen twice is there once, and a copy of a file counts once", async ({
  page,
  site,
}) => {
  await open(page, site);
  const folder = await folderOf("case-1/a.jpg", "case-1/b.jpg", "case-2/c.jpg");
  await chooseFolder(page, folder);
  await expect(page.getByText(allOf(3))).toBeVisible();
  await chooseFolder(page, folder);
  await expect(page.getByText("3 images were in the study already: their results were kept.")).toBeVisible();
  await expect(rows(page)).toHaveCount(3);

  await writeFile(join(folder, "case-2/copy.jpg"), await readFile(join(folder, "case-1/a.jpg")));
  await chooseFolder(page, folder);
  await expect(rows(page)).toHaveCount(4);
  await expect(rows(page).last()).toContainText("Same as study/case-1/a.jpg");
  await expect(page.getByText("1 image has the same bytes as another, which counts for both.")).toBeVisible();
  await expect(page.getByText("2 patients, 3 images")).toBeVisible();
  const saved = (await downloadFolder(page)) as ExportedFolder;
  expect(saved.num_images).toBe(3);
  expect(saved.duplicates).toEqual([{ path: "study/case-2/copy.jpg", same_as: "study/case-1/a.jpg" }]);
  expect(saved.sha256?.every((digest) => /^[0-9a-f]{64}$/.test(digest ?? ""))).toBe(true);
});

test("a study of an earlier visit stays within reach, however many came after it", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  const [first = "", second = ""] = await copies(SMALL, 2);
  const visit = async (file: string, results: number) => {
    await choose(page, file);
    await expect(page.locator(".verdict-word")).toBeVisible();
    await expect.poll(() => kept(page)).toBe(results);
    await page.reload();
    await expect(page.getByText(/^1 result is kept on this machine/).first()).toBeVisible();
  };
  await visit(first, 1);
  await visit(second, 2);
  await page.getByText("1 older study on this machine").click();
  await page.getByRole("button", { name: "Go on with them" }).last().click();
  await expect(page.getByRole("article", { name: /^copy-0/ })).toBeVisible();
  await expect(page.getByText("1 older study on this machine")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Go on with them" })).toHaveCount(1);
});

test("what an earlier visit left is deleted only after a question", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  await choose(page, SMALL);
  await expect.poll(() => kept(page)).toBe(1);
  await page.reload();
  const offer = page.getByText(/^1 result is kept on this machine/);
  await page.getByRole("button", { name: "Delete them" }).click();
  const question = page.getByRole("group", { name: "Delete them" });
  await expect(question).toContainText(/^Delete 1 result of 1 image \(.+\) from this machine\?/);
  await question.getByRole("button", { name: "Keep them" }).click();
  await expect(offer).toBeVisible();
  expect(await kept(page)).toBe(1);

  await page.getByRole("button", { name: "Delete them" }).click();
  await question.getByRole("button", { name: "Delete for good" }).click();
  await expect(question).toHaveCount(0);
  await expect(offer).toHaveCount(0);
  await expect.poll(() => kept(page)).toBe(0);
});

test("folders of one name in two hospitals are two patients; a flat folder is asked about", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  await chooseFolder(page, await folderOf("north/case-9/HE/a.jpg", "south/case-9/HE/b.jpg"));
  await expect(patients(page).locator("th")).toHaveText(["north/case-9", "south/case-9"]);
  await expect(page.getByText(/^Folders called case-9 lie in different places/)).toBeVisible();
  await page.getByRole("button", { name: "They are one patient" }).click();
  await expect(patients(page).locator("th")).toHaveText(["case-9"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(patients(page)).toHaveCount(2);

  await page.getByRole("button", { name: "Clear" }).click();
  await rm(test.info().outputPath("study"), { recursive: true });
  await chooseFolder(page, await folderOf("a.jpg", "b.jpg"));
  await expect(
    page.getByText("All 2 images lie in one folder and count as one patient, study."),
  ).toBeVisible();
  await page.getByRole("button", { name: "They are of different patients" }).click();
  await expect(patients(page)).toHaveCount(0);
});

test("a part has no verdict; what was cancelled is run together; Clear can be undone", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site, "?workers=1&max_patches=all");
  await choose(page, ...(await copies(LARGE, 12)));
  await expect(rows(page).first()).toHaveAttribute("data-state", "done");
  await page.getByRole("button", { name: /^Cancel all/ }).click();
  await expect(page.getByText(/^\d+ of 12 images analysed\.$/)).toBeVisible();
  await expect(page.locator(".summary .verdict-word")).toHaveCount(0);
  const saved = (await downloadFolder(page)) as ExportedFolder;
  expect(saved.aggregated_diagnosis).toBeNull();
  // A table has only its name to say so.
  const table = page.waitForEvent("download");
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "Patches (CSV)" }).click();
  expect((await table).suggestedFilename()).toMatch(/^histoscope-patches-\d+-of-12-/);
  await page.getByRole("button", { name: /^Run the \d+ cancelled$/ }).click();
  await expect(page.getByText("Mean over 12 images:")).toBeVisible();

  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByText("12 images removed.")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Mean over 12 images:")).toBeVisible();
});

test("a file that is gone takes no result with it, and can be chosen anew", async ({ page, site }) => {
  await open(page, site);
  const [path = ""] = await copies(SMALL, 1);
  await choose(page, path);
  await expect(page.locator(".verdict-word")).toBeVisible();
  const before = await page.locator(".verdict").textContent();
  await utimes(path, 1, 1);
  await rm(path);
  await page.getByText("Options").click();
  await page.getByLabel("Patches per image").selectOption("10");
  await page.getByLabel("Only assessable patches vote").uncheck();
  await page.getByRole("button", { name: "Run again with these" }).click();
  await expect(page.getByText("Running it again failed, so the earlier result stands.")).toBeVisible();
  await expect(page.locator(".verdict")).toHaveText(before ?? "");
  await page.getByLabel(/^File in place of/).setInputFiles(SMALL);
  await expect(page.getByText("Running it again failed")).toHaveCount(0);
  await expect(page.locator(".verdict-word")).toBeVisible();
});

test("a drawing never counts among images of tissue", async ({ page, site }) => {
  await open(page, site);
  await page.getByRole("button", { name: /^Try: Ducts/ }).click();
  await expect(page.locator(".verdict-word")).toBeVisible();
  await choose(page, SMALL, fixture("good/grid_448x224.jpg"));
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
  await expect(page.getByText("1 drawing does not count.")).toBeVisible();
  await expect(rows(page).first()).toContainText("Drawing: does not count");

  // Its own report says so as well: read again, it must not count either.
  await rows(page).first().getByRole("button").first().click();
  const drawn: unknown = await downloadReport(page);
  expect(drawn).toMatchObject({ demos: [0], aggregated_diagnosis: null });

  // The browser's own menu prints the report, too.
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await expect(page.locator(".print").getByRole("cell", { name: /\.jpg \(Drawing\)$/ })).toHaveCount(1);
});

test("a dropped folder is read past what cannot be read, which is named, on the empty page too", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  const drop = (names: readonly string[], base64: string) =>
    page.evaluate(dropFolder, { files: Object.fromEntries(names.map((name) => [name, ""])), base64 });
  await drop(["locked"], "");
  await expect(page.getByText("1 file or folder could not be read: top/locked.")).toBeVisible();
  const picture = (await readFile(SMALL)).toString("base64");
  await drop(["a.jpg", "gone.jpg", "locked", "notes.txt"], picture);
  await expect(
    page.getByText("2 files or folders could not be read: top/gone.jpg, top/locked."),
  ).toBeVisible();
  await expect(page.getByRole("article", { name: "top/a.jpg" }).locator(".verdict-word")).toBeVisible();
});

test("the page asks before it is left while something would be lost", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  expect(await asks(page)).toBe(false);
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
  await expect.poll(() => kept(page)).toBe(1);
  await expect.poll(() => asks(page)).toBe(false);
  await page.getByLabel("Keep results on this machine, never pictures").uncheck();
  await expect.poll(() => asks(page)).toBe(true);
  await expect.poll(() => kept(page)).toBe(0);
  await page.getByRole("button", { name: "Clear" }).click();
  await expect.poll(() => asks(page)).toBe(false);
  await page.reload();
  await expect(page.getByLabel("Keep results on this machine, never pictures")).not.toBeChecked();
});

test("a browser without room says so, and the page goes on", { tag: "@slow" }, async ({ page, site }) => {
  await page.addInitScript(fillDisk);
  await open(page, site);
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
  await expect(page.getByText(/^The study cannot be kept on this machine \(/)).toBeVisible();
  expect(await asks(page)).toBe(true);
});

test("saved results are shown, taken together, judged anew and saved without an engine", async ({
  page,
  site,
  context,
}) => {
  await knowingNothing(page);
  await open(page, site);
  await chooseFolder(page, await folderOf("case-1/a.jpg", "case-1/b.jpg", "case-2/c.jpg"));
  await expect(page.getByText(allOf(3))).toBeVisible();
  const saved = (await downloadFolder(page)) as ExportedFolder;
  const path = test.info().outputPath("saved.json");
  await writeFile(path, JSON.stringify(saved));

  const bare = await context.newPage();
  // The small core is there, to read them with.
  await bare.route(/\.onnx/, (route) => route.abort());
  await bare.goto(site.url);
  await expect(bare.getByRole("alert")).toContainText("The classifier could not start");
  await choose(bare, path);
  await expect(bare.getByText("2 patients, 3 images")).toBeVisible();
  await expect(patients(bare)).toHaveCount(2);
  expect(await downloadFolder(bare)).toEqual(saved);
  await bare.getByText("Options").click();
  await bare.getByLabel("Uncertain below").selectOption("0.9");
  await expect(rows(bare).first()).toContainText("Uncertain");
  await choose(bare, SMALL);
  await rows(bare).last().getByRole("button").first().click();
  await expect(bare.getByText("Cannot be analysed: the classifier has not started.")).toBeVisible();
});
