// Writes the tables of README.md from benches/results/*.json, between its markers, so that no figure is typed by hand.
//
//   node benches/table.mjs            writes them
//   node benches/table.mjs --check    fails if they are not what the results say

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const README = join(ROOT, "README.md");
const json = async (name) => JSON.parse(await readFile(join(ROOT, "benches", "results", name), "utf8"));

const table = (head, rows) =>
  [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** From dropping an image to its report. */
function page({ runs, milliseconds, machine }) {
  const rows = Object.entries(milliseconds).map(([what, at]) => [
    what,
    `${at.median} ms (${at.least}–${at.greatest})`,
    `${at.first} ms`,
    `${at.decode} + ${at.screen} + ${at.inference} ms`,
    `${at.of_folder} ms`,
  ]);
  const head = ["", `median of ${runs}`, "first image", "decode + screen + network", "image of a folder of 12"];
  return `${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser} headless, no GPU:\n\n${table(head, rows)}`;
}

/** Milliseconds a patch of each engine's better batch size, and how many times as long as ours that is. */
function peers({ results, summary, machine, ceiling_gmac_per_s: ceiling }) {
  const names = { "lite0-whole": "EfficientNet-Lite0, 384 M MAC", "histoscope-v0": "shipped model, 157 M MAC" };
  const engines = [...new Set(results.map(({ engine }) => engine))];
  const columns = Object.keys(names).flatMap((network) => ["int8", "f32"].map((variant) => ({ network, variant })));
  const best = (engine, { network, variant }) =>
    Math.min(
      ...results
        .filter((result) => result.engine === engine && result.network === network && result.variant === variant)
        .map(({ ms_per_patch: ms }) => ms),
    );
  const rows = engines.map((engine) => [
    engine,
    ...columns.map((column) => (Number.isFinite(best(engine, column)) ? best(engine, column).toFixed(1) : "–")),
  ]);
  const head = ["ms a patch", ...columns.map(({ network, variant }) => `${names[network]}, ${variant}`)];
  const whole = summary["lite0-whole relaxed"];
  const times = (ratio) => (ratio === null ? "– times" : `${ratio.toFixed(1)} times`);
  const share = whole.peak_fraction
    ? ` It runs at ${Math.round(100 * whole.peak_fraction)} % of what the dot product alone reaches here (${ceiling} GMAC/s).`
    : "";
  return `${table(head, rows)}\n\nChromium ${machine.browser}, ${machine.processor}. On one thread our int8 is ${times(whole.vs_ort_web)} as fast as the best of onnxruntime-web, ${times(whole.vs_tract)} as the best of tract and ${times(whole.vs_mediapipe)} as LiteRT, on the whole EfficientNet-Lite0.${share}`;
}

/** What the server that this replaces needs for the network alone. */
function pipeline({ torch, patches, ms_1_threads: one, ms_2_threads: two }) {
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
  return `The pipeline that this replaces (PyTorch ${torch.split("+")[0]}, ResNet-50, ${patches} patches, its forward passes alone) takes ${seconds(two)} on two threads of this machine and ${seconds(one)} on one.`;
}

const parts = {
  page: page(await json("page.json")),
  peers: peers(await json("peers.json")),
  pipeline: pipeline(await json("pipeline.json")),
};
const before = await readFile(README, "utf8");
let after = before;
for (const [name, text] of Object.entries(parts)) {
  const marked = new RegExp(`(<!-- bench:${name} -->\n)[^]*?(\n<!-- /bench:${name} -->)`);
  if (!marked.test(after)) throw new Error(`README.md has no place for ${name}`);
  after = after.replace(marked, (_, open, close) => `${open}\n${text}\n${close}`);
}
if (process.argv.includes("--check")) {
  if (after !== before) throw new Error("README.md is not what the results say: node benches/table.mjs");
} else {
  await writeFile(README, after);
}
