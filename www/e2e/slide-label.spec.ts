// The picture of a slide's label, and of the glass with it, names a person: nothing shows it and nothing takes it away.

import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";
import { unzipSync } from "fflate";
import { choose, downloadReport, expect, open, test } from "./site.ts";
import { slide } from "./slides.ts";

const NAME = "Nobody Whosoever 1912-06-23";

const panel = (page: Page) => page.getByRole("region", { name: "Slide", exact: true });

/** How many pixels of a picture have the label's colour, as JPEG leaves it. */
const labelled = (page: Page, base64: string, type: string): Promise<number> =>
  page.evaluate(
    async ({ base64, type }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const picture = await createImageBitmap(new Blob([bytes], { type }));
      const context = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
      if (context === null) throw new Error("no canvas");
      context.drawImage(picture, 0, 0);
      const { data } = context.getImageData(0, 0, picture.width, picture.height);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
        if (red > 200 && green < 80 && blue > 200) count++;
      }
      return count;
    },
    { base64, type },
  );

/** Looks for the name in all that a file holds, and for the colour in its pictures. */
async function expectNothingOfTheLabel(page: Page, name: string, bytes: Buffer): Promise<void> {
  if (name.endsWith(".zip")) {
    for (const [inner, part] of Object.entries(unzipSync(bytes))) {
      await expectNothingOfTheLabel(page, inner, Buffer.from(part));
    }
    return;
  }
  expect(bytes.includes(NAME), name).toBe(false);
  if (name.endsWith(".png"))
    expect(await labelled(page, bytes.toString("base64"), "image/png"), name).toBe(0);
}

test("the picture of a slide's label is neither shown nor taken away", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  test.setTimeout(120_000);
  await open(page, site);
  const path = await slide(page, { name: "named.svs", width: 8000, height: 6000, um: 0.25, label: NAME });
  // It is there to be found.
  const whole = await readFile(path);
  expect(whole.includes(NAME)).toBe(true);
  const jpeg = whole.subarray(whole.lastIndexOf(Buffer.from([0xff, 0xd8, 0xff]), whole.indexOf(NAME)));
  expect(await labelled(page, jpeg.toString("base64"), "image/jpeg")).toBeGreaterThan(0);

  await choose(page, path);
  await expect(panel(page).getByText(/^SVS, 8,000 × 6,000 pixels/)).toBeVisible();
  const report = await downloadReport(page);
  expect(JSON.stringify(report)).not.toContain(NAME);

  // Far off and close up.
  const shown = async () =>
    expectNothingOfTheLabel(page, "page.png", await page.screenshot({ fullPage: true }));
  await shown();
  await page.getByRole("region", { name: /Picture with the map/ }).press("1");
  await shown();
  expect(await page.content()).not.toContain(NAME);

  const menu = page.getByText("Export", { exact: true });
  await menu.click();
  const items = page.locator(".menu[open] .menu-item:enabled");
  const names = await items.evaluateAll((all) => all.map((item) => item.firstChild?.textContent ?? ""));
  await menu.click();
  const files: string[] = [];
  const take = async (button: Locator) => {
    const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
    files.push(file.suggestedFilename());
    await expectNothingOfTheLabel(page, file.suggestedFilename(), await readFile(await file.path()));
  };
  for (const name of names.filter((name) => !name.startsWith("Print"))) {
    await menu.click();
    await take(page.getByRole("button", { name, exact: true }));
  }
  for (const name of ["Save map and regions (GeoJSON)", "Save map (TIFF)", "Save map (PNG)"]) {
    await take(panel(page).getByRole("button", { name }));
  }
  const kinds = new Set(files.map((file) => file.split(".").at(-1)));
  expect([...kinds].sort()).toEqual(["csv", "geojson", "json", "png", "tif", "zip"]);

  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await expect(page.locator(".print")).toBeVisible();
  await shown();
});
