// A lesson on the deeper network: fetched when somebody wants it and never before, the same bytes as from the command line,
// in force and put down again, without a server from then on; cancelled, damaged, and out of the single file.

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { ImageReport } from "../src/study/report.ts";
import { findingsInBothSchemes, NOTHING } from "./axe.ts";
import { fromCommandLine, histoscope, needsCommandLine, taughtDeeper } from "./command-line.ts";
import { singleFile } from "./published.ts";
import {
  DIST,
  downloadFolder,
  drop,
  expect,
  look,
  open,
  ROOT,
  rows,
  serveSite,
  test,
  withoutTimings,
} from "./site.ts";

const DEEPER = join(ROOT, "models", "histoscope-teaching.int8.onnx");
const NAME = "Deep laboratory";
/** Of so many patches an image the lesson is as good, and all images are looked at twice. */
const FEW = "max_patches=10";
const FEW_THERE = ["--max-patches", "10"];
const HERE = "The deeper network is on this machine.";

/** The drawn study, labelled by its file, looked at and judged. */
async function openStudy(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Try a study of 24 fields" }).click();
  await expect(page.getByText("6 patients, 24 images", { exact: true })).toBeVisible({ timeout: 90_000 });
}

const deeper = (page: Page) => page.getByRole("checkbox", { name: "Look deeper" });
const teach = (page: Page) => page.getByRole("button", { name: "Teach it these" });
const learned = (page: Page) => page.getByRole("heading", { name: `What it has learned: ${NAME}` });
const judges = (page: Page) => page.getByText(`The lesson ${NAME} judges.`);

async function lookDeeper(page: Page): Promise<void> {
  await page.getByLabel("Name of the lesson").fill(NAME);
  await deeper(page).check();
  await teach(page).click();
}

const told = async (page: Page): Promise<ImageReport[]> =>
  (await downloadFolder(page)).individual_results as ImageReport[];
const verdicts = async (page: Page) => (await told(page)).map(({ verdict }) => verdict);
const networks = async (page: Page) => new Set((await told(page)).map(({ model }) => model.sha256));

/** What is asked of the server from now on that belongs to the deeper network: two files, when somebody wants it. */
function asked(page: Page): string[] {
  const urls: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("histoscope-teaching")) urls.push(request.url());
  });
  return urls;
}

test.describe("kept on the machine", () => {
  test.use({ serviceWorkers: "allow" });

  test("it is fetched for teaching, judges with its lesson, and needs no server afterwards", {
    tag: "@slow",
  }, async ({ page }) => {
    test.setTimeout(400_000);
    needsCommandLine();
    const site = await serveSite();
    const urls = asked(page);
    await open(page, site, `?count_unfamiliar=off&${FEW}`);
    await expect(page.getByText("Saved on this machine")).toBeVisible();
    await openStudy(page);
    const before = await told(page);
    await expect(deeper(page)).toBeVisible();
    await look(page, "deeper-choice.png");
    expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
    // Saved, looked at and asked about; and still nobody has fetched it.
    expect(urls).toEqual([]);

    await lookDeeper(page);
    await expect(learned(page)).toBeVisible({ timeout: 120_000 });
    expect(urls).toHaveLength(2);
    await expect(page.getByText("On the deeper network, which takes longer for an image.")).toBeVisible();
    await look(page, "deeper-taught.png");
    // What is shown stays until it is used.
    expect((await told(page)).map(withoutTimings)).toEqual(before.map(withoutTimings));
    await page.getByRole("button", { name: "Use it" }).click();
    await expect(judges(page)).toBeVisible();
    await expect(page.getByText(/All labelled images \(24\)/)).toBeVisible({ timeout: 90_000 });
    await look(page, "deeper-judges.png");
    expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
    const after = await told(page);
    const [{ model }] = after as [ImageReport];
    expect(model.name).toBe("histoscope-lite0-teaching");
    expect(await networks(page)).toEqual(new Set([model.sha256]));
    const given = after.map(({ verdict }) => verdict);
    expect(given.filter((verdict) => ["benign", "malignant"].includes(verdict)).length).toBeGreaterThan(18);

    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download it" }).click();
    const file = test.info().outputPath("deep-laboratory.lesson.json");
    await (await saved).saveAs(file);
    for (const report of after.slice(0, 2)) {
      const field = join(DIST, "demo-study", report.filename);
      const there = await fromCommandLine(field, "--lesson", file, ...FEW_THERE);
      expect(withoutTimings(report)).toEqual(withoutTimings(there));
    }
    const [network] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download as ONNX" }).click(),
    ]);
    const exported = test.info().outputPath("command-line.onnx");
    await histoscope("export", "--lesson", file, "--out", exported);
    expect((await readFile(await network.path())).equals(await readFile(exported))).toBe(true);

    await page.getByRole("button", { name: "Back to the model as it came" }).click();
    await expect(page.getByText("24 images are unfamiliar to the model")).toBeVisible();
    expect((await told(page)).map(withoutTimings)).toEqual(before.map(withoutTimings));

    // At the next visit, without a server.
    await page.getByRole("button", { name: "Clear" }).click();
    await site.stop();
    await page.reload();
    await expect(page.getByText("Ready, all loaded")).toBeVisible();
    await drop(page, file);
    await expect(judges(page)).toBeVisible({ timeout: 60_000 });
    await openStudy(page);
    await expect(page.getByText(/All labelled images \(24\)/)).toBeVisible({ timeout: 90_000 });
    expect(await verdicts(page)).toEqual(given);
    await expect(page.getByText(HERE)).toBeVisible();
    await expect(deeper(page)).toBeChecked();
    expect(urls).toHaveLength(2);
    // It goes with everything else.
    await page.getByRole("button", { name: "Remove from this machine" }).click();
    await expect(page.getByText("Removed from this machine.")).toBeVisible();
    expect(await page.evaluate(async () => (await caches.keys()).length)).toBe(0);
  });
});

test("its lesson is to the byte that of the command line", { tag: "@slow" }, async ({ page, site }) => {
  test.setTimeout(240_000);
  needsCommandLine();
  const { lesson } = await taughtDeeper(NAME, ...FEW_THERE);
  await open(page, site, `?count_unfamiliar=off&workers=3&${FEW}`);
  await openStudy(page);
  await lookDeeper(page);
  await expect(learned(page)).toBeVisible({ timeout: 120_000 });
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(judges(page)).toBeVisible();
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download it" }).click();
  expect(await readFile(await (await saved).path(), "utf8")).toBe(lesson);
});

test("a download that is cancelled or damaged changes nothing, and another try does it", {
  tag: "@slow",
}, async ({ page, site }) => {
  test.setTimeout(240_000);
  await open(page, site, `?count_unfamiliar=off&${FEW}`);
  await openStudy(page);
  const before = await verdicts(page);
  const file = await readFile(DEEPER);
  let answer: "never" | "damaged" | "whole" = "never";
  await page.route("**/histoscope-teaching.int8.onnx*", async (route) => {
    if (answer === "never") return;
    const body = Buffer.from(file);
    if (answer === "damaged") body[5000] = (body[5000] ?? 0) ^ 1;
    await route.fulfill({ body });
  });
  await lookDeeper(page);
  await expect(page.getByText(/Fetching the deeper network: .* of 2\.7 MB/)).toBeVisible();
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(teach(page)).toBeVisible();
  answer = "damaged";
  await teach(page).click();
  const alert = page.getByRole("alert").filter({ hasText: "Nothing was learned." });
  await expect(alert).toContainText("histoscope-teaching.int8.onnx is another file: its SHA-256 differs");
  expect(await verdicts(page)).toEqual(before);
  await expect(page.getByText(HERE)).toHaveCount(0);
  answer = "whole";
  await teach(page).click();
  await expect(learned(page)).toBeVisible({ timeout: 120_000 });
  await page.getByRole("button", { name: "Discard it" }).click();
  await expect(page.getByText(HERE)).toBeVisible();
  expect(await verdicts(page)).toEqual(before);
});

test("a lesson of it asks to fetch it, by keys, on a phone, in German; images before it are looked at anew", {
  tag: "@slow",
}, async ({ page, site }) => {
  test.setTimeout(300_000);
  needsCommandLine();
  const { file } = await taughtDeeper(NAME, ...FEW_THERE);
  await page.setViewportSize({ width: 360, height: 740 });
  const urls = asked(page);
  await page.goto(`${site.url}?lang=de&${FEW}`);
  await page.getByRole("button", { name: "Eine Studie aus 24 Feldern ausprobieren" }).press("Enter");
  await expect(page.getByText("24 Bilder mit Label von 6 Patienten")).toBeVisible({ timeout: 90_000 });
  await drop(page, file);
  await expect(
    page.getByText(
      `Die Lektion ${NAME} wurde auf dem tieferen Netz gelernt, das nicht auf diesem Gerät ist.`,
    ),
  ).toBeVisible();
  await look(page, "deeper-wanted.png");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
  expect(urls).toEqual([]);
  await page.getByRole("button", { name: "Holen (2,7 MB) und die Lektion verwenden" }).press("Enter");
  await expect(page.getByText(`Es urteilt die Lektion ${NAME}.`)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/An allen Bildern mit Label \(24\)/)).toBeVisible({ timeout: 90_000 });
  await expect(rows(page, "Bilder").first()).toContainText(/Gutartig|Bösartig|Unsicher/);
  expect(urls).toHaveLength(2);
  await look(page, "deeper-phone.png");
});

test("the single file has it not, and takes it from a person", { tag: "@slow" }, async ({ page }) => {
  test.setTimeout(240_000);
  const { folder, address } = await singleFile();
  try {
    await page.goto(`${address}?count_unfamiliar=off&${FEW}`);
    await expect(page.getByText("Ready, all loaded")).toBeVisible();
    await openStudy(page);
    await expect(page.getByText("drop histoscope-teaching.int8.onnx here")).toBeVisible();
    await expect(deeper(page)).toHaveCount(0);
    await drop(page, DEEPER);
    await expect(page.getByText(HERE)).toBeVisible();
    await lookDeeper(page);
    await expect(learned(page)).toBeVisible({ timeout: 120_000 });
    await page.getByRole("button", { name: "Use it" }).click();
    await expect(judges(page)).toBeVisible();
  } finally {
    await rm(folder, { recursive: true });
  }
});
