// Two builds of the engine: the browser decides which is fetched, and neither changes a digit of a report.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { DIST, expect, LARGE, open, report, test, withoutTimings } from "./site.ts";

/** What the footer says of the engine that runs. */
async function kernels(page: Page): Promise<string | null> {
  const line = page.locator("details.model-line");
  await line.locator("summary").click();
  return line.locator("dt", { hasText: "Kernels" }).locator("+ dd").textContent();
}

for (const precision of ["int8", "f32"]) {
  test(`relaxed SIMD and SIMD give the same ${precision} report`, async ({ page, site }) => {
    const query = `?max_patches=all&precision=${precision}`;
    await open(page, site, query);
    expect(await kernels(page)).toBe("relaxed");
    const relaxed = await report(page, LARGE);
    await open(page, site, `${query}&kernels=simd128`);
    expect(await kernels(page)).toBe("simd128");
    expect(withoutTimings(await report(page, LARGE))).toEqual(withoutTimings(relaxed));
  });
}

test("one build is fetched, and without relaxed SIMD it is the other one", async ({ page, site }) => {
  const modules: string[] = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.endsWith(".wasm")) modules.push(request.url());
  });
  await open(page, site, "");
  expect(modules).toHaveLength(1);
  // A browser that knows no relaxed instruction refuses the probe that consists of one.
  await page.addInitScript(() => {
    const validate = WebAssembly.validate.bind(WebAssembly);
    WebAssembly.validate = (bytes) => !new Uint8Array(bytes as ArrayBuffer).includes(147) && validate(bytes);
  });
  await open(page, site, "?workers=1");
  expect(await kernels(page)).toBe("simd128");
  expect(modules).toHaveLength(2);
  expect(modules[1]).not.toBe(modules[0]);
  const { verdict } = await report(page, LARGE);
  expect(verdict).toBeTruthy();
});

test("a module imports its glue and nothing else, and is no larger than it was", async ({ page, site }) => {
  const modules = readdirSync(join(DIST, "assets")).filter((name) => name.endsWith(".wasm"));
  expect(modules).toHaveLength(2);
  await open(page, site, "");
  for (const name of modules) {
    // If this grows by megabytes, the linker keeps tract's operators again: docs/decisions/0003-module-size.md.
    expect(statSync(join(DIST, "assets", name)).size).toBeLessThan(6_500_000);
    const imports = await page.evaluate(
      async (url) =>
        WebAssembly.Module.imports(await WebAssembly.compileStreaming(fetch(url))).map(
          ({ module }) => module,
        ),
      `assets/${name}`,
    );
    expect(new Set(imports)).toEqual(new Set(["./histoscope_bg.js"]));
  }
});
