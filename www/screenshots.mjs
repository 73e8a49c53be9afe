// Takes the README's pictures of the built page, with the drawn study: `node screenshots.mjs`.

import { join } from "node:path";
import { withSite } from "./bench/site.mjs";

const DOCS = join(import.meta.dirname, "..", "docs");
const WIDTH = 1280;
const LESSON = "Drawn laboratory";

await withSite(async ({ browser, url }) => {
  const page = await browser.newPage({ viewport: { width: WIDTH, height: 1000 }, locale: "en" });
  await page.goto(url);
  await page.getByText("Ready, all loaded").waitFor();
  await page.getByRole("button", { name: "Try a study of 24 fields" }).click();
  await page.getByText("24 images are unfamiliar to the model").waitFor();

  await page.getByLabel("Name of the lesson").fill(LESSON);
  await page.getByRole("button", { name: "Teach it these" }).click();
  const learned = page.getByRole("heading", { name: `What it has learned: ${LESSON}` });
  await learned.waitFor();
  await page.emulateMedia({ colorScheme: "dark" });
  await learned.scrollIntoViewIfNeeded();
  const section = page.locator("section", { has: learned }).last();
  await section.screenshot({ path: join(DOCS, "screenshot-teach.png") });

  await page.emulateMedia({ colorScheme: "light" });
  await page.getByRole("button", { name: "Use it" }).click();
  await page.getByText(`The lesson ${LESSON} judges.`).waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(1000);
  await page.screenshot({ path: join(DOCS, "screenshot.png") });
});
