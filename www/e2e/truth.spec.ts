// Labels and patients: read off folders, given by keys and by a table, seen before anything changes, and undone.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { findingsInBothSchemes, NOTHING } from "./axe.ts";
import { allOf, choose, downloadFolder, drop, expect, folderOf, open, test } from "./site.ts";

const cells = (page: Page, of: "label" | "patient") => page.locator(`.lines .cell-${of}`);

async function tableFile(name: string, text: string): Promise<string> {
  const path = test.info().outputPath(name);
  await writeFile(path, text);
  return path;
}

test("labels come from folders, from keys with undo, and go out in the table", async ({ page, site }) => {
  await open(page, site);
  const folder = await folderOf("benign/case-1/a.jpg", "malignant/case-2/b.jpg", "other/case-3/c.jpg");
  await page.getByLabel("Folder of images").setInputFiles(folder);
  await expect(page.getByText(allOf(3))).toBeVisible();
  await expect(cells(page, "label")).toHaveText(["benign", "malignant", ""]);
  // A class is no patient.
  await expect(cells(page, "patient")).toHaveText(["case-1", "case-2", "case-3"]);

  await page.locator(".line-main").nth(2).click();
  await page.keyboard.press("m");
  await expect(cells(page, "label")).toHaveText(["benign", "malignant", "malignant"]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(cells(page, "label")).toHaveText(["benign", "malignant", ""]);
  await page.locator(".line-main").nth(2).click();
  await page.keyboard.press("b");
  await page.keyboard.press("x");
  await expect(cells(page, "label")).toHaveText(["benign", "malignant", ""]);

  await page.getByLabel("Label", { exact: true }).selectOption("Without a label");
  await expect(page.locator(".lines .line-main")).toHaveCount(1);
  await page.getByLabel("Label", { exact: true }).selectOption("Any label");

  const download = page.waitForEvent("download");
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "Images (CSV)" }).click();
  const csv = await readFile(await (await download).path(), "utf8");
  expect(csv.split("\r\n")[0]).toContain(",patient,label,");
  expect(csv).toContain("case-2,malignant,done");
});

test("what is set for many hits the selected image, too, where the filter hides it", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  const folder = await folderOf("case-1/a.jpg", "case-2/b.jpg", "case-2/c.jpg");
  await page.getByLabel("Folder of images").setInputFiles(folder);
  await expect(page.getByText(allOf(3))).toBeVisible();
  await page.locator(".line-main").nth(0).click();
  await page.getByLabel("Filter by name or patient").fill("case-2");
  await expect(page.locator(".lines .line-main")).toHaveCount(2);

  await page.getByRole("button", { name: "Set for all 3 shown" }).click();
  await expect(
    page.getByText(/^3 images of 1 patient \(case-2\) will belong to patient case-1\.$/),
  ).toBeVisible();
  await page
    .getByRole("group", { name: "Set for all 3 shown" })
    .getByRole("button", { name: "Cancel" })
    .click();

  await page.getByRole("button", { name: "Patients and labels" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("For 3 images.")).toBeVisible();
  await dialog.getByLabel("A folder names").selectOption("the label");
  await dialog.getByRole("button", { name: "Set 3 images" }).click();
  await page.getByLabel("Filter by name or patient").fill("");
  await expect(cells(page, "label")).toHaveText(["case-1", "case-2", "case-2"]);
});

test("a scale is that of the whole study, with a bar in the picture, and can be undone", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  await page.getByLabel("Folder of images").setInputFiles(await folderOf("case-1/a.jpg", "case-2/b.jpg"));
  await expect(page.getByText(allOf(2))).toBeVisible();
  await expect(page.locator(".scale-bar")).toHaveCount(0);
  const field = page.getByLabel("Scale (µm per pixel)");
  await field.fill("0.5");
  await page.getByRole("button", { name: "Scale all 2 shown" }).click();
  await expect(page.getByText("2 images will be of 0.5 µm per pixel.")).toBeVisible();
  await page.getByRole("button", { name: "Set all 2" }).click();
  await expect(page.getByText("Scale of 2 images now 0.5 µm per pixel.")).toBeVisible();
  await expect(page.locator(".scale-bar")).toBeVisible();
  const { individual_results: results } = await downloadFolder(page);
  expect(results.map((result) => result.success && result.scale)).toEqual(
    Array(2).fill({ um_per_pixel: 0.5, source: "set" }),
  );
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.locator(".scale-bar")).toHaveCount(0);
});

test("a table tells patients and labels of many, after a look, and can be undone", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  const table = await tableFile(
    "truth.csv",
    "\ufeffDatei;Patient;Befund\r\na.jpg;Müller;gutartig\r\nb.jpg;Schmidt;in situ\r\nnever.jpg;X;Y\r\n",
  );
  // Nothing to be told of yet.
  await drop(page, table);
  await expect(page.getByText("truth.csv is a table about images: add the images first.")).toBeVisible();

  const folder = await folderOf("s/a.jpg", "s/b.jpg", "s/c.jpg");
  await page.getByLabel("Folder of images").setInputFiles(folder);
  await expect(page.getByText(allOf(3))).toBeVisible();
  await choose(page, table);
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByText("2 images: 2 patients, 2 labels.")).toBeVisible();
  await expect(dialog.getByText("1 line of the table names no image here: never.jpg.")).toBeVisible();
  await expect(dialog.getByText("1 image is not mentioned and stays as it is.")).toBeVisible();
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
  // Seen, and nothing changed yet.
  await expect(cells(page, "patient")).toHaveText(["s", "s", "s"]);
  await dialog.getByRole("button", { name: "Set 2 images" }).click();
  await expect(dialog).toBeHidden();
  await expect(cells(page, "patient")).toHaveText(["Müller", "Schmidt", "s"]);
  await expect(cells(page, "label")).toHaveText(["benign", "in situ", ""]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(cells(page, "patient")).toHaveText(["s", "s", "s"]);
});

test("folders tell patients at any level, by keyboard alone", async ({ page, site }) => {
  await open(page, site);
  const folder = await folderOf("north/case-1/a.jpg", "south/case-1/b.jpg");
  await page.getByLabel("Folder of images").setInputFiles(folder);
  await expect(page.getByText(allOf(2))).toBeVisible();
  const opener = page.getByRole("button", { name: "Patients and labels" });
  await opener.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: /^Folder/ }).selectOption({ index: 1 });
  await expect(dialog.getByText("2 images: 2 patients, 0 labels.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
  await opener.press("Enter");
  await dialog.getByRole("combobox", { name: /^Folder/ }).selectOption({ index: 1 });
  await dialog.getByRole("button", { name: "Set 2 images" }).press("Enter");
  await expect(cells(page, "patient")).toHaveText(["north", "south"]);
});

test("a table that lies in a folder is offered", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  const folder = await folderOf("s/a.jpg", "s/b.jpg");
  await writeFile(join(folder, "labels.csv"), "file,label\na.jpg,benign\n");
  await page.getByLabel("Folder of images").setInputFiles(folder);
  await page.getByRole("button", { name: "Open the table" }).click();
  await expect(page.getByRole("dialog").getByText("1 image: 0 patients, 1 label.")).toBeVisible();
});
