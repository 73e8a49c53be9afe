// Kept on the machine: opens without a server, is replaced as a whole and only when asked, and can be removed.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { ownSite, publishAnother } from "./published.ts";
import {
  choose,
  copies,
  expect,
  LARGE,
  open,
  report,
  SMALL,
  serveSite,
  test,
  withoutTimings,
} from "./site.ts";

test.use({ serviceWorkers: "allow" });

const saved = (page: Page) => page.getByText("Saved on this machine: the page opens without a network.");
const first = (page: Page) => page.locator(".demo").first();
const newVersion = (page: Page) => page.getByText("A new version is ready.");
const keepsStudies = (page: Page) =>
  page.getByRole("checkbox", { name: "Keep results on this machine, never pictures" });

test("after one visit the page opens and analyses without its server", { tag: "@chrome" }, async ({
  page,
}) => {
  const site = await serveSite();
  await open(page, site);
  const before = withoutTimings(await report(page, SMALL));
  await expect(saved(page)).toBeVisible();
  await expect(page.getByText(/This site takes [\d.]+ MB of storage/)).toBeVisible();
  await site.stop();

  await page.reload();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  expect(withoutTimings(await report(page, SMALL))).toEqual(before);
  // With options in the address, by the folder's own name or the file's; the other build of the engine, the other model.
  await page.goto(`${site.url}index.html?precision=f32&kernels=simd128`);
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  const { model } = await report(page, SMALL);
  expect(model.variant).toBe("f32");
  await page.getByRole("button", { name: "Clear" }).click();
  await expect(first(page)).toContainText("Try: Ducts");
  const privacy = page.context().waitForEvent("page");
  await page.getByRole("link", { name: "How to check that yourself" }).click();
  await expect((await privacy).getByRole("heading", { level: 1 })).toHaveText(/Privacy/);
});

test("the browser offers to install it", { tag: ["@chrome", "@slow"] }, async ({ page, site }) => {
  await open(page, site);
  const browser = await page.context().newCDPSession(page);
  const { url, errors } = await browser.send("Page.getAppManifest");
  expect(url).toBe(`${site.url}manifest.json`);
  expect(errors).toEqual([]);
  const { installabilityErrors } = await browser.send("Page.getInstallabilityErrors");
  // Playwright's contexts are all incognito; nothing else may be in the way.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual(
    [],
  );
});

test("a new version waits for a click, and never reloads in the middle of an analysis", {
  tag: ["@chrome", "@slow"],
}, async ({ page }) => {
  const { folder, site, remove } = await ownSite();
  try {
    await open(page, site, "?workers=1");
    await expect(saved(page)).toBeVisible();
    await publishAnother(folder);

    await page.reload();
    await expect(newVersion(page)).toBeVisible();
    // Until then everything is of the old version.
    await expect(first(page)).toContainText("Try: Ducts");
    const reload = page.getByRole("button", { name: "Reload" });
    await choose(page, ...(await copies(LARGE, 6)));
    await expect(reload).toBeDisabled();
    await expect(page.getByText("Possible when the analysis is done.")).toBeVisible();
    await expect(page.getByText("Mean over 6 images:")).toBeVisible();
    // It takes something away only while the results are not kept on this machine.
    const warning = page.getByText("Reloading discards the images and results below.");
    await keepsStudies(page).uncheck();
    await expect(warning).toBeVisible();
    await keepsStudies(page).check();
    await expect(warning).toBeHidden();

    const loaded = page.waitForEvent("load");
    await reload.click();
    await loaded;
    await expect(first(page)).toContainText("Try: Fat");
    await expect(newVersion(page)).toBeHidden();
    await expect(page.getByText(/^6 results are kept on this machine/)).toBeVisible();
    await site.stop();
    await page.reload();
    await expect(first(page)).toContainText("Try: Fat");
    await choose(page, SMALL);
    await expect(page.locator(".verdict-word")).toBeVisible();
  } finally {
    await remove();
  }
});

test("another tab is not reloaded, and is told", { tag: ["@chrome", "@slow"] }, async ({ page, context }) => {
  const { folder, site, remove } = await ownSite();
  try {
    await open(page, site, "?workers=1");
    await expect(saved(page)).toBeVisible();
    await page.reload();
    await choose(page, SMALL);
    await expect(page.locator(".verdict-word")).toBeVisible();

    await publishAnother(folder);
    const other = await context.newPage();
    await other.goto(site.url);
    await expect(newVersion(other)).toBeVisible();
    await other.getByRole("button", { name: "Reload" }).click();
    await expect(first(other)).toContainText("Try: Fat");
    await expect(newVersion(page)).toBeVisible();
    await expect(page.locator(".verdict-word")).toBeVisible();
    await choose(page, LARGE);
    await expect(page.getByText("Mean over 2 images:")).toBeVisible();
  } finally {
    await remove();
  }
});

test("a version that is published by half is not taken", { tag: ["@chrome", "@slow"] }, async ({ page }) => {
  const { folder, site, remove } = await ownSite();
  try {
    await open(page, site);
    await expect(saved(page)).toBeVisible();
    await publishAnother(folder);
    await writeFile(join(folder, "demo", "index.json"), "of yet another version");
    await page.reload();
    await expect(saved(page)).toBeVisible();
    const settled = page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      const installing = (await registration?.update().catch(() => undefined))?.installing;
      while (installing?.state === "installing") {
        await new Promise((changed) => installing.addEventListener("statechange", changed, { once: true }));
      }
      return [installing?.state ?? "redundant", registration?.waiting ?? null];
    });
    expect(await settled).toEqual(["redundant", null]);
    await expect(newVersion(page)).toBeHidden();
    await site.stop();
    await page.reload();
    await expect(first(page)).toContainText("Try: Ducts");
  } finally {
    await remove();
  }
});

test("what is kept can be removed, and saved again", { tag: ["@chrome", "@slow"] }, async ({ page }) => {
  const site = await serveSite();
  await open(page, site);
  await expect(saved(page)).toBeVisible();
  await page.reload();
  await expect(saved(page)).toBeVisible();
  await page.getByRole("button", { name: "Remove from this machine" }).click();
  await expect(page.getByText("Removed from this machine.")).toBeVisible();
  const kept = () => page.evaluate(async () => (await caches.keys()).length);
  expect(await kept()).toBe(0);
  // The page itself is in memory.
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();

  await page.getByRole("button", { name: "Save again" }).click();
  await expect(saved(page)).toBeVisible();
  await site.stop();
  await page.reload();
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
});

test("where a service worker is refused the page works and says so", { tag: ["@chrome", "@slow"] }, async ({
  page,
  site,
}) => {
  await page.addInitScript(() => {
    navigator.serviceWorker.register = () => Promise.reject(new DOMException("no", "SecurityError"));
  });
  await open(page, site);
  await expect(page.getByText(/^This page cannot be kept for use without a network:/)).toBeVisible();
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
});
