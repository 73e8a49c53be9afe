// The built package and its examples on a plain static server, for the tests of what others embed.

import { existsSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { Page } from "@playwright/test";
import { expect, type Site, serveSite, test as siteTest } from "./site.ts";

const ROOT = join(import.meta.dirname, "..", "..");
export const PACKAGE = join(ROOT, "www", "dist-package");

/** A test with the repository served as a site, whose page may log no error and break no policy. */
export const test = siteTest.extend<{ host: Site }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs off the pattern
  host: async ({}, use) => {
    if (!existsSync(join(PACKAGE, "index.js"))) throw new Error("build it first: npm run build:package");
    const host = await serveSite("/", ROOT);
    await use(host);
    await host.stop();
  },
  page: async ({ page }, use) => {
    const violations: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) violations.push(message.text());
    });
    await use(page);
    expect(violations, "violations of the page's policy").toEqual([]);
  },
});

export { expect };

/** The address of a file of the repository. */
export const addressOf = (file: string) => `/${relative(ROOT, file).split(sep).join("/")}`;

type Library = typeof import("../src/lib/index.ts");

declare global {
  /** What `embed` puts into the page. */
  var lib: Library;
  var fileAt: (address: string) => Promise<File>;
}

/** A page with a strict policy that has imported the classifier and made none. */
export async function embed(page: Page, host: Site): Promise<void> {
  // Its own script would start a classifier, too.
  await page.route("**/examples/classifier.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: "" }),
  );
  await page.goto(`${host.url}www/examples/classifier.html`);
  await page.evaluate(async () => {
    const entry = "/www/dist-package/index.js";
    globalThis.lib = (await import(entry)) as Library;
    globalThis.fileAt = async (address) => {
      const blob = await (await fetch(address)).blob();
      return new File([blob], address.split("/").at(-1) ?? "", { type: blob.type });
    };
  });
}

/** All requests that go to a server from now on. */
export function requestsOf(page: Page): string[] {
  const requests: string[] = [];
  page.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url())) requests.push(request.url());
  });
  return requests;
}
