// Measures looking through a camera: fields a second, and how soon a field that is held still has its verdict.
//
//   npm run bench:live -- [--seconds 10] [--out FILE]
//
// The built page in Chromium, whose fake camera shows drawn tissue.

import { writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchWithCamera, sharpClip } from "../e2e/clip.mjs";
import { machine, openPage, WWW, withSite } from "./site.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    out: { type: "string", default: join(WWW, "..", "benches", "results", "live.json") },
  },
});

/** A rate is one of the last two seconds. */
const SETTLE_MS = 3000;
const SAMPLE_MS = 1000;

/** Milliseconds from the key that holds the field still to its own verdict. Runs in the page. */
async function holdStill() {
  const seen = document.querySelector(".live-verdict");
  const stage = document.querySelector(".live-stage");
  if (seen === null || stage === null) throw new Error("no field");
  const done = new Promise((resolve) => {
    let busy = false;
    const observer = new MutationObserver(() => {
      const now = seen.getAttribute("aria-busy") === "true";
      if (busy && !now) {
        observer.disconnect();
        resolve(performance.now());
      }
      busy ||= now;
    });
    observer.observe(seen, { attributes: true });
  });
  const start = performance.now();
  stage.dispatchEvent(new KeyboardEvent("keydown", { key: " ", bubbles: true, cancelable: true }));
  return Math.round(Number(await done) - start);
}

await withSite(
  async (site) => {
    const load = loadavg()[0];
    const rows = [];
    let frame = "";
    for (const workers of [1, 2]) {
      const page = await openPage(site, `?workers=${workers}`);
      await page.getByRole("button", { name: "Live from a camera" }).click();
      const rate = page.locator(".live-rate");
      await rate.waitFor();
      await page.waitForTimeout(SETTLE_MS);
      /** @type {number[]} */
      const samples = [];
      for (let second = 0; second < Number(values.seconds); second++) {
        await page.waitForTimeout(SAMPLE_MS);
        samples.push(Number.parseFloat((await rate.textContent()) ?? ""));
      }
      samples.sort((a, b) => a - b);
      const at = (/** @type {number} */ share) => samples[Math.floor(share * (samples.length - 1))] ?? 0;
      const freeze = await page.evaluate(holdStill);
      frame = await page.evaluate(() => {
        const video = document.querySelector("video");
        return `${video?.videoWidth} x ${video?.videoHeight} pixels`;
      });
      rows.push({ workers, fields: { median: at(0.5), least: at(0), greatest: at(1) }, freeze });
      console.log(
        `${workers} workers: ${at(0.5)} fields a second (${at(0)} to ${at(1)}), held still ${freeze} ms`,
      );
      await page.close();
    }
    const date = new Date().toISOString().slice(0, 10);
    await writeFile(
      values.out,
      `${JSON.stringify({ machine: machine(site), load, date, frame, rows }, null, 1)}\n`,
    );
  },
  launchWithCamera({ clip: sharpClip() }),
);
