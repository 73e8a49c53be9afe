// A person's own model: dropped, asked about, tried, used, kept and removed; and what is no model, or means harm.

import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { open as openFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";
import { findingsInBothSchemes, NOTHING } from "./axe.ts";
import { linear, quantisedLinear, STEPS, sumOfTwoShapes } from "./onnx.ts";
import { limitMemory, ownSite } from "./published.ts";
import {
  choose,
  DIST,
  downloadReport,
  drop,
  expect,
  LARGE,
  look,
  open,
  report,
  SMALL,
  test,
} from "./site.ts";

const WEIGHTS = [1, -2, 0.5, -0.25, 0.75, 3];
const BIAS = [0.1, -0.2] as const;
const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Writes a model into the test's own folder. */
async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = test.info().outputPath(name);
  await writeFile(path, bytes);
  return path;
}

const usual = () => file("linear.onnx", linear({ weights: WEIGHTS, bias: BIAS }));

const COLOUR = [230, 100, 160] as const;

/** A picture of one colour. */
async function plain(page: Page): Promise<string> {
  const png = await page.evaluate(async (colour) => {
    const canvas = new OffscreenCanvas(448, 224);
    const context = canvas.getContext("2d");
    if (context === null) throw new Error("no canvas");
    context.fillStyle = `rgb(${colour.join(" ")})`;
    context.fillRect(0, 0, 448, 224);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer());
    return [...bytes];
  }, COLOUR);
  return file("plain.png", Uint8Array.from(png));
}

/** What `linear` has to say of that picture. */
function malignant(scaled: (value: number, channel: number) => number): number {
  const score = (row: number) =>
    COLOUR.reduce(
      (sum, value, channel) => sum + (WEIGHTS[3 * row + channel] ?? 0) * scaled(value, channel),
      BIAS[row] ?? 0,
    );
  return 1 / (1 + Math.exp(score(0) - score(1)));
}

const imagenet = (value: number, channel: number) =>
  (value / 255 - (IMAGENET.mean[channel] ?? 0)) / (IMAGENET.std[channel] ?? 1);

const dialog = (page: Page) => page.getByRole("dialog");
const inUse = (page: Page) => page.getByText(/^Your own model, .* is in use\.$/);

interface Answers {
  first?: "benign" | "malignant";
  pixels?: string;
}

/** Answers what `linear` leaves open. */
async function answer(page: Page, { first = "benign", pixels = "imagenet" }: Answers = {}): Promise<void> {
  await dialog(page).getByLabel("The first of the two scores is").selectOption(first);
  await dialog(page).getByLabel("The scores are").selectOption("logits");
  await dialog(page).getByLabel("Pixel scaling").selectOption(pixels);
}

async function use(page: Page): Promise<void> {
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  await expect(inUse(page)).toBeVisible();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
}

test("a float network without a manifest gives the probabilities that its answers make of it", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site, "?screen=off");
  const image = await plain(page);
  await drop(page, await usual());
  await expect(dialog(page).getByRole("heading")).toHaveText("Use linear.onnx?");
  await expect(dialog(page)).toContainText("float32 [N, 3, 224, 224]");
  await expect(dialog(page)).toContainText("3 nodes; none runs in the fast int8 kernels");
  await expect(dialog(page)).toContainText("Nothing is known of how good this model is");
  // What the browser says of a required answer that is missing is its own; nothing is sent on.
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  await expect(dialog(page).getByLabel("The first of the two scores is")).toBeFocused();
  await answer(page);
  await use(page);

  const first = await report(page, image);
  expect(first.probabilities?.malignant).toBeCloseTo(malignant(imagenet), 4);
  expect(first.model).toMatchObject({ name: "linear", version: "own", variant: "f32" });
  await expect(inUse(page).locator("..")).toContainText(first.model.sha256);
  expect(page.url()).toBe(`${site.url}?screen=off&count_unfamiliar=on`);

  // The classes the other way round, and pixels as they are: another model, and the result of the first is outdated.
  await drop(page, await usual());
  await answer(page, { first: "malignant", pixels: "zeroToOne" });
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  await page.getByRole("button", { name: "Clear" }).click();
  const second = await report(page, image);
  expect(second.probabilities?.benign).toBeCloseTo(
    malignant((value) => value / 255),
    4,
  );
});

test("a scaling under which every picture gets the same answer is doubted", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "?screen=off");
  await drop(page, await usual());
  await answer(page, { pixels: "raw" });
  await use(page);
  const notice = page.getByRole("region", { name: "Own model" });
  await expect(notice).toContainText("None of its arithmetic runs on the fast path");
  await expect(notice).toContainText("More likely: ImageNet mean and deviation (torchvision).");
});

test("scaling may be given in numbers", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site, "?screen=off");
  const image = await plain(page);
  await choose(page, await usual());
  await answer(page, { pixels: "custom" });
  await dialog(page).getByLabel("Mean and deviation are in units of").selectOption("1");
  for (const [name, values] of [
    ["Mean", [100, 110, 120]],
    ["Standard deviation", [50, 60, 70]],
  ] as const) {
    const group = dialog(page).getByRole("group", { name, exact: true });
    for (const [place, colour] of ["red", "green", "blue"].entries()) {
      await group.getByLabel(colour).fill(String(values[place]));
    }
  }
  await use(page);
  const { probabilities } = await report(page, image);
  const scaled = (value: number, channel: number) => (value - 100 - 10 * channel) / (50 + 10 * channel);
  expect(probabilities?.malignant).toBeCloseTo(malignant(scaled), 4);
});

test("weights in a file of their own come with the model, and a configuration answers for it", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site, "?screen=off");
  const image = await plain(page);
  const model = await file("linear.onnx", linear({ weights: "linear.onnx.data", bias: BIAS }));
  await drop(page, model);
  await expect(dialog(page).getByRole("alert")).toContainText("the file linear.onnx.data");
  await dialog(page).getByRole("button", { name: "Close" }).click();

  const data = await file("linear.onnx.data", Buffer.from(Float32Array.from(WEIGHTS).buffer));
  const transform = [{ name: "ToTensor" }, { name: "Normalize", arguments: IMAGENET }];
  const config = { class_names: ["notumor", "tumor"], patch_size_pixels: 224, spacing_um_px: 0.5, transform };
  await drop(page, model, data, await file("config.json", Buffer.from(JSON.stringify(config))));
  await expect(dialog(page).getByRole("combobox")).toHaveCount(1);
  await dialog(page).getByLabel("The scores are").selectOption("logits");
  await use(page);
  const { probabilities } = await report(page, image);
  expect(probabilities?.malignant).toBeCloseTo(malignant(imagenet), 4);
});

test("more than two classes are grouped as the person says", async ({ page, site }) => {
  await open(page, site, "?screen=off");
  const image = await plain(page);
  const weights = [...WEIGHTS, ...WEIGHTS.slice(3)];
  await drop(page, await file("three.onnx", linear({ weights, bias: [...BIAS, BIAS[1]] })));
  const [first, second, third] = ["normal", "in situ", "invasive"] as const;
  for (const [index, name] of [first, second, third].entries()) {
    await dialog(page).getByLabel(`Name of class ${index}`, { exact: true }).fill(name);
  }
  // Nothing tells what they count as, so that they would stand for themselves.
  await dialog(page).getByLabel("These classes").selectOption("groups");
  await dialog(page).getByLabel("normal counts as").selectOption("benign");
  await dialog(page).getByLabel("in situ counts as").selectOption("malignant");
  await dialog(page).getByLabel("invasive counts as").selectOption("malignant");
  await dialog(page).getByLabel("The scores are").selectOption("logits");
  await dialog(page).getByLabel("Pixel scaling").selectOption("imagenet");
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);
  await use(page);
  const { probabilities } = await report(page, image);
  // Two classes of the same score together.
  const one = malignant(imagenet);
  expect(probabilities?.malignant).toBeCloseTo((2 * one) / (1 + one), 4);
});

test("more than two classes stand for themselves where nobody groups them, wherever a lesson's classes do", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site, "?screen=off");
  const image = await plain(page);
  const classes = ["stroma", "in situ", "invasive"];
  const weights = [...WEIGHTS, 0.5, 0.5, 0.5];
  await drop(page, await file("own.onnx", linear({ weights, bias: [...BIAS, 0] })));
  for (const [index, name] of classes.entries()) {
    await dialog(page).getByLabel(`Name of class ${index}`, { exact: true }).fill(name);
  }
  await expect(dialog(page).getByLabel("stroma counts as")).toHaveCount(0);
  await dialog(page).getByLabel("The scores are").selectOption("logits");
  await dialog(page).getByLabel("Pixel scaling").selectOption("imagenet");
  await use(page);

  const said = await report(page, image);
  expect(said).toMatchObject({ prediction: null, probabilities: null, verdict: "uncertain" });
  const scores = [0, 1, 2].map((row) =>
    COLOUR.reduce(
      (sum, value, channel) => sum + (weights[3 * row + channel] ?? 0) * imagenet(value, channel),
      [...BIAS, 0][row] ?? 0,
    ),
  );
  const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
  const shares = scores.map((score) => Math.exp(score) / sum);
  expect(said.taught?.classes).toEqual(classes);
  expect(said.taught?.lesson).toBeUndefined();
  for (const [place, share] of shares.entries()) {
    expect(said.taught?.probabilities?.[place]).toBeCloseTo(share, 4);
  }
  const best = classes[shares.indexOf(Math.max(...shares))] ?? "";
  // Verdict, bars and legend have its names; the patches' votes, too.
  await expect(page.locator(".verdict-word")).toHaveText(best);
  await expect(page.locator(".class-histogram .class-name")).toHaveText(classes);
  await expect(page.locator(".legend-classes li")).toHaveText(classes);
  await expect(page.getByText(`2 ${best}.`)).toBeVisible();
  expect(await findingsInBothSchemes(page)).toEqual(NOTHING);

  // A saved report is read back as it was.
  const saved = await file("saved.json", Buffer.from(JSON.stringify(said)));
  await page.getByRole("button", { name: "Clear" }).click();
  await drop(page, saved);
  await expect(page.locator(".verdict-word")).toHaveText(best);
});

const models = join(DIST, "models");

for (const withManifest of [true, false]) {
  test(`our own model, dropped ${withManifest ? "with" : "without"} its manifest, says what it says built in`, async ({
    page,
    site,
  }) => {
    await open(page, site);
    const builtIn = await report(page, SMALL);
    const manifest = join(models, "histoscope-v0.json");
    await drop(page, join(models, "histoscope-v0.int8.onnx"), ...(withManifest ? [manifest] : []));
    await expect(dialog(page)).toContainText(/\d+ run as \d+ fast int8 layers/);
    await expect(dialog(page)).toContainText(builtIn.model.sha256);
    if (withManifest) {
      await expect(dialog(page).getByRole("combobox")).toHaveCount(0);
    } else {
      await dialog(page).getByLabel("The first of the two scores is").selectOption("benign");
      await dialog(page).getByLabel("The scores are").selectOption("logits");
      // Raw pixels go into it.
      await expect(dialog(page).getByLabel("Pixel scaling")).toHaveCount(0);
    }
    await use(page);
    const notice = page.getByRole("region", { name: "Own model" });
    await expect(notice).toContainText("100.0% of its arithmetic runs on the fast path.");
    await expect(page.getByText(/^1 result was made with another model/)).toBeVisible();
    await page.getByRole("button", { name: "Run again with this one" }).click();
    await expect(page.getByText("Run again with this one")).toBeHidden();
    await expect(page.getByRole("button", { name: "Download report (JSON)" })).toBeVisible();
    const own = await downloadReport(page);
    expect(own.probabilities).toEqual(builtIn.probabilities);
    expect(own.patches).toEqual(builtIn.patches);
    // A network that is fused from end to end needs no tract.
    expect(own.engine).toMatchObject({ edition: "int8", runtime: "fused" });
    expect(own.model.sha256).toBe(builtIn.model.sha256);
    expect(own.model.version).toBe(withManifest ? builtIn.model.version : "own");
  });
}

test("what the first module runs, it reads, tries and doubts, too: the large one is not there", {
  tag: "@slow",
}, async ({ page, site }) => {
  const assets = join(DIST, "assets");
  const size = (name: string) => statSync(join(assets, name)).size;
  const modules = readdirSync(assets).filter((name) => name.endsWith(".wasm"));
  const [general = ""] = modules.sort((a, b) => size(b) - size(a));
  await page.route(`**/${general}`, (route) => route.abort());
  await page.goto(`${site.url}?screen=off&count_unfamiliar=on`);
  await expect(page.getByTitle("What the other precision needs could not be loaded")).toBeVisible();
  const image = await plain(page);

  await drop(page, await file("fused.onnx", quantisedLinear({ weights: WEIGHTS, bias: BIAS })));
  await expect(dialog(page)).toContainText("6 nodes, of which 5 run as 1 fast int8 layer");
  await answer(page);
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  await expect(inUse(page)).toBeVisible();
  const { probabilities, engine } = await report(page, image);
  const stepped = (...pixel: Parameters<typeof imagenet>) =>
    Math.round(imagenet(...pixel) / STEPS.pixels) * STEPS.pixels;
  expect(probabilities?.malignant).toBeCloseTo(malignant(stepped), 4);
  expect(engine).toMatchObject({ edition: "int8", runtime: "fused" });

  await drop(page, await file("fused.onnx", quantisedLinear({ weights: WEIGHTS, bias: BIAS })));
  await answer(page, { pixels: "raw" });
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  const notice = page.getByRole("region", { name: "Own model" });
  await expect(notice).toContainText("More likely: ImageNet mean and deviation (torchvision).");

  // What only the large one can read says what is missing.
  await drop(page, await usual());
  await expect(dialog(page).getByRole("alert").locator("code")).toHaveText("engine_missing");
});

test("it is offered at the next visit, goes back to the built-in model, and can be removed", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site, "?screen=off");
  const image = await plain(page);
  await drop(page, await usual());
  await answer(page);
  await use(page);

  await page.reload();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  const offer = page.getByText(/^Your own model linear, .* is kept in this browser\./);
  await expect(offer).toBeVisible();
  await expect(inUse(page)).toHaveCount(0);
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(inUse(page)).toBeVisible();
  const own = await report(page, image);
  expect(own.probabilities?.malignant).toBeCloseTo(malignant(imagenet), 4);

  await page.getByRole("button", { name: "Back to the built-in model" }).click();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  await expect(offer).toBeVisible();
  await page.getByRole("button", { name: "Run again with this one" }).click();
  await expect(page.getByText("Run again with this one")).toBeHidden();
  await expect(page.getByRole("button", { name: "Download report (JSON)" })).toBeVisible();
  expect((await downloadReport(page)).model.name).toBe("histoscope-lite0");

  await page.getByRole("button", { name: "Remove it" }).click();
  await expect(offer).toHaveCount(0);
  await page.reload();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  await expect(offer).toHaveCount(0);
});

test("images that are at work begin anew with it", { tag: "@slow" }, async ({ page, site }) => {
  // Hundreds of patches: the first image has to be at work still when the questions are answered.
  await open(page, site, "?workers=1&max_patches=all&stride=56&precision=f32&screen=off");
  await choose(page, LARGE, SMALL);
  await drop(page, await usual());
  await answer(page);
  await use(page);
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
  expect((await downloadReport(page)).model.name).toBe("linear");
  await expect(page.getByText("Run again with this one")).toHaveCount(0);
});

const [GOOD, LONGER] = [linear({ weights: WEIGHTS, bias: BIAS }), 256 * 2 ** 20 + 1];

const REFUSED = {
  "text.onnx": { bytes: Buffer.from("no model"), code: "model_invalid", says: "not an ONNX file" },
  "empty.onnx": { bytes: Buffer.alloc(0), code: "model_not_onnx", says: "an empty file" },
  "truncated.onnx": {
    bytes: GOOD.subarray(0, GOOD.length - 100),
    code: "model_not_onnx",
    says: "cut short",
  },
  "pointer.onnx": {
    bytes: Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
    code: "model_not_onnx",
    says: "git lfs pull",
  },
  "weights.pt": {
    bytes: Buffer.from([0x80, 2, 0x7d, 0x2e]),
    code: "model_not_onnx",
    says: "torch.onnx.export",
  },
  "four.onnx": {
    bytes: linear({ weights: WEIGHTS, bias: BIAS, input: ["N", 4, 224, 224] }),
    code: "model_invalid",
    says: "float32 [N, 4, 224, 224]",
  },
  "eight.onnx": {
    bytes: linear({ weights: WEIGHTS, bias: BIAS, input: [8, 3, 224, 224] }),
    code: "model_invalid",
    says: "8 pictures at once",
  },
  "photographs.onnx": {
    bytes: linear({ weights: new Array(3 * 1000).fill(0.5), bias: new Array(1000).fill(0) }),
    code: "model_invalid",
    says: "of 1000 classes; 100 at most can be told apart here: train its last layer",
  },
  "odd.onnx": {
    bytes: linear({ weights: WEIGHTS, bias: BIAS, odd: "RoiAlign" }),
    code: "model_invalid",
    says: "RoiAlign",
  },
};

test("what cannot be used is refused with a reason, and the page goes on", async ({ page, site }) => {
  await open(page, site);
  for (const [name, { bytes, code, says }] of Object.entries(REFUSED)) {
    await test.step(name, async () => {
      await drop(page, await file(name, bytes));
      await expect(dialog(page).getByRole("heading").first()).toHaveText(`${name} cannot be used`);
      const card = dialog(page).getByRole("alert");
      await expect(card).toContainText(says);
      await expect(card.locator("code")).toHaveText(code);
      await expect(card.locator(".remedy")).not.toBeEmpty();
      await dialog(page).getByRole("button", { name: "Close" }).click();
      await expect(dialog(page)).toBeHidden();
      await choose(page, SMALL);
      await expect(page.locator(".verdict-word")).toBeVisible();
      await page.getByRole("button", { name: "Clear" }).click();
      await expect(page.locator(".verdict-word")).toBeHidden();
    });
  }
});

test("a file that is too large is not even read", async ({ page, site }) => {
  await open(page, site);
  const path = test.info().outputPath("large.onnx");
  const handle = await openFile(path, "w");
  await handle.truncate(LONGER);
  await handle.close();
  await choose(page, path);
  await expect(dialog(page).getByRole("alert").locator("code")).toHaveText("model_too_large");
});

test("a manifest of another file, a bad one, and two models at once are refused", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  const manifest = JSON.parse(await readFile(join(models, "histoscope-v0.json"), "utf8"));
  const model = await usual();
  const code = dialog(page).getByRole("alert").locator("code");
  await drop(page, model, join(models, "histoscope-v0.json"));
  await expect(code).toHaveText("model_hash_mismatch");
  await drop(page, model, await file("broken.json", Buffer.from("{")));
  await expect(code).toHaveText("manifest_invalid");
  await drop(page, model, join(models, "histoscope-v0.int8.onnx"));
  await expect(code).toHaveText("model_not_alone");

  const { variants: _, ...rest } = manifest;
  const wrong = { ...rest, labels: ["benign", " strange", "malignant"] };
  await drop(page, model, await file("wrong.json", Buffer.from(JSON.stringify(wrong))));
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  await expect(code).toHaveText("manifest_invalid");
  await expect(dialog(page).getByRole("alert")).toContainText("strange");
});

test("a model that runs without its fused layers says so, in both languages", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "?screen=off&max_patches=1");
  await drop(page, await file("sum.onnx", sumOfTwoShapes()));
  await dialog(page).getByLabel("The first of the two scores is").selectOption("benign");
  await dialog(page).getByLabel("The scores are").selectOption("logits");
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  await expect(inUse(page)).toBeVisible();
  const notice = page.getByRole("region", { name: "Own model" });
  await expect(notice).toContainText("It runs without its fused int8 layers, and slower: ");
  const { engine } = await report(page, SMALL);
  expect(engine).toMatchObject({ edition: "general", runtime: "tract" });
  expect(engine.fallback).toBeTruthy();
  await expect(page.locator(".provenance")).toContainText("tract alone; its fused layers were left out");
  await page.getByLabel("Language", { exact: true }).selectOption("Deutsch");
  await expect(
    page.getByText("Es läuft ohne seine verschmolzenen int8-Schichten, und langsamer: "),
  ).toBeVisible();
  await expect(page.locator(".provenance")).toContainText("tract allein; ohne verschmolzene Schichten");
});

test("a model that traps ends the worker that tried it, and nothing else", { tag: "@slow" }, async ({
  page,
}) => {
  // Rust gives up where it gets no memory, which is a trap of the module.
  const { folder, site, remove } = await ownSite();
  await limitMemory(folder, 192);
  await open(page, site, "?workers=2");
  const before = page.workers().length;
  await drop(page, await file("trap.onnx", linear({ weights: WEIGHTS, bias: BIAS, large: true })));
  await answer(page);
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  const card = dialog(page).getByRole("alert");
  await expect(card).toContainText("The model made the engine fail, in a worker that only tried it");
  await expect(card.locator("code")).toHaveText("model_invalid");
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toBeHidden();
  await expect.poll(() => page.workers().length).toBe(before);
  await expect(page.getByText(/background worker stopped/)).toHaveCount(0);
  const { model } = await report(page, SMALL);
  expect(model.name).toBe("histoscope-lite0");
  await remove();
});

test("a file that comes just as the dialog closes is asked about", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site);
  await drop(page, await file("four.onnx", REFUSED["four.onnx"].bytes));
  await expect(dialog(page).getByRole("alert")).toBeVisible();
  // As Escape does; the next drop is in the page before the dialog has said that it is closed.
  await page.evaluate(() => {
    const element = document.querySelector("dialog");
    document.addEventListener("dragenter", () => element?.requestClose(), { once: true });
  });
  await drop(page, await usual());
  await expect(dialog(page).getByRole("heading")).toHaveText("Use linear.onnx?");
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toBeHidden();
});

test("wrong answers show in the trial and can be mended", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site, "?screen=off");
  await drop(page, await usual());
  await answer(page);
  await dialog(page).getByLabel("The scores are").selectOption("probabilities");
  await dialog(page).getByRole("button", { name: "Use this model" }).click();
  await expect(dialog(page).getByRole("alert")).toContainText("they may be logits");
  await expect(dialog(page).getByRole("button", { name: "Use this model" })).toBeFocused();
  await dialog(page).getByLabel("The scores are").selectOption("logits");
  await use(page);
});

test('"Remove from this machine" removes it, too', { tag: "@slow" }, async ({ browser, site }) => {
  const context = await browser.newContext({ serviceWorkers: "allow" });
  const page = await context.newPage();
  await page.goto(site.url);
  await expect(page.getByText("Saved on this machine")).toBeVisible();
  await drop(page, await usual());
  await answer(page);
  await use(page);
  await page.getByRole("button", { name: "Remove from this machine" }).click();
  await expect(page.getByText("Removed from this machine.")).toBeVisible();
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([]);
  // It stays in use until the page is left.
  await expect(inUse(page)).toBeVisible();
  await page.reload();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  await expect(page.getByText(/is kept in this browser/)).toHaveCount(0);
  await context.close();
});

test("by keyboard: chosen among the options, answered, used", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  await page.getByText("Options").click();
  await page.getByText("Advanced").click();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose an ONNX file" }).focus();
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(await usual());
  await expect(dialog(page).getByLabel("The scores are")).toBeVisible();
  await expect(dialog(page).getByRole("heading")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("b");
  await page.keyboard.press("Tab");
  await page.keyboard.press("l");
  await page.keyboard.press("Tab");
  await page.keyboard.press("I");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(inUse(page)).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "linear is in use now." })).toHaveCount(1);
});

/** States of the dialog and of the page around it. */
const states: Record<string, (page: Page) => Promise<void>> = {
  asking: async (page) => {
    await drop(page, await usual());
    await answer(page, { pixels: "custom" });
  },
  refused: async (page) => {
    await drop(page, await file("four.onnx", REFUSED["four.onnx"].bytes));
    await expect(dialog(page).getByRole("alert")).toBeVisible();
  },
  used: async (page) => {
    await choose(page, SMALL);
    await expect(page.locator(".verdict-word")).toBeVisible();
    await drop(page, await usual());
    await answer(page);
    await use(page);
    await page.getByText("Options").click();
    await page.getByText("Advanced").click();
  },
};

/** How far the rightmost edge on the page is from the left, in pixels. */
async function width(page: Page): Promise<number> {
  return page.evaluate(() => {
    const all = [...document.querySelectorAll("body *:not(.visually-hidden)")];
    return Math.max(...all.map((element) => element.getBoundingClientRect().right));
  });
}

for (const [name, reach] of Object.entries(states)) {
  test(`axe finds nothing wrong, and it fits a phone: ${name}`, {
    tag: name === "asking" ? [] : "@slow",
  }, async ({ page, site }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    await open(page, site);
    await reach(page);
    await look(page, "desktop.png");
    expect(await findingsInBothSchemes(page)).toEqual(NOTHING);

    await page.setViewportSize({ width: 360, height: 740 });
    await look(page, "phone.png");
    expect(await width(page)).toBeLessThanOrEqual(360);
  });
}

test("it is asked about, refused and told of in German, on a phone too", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await page.goto(`${site.url}?lang=de&screen=off`);
  await expect(page.getByText("Bereit, alles geladen")).toBeVisible();
  await page.setViewportSize({ width: 360, height: 740 });
  await drop(page, await file("four.onnx", REFUSED["four.onnx"].bytes));
  await expect(dialog(page).getByRole("heading").first()).toHaveText("four.onnx ist nicht verwendbar");
  const card = dialog(page).getByRole("alert");
  await expect(card).toContainText(
    "Das Modell ist nicht verwendbar: Seine Eingabe ist float32 [N, 4, 224, 224]; es müssen Bilder",
  );
  // What is left in English is marked as such.
  await expect(card.locator("[lang=en]")).toHaveCount(0);
  await dialog(page).getByRole("button", { name: "Schließen" }).click();

  await drop(page, await usual());
  await expect(dialog(page).getByRole("heading")).toHaveText("linear.onnx verwenden?");
  await dialog(page).getByLabel("Der erste der beiden Werte steht für").selectOption("gutartig");
  await dialog(page).getByLabel("Die Werte sind").selectOption("Logits, vor dem Softmax");
  await dialog(page).getByLabel("Skalierung der Pixel").selectOption("eine andere");
  expect(await width(page)).toBeLessThanOrEqual(360);
  await dialog(page).getByRole("button", { name: "Dieses Modell verwenden" }).click();
  await expect(page.getByText("Das eigene Modell linear wird verwendet.")).toBeVisible();
  await expect(page.getByText("Bereit, alles geladen")).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "linear wird jetzt verwendet." })).toHaveCount(1);
  expect(await width(page)).toBeLessThanOrEqual(360);

  await page.getByLabel("Sprache", { exact: true }).selectOption("English");
  await expect(inUse(page)).toBeVisible();
});

test("the single-file edition runs and keeps it, as far as its browser lets a file keep anything", {
  tag: "@slow",
}, async ({ page }) => {
  const single = test.info().outputPath("histoscope.html");
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "single-file.mjs"), "--out", single]);
  const url = `${pathToFileURL(single).href}?screen=off`;
  await page.goto(url);
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  const image = await plain(page);
  await drop(page, await usual());
  await answer(page);
  await use(page);
  const { probabilities } = await report(page, image);
  expect(probabilities?.malignant).toBeCloseTo(malignant(imagenet), 4);
  await page.reload();
  await page.getByRole("button", { name: "Use it" }).click();
  await expect(inUse(page)).toBeVisible();
});
