// Engines that take turns in one browser, each in a page of its own: what run.mjs and quantised.mjs share.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { cpus, loadavg } from "node:os";
import { extname, join, relative } from "node:path";
import { chromiumLaunch } from "../../www/e2e/chromium.mjs";

export const ROOT = join(import.meta.dirname, "..", "..");
export const here = relative(ROOT, import.meta.dirname);
const { chromium } = createRequire(join(ROOT, "www", "package.json"))("@playwright/test");

const TURN_MS = 250;

const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** LiteRT.js imports a package by name, which browsers do not know how to find. */
const PAGE = `<!doctype html><title>peers</title><script type="importmap">${JSON.stringify({
  imports: { "@litertjs/wasm-utils": `/${here}/node_modules/@litertjs/wasm-utils/dist/index.js` },
})}</script>`;

/**
 * The repository as it lies there, with the folder of networks as /bench-models, isolated across origins: without that ONNX
 * Runtime has no threads.
 */
export function serve(models) {
  const server = createServer(async ({ url }, response) => {
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    if (path === "/") return response.setHeader("content-type", "text/html").end(PAGE);
    try {
      const body = await readFile(path.startsWith("/bench-models/") ? join(models, path.slice(14)) : join(ROOT, path));
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream").end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((ready) => server.listen(0, "127.0.0.1", () => ready(server)));
}

export const launch = () => chromium.launch(chromiumLaunch());

const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
export const quantile = (numbers, share) => sorted(numbers)[Math.floor(share * (numbers.length - 1))];
export const round = (number) => Number(number.toPrecision(4));

/** What the figures were taken on. */
export const machineOf = (browser, load) => ({
  processor: cpus()[0]?.model,
  cores: cpus().length,
  load,
  browser: browser.version(),
  node: process.version,
});

export const loadNow = () => loadavg()[0];

/** One engine with one model at one batch size, in a page of its own. */
export async function open(browser, origin, engine, model, batch) {
  const page = await browser.newPage();
  await page.goto(origin);
  const { about, logits } = await page.evaluate(
    async ({ engine, model, batch, module }) => {
      const { load, patches } = await import(module);
      const pixels = patches(batch);
      const loaded = await load(engine, model, batch);
      globalThis.contender = { loaded, pixels };
      const logits = [...(await loaded.infer(pixels))];
      // Until the browser runs its optimised code.
      for (let done = 0; done < 24; done += batch) await loaded.infer(pixels);
      return { about: loaded.about, logits };
    },
    { engine, model, batch, module: `/${here}/engines.mjs` },
  );
  return { engine, model, batch, about, logits, page, times: [] };
}

/** The times of some calls. */
export const turn = (page) =>
  page.evaluate(
    async ({ module, ms }) => {
      const { time } = await import(module);
      return time(globalThis.contender.loaded, globalThis.contender.pixels, ms);
    },
    { module: `/${here}/engines.mjs`, ms: TURN_MS },
  );
