// Cargo's test runner for wasm32: runs one test binary in headless Chromium and prints what it printed.
//
//   cargo test --target wasm32-unknown-unknown        (.cargo/config.toml names this file)
//
// wasm-bindgen-test-runner serves the tests as a page; Playwright, which the page's own tests need anyway, opens it. So
// no chromedriver is needed whose version has to match the browser's. Tests that do not say where they run, run in a
// dedicated worker, as the program itself does.
// CHROMIUM_PATH: the browser, else the first on PATH, else Playwright's own. WASM_TEST_TIMEOUT: seconds for one binary, 600 by default.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { chromiumLaunch } from "../www/e2e/chromium.mjs";

const { chromium } = createRequire(new URL("../www/package.json", import.meta.url))("@playwright/test");
const TIMEOUT_MS = 1000 * Number(process.env.WASM_TEST_TIMEOUT ?? 600);
const RESULT = /^test result: (ok|FAILED)\./m;

/** Opens the page and waits for the verdict. Returns whether all tests passed. */
async function runPage(address) {
  const browser = await chromium.launch(chromiumLaunch());
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(`uncaught in the page: ${error.message}`));
    page.on("crash", () => console.error("the page crashed"));
    page.on("console", (message) => message.type() === "error" && console.error(message.text()));
    // The runner's server has no icon; the browser's complaint would read like a failure.
    await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
    await page.goto(address);
    const output = page.locator("#output");
    const deadline = Date.now() + TIMEOUT_MS;
    let printed = 0;
    for (;;) {
      const text = (await output.textContent({ timeout: TIMEOUT_MS })) ?? "";
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      process.stdout.write(whole.slice(printed));
      printed = Math.max(printed, whole.length);
      const verdict = RESULT.exec(text);
      if (verdict) {
        process.stdout.write(`${text.slice(printed)}\n`);
        return verdict[1] === "ok";
      }
      if (Date.now() > deadline) {
        console.error(`no result after ${TIMEOUT_MS / 1000} s; WASM_TEST_TIMEOUT sets another limit`);
        return false;
      }
      await page.waitForTimeout(200);
    }
  } finally {
    await browser.close();
  }
}

async function main() {
  const server = spawn("wasm-bindgen-test-runner", process.argv.slice(2), {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      NO_HEADLESS: "1",
      WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0",
      WASM_BINDGEN_USE_DEDICATED_WORKER: "1",
    },
  });
  const exited = once(server, "exit");
  try {
    for await (const line of createInterface({ input: server.stdout })) {
      const address = /available at (http:\S+)/.exec(line)?.[1];
      if (address) return (await runPage(address)) ? 0 : 1;
      // A binary without tests, or one for Node, needs no browser: the runner does it all.
      console.log(line);
    }
    const [code] = await exited;
    return code ?? 1;
  } finally {
    server.kill();
  }
}

process.exit(await main());
