// What stays in sight: the one notice that verdicts are for research only, and the way to undo.

import type { Page } from "@playwright/test";
import { allOf, choose, copies, expect, LARGE, open, SMALL, test } from "./site.ts";

const SIZES = [
  { width: 1280, height: 860, locale: "en", notice: "Research use only." },
  { width: 390, height: 800, locale: "de", notice: "Nur für Forschungszwecke." },
] as const;

/** How often a person sees these words now: in the window, and not under something else. */
function seen(page: Page, notice: string): Promise<number> {
  return page.evaluate((notice) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let count = 0;
    while (texts.nextNode()) {
      const { currentNode } = texts;
      if (!currentNode.textContent?.includes(notice)) continue;
      const range = document.createRange();
      range.selectNodeContents(currentNode);
      const { left, top, width, height } = range.getBoundingClientRect();
      const there = document.elementFromPoint(left + width / 2, top + Math.min(height, 20) / 2);
      if (width > 0 && there?.contains(currentNode)) count++;
    }
    return count;
  }, notice);
}

/** On every part of the page, from its top to its end. */
async function expectOne(page: Page, notice: string): Promise<void> {
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    await page.evaluate((part) => scrollTo(0, part * document.documentElement.scrollHeight), part);
    expect(await seen(page, notice), `at ${part} of the page`).toBe(1);
  }
}

for (const { width, height, locale, notice } of SIZES) {
  test.describe(`${width} pixels wide`, () => {
    test.use({ viewport: { width, height }, locale });

    test("every screen has one notice, whatever stands on it", async ({ page, site }) => {
      await page.goto(`${site.url}?count_unfamiliar=on`);
      await expect(page.locator(".status-good")).toBeVisible();
      const files = page.locator("input[type=file]").first();
      await files.setInputFiles(SMALL);
      await expect(page.locator(".verdict-word")).toHaveCount(1);
      await expectOne(page, notice);
      await files.setInputFiles(LARGE);
      await expect(page.locator("#together-title")).toBeVisible();
      await expectOne(page, notice);

      await page.locator(".stage").focus();
      await page.keyboard.press("f");
      await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
      expect(await seen(page, notice), "on the whole screen").toBe(1);
      await page.keyboard.press("f");
      await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBeNull();

      await page.emulateMedia({ media: "print" });
      await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
      await expect(page.locator(".print").getByText(notice)).toBeVisible();
    });
  });
}

test("the way to undo lies on no control, and can be closed", async ({ page, site }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await open(page, site);
  await choose(page, ...(await copies(SMALL, 3)));
  await expect(page.getByText(allOf(3))).toBeVisible();
  await page
    .getByRole("button", { name: /^Remove / })
    .first()
    .click();
  const undo = page.getByRole("button", { name: "Undo" });
  await expect(undo).toBeVisible();
  // From the top and from the end: what has the focus is in sight, and under nothing.
  for (const end of [0, 1e6]) {
    for (const control of await page.locator(".list-controls").locator("input, select").all()) {
      await page.evaluate((end) => scrollTo(0, end), end);
      await control.focus();
      const free = await control.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return document.elementFromPoint(left + width / 2, top + height / 2) === element;
      });
      expect(free, (await control.getAttribute("aria-label")) ?? "").toBe(true);
    }
  }
  await page.locator(".notice-undo").getByRole("button", { name: "Close" }).click();
  await expect(undo).toBeHidden();
});
