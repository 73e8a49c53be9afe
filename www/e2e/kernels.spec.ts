// Three modules of the engine: two builds of the int8 edition, of which the browser decides which is fetched and neither
// changes a digit of a report, and the general edition for whatever is not fused from end to end.

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

test("relaxed SIMD and SIMD give the same report", { tag: "@slow" }, async ({ page, site }) => {
  const query = "?max_patches=all";
  await open(page, site, query);
  expect(await kernels(page)).toBe("relaxed");
  const relaxed = await report(page, LARGE);
  await open(page, site, `${query}&kernels=simd128`);
  expect(await kernels(page)).toBe("simd128");
  expect(withoutTimings(await report(page, LARGE))).toEqual(withoutTimings(relaxed));
});

test("f32 runs in the general edition, chosen at the start or later", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  await open(page, site, "?precision=f32");
  expect(await kernels(page)).toBe("simd128");
  const first = await report(page, LARGE);
  expect(first.model.variant).toBe("f32");
  await open(page, site, "");
  await page.getByText("Options").click();
  await page.getByText("Advanced").click();
  await page.getByLabel("f32, full precision").check();
  expect(withoutTimings(await report(page, LARGE))).toEqual(withoutTimings(first));
});

test("tract computes the int8 model alone where the address asks for it, and the page says so", {
  tag: "@slow",
}, async ({ page, site }) => {
  const judge = () =>
    page
      .locator(".provenance dt", { hasText: /Computed by|Berechnet von/ })
      .locator("+ dd")
      .textContent();
  const query = "?max_patches=all";
  await open(page, site, query);
  const fused = await report(page, LARGE);
  expect(fused.engine).toMatchObject({ edition: "int8", runtime: "fused" });
  expect(await judge()).toBe("fused int8 layers");

  await open(page, site, `${query}&engine=tract`);
  const tract = await report(page, LARGE);
  expect(tract.engine).toMatchObject({ edition: "general", runtime: "tract" });
  expect(tract.model).toEqual(fused.model);
  expect(await judge()).toBe("tract alone");
  await page.getByLabel("Language", { exact: true }).selectOption("Deutsch");
  expect(await judge()).toBe("tract allein");

  expect(tract.prediction).toBe(fused.prediction);
  tract.patches.forEach((patch, index) => {
    const there = fused.patches[index]?.probabilities?.malignant ?? Number.NaN;
    expect(Math.abs((patch.probabilities?.malignant ?? Number.NaN) - there)).toBeLessThan(0.01);
  });
});

test("one build starts the page, and without relaxed SIMD it is the other one", { tag: "@slow" }, async ({
  page,
  site,
}) => {
  const modules: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    // The reader of slides is no engine.
    if (pathname.endsWith(".wasm") && !pathname.includes("_slide_")) modules.push(request.url());
  });
  await open(page, site, "");
  // Then the general edition, which the page may need without a network.
  expect(modules).toHaveLength(2);
  const relaxed = await report(page, LARGE);
  // A browser that knows no relaxed instruction refuses the probe that consists of one.
  await page.addInitScript(() => {
    const validate = WebAssembly.validate.bind(WebAssembly);
    WebAssembly.validate = (bytes) => !new Uint8Array(bytes as ArrayBuffer).includes(147) && validate(bytes);
  });
  await open(page, site, "?workers=1");
  expect(await kernels(page)).toMatch(/^simd128 \(this browser lacks relaxed SIMD/);
  expect(new Set(modules).size).toBe(3);
  expect(modules[2]).not.toBe(modules[0]);
  expect(withoutTimings(await report(page, LARGE))).toEqual(withoutTimings(relaxed));
});

test("a module imports its glue and nothing else, and is no larger than it was", async ({ page, site }) => {
  const modules = readdirSync(join(DIST, "assets")).filter((name) => name.endsWith(".wasm"));
  const sizes = modules.map((name) => statSync(join(DIST, "assets", name)).size).sort((a, b) => a - b);
  expect(sizes).toHaveLength(4);
  const [slide, , int8, general] = sizes;
  expect(slide).toBeLessThan(1_380_000);
  // If these grow by megabytes, the linker keeps tract, or operators of it, again: docs/decisions/0003 and 0008.
  expect(int8).toBeLessThan(2_420_000);
  expect(general).toBeLessThan(10_400_000);
  await open(page, site, "");
  for (const name of modules) {
    const imports = await page.evaluate(
      async (url) =>
        WebAssembly.Module.imports(await WebAssembly.compileStreaming(fetch(url))).map(
          ({ module }) => module,
        ),
      `assets/${name}`,
    );
    expect(new Set(imports).size).toBe(1);
    expect(imports[0]).toMatch(/^\.\/histoscope(_slide)?_bg\.js$/);
  }
});
