// Know, judge, learn: a laboratory that the model does not know is said to be unfamiliar; with labels it is told how good
// the verdicts are, and it learns the laboratory. All with the real core, on drawn fields.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { ImageReport } from "../src/study/report.ts";
import { findingsInBothSchemes, NOTHING } from "./axe.ts";
import { fromCommandLine, histoscope } from "./command-line.ts";
import { choose, DIST, drop, expect, look, open, rows, test, withoutTimings } from "./site.ts";

const FIELDS = 24;
/** Of so many patches an image the lesson is as good, and many of these tests look at all images. */
const FEW = "max_patches=10";

/** What is said of verdicts where the lesson that judges was taught the very images. */
const ALL_TAUGHT = /All labelled images \(24\), or others of their patients, were taught to the lesson/;

/** Opens the drawn study and waits until all of it has been looked at and judged by its labels, as far as that can be. */
async function openStudy(page: Page, judged: string | RegExp = "24 labelled images of 6 patients") {
  await page.getByRole("button", { name: "Try a study of 24 fields" }).click();
  await expect(page.getByText("6 patients, 24 images", { exact: true })).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText(judged)).toBeVisible();
}

/** As the page saves them. */
async function results(page: Page): Promise<ImageReport[]> {
  const download = page.waitForEvent("download");
  await page.getByText("Export", { exact: true }).click();
  await page.getByRole("button", { name: "Results (JSON)" }).click();
  return JSON.parse(await readFile(await (await download).path(), "utf8")).individual_results;
}

const verdicts = async (page: Page): Promise<string[]> => (await results(page)).map(({ verdict }) => verdict);

const leftOut = (page: Page) => page.getByRole("region", { name: "Verdicts on what was left out" });

/** Makes a lesson of what is labelled, of which each image has a verdict from while it was left out, and uses it. */
async function teach(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name of the lesson").fill(name);
  await page.getByRole("button", { name: "Teach it these" }).click();
  await expect(page.getByRole("heading", { name: `What it has learned: ${name}` })).toBeVisible({
    timeout: 60_000,
  });
  await expect(leftOut(page).getByRole("row")).toHaveCount(1 + FIELDS);
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(page.getByText(`The lesson ${name} judges.`)).toBeVisible();
}

test("a laboratory that it does not know, and learns", { tag: "@slow" }, async ({ page, site }) => {
  test.setTimeout(240_000);
  await open(page, site, `?count_unfamiliar=off&${FEW}`);
  await openStudy(page);
  expect(new Set(await verdicts(page))).toEqual(new Set(["unfamiliar"]));
  await expect(page.getByText("24 images are unfamiliar to the model")).toBeVisible();
  await look(page, "unfamiliar.png");
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);

  await teach(page, "Drawn laboratory");
  await look(page, "taught.png");
  // On the very images that it learned from it can hardly be wrong, which says nothing, and so it is told.
  await expect(page.getByText(ALL_TAUGHT)).toBeVisible();
  const taught = await verdicts(page);
  expect(taught.filter((verdict) => verdict === "unfamiliar").length).toBeLessThan(4);
  expect(taught.filter((verdict) => ["benign", "malignant"].includes(verdict)).length).toBeGreaterThan(18);
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);

  // What counts of them is what was said while their patients were left out.
  await expect(rows(page).first()).toContainText("Taught");
  await expect(
    rows(page)
      .first()
      .getByTitle(/it was judged: (Benign|Malignant|Uncertain), /),
  ).toBeVisible();
  await page.getByText("Verdicts on what was left out").click();
  await leftOut(page).getByRole("button", { name: "drawn-3-2.jpg" }).click();
  await expect(page.locator(".detail")).toContainText("While it was left out, it was judged: ");
  const [table] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download these (CSV)" }).click(),
  ]);
  const lines = (await readFile(await table.path(), "utf8")).trimEnd().split("\r\n");
  expect(lines).toHaveLength(1 + FIELDS);
  const right = lines.slice(1).filter((line) => {
    const [, , label, prediction] = line.split(",");
    return label === prediction;
  });
  expect(right.length).toBeGreaterThan(18);

  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download it" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe("drawn-laboratory.lesson.json");
  const file = test.info().outputPath("drawn-laboratory.lesson.json");
  await download.saveAs(file);

  // Nothing ran again, and every digit is that of the command line, where the lesson judged at once.
  for (const report of (await results(page)).slice(0, 3)) {
    const field = join(DIST, "demo-study", report.filename);
    expect(withoutTimings(report)).toEqual(
      withoutTimings(await fromCommandLine(field, "--lesson", file, "--max-patches", "10")),
    );
  }
  // With the model it is one ONNX file, to the byte that of the command line.
  const [network] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download as ONNX" }).click(),
  ]);
  expect(network.suggestedFilename()).toBe("drawn-laboratory.onnx");
  const exported = test.info().outputPath("command-line.onnx");
  await histoscope("export", "--lesson", file, "--out", exported);
  expect((await readFile(await network.path())).equals(await readFile(exported))).toBe(true);

  await page.reload();
  await expect(page.getByText("Lessons on this machine")).toBeVisible();
  await drop(page, file);
  await expect(page.getByText("The lesson Drawn laboratory judges.")).toBeVisible();
  await openStudy(page, ALL_TAUGHT);
  expect(await verdicts(page)).toEqual(taught);

  await page.getByRole("button", { name: "Back to the model as it came" }).click();
  await expect(page.getByText("24 images are unfamiliar to the model")).toBeVisible();
  await expect(rows(page).first()).not.toContainText("Taught");
  expect(new Set(await verdicts(page))).toEqual(new Set(["unfamiliar"]));
});

test("labels by folders judge the verdicts, and the threshold can be dragged", async ({ page, site }) => {
  test.setTimeout(180_000);
  await open(page, site, `?count_unfamiliar=off&${FEW}`);
  const names = (await readdir(join(DIST, "demo-study"))).filter((name) => name.endsWith(".jpg")).sort();
  const files = await Promise.all(
    names.map(async (name) => {
      const [, patient = ""] = name.split("-");
      const label = Number(patient) % 2 === 1 ? "benign" : "malignant";
      const bytes = await readFile(join(DIST, "demo-study", name));
      return { path: `${label}/patient-${patient}/${name}`, base64: bytes.toString("base64") };
    }),
  );
  // As a folder picker gives them.
  await page.getByLabel("Folder of images").evaluate((input: HTMLInputElement, files) => {
    const chosen = files.map(({ path, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const file = new File([bytes], path.split("/").at(-1) ?? "", { type: "image/jpeg" });
      return Object.defineProperty(file, "webkitRelativePath", { value: `study/${path}` });
    });
    Object.defineProperty(input, "files", { value: chosen, configurable: true });
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, files);
  await expect(page.getByText(`${FIELDS} labelled images of 6 patients`)).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole("table", { name: /By image and by patient/ })).toContainText("AUC");
  for (const plot of ["Sensitivity against false alarms (ROC)", "What is left if only sure verdicts count"]) {
    await expect(page.getByRole("img", { name: plot })).toBeVisible();
  }
  // Unfamiliar images, too, are counted where they lean; how many those are is said beside it.
  await expect(page.getByRole("table", { name: "Images: truth and leaning" })).toContainText(
    "leans to benign",
  );
  const slider = page.getByRole("slider", { name: "Threshold of confidence" });
  await slider.fill("100");
  await page.getByRole("button", { name: "Be uncertain below this" }).click();
  await expect(page.getByText(/^Verdicts on images: .*Unfamiliar \d/)).toBeVisible();
  await expect(page.getByLabel("Uncertain below")).toHaveValue("1");
  // The most wrong one is shown at a click.
  const wrong = page.locator(".worst li button").first();
  const name = (await wrong.textContent()) ?? "";
  await wrong.click();
  await expect(page.locator(".detail-head h2")).toHaveText(name);

  const svg = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as SVG: Sensitivity against false alarms (ROC)" }).click();
  const drawing = await readFile(await (await svg).path(), "utf8");
  expect(drawing).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  expect(drawing).toContain("<title");
  // Where it lies in 95 of 100 draws of patients.
  expect(drawing).toMatch(/<path [^>]*d="M[^"]+Z"/);

  // The same of patients, of whom there are six.
  await page.getByRole("radio", { name: "By patient" }).check();
  await expect(slider).toHaveAttribute("aria-valuetext", "100.0%");
  await expect(page.getByText(/of the patients are left|^No patient has a confidence/)).toBeVisible();
  const [ofPatients] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as SVG: Confidence against what is right" }).click(),
  ]);
  expect(ofPatients.suggestedFilename()).toContain("calibration-patients");
  const [table] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download (CSV)" }).click(),
  ]);
  const lines = (await readFile(await table.path(), "utf8")).split("\r\n");
  for (const curve of ["calibration", "coverage", "roc", "roc_band"]) {
    for (const subject of ["images", "patients"]) {
      expect(lines.some((line) => line.startsWith(`${curve},${subject},`))).toBe(true);
    }
  }
  const json = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download (JSON)" }).click();
  const { by_image, by_patient } = JSON.parse(await readFile(await (await json).path(), "utf8"));
  expect(by_image.confusion.flat().reduce((sum: number, count: number) => sum + count, 0)).toBe(FIELDS);
  expect(by_patient.confusion.flat().reduce((sum: number, count: number) => sum + count, 0)).toBe(6);
  // As the page has them in its table.
  const scores = page.getByRole("table", { name: /By image and by patient/ });
  for (const { auc } of [by_image, by_patient]) await expect(scores).toContainText(auc.value.toFixed(2));
});

test("three kinds of a person's own names are taught, shown, taken away and read again", {
  tag: "@slow",
}, async ({ page, site }) => {
  test.setTimeout(240_000);
  await open(page, site, `?count_unfamiliar=off&${FEW}`);
  const names = (await readdir(join(DIST, "demo-study"))).filter((name) => name.endsWith(".jpg")).sort();
  const files = names.map((name) => join(DIST, "demo-study", name));
  const lines = names.map((name, index) => {
    const patient = Number(name.split("-")[1]);
    const label = patient % 2 === 1 ? "normal" : index % 2 === 0 ? "in situ" : "invasive";
    return `${name},${label},patient ${patient}`;
  });
  const table = test.info().outputPath("kinds.csv");
  await writeFile(table, ["file,label,patient", ...lines, ""].join("\n"));
  const tell = async () => {
    await choose(page, ...files);
    await expect(page.getByText("24 images", { exact: false }).first()).toBeVisible({ timeout: 90_000 });
    await expect(page.locator(".summary-progress")).toHaveCount(0, { timeout: 90_000 });
    await choose(page, table);
    await page.getByRole("dialog").getByRole("button", { name: "Set 24 images" }).click();
  };
  await tell();
  const counts = page.getByRole("table", { name: "What there is to learn from" });
  await expect(counts.getByRole("row")).toHaveCount(4);
  await teach(page, "Three kinds");
  await expect(page.getByText(ALL_TAUGHT)).toBeVisible();
  const row = rows(page).first();
  await row.getByRole("button").first().click();
  await expect(page.locator(".legend-classes li")).toHaveText(["in situ", "invasive", "normal"]);
  await expect(page.locator(".class-histogram li")).toHaveCount(3);
  await look(page, "three-kinds.png");
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);

  const csv = async () => {
    const download = page.waitForEvent("download");
    await page.getByText("Export", { exact: true }).click();
    await page.getByRole("button", { name: "Images (CSV)" }).click();
    const text = await readFile(await (await download).path(), "utf8");
    const [head = [], ...lines] = text
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(","));
    const said = [
      "path",
      "verdict",
      "probability_in situ",
      "probability_invasive",
      "probability_normal",
      "lesson",
    ];
    return lines.map((cells) => said.map((column) => cells[head.indexOf(column)]));
  };
  const before = await csv();
  expect(before.every(([, , , , , lesson]) => lesson === "Three kinds")).toBe(true);
  const kinds = new Set(before.map(([, verdict]) => verdict));
  expect(
    [...kinds].filter((kind) => ["in situ", "invasive", "normal"].includes(kind ?? "")).length,
  ).toBeGreaterThan(1);
  await page.getByLabel("Show", { exact: true }).selectOption("normal");
  const normal = before.filter(([, verdict]) => verdict === "normal").length;
  await expect(rows(page)).toHaveCount(normal);

  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download it" }).click();
  const file = test.info().outputPath("three-kinds.lesson.json");
  await (await saved).saveAs(file);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.reload();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  await drop(page, file);
  await expect(page.getByText("The lesson Three kinds judges.")).toBeVisible();
  await tell();
  await expect(page.getByText(ALL_TAUGHT)).toBeVisible();
  expect(await csv()).toEqual(before);
});

test("a lesson's map lies within the patches, of its own classes", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  test.setTimeout(180_000);
  await open(page, site, `?count_unfamiliar=off&${FEW}`);
  await openStudy(page);
  await teach(page, "Drawn laboratory");
  await rows(page).first().getByRole("button").first().click();
  const within = page.getByRole("radio", { name: "Within patches" });
  const caveat = page.locator(".map-caveat");
  await expect(within).toBeVisible();
  await expect(caveat).toHaveCount(0);
  await within.check();
  await expect(caveat).toBeVisible({ timeout: 60_000 });
  await look(page, "lesson-map.png");
  // Of the model itself it is there at once, and none of the lesson's is left.
  await page.getByRole("button", { name: "Back to the model as it came" }).click();
  await expect(page.getByText("The lesson Drawn laboratory judges.")).toHaveCount(0);
  await expect(caveat).toBeVisible();
});

test("by keys, on a phone, in German", { tag: "@slow" }, async ({ page, site }) => {
  test.setTimeout(180_000);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${site.url}?lang=de`);
  await page.getByRole("button", { name: "Eine Studie aus 24 Feldern ausprobieren" }).press("Enter");
  await expect(page.getByText("24 Bilder mit Label von 6 Patienten")).toBeVisible({ timeout: 90_000 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "Daraus lernen lassen" }).press("Enter");
  await page.getByRole("button", { name: "Verwenden", exact: true }).press("Enter", { timeout: 60_000 });
  await expect(page.getByText("Es urteilt die Lektion Mein Labor.")).toBeVisible();
  await expect(rows(page, "Bilder").first()).toContainText(/Gutartig|Bösartig|Unsicher/);
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
});

test("what is no lesson is refused by name, and nothing changes", async ({ page, site }) => {
  await open(page, site, `?count_unfamiliar=off&${FEW}`);
  const file = test.info().outputPath("spoilt.lesson.json");
  await writeFile(file, '{"format":"histoscope-lesson","version":1,"name":"x"}');
  await drop(page, file);
  await expect(page.getByRole("alert")).toContainText("The lesson cannot be used");
  await page.getByRole("alert").getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);
});
