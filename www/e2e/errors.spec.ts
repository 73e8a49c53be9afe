// Bad input and bad deployments: one error each, with code and remedy, and everything else goes on.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Page } from "@playwright/test";
import { choose, expect, fixture, open, rows, SMALL, test } from "./site.ts";

interface Listed {
  file: string;
  what: string;
  expect: "decode" | "error" | "either";
  codes?: string[];
  width?: number;
  height?: number;
}

const listed = JSON.parse(readFileSync(fixture("index.json"), "utf8")) as Listed[];

/** The row of a file: of a long list only what is in sight is in the document, so it is looked for. */
async function rowOf(page: Page, file: string) {
  const name = basename(file);
  await page.getByRole("searchbox", { name: "Filter by name or patient" }).fill(name);
  return rows(page)
    .filter({ hasText: new RegExp(`(^|\\W)${name.replaceAll(".", "\\.")}`) })
    .first();
}

test("every bad file gets its code, and the good one among them its verdict", async ({ page, site }) => {
  const bad = listed.filter((entry) => entry.expect === "error");
  expect(bad.length).toBeGreaterThan(20);
  await open(page, site);
  await choose(page, ...bad.map((entry) => fixture(entry.file)), SMALL);
  await expect(page.getByText(`${bad.length} images failed`)).toBeVisible();
  await expect(page.getByText("Mean over 1 image:")).toBeVisible();
  for (const entry of bad) {
    const allowed = new RegExp(`^(${entry.codes?.join("|")})$`);
    const row = await rowOf(page, entry.file);
    await expect(row, `${entry.file}: ${entry.what}`).toHaveAttribute("data-code", allowed);
    await expect(row).toContainText("Failed: ");
  }
  await expect(await rowOf(page, SMALL)).toContainText(/Benign|Malignant|Uncertain|Unfamiliar/);
});

test("every readable kind of image is read", async ({ page, site }) => {
  const good = listed.filter((entry) => entry.expect === "decode");
  expect(good.length).toBeGreaterThan(30);
  // Formats are the matter here, not whether the pictures could be tissue.
  await open(page, site, "?max_patches=10&screen=off");
  await choose(page, ...good.map((entry) => fixture(entry.file)));
  // Small ones show a form of file; they are read, and then found to be smaller than a patch.
  const small = good.filter(({ width = 224, height = 224 }) => Math.min(width, height) < 224);
  // Some fixtures are the same file under two names, and count once.
  const kinds = (files: Listed[]) =>
    new Set(files.map((entry) => readFileSync(fixture(entry.file), "base64"))).size;
  const large = kinds(good.filter((entry) => !small.includes(entry)));
  await expect(page.getByText(`Mean over ${large} images:`)).toBeVisible({ timeout: 50_000 });
  await expect(page.getByText(`${kinds(small)} images failed`)).toBeVisible();
  for (const entry of small) {
    await expect(await rowOf(page, entry.file), entry.file).toHaveAttribute("data-code", "image_too_small");
  }
});

test("an error card has the message, the remedy and the code, and another try", async ({ page, site }) => {
  await open(page, site);
  await choose(page, fixture("bad/size_223x223.png"));
  const card = page.getByRole("alert");
  await expect(card.getByRole("heading")).toHaveText("This image could not be analysed");
  await expect(card).toContainText("223");
  await expect(card).toContainText("224");
  await expect(card.locator(".remedy")).not.toBeEmpty();
  await expect(card.locator("code")).toHaveText("image_too_small");
  await card.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("alert").locator("code")).toHaveText("image_too_small");
});

const deployments = [
  { what: "a model file that is missing", url: "**/*.int8.onnx*", status: 404, code: "model_missing" },
  { what: "a manifest that is missing", url: "**/histoscope-v0.json", status: 404, code: "model_missing" },
  {
    what: "a manifest that is a web page",
    url: "**/histoscope-v0.json",
    body: "<html>",
    code: "manifest_invalid",
  },
  { what: "an engine that is missing", url: "**/*.wasm", status: 404, code: "engine_missing" },
  { what: "an engine that is damaged", url: "**/*.wasm", body: "\0asm????", code: "engine_hash_mismatch" },
  {
    what: "a model file of the wrong size",
    url: "**/*.int8.onnx*",
    body: "short",
    code: "model_hash_mismatch",
  },
];

for (const { what, url, status, body, code } of deployments) {
  test(`${what} is named, and trying again helps once it is mended`, {
    tag: status === undefined ? [] : "@slow",
  }, async ({ page, site }) => {
    await page.route(url, (route) => route.fulfill({ status: status ?? 200, body: body ?? "" }));
    await page.goto(site.url);
    const card = page.getByRole("alert");
    await expect(card.getByRole("heading")).toHaveText("The classifier could not start");
    await expect(card.locator("code")).toHaveText(code);
    // What earlier visits kept can be seen to all the same.
    await expect(page.getByLabel("Keep results on this machine, never pictures")).toBeChecked();
    await expect(page.getByRole("button", { name: "Remove from this machine" })).toBeVisible();
    await choose(page, SMALL);

    await page.unroute(url);
    await card.getByRole("button", { name: "Try again" }).click();
    await expect(page.locator(".verdict-word")).toBeVisible();
    await expect(card).toHaveCount(0);
  });
}

for (const variant of ["int8", "f32"]) {
  test(`an ${variant} model with one wrong byte is refused by its hash`, { tag: "@slow" }, async ({
    page,
    site,
  }) => {
    await page.route(`**/*.${variant}.onnx*`, async (route) => {
      const response = await route.fetch();
      const bytes = await response.body();
      const middle = bytes.length >> 1;
      bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      await route.fulfill({ response, body: bytes });
    });
    await page.goto(`${site.url}?precision=${variant}`);
    const card = page.getByRole("alert");
    await expect(card.locator("code")).toHaveText("model_hash_mismatch");
    await expect(card.getByText(/SHA-256/)).toBeVisible();
  });
}

test("a bad f32 model fails the images that ask for it and no others", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await page.route("**/*.f32.onnx*", async (route) => {
    const response = await route.fetch();
    const bytes = await response.body();
    bytes.fill(0, 1000, 1100);
    await route.fulfill({ response, body: bytes });
  });
  await open(page, site);
  await page.getByText("Options").click();
  await page.getByText("Advanced").click();
  await page.getByLabel("f32, full precision").check();
  await choose(page, SMALL);
  await expect(page.getByRole("alert").locator("code")).toHaveText("model_hash_mismatch");
  await page.getByLabel("int8, fast").check();
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator(".verdict-word")).toBeVisible();
});

test("names of files are text, whatever they hold", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site);
  const name = "<img src=x onerror=alert(1)>.png";
  await page
    .getByLabel("Image files")
    .setInputFiles({ name, mimeType: "image/png", buffer: readFileSync(fixture("good/png_rgb8.png")) });
  await expect(page.getByRole("article").getByRole("heading", { level: 2 })).toHaveText(name);
});
