// A slide that a lesson of other classes than benign and malignant judges: map, legend, regions and files have these, and the
// command line says the same.

import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { findings } from "./axe.ts";
import { drawnPictures, fromCommandLine, needsCommandLine, taughtThreeKinds } from "./command-line.ts";
import { choose, downloadReport, drop, expect, look, open, test, withoutTimings } from "./site.ts";
import { slide } from "./slides.ts";

const KINDS = ["in situ", "invasive", "normal"];

const panel = (page: Page) => page.getByRole("region", { name: "Slide", exact: true });

/** Saves what a button of the panel offers, and gives where. */
async function saved(page: Page, button: string, name: string): Promise<string> {
  const download = page.waitForEvent("download");
  await panel(page).getByRole("button", { name: button }).click();
  const path = test.info().outputPath(name);
  await (await download).saveAs(path);
  return path;
}

interface Map {
  readonly features: readonly {
    readonly properties: {
      readonly objectType: string;
      readonly classification?: { readonly name: string; readonly color: readonly number[] };
    };
  }[];
}

const mapIn = async (path: string): Promise<Map> => JSON.parse(await readFile(path, "utf8"));

test("a slide is judged, outlined and taken away by a lesson's classes, as on the command line", {
  tag: "@slow",
}, async ({ page, site }) => {
  needsCommandLine();
  const { file: lesson } = await taughtThreeKinds();
  await open(page, site, "max_patches=all");
  await drop(page, lesson);
  await expect(page.getByText("The lesson lesson judges.")).toBeVisible();
  const spec = { name: "kinds.svs", width: 3360, height: 3360, um: 0.49, fields: await drawnPictures() };
  const path = await slide(page, spec);
  await choose(page, path);
  await expect(page.locator(".legend-classes li")).toHaveText(KINDS);

  await panel(page).getByRole("button", { name: "Outline what is in view" }).click();
  await panel(page).getByRole("button", { name: "Judge what is outlined" }).click();
  const table = panel(page).getByRole("table", { name: "Verdicts of the regions" });
  await expect(table.getByRole("row")).toHaveCount(2);
  await expect(table.getByRole("columnheader")).toHaveText(["Region", "Verdict", "Share", "Patches"]);
  const here = await downloadReport(page);
  const [region] = here.slide?.regions ?? [];
  const { verdict = "", prediction = "" } = region?.taught ?? {};
  expect(region?.taught?.probabilities).toEqual(here.taught?.probabilities);
  await expect(table.getByRole("cell").first()).toHaveText(new RegExp(verdict, "i"));
  await expect(table.getByRole("cell").nth(1)).toHaveText(
    verdict === "unfamiliar" ? "" : new RegExp(`^${prediction} \\d`),
  );
  await expect(page.locator(".legend-classes li")).toHaveText(KINDS);
  expect(await findings(page)).toEqual([]);
  await look(page, "slide-classes.png");

  // On paper, too.
  const shown = await table.getByRole("row").last().allTextContents();
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const printed = page.locator(".print").getByRole("table", { name: "Verdicts of the regions" });
  await expect(printed.getByRole("row").last()).toHaveText(shown);
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.emulateMedia({ media: "screen" });

  const map = await saved(page, "Save map and regions (GeoJSON)", "here.geojson");
  const picture = await saved(page, "Save map (TIFF)", "here.tif");
  const { features } = await mapIn(map);
  const classes = features.flatMap(({ properties: { classification } }) => classification ?? []);
  const named = new Set(classes.filter(({ name }) => !name.startsWith("left out")).map(({ name }) => name));
  expect([...named].sort()).toEqual(KINDS);
  expect(new Set(classes.map(({ color }) => color.join())).size).toBeGreaterThanOrEqual(3);

  // By the region that the page has written, in which the tiles are passed over.
  const [there, drawn] = ["there.geojson", "there.tif"].map((name) => test.info().outputPath(name)) as [
    string,
    string,
  ];
  const options = ["--max-patches", "all", "--lesson", lesson, "--region", map];
  const report = await fromCommandLine(path, ...options, "--geojson", there, "--map", drawn);
  expect(withoutTimings(here)).toEqual(withoutTimings(report));
  expect(await mapIn(there)).toEqual(await mapIn(map));
  expect(await readFile(drawn)).toEqual(await readFile(picture));
});
