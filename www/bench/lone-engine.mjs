// The engine by itself in a process of its own, without a browser: `speedUp` tells by how much two of them get more done than
// one. That is the most that two workers of a page could reach on this machine.
//
// As a program it looks at so many copies of the demo field, once whoever started it says so:
//
//   node bench/lone-engine.mjs IMAGES

import { fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
/** Before it is timed: the fast code is compiled by then. */
const WARM = 2;

/**
 * Milliseconds that processes take side by side, each for so many images.
 * @param {number} processes
 * @param {number} images
 */
async function timed(processes, images) {
  const children = Array.from({ length: processes }, () => fork(import.meta.filename, [String(images)]));
  const told = () => Promise.all(children.map((child) => once(child, "message")));
  await told();
  const start = performance.now();
  const done = told();
  for (const child of children) child.send("go");
  await done;
  return performance.now() - start;
}

/** Turns of each: the middle one counts, as in the page's own row. */
const TURNS = 5;

/**
 * How much more two engines get done in a time than one, by turns.
 * @param {number} images
 */
export async function speedUp(images) {
  /** @type {Record<number, number[]>} */
  const times = { 1: [], 2: [] };
  for (let turn = 0; turn < TURNS; turn++)
    for (const processes of [1, 2]) times[processes]?.push(await timed(processes, images));
  const middle = (/** @type {number} */ processes) =>
    times[processes]?.sort((a, b) => a - b)[Math.floor(TURNS / 2)] ?? Number.NaN;
  const [one, two] = [middle(1), middle(2)];
  return { ratio: (2 * one) / two, one, two };
}

async function work(/** @type {number} */ images) {
  const engine = await import(join(ROOT, "www", "pkg", "histoscope.js"));
  const read = (/** @type {string[]} */ ...path) => readFile(join(ROOT, ...path));
  await engine.default({ module_or_path: await read("www", "pkg", "histoscope_bg.wasm") });
  const manifest = (await read("models", "histoscope-v0.json")).toString();
  const session = new engine.Session(await read("models", "histoscope-v0.int8.onnx"), manifest, "int8");
  const file = await read("www", "public", "demo", "synthetic-nests.jpg");
  const look = () => {
    const image = session.decode(file, "image", "{}");
    const output = session.infer_voters(image, 0, image.voter_count);
    const { logits, features } = output;
    output.free();
    const timings = JSON.stringify({ decode: 0, screen: 0, inference: 0, total: 0 });
    // Takes the image and frees it.
    session.report(image, logits, features, "", timings);
  };
  for (let image = 0; image < WARM; image++) look();
  process.send?.("ready");
  await once(process, "message");
  for (let image = 0; image < images; image++) look();
  process.send?.("done");
  process.disconnect();
}

if (process.argv[1] === import.meta.filename) await work(Number(process.argv[2]));
