// End-to-end tests of the built page in a Chromium that is already there: $CHROMIUM_PATH, or the first on PATH; most of
// them in its headless shell, where that is there, too.
//
// Tags: @slow, left to `npm run e2e:all`, which CI runs; @chrome, what asks for more than the shell has: installing,
// permissions, printing; @alone, what measures time or memory of the whole browser and is run apart. (As dependent projects,
// the first one would run whole, whatever --grep says.)
import { availableParallelism } from "node:os";
import { defineConfig } from "@playwright/test";
import { chromiumLaunch, shellLaunch } from "./e2e/chromium.mjs";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  // Each test has a page and storage of its own. Much of a test is one thread's work, the page's or the test's, or waiting
  // until the next look at the page, for which there is one test more than cores; what keeps every core busy takes longer
  // side by side, but not too long.
  fullyParallel: true,
  workers: Math.min(4, availableParallelism() + 1),
  // Generous: on a loaded machine of two cores the engine alone takes seconds to start.
  timeout: 120_000,
  expect: { timeout: 40_000 },
  forbidOnly: Boolean(process.env["CI"]),
  // Three browsers on two cores: one that starves fails what is right. What passes only then is listed as flaky, and is to
  // be mended all the same.
  retries: 1,
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: chromiumLaunch(),
    viewport: { width: 1280, height: 860 },
    // Else a test could not put its own files in the place of the site's. The tests of the service worker allow it.
    serviceWorkers: "block",
    // Of the second try of what failed: a trace copies each answer of the server, ten megabytes of modules among them, and
    // every state of the document.
    trace: { mode: "on-first-retry", screenshots: false, snapshots: true, sources: true },
  },
  projects: [
    { name: "together", grepInvert: /@alone|@chrome/, use: { launchOptions: shellLaunch() } },
    { name: "chrome", grep: /@chrome/ },
    { name: "alone", grep: /@alone/, workers: 1 },
  ],
});
