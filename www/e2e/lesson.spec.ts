// Lessons wherever they are made and read: the same bytes from the page with any number of workers as from the command line,
// of a person's own classes too; of too few patients only where a person wants it all the same; in the single file.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { judgedByThreeKinds, needsCommandLine, taughtByCommandLine } from "./command-line.ts";
import { singleFile } from "./published.ts";
import { choose, DIST, drop, expect, knowingNothing, open, report, test, withoutTimings } from "./site.ts";

interface Field {
  readonly file: string;
  readonly patient: number;
  readonly label: string;
}

const drawn = (file: string) => join(DIST, "demo-study", file);

async function fields(): Promise<Field[]> {
  return JSON.parse(await readFile(drawn("study.json"), "utf8"));
}

const tableOf = (rows: readonly Field[]) =>
  ["file,label,patient", ...rows.map(({ file, label, patient }) => `${file},${label},${patient}`), ""].join(
    "\n",
  );

/** Chooses these fields and tells their labels and patients by a table. */
async function tell(page: Page, rows: readonly Field[]): Promise<void> {
  await choose(page, ...rows.map(({ file }) => drawn(file)));
  const all = page.getByText(`${rows.length} images are unfamiliar to the model`);
  await expect(all).toBeVisible({ timeout: 90_000 });
  const table = test.info().outputPath("told.csv");
  await writeFile(table, tableOf(rows));
  await choose(page, table);
  await page
    .getByRole("dialog")
    .getByRole("button", { name: `Set ${rows.length} images` })
    .click();
}

const teach = (page: Page) => page.getByRole("button", { name: "Teach it these" }).click();
const learned = (page: Page) => page.getByRole("heading", { name: "What it has learned: lesson" });

/** The lesson that is there is used, and taken away. */
async function lessonOf(page: Page): Promise<string> {
  await expect(learned(page)).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(page.getByText("The lesson lesson judges.")).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download it" }).click();
  return readFile(await (await download).path(), "utf8");
}

// The page has a person's own in another order than the core.
const CASES = [
  { whose: "the model's own", kind: (label: string) => label, workers: 1 },
  {
    whose: "a person's own",
    kind: (label: string) => (label === "benign" ? "in situ" : "Invasive"),
    workers: 3,
  },
];

for (const { whose, kind, workers } of CASES) {
  test(`a lesson of ${whose} classes is to the byte that of the command line`, {
    tag: "@slow",
  }, async ({ page, site }) => {
    test.setTimeout(180_000);
    needsCommandLine();
    const rows = (await fields()).map((field) => ({ ...field, label: kind(field.label) }));
    // Fewer patches than usual: all images are looked at twice.
    const there = await taughtByCommandLine(tableOf(rows), "--max-patches", "10");
    await open(page, site, `?workers=${workers}&count_unfamiliar=off&max_patches=10`);
    await tell(page, rows);
    await page.getByLabel("Name of the lesson").fill("lesson");
    await teach(page);
    expect(await lessonOf(page)).toBe(there);
  });
}

test("of one patient of each kind it learns only where that is wanted all the same", {
  tag: "@slow",
}, async ({ page, site }) => {
  test.setTimeout(180_000);
  await open(page, site, "?count_unfamiliar=off&max_patches=10");
  // Six images of each, told to be of one patient.
  const rows = (await fields()).filter(({ file }) => /drawn-[1-4]-[1-3]/.test(file));
  await tell(
    page,
    rows.map((field) => ({ ...field, patient: field.label === "benign" ? 1 : 2 })),
  );
  await page.getByLabel("Name of the lesson").fill("lesson");
  await teach(page);
  const why = page.getByRole("alert").filter({ hasText: "Nothing was learned." });
  await expect(why).toContainText("Too little with the label benign: images 6, patients 1");
  await page.getByRole("button", { name: "Teach it anyway" }).click();
  await expect(learned(page)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("There were too few patients to leave any out.")).toBeVisible();
  const { proof } = JSON.parse(await lessonOf(page));
  expect(proof.by_patient).toBe(false);
});

test("a lesson judges in the single file as on the command line", { tag: "@slow" }, async ({ page }) => {
  needsCommandLine();
  const { lesson, field, there } = await judgedByThreeKinds();
  const file = test.info().outputPath("three.lesson.json");
  await writeFile(file, lesson);
  const { folder, address } = await singleFile();
  try {
    await page.goto(address);
    await expect(page.getByText("Ready, all loaded")).toBeVisible();
    await drop(page, file);
    await expect(page.getByText("The lesson lesson judges.")).toBeVisible();
    expect(withoutTimings(await report(page, field))).toEqual(withoutTimings(there));
    expect(there.taught?.lesson?.name).toBe("lesson");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("curves of the evaluation stand in the printed report", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site, "?count_unfamiliar=off&max_patches=10");
  await tell(page, await fields());
  await expect(page.getByText("24 labelled images of 6 patients")).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const paper = page.locator(".print");
  for (const plot of [
    "Sensitivity against false alarms (ROC)",
    "Confidence against what is right",
    "What is left if only sure verdicts count",
  ]) {
    for (const subject of ["by image", "by patient"]) {
      await expect(paper.getByRole("img", { name: `${plot}, ${subject}` })).toBeVisible();
    }
  }
  for (const asking of [".plot-save", ".plot-table", "input[type=range]"]) {
    await expect(paper.locator(asking).first()).toBeHidden();
  }
});

test("of a model without statistics it is said that nobody knows what is familiar", async ({
  page,
  site,
}) => {
  await knowingNothing(page);
  await open(page, site);
  await report(page, drawn("drawn-1-1.jpg"));
  const familiar = page.locator(".provenance dt", { hasText: "Familiar" }).locator("+ dd");
  await expect(familiar).toHaveText("not known; the model came without what would tell it");
});
