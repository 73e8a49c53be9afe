// What people come for: an image, several, a folder; what they see and take away.

import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  allOf,
  choose,
  demo,
  downloadFolder,
  downloadReport,
  drop,
  expect,
  fixture,
  LARGE,
  open,
  report,
  rows,
  SMALL,
  test,
} from "./site.ts";

test("a dropped image gives a verdict, a map and a report", { tag: "@chrome" }, async ({ page, site }) => {
  await open(page, site);
  await drop(page, SMALL);
  const image = page.getByRole("article", { name: "grid_700x460.jpg" });
  await expect(image.getByText(/^6 patches: \d malignant, \d benign\./)).toBeVisible();

  const json = await downloadReport(page);
  expect(json.success).toBe(true);
  expect(json.num_patches).toBe(6);
  expect(json.patches).toHaveLength(6);
  expect(json.image).toEqual({ width: 700, height: 460 });
  await expect(image.locator(".verdict-word")).toHaveText(new RegExp(`^${json.verdict}$`, "i"));
  const { benign = Number.NaN, malignant = Number.NaN } = json.probabilities ?? {};
  expect(benign + malignant).toBeCloseTo(1, 6);
  expect(json.timings_ms.total).toBeGreaterThan(0);

  await image.getByText("How this was computed").click();
  await expect(image.getByText(json.model.sha256)).toBeVisible();
});

test("the map tells of a patch that is pointed at or walked to", async ({ page, site }) => {
  await open(page, site);
  const { patches } = await report(page, SMALL);
  const share = (index: number) =>
    `${(100 * (patches[index]?.probabilities?.malignant ?? Number.NaN)).toFixed(1)}%`;
  const map = page.getByRole("region", { name: /Picture with the map/ });
  const box = await map.boundingBox();
  if (box === null) throw new Error("the map is not shown");

  // The middle of the second patch of the first row.
  await page.mouse.move(box.x + (336 / 700) * box.width, box.y + (112 / 460) * box.height);
  await expect(page.getByText(`Patch 2 of 6 at 224, 0: malignant ${share(1)}`)).toBeVisible();

  await page.mouse.move(0, 0);
  await map.focus();
  await page.keyboard.press("End");
  await expect(page.getByText(`Patch 6 of 6 at 448, 224: malignant ${share(5)}`)).toBeVisible();
});

test("the map is painted where patches are, in the colour of their probability", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "?map=patches");
  const { patches } = await report(page, SMALL);
  await page.getByLabel("Opacity of the map").fill("1");
  const painted = await page.locator(".stage-map").evaluate((canvas: HTMLCanvasElement) => {
    const pixel = (x: number, y: number) => [
      ...(canvas.getContext("2d")?.getImageData(x, y, 1, 1).data ?? []),
    ];
    return {
      density: canvas.width / canvas.clientWidth,
      first: pixel(canvas.width * 0.16, 50),
      rest: pixel(canvas.width - 2, 50),
    };
  });
  expect(painted.density, "a pixel for each of the screen").toBeCloseTo(1, 2);
  expect(painted.rest, "right of the last patch nothing is painted").toEqual([0, 0, 0, 0]);
  const malignant = patches[0]?.probabilities?.malignant ?? Number.NaN;
  const [red = 0, , blue = 0, alpha = 0] = painted.first;
  expect(alpha).toBe(255);
  expect(red > blue, `orange for malignant, blue for benign at ${malignant}`).toBe(malignant > 0.47);
});

test("several images are aggregated, and those that fail are named", async ({ page, site }) => {
  await open(page, site);
  await choose(page, SMALL, LARGE, fixture("bad/text.png"), fixture("good/grid_448x224.jpg"));
  const together = page.getByRole("region", { name: "All images together" });
  await expect(together.getByText("Mean over 3 images:")).toBeVisible();
  await expect(together.getByText("1 image failed")).toBeVisible();
  await expect(together.getByText(/^text\.png The file is not an image/)).toBeVisible();
  await expect(rows(page)).toHaveCount(4);

  const folder = await downloadFolder(page);
  expect(folder.num_images).toBe(4);
  expect(folder.num_failed).toBe(1);
  const names = ["grid_700x460.jpg", "grid_1400x1150.jpg", "text.png", "grid_448x224.jpg"];
  expect(folder.individual_results.map((result) => result.filename)).toEqual(names);
  const votes = folder.individual_results.flatMap((result) =>
    result.success && result.probabilities !== null ? [result.probabilities.malignant] : [],
  );
  const mean = votes.reduce((sum, malignant) => sum + malignant, 0) / votes.length;
  expect(folder.aggregated_diagnosis?.probabilities.malignant).toBeCloseTo(mean, 9);
});

test("removing an image takes it out of the aggregate", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  await choose(page, SMALL, fixture("good/grid_448x224.jpg"), fixture("good/grid_470x260.jpg"));
  await expect(page.getByText("Mean over 3 images:")).toBeVisible();
  await rows(page).nth(1).getByRole("button", { name: "Remove grid_448x224.jpg" }).click();
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(page.getByRole("heading", { name: "Drop images or a folder here" })).toBeVisible();
});

test("a folder is read to the bottom; what is no image is left out and counted", async ({ page, site }) => {
  const folder = await mkdtemp(join(tmpdir(), "histoscope-folder-"));
  try {
    await cp(SMALL, join(folder, "case-2", "b.jpg"));
    await cp(fixture("good/grid_448x224.jpg"), join(folder, "case-10", "a.jpg"));
    // Its content decides.
    await cp(fixture("good/grid_470x260.jpg"), join(folder, "case-10", "b.scan"));
    await writeFile(join(folder, "notes.txt"), "no image");
    await open(page, site);
    await page.getByLabel("Folder of images").setInputFiles(folder);
    await expect(page.getByText("1 file skipped: not an image.")).toBeVisible();
    await expect(rows(page)).toHaveCount(3);
    await expect(rows(page).nth(0)).toContainText("case-2/b.jpg");
    await expect(page.getByText(allOf(3))).toBeVisible();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("an image can be pasted", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  await page.evaluate(async (url) => {
    const data = new DataTransfer();
    data.items.add(new File([await (await fetch(url)).blob()], "pasted.jpg", { type: "image/jpeg" }));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
  }, `${site.url}demo/synthetic-ducts.jpg`);
  await expect(page.getByRole("article", { name: "pasted.jpg" }).locator(".verdict-word")).toBeVisible();
});

test("a demo image is one click away and says that it is synthetic", async ({ page, site }) => {
  await open(page, site);
  const button = page.getByRole("button", { name: /^Try: Ducts/ });
  await expect(button).toContainText("Synthetic");
  await button.click();
  const image = page.getByRole("article", { name: /synthetic/ });
  await expect(image.locator(".verdict-word")).toBeVisible();
  await expect(image.getByText(/^Synthetic\b/)).toBeVisible();
});

test("a TIFF, which browsers cannot show, gets its picture from the engine", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  await choose(page, fixture("good/tiff_lzw.tif"));
  await expect(page.locator(".verdict-word")).toBeVisible();
  const picture = page.locator(".stage-picture");
  await expect(picture).toBeVisible();
  const painted = () =>
    picture.evaluate((canvas: HTMLCanvasElement) => {
      const { width, height } = canvas;
      const alpha = canvas.getContext("2d")?.getImageData(width / 2, height / 2, 1, 1).data[3];
      return { alpha, shape: (width / height).toFixed(2) };
    });
  await expect.poll(painted).toEqual({ alpha: 255, shape: (238 / 226).toFixed(2) });
  await choose(page, SMALL);
  await expect(rows(page).first().locator("canvas")).toBeVisible();
});

test("options hold for the next run, are kept in the address, and outdated results say so", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  const before = await report(page, LARGE);
  expect(before.num_patches).toBe(25);
  expect(before.model.variant).toBe("int8");

  await page.getByText("Options").click();
  await page.getByText("Advanced").click();
  await page.getByLabel("Patches per image").selectOption("all");
  await page.getByLabel("f32, full precision").check();
  expect(new URL(page.url()).search).toBe("?max_patches=all&precision=f32&count_unfamiliar=on");
  await expect(page.getByText("1 result was made with other options.")).toBeVisible();
  await page.getByRole("button", { name: "Run again with these" }).click();
  await expect(page.getByText(/^30 patches: \d/)).toBeVisible();

  const after = await downloadReport(page);
  expect(after.num_patches).toBe(30);
  expect(after.model.variant).toBe("f32");
  const again = (await reloaded(page)).probabilities;
  expect(after.probabilities?.malignant).toBeCloseTo(again?.malignant ?? Number.NaN, 6);

  // A visit whose address says nothing has the options of the last one; an address that does counts alone.
  await page.goto(site.url);
  await expect(page.getByText("all patches, full precision")).toBeVisible();
  await page.goto(`${site.url}?max_patches=10`);
  await expect(page.getByText("up to 10 patches")).toBeVisible();

  async function reloaded(current: typeof page) {
    await current.reload();
    await expect(current.getByText("all patches, full precision")).toBeVisible();
    return report(current, LARGE);
  }
});

test("images added while the model is still loading wait for it", async ({ page, site }) => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/*.int8.onnx*", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(site.url);
  await choose(page, demo("synthetic-ducts.jpg"));
  await expect(page.getByText("Waiting for the model")).toBeVisible();
  release();
  await expect(page.locator(".verdict-word")).toBeVisible();
});
