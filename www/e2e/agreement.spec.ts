// One image, one report: whatever the number of workers, in the page as on the command line.

import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fromCommandLine, needsCommandLine } from "./command-line.ts";
import { BLURRED, field, GLASS, PARTLY } from "./pictures.ts";
import {
  allOf,
  choose,
  demo,
  downloadReport,
  expect,
  fixture,
  LARGE,
  open,
  report,
  rows,
  SHARED_IMAGES,
  SMALL,
  test,
  withoutTimings,
} from "./site.ts";
import { slide } from "./slides.ts";

for (const precision of ["int8", "f32"]) {
  test(`1, 2 and 4 workers give the same ${precision} report`, { tag: "@slow" }, async ({ page, site }) => {
    const reports: object[] = [];
    for (const workers of [1, 2, 4]) {
      await open(page, site, `?workers=${workers}&max_patches=all&precision=${precision}`);
      reports.push(withoutTimings(await report(page, LARGE)));
    }
    expect(reports[1]).toEqual(reports[0]);
    expect(reports[2]).toEqual(reports[0]);
  });
}

test.describe("the command line", () => {
  needsCommandLine();

  // One page judges them all, one after the other.
  const plain = {
    "a JPEG of 30 patches": LARGE,
    "a 16-bit TIFF": fixture("good/tiff_rgb16.tif"),
    "a rotated JPEG": fixture("good/jpeg_orientation_6.jpg"),
    "a demo image": demo("synthetic-ducts.jpg"),
    "bare glass": GLASS,
    "an image out of focus": BLURRED,
    "an image that votes in part": PARTLY,
  };
  test("says the same of every kind of image, to the last digit", async ({ page, site }) => {
    await open(page, site);
    for (const [what, file] of Object.entries(plain)) {
      await test.step(what, async () => {
        const path = typeof file === "string" ? file : await field(page, file);
        const here = await report(page, path);
        expect(withoutTimings(here)).toEqual(withoutTimings(await fromCommandLine(path)));
        await page.getByRole("button", { name: "Clear" }).click();
      });
    }
  });

  const cases = [
    { what: "all of its patches", file: LARGE, query: "?max_patches=all", options: ["--max-patches", "all"] },
    {
      what: "patches that overlap",
      file: SMALL,
      query: "?max_patches=all&stride=112&batch_size=4",
      options: ["--max-patches", "all", "--stride", "112", "--batch-size", "4"],
    },
    { what: "glass it is told not to check", file: GLASS, query: "?screen=off", options: ["--no-screen"] },
  ];
  for (const { what, file, query, options } of cases) {
    test(`says the same of ${what}, to the last digit`, { tag: "@slow" }, async ({ page, site }) => {
      await open(page, site, query);
      const path = typeof file === "string" ? file : await field(page, file);
      const here = await report(page, path);
      const there = await fromCommandLine(path, ...options);
      expect(withoutTimings(here)).toEqual(withoutTimings(there));
    });
  }

  test("says the same of a slide, whose scale is that of its finest level", { tag: "@slow" }, async ({
    page,
    site,
  }) => {
    await open(page, site);
    const told = await slide(page, { name: "told.svs", width: 4000, height: 3000, um: 0.25 });
    const bare = await slide(page, { name: "bare.svs", width: 4000, height: 3000 });
    expect(withoutTimings(await report(page, told))).toEqual(withoutTimings(await fromCommandLine(told)));

    // And the same file as the map of it.
    const maps = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save map (TIFF)" }).click();
    const map = test.info().outputPath("map.tif");
    await fromCommandLine(told, "--map", map);
    expect(await readFile(await (await maps).path())).toEqual(await readFile(map));

    await page.getByRole("button", { name: "Clear" }).click();
    await choose(page, bare);
    await expect(page.getByRole("alert").locator("code")).toHaveText("slide_no_scale");
    await page.getByLabel("Scale (µm per pixel)").fill("0.3");
    await page.getByLabel("Scale (µm per pixel)").press("Enter");
    await page.getByRole("button", { name: "Try again" }).click();
    const here = await downloadReport(page);
    expect(here.options.um_per_pixel).toBe(0.3);
    expect(here.scale?.um_per_pixel).toBe(0.49);
    const there = await fromCommandLine(bare, "--um-per-pixel", "0.3");
    expect(withoutTimings(here)).toEqual(withoutTimings(there));
  });

  test("says nearly the same in f32, where the order of sums may differ", { tag: "@slow" }, async ({
    page,
    site,
  }) => {
    await open(page, site, "?precision=f32");
    const here = await report(page, LARGE);
    const there = await fromCommandLine(LARGE, "--no-quantization");
    expect(here.model).toEqual(there.model);
    expect(here.prediction).toBe(there.prediction);
    here.patches.forEach((patch, index) => {
      expect(patch.probabilities?.malignant).toBeCloseTo(
        there.patches[index]?.probabilities?.malignant ?? Number.NaN,
        4,
      );
    });
  });
});

test.describe("real micrographs", { tag: "@slow" }, () => {
  const there = existsSync(SHARED_IMAGES);
  if (!there) console.warn(`SKIPPED: real micrographs are not in ${SHARED_IMAGES}`);
  test.skip(!there, "the BreakHis images are not beside this checkout");

  test("are analysed, and agree with the command line", async ({ page, site }) => {
    const names = readdirSync(SHARED_IMAGES).filter((name) => name.endsWith(".webp"));
    const files = names.filter((_, index) => index % 140 === 0).map((name) => join(SHARED_IMAGES, name));
    await open(page, site);
    for (const [index, file] of files.entries()) {
      await choose(page, file);
      if (index > 0) await rows(page).nth(index).getByRole("button").first().click();
      await expect(page.getByText(/^(6 patches|\d of 6 patches voted): \d/)).toBeVisible();
    }
    await expect(page.getByText(allOf(files.length))).toBeVisible();
    needsCommandLine();
    await page.getByRole("button", { name: "Clear" }).click();
    const [file = ""] = files;
    const here = await report(page, file);
    expect(withoutTimings(here)).toEqual(withoutTimings(await fromCommandLine(file)));
  });
});
