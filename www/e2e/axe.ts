// What axe finds wrong with a page, in Chromium and in Firefox.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import axe from "axe-core";
import type { Page as FirefoxPage } from "puppeteer-core";

const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

const told = ({ violations }: axe.AxeResults) =>
  violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);

export async function findings(page: Page) {
  return told(await new AxeBuilder({ page }).withTags(TAGS).analyze());
}

export async function findingsInFirefox(page: FirefoxPage) {
  // Alone, without a value: what it defines is no message.
  await page.evaluate(`${axe.source};undefined`);
  const results = await page.evaluate(
    (values) => (globalThis as unknown as { axe: typeof axe }).axe.run({ runOnly: { type: "tag", values } }),
    TAGS,
  );
  return told(results);
}
