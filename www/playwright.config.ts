// End-to-end tests of the built page in a Chromium that is already there: $CHROMIUM_PATH, or the first on PATH.
import { defineConfig } from "@playwright/test";
import { chromiumLaunch } from "./e2e/chromium.mjs";

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  // The page keeps every core busy by itself; side by side, tests would only time each other out.
  workers: 1,
  // Generous: on a loaded machine of two cores the engine alone takes seconds to start.
  timeout: 120_000,
  expect: { timeout: 40_000 },
  forbidOnly: Boolean(process.env["CI"]),
  reporter: "list",
  use: {
    browserName: "chromium",
    launchOptions: chromiumLaunch(),
    viewport: { width: 1280, height: 860 },
    // Else a test could not put its own files in the place of the site's. The tests of the service worker allow it.
    serviceWorkers: "block",
    trace: "retain-on-failure",
  },
});
