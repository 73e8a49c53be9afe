// The single-file edition, opened as a file: it runs a whole analysis, asks for nothing, and can connect to nothing.

import { readFile, rm } from "node:fs/promises";
import { NOWHERE, refusal, singleFile } from "./published.ts";
import { choose, expect, open, report, rows, SMALL, test, withoutTimings } from "./site.ts";
import { slide } from "./slides.ts";

let folder = "";
let address = "";

test.beforeAll(async () => {
  ({ folder, address } = await singleFile());
});

test.afterAll(() => rm(folder, { recursive: true }));

for (const query of ["", "?precision=f32&kernels=simd128"]) {
  test(`gives the report of the hosted page ${query}`, { tag: query === "" ? [] : "@slow" }, async ({
    page,
    site,
  }) => {
    await open(page, site, query);
    const hosted = await report(page, SMALL);

    const asked: string[] = [];
    const complaints: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    await page.goto(address + query);
    await expect(page.getByText("Ready, all loaded")).toBeVisible();
    await expect(page.getByText("This is the edition in a single file")).toBeVisible();
    const alone = await report(page, SMALL);
    expect(withoutTimings(alone)).toEqual(withoutTimings(hosted));

    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("button", { name: /^Try: Ducts/ }).click();
    await expect(page.locator(".verdict-word")).toBeVisible();
    await choose(page, await slide(page, { name: "drawn.svs", width: 3000, height: 3000, um: 0.5 }));
    await expect(rows(page).nth(1)).toHaveAttribute("data-state", "done");
    expect(asked.filter((url) => url !== address + query && !url.startsWith("blob:"))).toEqual([]);
    expect(complaints).toEqual([]);
  });
}

test("can connect to nothing, its workers neither", async ({ page }) => {
  await page.goto(`${address}?workers=1`);
  await expect(page.getByText("Ready, all loaded")).toBeVisible();
  expect(await page.evaluate(refusal, NOWHERE)).toBe("connect-src");
  expect(await page.workers()[0]?.evaluate(refusal, NOWHERE)).toBe("connect-src");
});

test("names no other file", async () => {
  const page = await readFile(new URL(address), "utf8");
  const [head = ""] = page.split("<script");
  expect(head).toContain("connect-src 'none'");
  expect(page).not.toMatch(/<(link|script|img)[^>]*\s(src|href)="(?!data:)/);
});
