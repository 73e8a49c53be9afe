// Where the page runs and what it asks of the network: any path, any plain server, and nothing after load.

import { choose, copies, expect, LARGE, open, rows, SMALL, serveSite, test } from "./site.ts";
import { slide } from "./slides.ts";

test("after load the network is not needed for anything", { tag: "@chrome" }, async ({ page }) => {
  const site = await serveSite();
  await open(page, site, "?workers=2");
  const scan = await slide(page, { name: "drawn.svs", width: 3000, height: 3000, um: 0.5 });
  await site.stop();
  const asked: string[] = [];
  page.on("request", (request) => {
    // What the page made itself and holds in memory is no network.
    if (!request.url().startsWith("blob:")) asked.push(request.url());
  });

  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();

  await choose(page, scan);
  await expect(rows(page).nth(1)).toHaveAttribute("data-state", "done");
  await page.getByRole("button", { name: "Clear" }).click();
  await choose(page, SMALL);

  // The other precision, new workers in place of ended ones, more workers, a demo image.
  await page.getByText("Options").click();
  await page.getByText("Advanced").click();
  await page.getByLabel("f32, full precision").check();
  await page.getByLabel("Workers").selectOption("3");
  await choose(page, ...(await copies(LARGE, 12)));
  // One is done, which stays; others are still to come.
  await expect(rows(page).first()).toHaveAttribute("data-state", "done");
  await page.getByRole("button", { name: /^Cancel all/ }).click();
  for (const worker of page.workers()) await worker.evaluate(() => self.close()).catch(() => {});
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("button", { name: /^Try: Ducts/ }).click();
  const verdict = page.locator(".verdict-word");
  const again = page.getByRole("button", { name: "Try again" });
  await expect(verdict.or(again)).toBeVisible();
  if (await again.isVisible()) await again.click();
  await expect(verdict).toBeVisible();

  await page.getByLabel("Language").selectOption("Deutsch");
  await expect(page.getByRole("button", { name: "Leeren" })).toBeVisible();

  expect(asked).toEqual([]);
});

test("neither page nor workers can send anything to another host", async ({ page, site }) => {
  await open(page, site, "?workers=1");
  // Another port is another origin. Nothing listens there; the policy must refuse before that is found out.
  const refusals = page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
        fetch("http://127.0.0.1:9/").catch(() => {});
      }),
  );
  expect(await refusals).toBe("connect-src");
  const fromWorker = page.workers()[0]?.evaluate(
    () =>
      new Promise<string>((resolve) => {
        addEventListener("securitypolicyviolation", (event) =>
          resolve((event as SecurityPolicyViolationEvent).effectiveDirective),
        );
        fetch("http://127.0.0.1:9/").catch(() => {});
      }),
  );
  expect(await fromWorker).toBe("connect-src");
});

test("everything asked for during load comes from the page's own folder", async ({ page, site }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await open(page, site);
  const elsewhere = asked.filter((url) => !url.startsWith(site.url) && !url.startsWith("blob:"));
  expect(elsewhere).toEqual([]);
  expect(asked.length).toBeGreaterThan(5);
});

for (const path of ["/", "/deep/er/path/"]) {
  test(`works under ${path}`, { tag: "@slow" }, async ({ page }) => {
    const site = await serveSite(path);
    try {
      await open(page, site);
      await choose(page, SMALL);
      await expect(page.locator(".verdict-word")).toBeVisible();
    } finally {
      await site.stop();
    }
  });
}
