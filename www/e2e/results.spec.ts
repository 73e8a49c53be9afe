// Many results: patients, the long table, what is taken away and read back, and a queue that can be held.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Download, Locator, Page } from "@playwright/test";
import type { ExportedFolder } from "../src/study/exchange.ts";
import { findings } from "./axe.ts";
import { chooseSeries } from "./pictures.ts";
import {
  allOf,
  choose,
  demo,
  differing,
  downloadFolder,
  expect,
  fixture,
  knowingNothing,
  LARGE,
  open,
  rows,
  SMALL,
  test,
} from "./site.ts";

const HEAD = 1;

async function text(download: Download): Promise<string> {
  return readFile(await download.path(), "utf8");
}

/** Takes an export from the menu. */
async function exported(page: Page, name: string): Promise<Download> {
  await page.getByText("Export", { exact: true }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name, exact: true }).click();
  return download;
}

/** Prints the report, as `fill` fills the dialog in; gives what would be on paper. */
async function printed(page: Page, fill: (dialog: Locator) => Promise<void>): Promise<Locator> {
  await page.evaluate(() => {
    window.print = () => {
      document.documentElement.dataset["printed"] = "yes";
    };
  });
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "Print a report" }).click();
  const dialog = page.getByRole("dialog", { name: "Print a report" });
  await fill(dialog);
  await dialog.getByRole("button", { name: "Print" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-printed", "yes");
  await page.emulateMedia({ media: "print" });
  return page.locator(".print");
}

let written = 0;

/** A folder in the test's own place with pictures under other names; no two files are the same. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = test.info().outputPath("study");
  for (const [name, source] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    const bytes = await readFile(source);
    await writeFile(path, source.endsWith(".jpg") ? differing(bytes, ++written) : bytes);
  }
  return folder;
}

const SOME = {
  "case-1/SOB_M_DC-14-2523-400-001.jpg": SMALL,
  "case-1/SOB_M_DC-14-2523-400-002.jpg": fixture("good/grid_448x224.jpg"),
  "case-10/one.jpg": demo("synthetic-ducts.jpg"),
  "case-2/two.jpg": fixture("good/grid_470x260.jpg"),
};

async function chooseFolder(page: Page, files: Readonly<Record<string, string>>): Promise<void> {
  await page.getByLabel("Folder of images").setInputFiles(await folderOf(files));
  const count = Object.keys(files).length;
  await expect(page.getByText(allOf(count))).toBeVisible();
}

const patients = (page: Page) => page.getByRole("region", { name: "Patients" }).locator("tbody tr");
const heads = (page: Page) => page.getByRole("grid", { name: "Images" }).locator(".line-patient");
const names = (page: Page) => rows(page).locator(".line-name > .visually-hidden").allTextContents();

test("images are grouped by patient, and each patient has the mean of its images", async ({ page, site }) => {
  await open(page, site);
  await chooseFolder(page, SOME);
  await expect(patients(page)).toHaveCount(3);
  await expect(patients(page).locator("th")).toHaveText(["14-2523", "case-2", "case-10"]);

  await page.getByLabel("By patient").check();
  await expect(heads(page)).toHaveCount(3);
  await expect(heads(page).first()).toContainText("14-2523 2 images");

  const folder = (await downloadFolder(page)) as ExportedFolder;
  const of = (index: number) => {
    const result = folder.individual_results[index];
    return result?.success ? (result.probabilities?.malignant ?? Number.NaN) : Number.NaN;
  };
  const [first] = folder.patients;
  expect(first?.images).toEqual([0, 1]);
  const mean = (of(0) + of(1)) / 2;
  expect(first?.aggregated_diagnosis?.probabilities.malignant).toBeCloseTo(mean, 9);
  await expect(patients(page).first()).toContainText(`${(100 * mean).toFixed(1)}%`);
  const votes = first?.image_breakdown;
  await expect(
    page.getByRole("columnheader", { name: "Images (benign / malignant / left out)" }),
  ).toBeVisible();
  await expect(patients(page).first()).toContainText(
    `(${votes?.benign_images} / ${votes?.malignant_images} /`,
  );
  await expect(heads(page).first()).toContainText(`${(100 * mean).toFixed(1)}% malignant`);
});

test("a patient can be mended, for one image or for all that the filter shows", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  await chooseFolder(page, SOME);
  await rows(page).nth(0).getByRole("button").first().click();
  const field = page.getByLabel("Patient", { exact: true });
  await expect(field).toHaveValue("14-2523");
  await field.fill("  case-2 ");
  await field.press("Enter");
  await expect(field).toHaveValue("case-2");
  await expect(patients(page).filter({ hasText: "case-2" })).toContainText("2");
  await expect(patients(page)).toHaveCount(3);

  await page.getByLabel("Filter by name or patient").fill("case-1");
  await expect(rows(page)).toHaveCount(3);
  await field.fill("together");
  await page.getByRole("button", { name: "Set for all 3 shown" }).click();
  await expect(
    page.getByText(/^3 images of 3 patients \(.*case-10.*\) will belong to patient together\.$/),
  ).toBeVisible();
  await page.getByRole("button", { name: "Set all 3" }).click();
  await expect(patients(page).locator("th")).toHaveText(["case-2", "together"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(patients(page).locator("th")).toHaveText(["14-2523", "case-2", "case-10"]);
});

test("what is typed for many is not kept for one on the way to a button that gets no focus", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  await chooseFolder(page, SOME);
  const field = page.getByLabel("Patient", { exact: true });
  for (const index of [0, 1]) {
    await rows(page).nth(index).getByRole("button").first().click();
    await field.fill("Alpha");
    await field.press("Enter");
  }
  const filter = page.getByLabel("Filter by name or patient");
  await filter.fill("Alpha");
  await expect(rows(page)).toHaveCount(2);
  await field.fill("Beta");
  // As Safari does it: were one image Beta by then, it would leave the list, and the button with it.
  await page.getByRole("button", { name: "Set for all 2 shown" }).evaluate(async (button: HTMLElement) => {
    button.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    (document.activeElement as HTMLElement).blur();
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    button.dispatchEvent(new PointerEvent("pointerup", { bubbles: true }));
    button.click();
  });
  await page.getByRole("button", { name: "Set all 2" }).click();
  await filter.fill("Beta");
  await expect(rows(page)).toHaveCount(2);
});

test("every column sorts, and the filter narrows by word and by verdict", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await knowingNothing(page);
  await open(page, site);
  await choose(
    page,
    SMALL,
    fixture("bad/text.png"),
    fixture("good/grid_448x224.jpg"),
    demo("synthetic-fat.jpg"),
  );
  await expect(page.getByText("Mean over 3 images:")).toBeVisible();
  const grid = page.getByRole("grid", { name: "Images" });
  for (const column of ["Image", "Verdict", "Malignant", "Patches", "Patient", "State"]) {
    await grid.getByRole("columnheader", { name: column }).getByRole("button").click();
    await expect(grid.getByRole("columnheader", { name: column })).not.toHaveAttribute("aria-sort", "none");
  }
  await grid.getByRole("columnheader", { name: "Image" }).getByRole("button").click();
  expect(await names(page)).toEqual([
    "grid_448x224.jpg",
    "grid_700x460.jpg",
    "synthetic-fat.jpg",
    "text.png",
  ]);
  await grid.getByRole("columnheader", { name: "Malignant" }).getByRole("button").click();
  const shares = (await rows(page).locator(".cell-malignant").allTextContents()).map(Number.parseFloat);
  expect(shares.slice(0, 3)).toEqual(shares.slice(0, 3).toSorted((a, b) => b - a));
  expect((await names(page)).at(-1)).toBe("text.png");

  await page.getByLabel("Show", { exact: true }).selectOption("Failed");
  expect(await names(page)).toEqual(["text.png"]);
  await page.getByLabel("Show", { exact: true }).selectOption("All");
  await page.getByLabel("Filter by name or patient").fill("GRID 448");
  expect(await names(page)).toEqual(["grid_448x224.jpg"]);
  await page.getByLabel("Filter by name or patient").fill("nothing");
  await expect(page.getByText("No image matches the filter.")).toBeVisible();
});

test("CSV has a line for each image and one for each patch, and no formula", async ({ page, site }) => {
  await open(page, site);
  const buffer = await readFile(SMALL);
  await page.getByLabel("Image files").setInputFiles([
    { name: '=cmd, "x".jpg', mimeType: "image/jpeg", buffer },
    { name: "SOB_B_A-14-22549AB-100-001.jpg", mimeType: "image/jpeg", buffer: differing(buffer, 1) },
    { name: "bad.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no image") },
  ]);
  await expect(page.getByText("1 patient, 3 images")).toBeVisible();
  const images = (await text(await exported(page, "Images (CSV)"))).split("\r\n");
  expect(images).toHaveLength(HEAD + 3 + 1);
  expect(images[1]).toMatch(
    /^"'=cmd, ""x""\.jpg","'=cmd, ""x""\.jpg",,,done,yes,(benign|malignant|uncertain|unfamiliar),/,
  );
  expect(images[2]).toMatch(/^SOB_B_A-14-22549AB-100-001\.jpg,[^,]*,14-22549,benign,done,yes,/);
  expect(images[3]).toContain(",failed,no,");
  expect(images[3]).toContain("image_not_recognised");
  const patches = (await text(await exported(page, "Patches (CSV)"))).split("\r\n");
  expect(patches).toHaveLength(HEAD + 2 * 6 + 1);
  expect(patches[2]).toMatch(/^"'=cmd, ""x""\.jpg",,,2,224,0,224,224,assessable,0\.\d+,0\.\d+,/);
});

test("what was saved is shown again in a fresh page, without the images", async ({ page, site, context }) => {
  await open(page, site);
  await chooseFolder(page, { ...SOME, "case-2/bad.jpg": SMALL });
  const saved = await exported(page, "Results (JSON)");
  const path = test.info().outputPath("saved.json");
  await saved.saveAs(path);
  const said = (of: Page) =>
    rows(of).locator(".cell-verdict, .cell-malignant, .cell-patient").allTextContents();
  const before = [await names(page), await said(page), await patients(page).allTextContents()];

  const fresh = await context.newPage();
  await open(fresh, site);
  await choose(fresh, path);
  await expect(fresh.getByText(allOf(5))).toBeVisible();
  await expect(patients(fresh)).toHaveCount(3);
  expect([await names(fresh), await said(fresh), await patients(fresh).allTextContents()]).toEqual(before);
  await expect(fresh.getByText("From a saved report, which holds no picture.")).toBeVisible();
  await fresh.getByRole("region", { name: /Picture with the map/ }).focus();
  await fresh.keyboard.press("End");
  await expect(fresh.getByText(/^Patch \d of \d at \d+, \d+: malignant \d/)).toBeVisible();

  // A picture to take away says at its upper left, in ink on white, why there is none under the map.
  const png = await readFile(await (await exported(fresh, "Selected image with map (PNG)")).path());
  const ink = await fresh.evaluate(async (base64) => {
    const blob = new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]);
    const canvas = new OffscreenCanvas(300, 36);
    const context = canvas.getContext("2d");
    context?.drawImage(await createImageBitmap(blob), -12, -12);
    const bytes = context?.getImageData(0, 0, 300, 36).data ?? [];
    return Array.from({ length: 300 * 36 }, (_, at) => bytes[4 * at] ?? 255).filter((red) => red < 80).length;
  }, png.toString("base64"));
  expect(ink).toBeGreaterThan(300);

  const again = (await downloadFolder(fresh)) as ExportedFolder;
  expect(again).toEqual(JSON.parse(await readFile(path, "utf8")));

  await expect(fresh.getByText("not all analysed alike")).toHaveCount(0);
  // The same once more is there once.
  await choose(fresh, path);
  await expect(fresh.getByText("5 images were in the study already: their results were kept.")).toBeVisible();
  await expect(rows(fresh)).toHaveCount(5);
  await choose(fresh, await withOtherModel(path));
  await expect(fresh.getByText("not all analysed alike, but by 2 different models")).toBeVisible();
});

/** The saved results once more, as another model's, of files that nobody knows. */
async function withOtherModel(path: string): Promise<string> {
  const { sha256: _, ...folder } = JSON.parse(await readFile(path, "utf8")) as ExportedFolder;
  const individual_results = folder.individual_results.map((result) => {
    if (!result.success) return result;
    const { sha256: _, ...nameless } = result;
    return { ...nameless, model: { ...result.model, sha256: "0".repeat(64) } };
  });
  const other = test.info().outputPath("other.json");
  await writeFile(other, JSON.stringify({ ...folder, individual_results }));
  return other;
}

test("a file that is no report says why", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  const give = (name: string, content: string) =>
    page.getByLabel("Image files").setInputFiles({
      name,
      mimeType: "application/json",
      buffer: Buffer.from(content),
    });
  const alert = page.getByRole("alert");
  for (const [name, content, why] of [
    ["a.json", "no json", "it is no JSON, or cut off"],
    ["b.json", '{"schema_version": 1}', "its schema_version is 1, this program reads 2"],
    ["c.json", '{"schema_version": 2, "success": true, "filename": "x"}', "missing field"],
    // Of these the page itself would choke.
    ["many.json", `{"schema_version": 2, "individual_results": [${"1,".repeat(1e7)}1]}`, "more than 100000"],
    ["deep.json", `${"[".repeat(1e6)}${"]".repeat(1e6)}`, "it has not the form of a report"],
  ] as const) {
    await give(name, content);
    await expect(alert).toContainText(`${name} could not be read as a report`);
    await expect(alert).toContainText(why);
    await expect(alert.locator("code")).toHaveText("report_invalid");
  }
  await page.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("the selected image is saved with its map and legend", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
  const download = await exported(page, "Selected image with map (PNG)");
  expect(download.suggestedFilename()).toBe("grid_700x460.histoscope.png");
  const png = await readFile(await download.path());
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  expect(width).toBe(900);
  expect(height).toBeGreaterThan(Math.round((900 * 460) / 700) + 100);
});

test("the printed report has every image, the model and what it may be used for", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  await chooseFolder(page, SOME);
  const paper = await printed(page, async (dialog) => {
    expect(await findings(page)).toEqual([]);
    await dialog.getByLabel("Case number").fill("H/2026/117");
    await dialog.getByLabel("A picture with its map for each image").check();
  });
  await expect(paper).toBeVisible();
  await expect(page.locator("main")).toBeHidden();
  await expect(paper.getByText("Research use only.")).toBeVisible();
  await expect(paper.getByText(/^[0-9a-f]{64}$/)).toBeVisible();
  await expect(paper.getByText(/^AUC 0\.\d\d/)).toBeVisible();
  await expect(paper.getByText("Case number: H/2026/117")).toBeVisible();
  await expect(
    paper.getByText(/^up to 25 patches, every 224 pixels, patches checked for tissue/),
  ).toBeVisible();
  await expect(paper.getByText(/uncertain below the model's own threshold \(\d+(\.\d)?%\)/)).toBeVisible();
  await expect(paper.locator(".print-signature p")).toHaveText(["Place and date", "Name", "Signature"]);
  for (const name of Object.keys(SOME)) {
    await expect(paper.getByRole("img", { name: new RegExp(`${name}$`) })).toBeVisible();
  }
  for (const name of Object.keys(SOME)) await expect(paper.getByRole("cell", { name })).toBeVisible();
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });
  await expect(paper).toHaveCount(0);
});

test("what the filter shows is what is saved and printed, and both say that it is a part", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  await chooseFolder(page, SOME);
  await expect(page.getByText(allOf(4))).toBeVisible();
  await page.getByRole("searchbox", { name: "Filter by name or patient" }).fill("case-1/");
  const said = "Only the 2 of 4 images that the filter shows";
  const download = await exported(page, "Results (JSON)");
  expect(download.suggestedFilename()).toMatch(/^histoscope-report-2-of-4-study-/);
  const report = JSON.parse(await text(download)) as ExportedFolder;
  expect(report.filter).toEqual({ images: 2, of: 4, text: "case-1/" });
  expect(report.individual_results).toHaveLength(2);
  expect((await exported(page, "Images (CSV)")).suggestedFilename()).toMatch(/-images-2-of-4-/);
  const menu = page.getByText("Export", { exact: true });
  await menu.click();
  await expect(page.getByText(said)).toBeVisible();
  await menu.click();
  const paper = await printed(page, (dialog) => expect(dialog.getByText(said)).toBeVisible());
  await expect(paper.getByRole("heading", { name: "Histoscope: report on 2 of 4 images" })).toBeVisible();
  await expect(paper.getByText("Chosen by a filter: path, patient or label has “case-1/”.")).toBeVisible();
  await expect(paper.getByRole("heading", { name: "Selected image" })).toBeVisible();
  await expect(paper.getByRole("cell", { name: /one\.jpg|two\.jpg/ })).toHaveCount(0);
});

test("a single picture on paper is the selected image only where that was asked for", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  await choose(page, SMALL);
  const paper = await printed(page, (dialog) =>
    dialog.getByLabel("A picture with its map for each image").check(),
  );
  await expect(paper.getByRole("heading", { name: "Pictures" })).toBeVisible();
  await expect(paper.getByRole("heading", { name: "Selected image" })).toHaveCount(0);
});

test("two hundred images: few rows in the document, all of them within reach of the keyboard", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  await chooseSeries(page, 200);
  const grid = page.getByRole("grid", { name: "Images" });
  await expect(grid).toHaveAttribute("aria-rowcount", "201");
  await expect(page.getByText(allOf(200))).toBeVisible({ timeout: 100_000 });
  await expect(patients(page)).toHaveCount(10);
  const drawn = async () => {
    expect(await rows(page).count()).toBeLessThan(50);
    expect(await page.locator("canvas").count()).toBeLessThan(55);
  };
  await drawn();
  await rows(page).first().getByRole("button").first().focus();
  await page.keyboard.press("End");
  await expect(page.getByRole("article", { name: /-199\.jpg/ })).toBeVisible();
  const focused = () =>
    page.evaluate(() => document.activeElement?.closest("[role=row]")?.getAttribute("aria-rowindex"));
  await expect.poll(focused).toBe("201");
  await drawn();
  await expect(rows(page).last()).toBeInViewport();
  await page.keyboard.press("PageUp");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await drawn();
  await page.keyboard.press("Home");
  await expect.poll(focused).toBe("2");
  await page.getByLabel("By patient").check();
  await expect(grid).toHaveAttribute("aria-rowcount", "211");
  await drawn();
  // Scrolled away from the row that has the focus, which stays.
  await page.locator(".lines").evaluate((list) => list.scrollTo(0, list.scrollHeight / 2));
  await expect(rows(page).filter({ hasText: "-100.jpg" })).toBeInViewport();
  await drawn();
});

/** One worker, which the 374 patches of `LARGE` keep busy until the queue behind it is held. */
const BUSY = "?workers=1&max_patches=all&stride=56";

test("a queue that is held begins no further image, and goes on where it was", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, BUSY);
  await choose(page, LARGE);
  await chooseSeries(page, 60);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByText("paused", { exact: true })).toBeVisible();
  const begun = rows(page).filter({ hasNotText: "Waiting" });
  const atWork = rows(page).filter({ hasText: /Reading|of \d+ patches/ });
  await expect(atWork).toHaveCount(0, { timeout: 60_000 });
  await expect(begun).toHaveCount(1);
  // Another one would be begun when it comes, if any were.
  await choose(page, SMALL);
  await expect(page.getByText(/of 62 images$/)).toBeVisible();
  await expect(begun).toHaveCount(1);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByText(allOf(62))).toBeVisible();
  await expect(page.getByRole("button", { name: /^(Pause|Resume)$/ })).toHaveCount(0);
});

test("what is cancelled while held does not hold the next images", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, BUSY);
  await choose(page, LARGE);
  await chooseSeries(page, 200);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: /^Cancel all/ }).click();
  await page.getByRole("button", { name: "Clear" }).click();
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
});

test("failed images can be tried again together", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  const small = [fixture("bad/size_1x1.png"), fixture("bad/size_223x223.png")];
  await choose(page, fixture("bad/text.png"), SMALL, ...small);
  await expect(page.getByText("3 images failed")).toBeVisible();
  // Another model may take smaller ones; a text never becomes a picture.
  await page.getByRole("button", { name: "Retry 2 failed" }).click();
  await expect(page.getByText("3 images failed")).toBeVisible();
  await rows(page).first().getByRole("button").first().click();
  await expect(page.getByRole("alert").locator("code")).toHaveText("image_not_recognised");
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
});
