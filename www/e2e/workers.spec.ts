// Workers that die, and work that is no longer wanted.

import { readFileSync } from "node:fs";
import type { Page, Worker } from "@playwright/test";
import { choose, copies, differing, expect, fixture, LARGE, open, rows, SMALL, test } from "./site.ts";
import { trapOnSome } from "./tab.ts";

/** The browser's list of workers follows their end with a delay. */
async function workers(page: Page, count: number): Promise<Worker[]> {
  await expect.poll(() => page.workers().length).toBe(count);
  return page.workers();
}

function first(found: Worker[]): Worker {
  const [worker] = found;
  if (worker === undefined) throw new Error("there is no worker");
  return worker;
}

const replaced = (page: Page) => page.getByText(/^A background worker stopped \(.*\) and was replaced\.$/);

test("an idle worker that ends without a word is noticed and replaced", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "?workers=2");
  const before = await workers(page, 2);
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();

  await first(before).evaluate(() => self.close());
  await expect(replaced(page)).toBeVisible();
  await expect.poll(() => page.workers().filter((worker) => !before.includes(worker)).length).toBe(1);
  await choose(page, LARGE);
  await expect(rows(page).nth(1)).toContainText(/Benign|Malignant|Uncertain|Unfamiliar/);
});

test("a worker that dies in the middle of a call fails that image alone, with a way to try again", async ({
  page,
  site,
}) => {
  await open(page, site, "?workers=1");
  const victim = first(await workers(page, 1));
  await victim.evaluate(() => {
    // Dies when it has read an image, before it can say so. Warming up, which tells of nothing on the way, it lives on.
    const worker = self as unknown as {
      postMessage(message: { type: string } | { type: string }[], transfer: Transferable[]): void;
    };
    const post = worker.postMessage.bind(self);
    let dying = false;
    worker.postMessage = (message, transfer) => {
      dying ||= [message].flat().some(({ type }) => type === "event");
      if (dying) self.close();
      else post(message, transfer);
    };
  });
  await choose(page, SMALL, LARGE, fixture("good/grid_448x224.jpg"));
  await expect(page.getByText("1 image failed")).toBeVisible();
  await expect(page.getByText("Mean over 2 images:")).toBeVisible();
  await expect(replaced(page)).toBeVisible();
  const card = page.getByRole("alert");
  await expect(card.locator("code")).toHaveText("worker_died");

  await card.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText("Mean over 3 images:")).toBeVisible();
});

test("three images in a row that trap fail alone, and their workers are replaced", {
  tag: ["@chrome", "@slow"],
}, async ({ page, site }) => {
  await open(page, site, "?workers=1");
  await page.evaluate(trapOnSome);
  const buffer = readFileSync(SMALL);
  const names = ["a.jpg", "trap-1.jpg", "trap-2.jpg", "trap-3.jpg", "b.jpg", "c.jpg"];
  const files = names.map((name, index) => ({
    name,
    mimeType: "image/jpeg",
    buffer: differing(buffer, index),
  }));
  await page.getByLabel("Image files").setInputFiles(files);
  await expect(page.getByText("3 images failed")).toBeVisible();
  await expect(page.getByText("Mean over 3 images:")).toBeVisible();
  for (const index of [1, 2, 3]) {
    await expect(rows(page).nth(index)).toHaveAttribute("data-code", "worker_died");
  }
  await expect(replaced(page)).toBeVisible();
});

test("an error that nobody caught ends the worker, and the page goes on", async ({ page, site }) => {
  await open(page, site, "?workers=1");
  const victim = first(await workers(page, 1));
  await victim.evaluate(() => {
    setTimeout(() => {
      throw new Error("out of the blue");
    });
  });
  await choose(page, SMALL);
  await expect(replaced(page)).toContainText("out of the blue");
  // It may have died with the image or before it was given it.
  const again = page.getByRole("button", { name: "Try again" });
  await expect(again.or(page.locator(".verdict-word"))).toBeVisible();
  if (await again.isVisible()) await again.click();
  await expect(page.locator(".verdict-word")).toBeVisible();
});

test("workers that cannot live are given up, in words, and started again on request", {
  tag: "@slow",
}, async ({ page, site }) => {
  await open(page, site, "?workers=1");
  // Every new worker of this page ends as soon as it is asked to open the model.
  await page.evaluate(() => {
    const Original = Worker;
    class Doomed extends Original {
      override postMessage(message: { call: string }): void {
        if (message.call === "open") this.dispatchEvent(new ErrorEvent("error", { message: "doomed" }));
      }
    }
    Object.assign(globalThis, { Worker: Doomed, OriginalWorker: Original });
  });
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
  await first(await workers(page, 1)).evaluate(() => self.close());
  await expect(replaced(page)).toContainText("doomed");
  await expect.poll(() => page.workers().length).toBe(0);
  await page.getByRole("button", { name: "Clear" }).click();
  await choose(page, SMALL);
  await expect(page.getByRole("alert").locator("code")).toHaveText("worker_died");

  await page.evaluate(() => {
    const kept = globalThis as unknown as { OriginalWorker: typeof Worker };
    Object.assign(globalThis, { Worker: kept.OriginalWorker });
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.locator(".verdict-word")).toBeVisible();
});

test("one image can be cancelled while the others go on", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site, "?workers=1&max_patches=all");
  await choose(page, ...(await copies(LARGE, 12)), SMALL);
  // Late in the queue, so that it is not done before it can be cancelled.
  const late = rows(page).nth(11);
  await late.getByRole("button", { name: "Cancel copy-11-of-grid_1400x1150.jpg" }).click();
  await expect(late).toContainText("Cancelled");
  // A part does not speak for the whole.
  await expect(page.getByText("12 of 13 images analysed.")).toBeVisible();
  await expect(page.getByText(/^Mean over/)).toHaveCount(0);
  await late.getByRole("button").first().click();
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(page.getByText("Mean over 13 images:")).toBeVisible();
});

test("everything can be cancelled at once, and the page is ready for more", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "?workers=2&max_patches=all&precision=f32");
  await choose(page, ...(await copies(LARGE, 12)));
  await expect(rows(page).first()).toHaveAttribute("data-state", "done");
  await page.getByRole("button", { name: /^Cancel all/ }).click();
  await expect(page.getByRole("button", { name: /^Cancel/ })).toHaveCount(0);
  await expect(rows(page).filter({ hasText: "Cancelled" })).not.toHaveCount(0);
  await page.getByRole("button", { name: "Clear" }).click();
  await choose(page, SMALL);
  await expect(page.locator(".verdict-word")).toBeVisible();
});

test("the number of workers follows the option", { tag: "@slow" }, async ({ page, site }) => {
  await open(page, site, "?workers=1");
  await workers(page, 1);
  await page.getByText("Options").click();
  await page.getByText("Advanced").click();
  await page.getByLabel("Workers").selectOption("4");
  await workers(page, 4);
  await page.getByLabel("Workers").selectOption("2");
  await workers(page, 2);
});
