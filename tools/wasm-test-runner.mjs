#!/usr/bin/env node
// Cargo's test runner for wasm32: runs one test binary in a worker of headless Chromium and prints what it printed.
//
//   cargo test --target wasm32-unknown-unknown [-- FILTER]        (.cargo/config.toml names this file)
//
// histoscope-bindgen makes the module loadable, Playwright, which the page's own tests need anyway, opens a page with a
// worker in it, and wasm-bindgen-test, which is in the module, runs its tests there: where the program runs, too.
// CHROMIUM_PATH: the browser, else the first on PATH, else Playwright's own. WASM_TEST_TIMEOUT: seconds for one binary,
// 600 by default.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { chromiumLaunch } from "../www/e2e/chromium.mjs";
import { staticServer } from "../www/serve.mjs";

const { chromium } = createRequire(new URL("../www/package.json", import.meta.url))("@playwright/test");
const BINDGEN = process.env.HISTOSCOPE_BINDGEN ?? "histoscope-bindgen";
const TIMEOUT_S = Number(process.env.WASM_TEST_TIMEOUT ?? 600);

// wasm-bindgen-test writes its lines through a global function, and takes from another what tests print.
const WORKER = `
import init, * as glue from "./tests.js";
const say = (...words) => postMessage({ line: words.join(" ") });
self.__wbg_test_output_writeln = say;
self.__wbg_test_invoke = (test) => test();
for (const level of ["debug", "log", "info", "warn", "error"]) {
  console[level] = (...words) => self["on_console_" + level]?.(words);
}
self.onmessage = async ({ data: { names, filtered } }) => {
  try {
    const wasm = await init();
    const context = new glue.WasmBindgenTestContext(false);
    for (const level of ["debug", "log", "info", "warn", "error"]) {
      self["on_console_" + level] = glue["__wbgtest_console_" + level];
    }
    context.include_ignored(false);
    context.filtered_count(filtered);
    postMessage({ passed: await context.run(names.map((name) => wasm[name])) });
  } catch (error) {
    postMessage({ line: "the tests broke off: " + (error?.stack ?? error), passed: false });
  }
};
`;

/** Writes a loadable module, page and worker into the folder. Returns whether that went well. */
function prepare(binary, folder) {
  const { status, error } = spawnSync(BINDGEN, ["test", binary, folder, "tests"], { stdio: "inherit" });
  if (error) console.error(`${BINDGEN} did not start: ${error.message}`);
  writeFileSync(join(folder, "worker.js"), WORKER);
  writeFileSync(join(folder, "index.html"), '<!doctype html><link rel="icon" href="data:,"><title>tests</title>');
  return status === 0;
}

/** The tests of the module by the names of their exports, `__wbgt_<flags>_<crate>::<test>`, and how many were left out. */
function testsOf(folder, filter) {
  // Node.js 20 compiles relaxed SIMD only when asked; later ones do anyway, and some day forget the flag.
  setFlagsFromString("--experimental-wasm-relaxed-simd");
  const module = new WebAssembly.Module(readFileSync(join(folder, "tests_bg.wasm")));
  const all = WebAssembly.Module.exports(module)
    .map(({ name }) => name)
    .filter((name) => name.startsWith("__wbgt_"));
  const names = all.filter((name) => name.slice(name.indexOf("::") + 2).includes(filter));
  return { names, filtered: all.length - names.length };
}

/** Runs in the page: true if all tests passed. */
function runInWorker(tests) {
  return new Promise((resolve) => {
    const worker = new Worker("worker.js", { type: "module" });
    worker.onerror = ({ message, filename, lineno }) => {
      console.log(`the worker broke off: ${message} (${filename}:${lineno})`);
      resolve(false);
    };
    worker.onmessage = ({ data }) => {
      if (data.line !== undefined) console.log(data.line);
      if (data.passed !== undefined) resolve(data.passed);
    };
    worker.postMessage(tests);
  });
}

/** Whether all tests passed in time. */
async function runTests(folder, tests) {
  const server = staticServer(folder);
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const browser = await chromium.launch(chromiumLaunch());
  const late = setTimeout(() => {
    console.error(`no result after ${TIMEOUT_S} s; WASM_TEST_TIMEOUT sets another limit`);
    void browser.close();
  }, 1000 * TIMEOUT_S);
  try {
    const page = await browser.newPage();
    page.on("console", (message) => console.log(message.text()));
    page.on("crash", () => console.error("the page crashed"));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await page.evaluate(runInWorker, tests);
  } finally {
    clearTimeout(late);
    await browser.close();
    server.close();
  }
}

async function main([binary, ...options]) {
  const unknown = options.find((option) => option.startsWith("-"));
  if (!binary || unknown || options.length > 1) {
    console.error(`usage: wasm-test-runner.mjs BINARY.wasm [FILTER]${unknown ? `; it knows no ${unknown}` : ""}`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "histoscope-wasm-test-"));
  try {
    if (!prepare(binary, folder)) return 1;
    const tests = testsOf(folder, options[0] ?? "");
    if (tests.names.length === 0) {
      // wasm-bindgen-test is in no module without tests.
      console.log(`test result: ok. 0 passed; 0 failed; 0 ignored; ${tests.filtered} filtered out`);
      return 0;
    }
    return (await runTests(folder, tests)) ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exit(await main(process.argv.slice(2)));
