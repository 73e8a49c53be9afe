// The check before the network: images and patches that are empty or blurred, what is said of them, and the way round.

import { BLURRED, field, GLASS, MOSTLY, PARTLY } from "./pictures.ts";
import {
  askForCertainty,
  choose,
  downloadFolder,
  downloadReport,
  expect,
  open,
  report,
  rows,
  SMALL,
  test,
  withoutTimings,
} from "./site.ts";

test("bare glass is not assessable, which is neither an error nor a verdict, and the next image goes on", async ({
  page,
  site,
}) => {
  await open(page, site);
  await choose(page, await field(page, GLASS));
  const glass = page.getByRole("article", { name: "glass.png" });
  await expect(glass.locator(".verdict-word")).toHaveText("Not assessable");
  await expect(glass.getByText("none of its 6 patches can be assessed (6 background)")).toBeVisible();
  await expect(glass.getByText("Choose a field that holds more tissue.")).toBeVisible();
  await expect(glass.getByText("6 background", { exact: true })).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
  // A probability has a decimal; the threshold below which a verdict is uncertain has none.
  await expect(glass.getByText(/\d\.\d%/)).toHaveCount(0);

  const report = await downloadReport(page);
  expect(report).toMatchObject({
    schema_version: 2,
    success: true,
    verdict: "not assessable",
    prediction: null,
    confidence: null,
    probabilities: null,
    num_patches: 6,
    screen: { assessable: 0, background: 6 },
  });
  expect(report.timings_ms.inference).toBe(0);

  await choose(page, SMALL);
  await expect(rows(page).nth(0)).toContainText("Not assessable: hardly any tissue");
  await expect(rows(page).nth(1)).toContainText(/Benign|Malignant|Uncertain|Unfamiliar/);
});

test("an image out of focus says what to do about it, and a patch that has too few beside it what it lacks", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site);
  await choose(page, await field(page, BLURRED));
  const image = page.getByRole("article", { name: "blurred.png" });
  await expect(image.locator(".verdict-word")).toHaveText("Not assessable");
  await expect(image.getByText(/^Focus again/)).toBeVisible();

  await page.getByRole("button", { name: "Clear" }).click();
  await choose(page, await field(page, MOSTLY));
  const mostly = page.getByRole("article", { name: "mostly.png" });
  await expect(mostly.getByText("only 1 of its 6 patches can be assessed")).toBeVisible();
  await expect(mostly.getByText("1 assessable, but too few to vote")).toBeVisible();
  await page.getByRole("region", { name: /Picture with the map/ }).focus();
  await page.keyboard.press("Home");
  await expect(page.getByText("Patch 1 of 6 at 0, 0: could be assessed, but too few like it")).toBeVisible();
});

test("patches left out are counted, hatched, and say why by mouse and by keyboard", async ({
  page,
  site,
}) => {
  await open(page, site, "?map=patches");
  await choose(page, await field(page, PARTLY));
  const image = page.getByRole("article", { name: "partly.png" });
  await expect(image.getByText(/^4 of 6 patches voted: \d malignant, \d benign\./)).toBeVisible();
  await expect(image.getByText(/Left out: 1 background, 1 blurred\./)).toBeVisible();
  await expect(image.getByRole("list", { name: "Did not vote:" }).getByRole("listitem")).toHaveText([
    "1 background",
    "1 blurred",
  ]);
  await expect(image.getByText(/did not vote: /), "the core's words are not repeated").toHaveCount(0);

  const map = page.getByRole("region", { name: /Picture with the map/ });
  const box = await map.boundingBox();
  if (box === null) throw new Error("the map is not shown");
  await page.mouse.move(box.x + (336 / 700) * box.width, box.y + (112 / 460) * box.height);
  await expect(page.getByText("Patch 2 of 6 at 224, 0: did not vote, background")).toBeVisible();
  await page.mouse.move(0, 0);
  await map.focus();
  await page.keyboard.press("Home");
  await expect(page.getByText(/^Patch 1 of 6 at 0, 0: malignant \d/)).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByText("Patch 4 of 6 at 0, 224: did not vote, blurred")).toBeVisible();

  const report = await downloadReport(page);
  expect(report.screen).toMatchObject({ assessable: 4, background: 1, blurred: 1 });
  expect(report.patches.map(({ probabilities }) => probabilities === null)).toEqual([
    false,
    true,
    false,
    true,
    false,
    false,
  ]);

  // A result is one colour, a hatching dark lines and light ones.
  await page.getByLabel("Opacity of the map").fill("1");
  await page.keyboard.press("Escape");
  const shades = await page.locator(".stage-map").evaluate((canvas: HTMLCanvasElement) => {
    const context = canvas.getContext("2d");
    const count = (x: number, y: number) => {
      const { data } = context?.getImageData(x + 20, y + 20, 184, 184) ?? { data: [] };
      return new Set(Array.from({ length: data.length / 4 }, (_, at) => data[4 * at])).size;
    };
    return [count(0, 0), count(224, 0), count(0, 224)];
  });
  expect(shades[0]).toBe(1);
  expect(shades[1]).toBeGreaterThan(4);
  expect(shades[2]).toBeGreaterThan(4);
});

test("images that cannot be assessed have no part in the diagnosis, and are named", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  await choose(page, SMALL);
  const alone = await downloadReport(page);
  await choose(page, await field(page, GLASS));
  const together = page.getByRole("region", { name: "All images together" });
  await expect(together.getByText("Mean over 1 image:")).toBeVisible();
  await expect(together.getByText("1 image is not assessable")).toBeVisible();
  await expect(together.getByText("glass.png hardly any tissue")).toBeVisible();
  const folder = await downloadFolder(page);
  expect(folder).toMatchObject({ num_images: 2, num_failed: 0, num_not_assessable: 1 });
  expect(folder.aggregated_diagnosis?.probabilities).toEqual(alone.probabilities);

  await page.getByRole("button", { name: "Clear" }).click();
  await choose(page, await field(page, GLASS), await field(page, BLURRED));
  await expect(together.locator(".verdict-word")).toHaveText("Not assessable");
  await expect(together.getByText("No image could vote.")).toBeVisible();
});

test("with the check switched off every patch votes, and the result says so", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  await choose(page, await field(page, GLASS));
  await expect(page.locator(".verdict-word")).toHaveText("Not assessable");

  await page.locator("summary", { hasText: "Options" }).click();
  await page.getByLabel("Only assessable patches vote").uncheck();
  expect(new URL(page.url()).search).toBe("?screen=off&count_unfamiliar=on");
  await page.getByRole("button", { name: "Run again with these" }).click();
  await expect(page.getByText(/^6 patches: \d malignant, \d benign\. .* were not checked/)).toBeVisible();
  const report = await downloadReport(page);
  expect(report.screen).toMatchObject({ assessable: 0, unchecked: 6 });
  expect(report.patches.every(({ probabilities }) => probabilities !== null)).toBe(true);
  expect(report.options["screen"]).toBe(false);

  await page.reload();
  await expect(page.getByText("patches not checked")).toBeVisible();
});

test("the workers' number changes nothing where patches are left out", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  const reports: object[] = [];
  for (const workers of [1, 3]) {
    await open(page, site, `?workers=${workers}`);
    await choose(page, await field(page, PARTLY));
    reports.push(withoutTimings(await downloadReport(page)));
  }
  expect(reports[1]).toEqual(reports[0]);
});

test("a network that is not sure says so, and offers no answer", { tag: "@slow" }, async ({ page, site }) => {
  await askForCertainty(page);
  await open(page, site);
  await choose(page, SMALL);
  const image = page.getByRole("article");
  await expect(image.locator(".verdict-word")).toHaveText("Uncertain");
  await expect(image.locator(".verdict-share")).toHaveText(/^leans (benign|malignant), \d/);
  await expect(image.getByText("The network is not confident enough for a verdict")).toBeVisible();
});

test("a threshold of one's own changes verdicts at once, without another look, and is remembered", {
  tag: "@slow",
}, async ({ page, site }) => {
  await askForCertainty(page, 0.6);
  await open(page, site);
  const before = await report(page, SMALL);
  expect(before.options["uncertain_below"]).toBeUndefined();
  const image = page.getByRole("article");
  const verdict = image.locator(".verdict-word");
  const threshold = page.getByLabel("Uncertain below");
  await page.getByText("Options").click();
  await expect(threshold.locator("option").first()).toHaveText("The model's own (60%)");

  await threshold.selectOption("0.9");
  await expect(verdict).toHaveText("Uncertain");
  await expect(page.getByText("made with other options")).toHaveCount(0);
  await image.getByText("How this was computed").click();
  await expect(image.getByText("below a confidence of 90%")).toBeVisible();
  const after = await downloadReport(page);
  expect(after).toEqual({
    ...before,
    verdict: "uncertain",
    options: { ...before.options, uncertain_below: 0.9 },
  });

  expect(new URL(page.url()).search).toBe("?uncertain_below=0.9&count_unfamiliar=on");
  await page.goto(site.url);
  await expect(page.getByText("uncertain below 90%")).toBeVisible();
  expect(withoutTimings(await report(page, SMALL))).toEqual(withoutTimings(after));
  await page.getByText("Options").click();
  await threshold.selectOption("Never uncertain");
  await expect(verdict).toHaveText(/^(Benign|Malignant)$/);
  await threshold.selectOption("0.8");
  await expect(verdict).toHaveText("Uncertain");
  await threshold.selectOption("The model's own (60%)");
  await expect(verdict).toHaveText(/^(Benign|Malignant)$/);
  expect(withoutTimings(await downloadReport(page))).toEqual(withoutTimings(before));
});
