// What axe finds wrong with a page, in every browser.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import axe from "axe-core";
import type { Tab } from "./tab.ts";

const TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];

/** Only what is wrong is described: nobody reads the names of what is right, which take their time on a large page. */
const DESCRIBED: axe.RunOptions = { resultTypes: ["violations"] };

/** Without a page of its own to put the findings of frames together: we have no frames. */
const builder = (page: Page) => new AxeBuilder({ page }).setLegacyMode().options({ ...DESCRIBED });

const told = ({ violations }: axe.AxeResults) =>
  violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]);

export async function findings(page: Page) {
  return told(await builder(page).withTags(TAGS).analyze());
}

/** Likewise, dressed in light and in dark. What a scheme changes is colours: the rest is looked at once. */
export async function findingsInBothSchemes(page: Page) {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const light = await findings(page);
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  const dark = told(await builder(page).withRules(["color-contrast"]).analyze());
  return { light, dark };
}

/** What these are if nothing is wrong. */
export const NOTHING = { light: [], dark: [] };

export async function findingsIn(tab: Tab) {
  await tab.inject(axe.source);
  const results = await tab.evaluate(
    (options) => (globalThis as unknown as { axe: typeof axe }).axe.run(options),
    { ...DESCRIBED, runOnly: { type: "tag", values: TAGS } } satisfies axe.RunOptions,
  );
  return told(results);
}
