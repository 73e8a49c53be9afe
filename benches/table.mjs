// Writes the tables of README.md and docs/benchmarks.md from benches/results/*.json, between their markers, so that no
// figure is typed by hand.
//
//   node benches/table.mjs            writes them
//   node benches/table.mjs --check    fails if they are not what the results say

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
/** How many times as fast as onnxruntime-web a quantised file is to be. */
const QUANTISED_GOAL = 2.5;
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
    ? ` At its fastest it runs at ${Math.round(100 * whole.peak_fraction)} % of what the dot product alone reaches here (${ceiling} GMAC/s).`
    : "";
  return `${table(head, rows)}\n\nChromium ${machine.browser}, ${machine.processor}. On one thread our int8 is ${times(whole.vs_ort_web)} as fast as the best of onnxruntime-web, ${times(whole.vs_tract)} as the best of tract and ${times(whole.vs_mediapipe)} as LiteRT, on the whole EfficientNet-Lite0.${share}`;
}

/** The same quantised files in our engine and in onnxruntime-web. */
function quantised({ results, machine }) {
  const rows = results.map(({ network, ours_ms: ours, ort_web_ms: theirs, times_as_fast: ratio }) => [
    network,
    ours.toFixed(1),
    theirs.toFixed(1),
    `${ratio < QUANTISED_GOAL ? "**" : ""}${ratio.toFixed(1)}${ratio < QUANTISED_GOAL ? "**" : ""}`,
  ]);
  const head = ["ms a patch", "Histoscope", "onnxruntime-web", "times as fast"];
  return `${machine.processor}, Chromium ${machine.browser} headless, one thread; load before ${machine.load.toFixed(1)}. The goal is ${QUANTISED_GOAL} times; what misses it is bold.\n\n${table(head, rows)}`;
}

/** What the server that this replaces needs for the network alone. */
function pipeline({ torch, patches, ms_1_threads: one, ms_2_threads: two }) {
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
  return `The pipeline that this replaces (PyTorch ${torch.split("+")[0]}, ResNet-50, ${patches} patches, its forward passes alone) takes ${seconds(two)} on two threads of this machine and ${seconds(one)} on one.`;
}

/** Each kind of layer, both builds: the least time of a call, rate, and share of the network. */
function layers({ builds, machine }) {
  const CEILING = /^ceiling_/;
  const columns = builds.map(({ name, tasks }) => {
    const rows = new Map();
    for (const { name: layer, macs, least } of tasks.filter(({ name }) => name !== "network" && !CEILING.test(name))) {
      const row = rows.get(layer) ?? { count: 0, macs: 0, ms: 0 };
      rows.set(layer, { count: row.count + 1, macs: row.macs + macs, ms: row.ms + least });
    }
    const total = [...rows.values()].reduce((sum, row) => sum + row.ms, 0);
    const ceilings = tasks.filter(({ name }) => CEILING.test(name)).map(({ macs, least }) => macs / least / 1e6);
    return { name, rows, total, ceiling: Math.max(...ceilings) };
  });
  const rate = (macs, ms) => (macs > 0 && ms > 0 ? (macs / ms / 1e6).toFixed(1) : "–");
  const cells = ({ rows, total }, layer) => {
    const { macs, ms } = rows.get(layer);
    return [ms.toFixed(3), rate(macs, ms), `${((100 * ms) / total).toFixed(1)} %`];
  };
  const [first] = columns;
  const body = [...first.rows].map(([layer, { count, macs }]) => [
    layer,
    count,
    (macs / 1e6).toFixed(2),
    ...columns.flatMap((column) => cells(column, layer)),
  ]);
  const all = [...first.rows.values()].reduce((sum, { macs }) => sum + macs, 0);
  body.push([
    "**all layers**",
    "",
    (all / 1e6).toFixed(2),
    ...columns.flatMap(({ total }) => [`**${total.toFixed(2)}**`, rate(all, total), ""]),
  ]);
  const head = ["layer", "count", "M MAC", ...columns.flatMap(({ name }) => [`${name} ms`, "GMAC/s", "share"])];
  const ceilings = columns.map(({ name, ceiling }) => `${ceiling.toFixed(1)} GMAC/s (${name})`).join(" and ");
  return `${machine.processor}, Chromium ${machine.browser}, one thread. A dot product alone, on registers, reaches ${ceilings}.\n\n${table(head, body)}`;
}

/** A curve's points, one line a line of it. */
function curves({ curves, machine }) {
  const texts = Object.entries(curves).map(([name, { title, unit, lines }]) => {
    const xs = Object.values(lines)[0].map(({ x }) => x);
    const rows = Object.entries(lines).map(([line, points]) => [line, ...points.map(({ median }) => `${median} ms`)]);
    return `### ${title}: ${unit}\n\n![${title}, against ${unit}](../benches/results/${name}.svg)\n\n${table([unit, ...xs], rows)}`;
  });
  return `${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser} headless, no GPU.\n\n${texts.join("\n\n")}`;
}

/** Each figure of a study beside its goal, with the load of the machine when it was measured. */
function study({ rows, machine }) {
  const body = Object.values(rows).flatMap(({ figures, load, date }) =>
    figures.map(({ what, goal, measured, met }) => [what, goal, met ? measured : `**${measured}**`, `${date}, ${load.toFixed(1)}`]),
  );
  return `${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser} headless, no GPU. What misses its goal is bold.\n\n${table(["", "goal", "measured", "date, load before"], body)}`;
}

/** A whole slide in the page, each figure beside its goal. */
function slides({ figures, machine, load, date }) {
  const body = figures.map(({ what, goal, measured, met }) => [what, goal, met ? measured : `**${measured}**`]);
  return `${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser} headless, no GPU; ${date}, load before ${load.toFixed(1)}. What misses its goal is bold.\n\n${table(["", "goal", "measured"], body)}`;
}

/** Whole slides on the command line: from its start to its end, the network's part of that, and its memory. */
function slidesCli({ rows, machine, load, threads }) {
  const head = ["slide", "patches", "seconds", "goal", "network", "goal of it", "a tile is decoded", "most memory"];
  const or = (text, is) => (is ? text : "");
  const body = rows.map((row) => {
    const { bytes, patches, seconds, memory_mib: memory, network_share: share, cutting } = row;
    const { goal_seconds: goal, goal_network_share: least } = row;
    const part = or(`${Math.round(100 * share)} %`, share);
    return [
      `${(bytes / 1e9).toFixed(1)} GB`,
      patches,
      goal && seconds > goal ? `**${seconds.toFixed(1)}**` : seconds.toFixed(1),
      or(`<= ${goal}`, goal),
      share < least ? `**${part}**` : part,
      or(`>= ${Math.round(100 * least)} %`, least),
      cutting ? `${(cutting.decoded / cutting.tiles).toFixed(2)} times` : "",
      `${memory} MiB`,
    ];
  });
  // Of what an earlier run did not measure there is no column.
  const filled = head.map((_, at) => body.some((row) => row[at] !== ""));
  const kept = (row) => row.filter((_, at) => filled[at]);
  return `${machine}, ${threads} threads; load before ${load.toFixed(1)}.\n\n${table(kept(head), body.map(kept))}`;
}

/** How many fields a second are looked at through a camera. */
function live({ rows, machine, load, date, frame }) {
  const head = [`frames of ${frame}, 12 patches each`, "fields a second", "held still to 25 patches"];
  const body = rows.map(({ workers, fields: { median, least, greatest }, freeze }) => [
    `${workers} worker${workers === 1 ? "" : "s"}`,
    `${median.toFixed(1)} (${least.toFixed(1)} to ${greatest.toFixed(1)})`,
    `${freeze} ms`,
  ]);
  return `${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser} headless, no GPU; ${date}, load before ${load.toFixed(1)}. The goal is 5 fields a second with two workers.\n\n${table(head, body)}`;
}

/** Each figure of teaching beside its goal, likewise. */
function teach({ rows, machine }) {
  const body = rows.map(({ what, goal, measured, met, load, date }) => [
    what,
    goal,
    met ? measured : `**${measured}**`,
    `${date}, ${load.toFixed(1)}`,
  ]);
  return `${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser} headless, no GPU. What misses its goal is bold.\n\n${table(["", "goal", "measured", "date, load before"], body)}`;
}

/** What is left of a picture under each kind of map: the least and the greatest of the pictures. */
function veil({ machine, rows }) {
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  const body = kinds.map((kind) => {
    const own = rows.filter((row) => row.kind === kind);
    const range = (key, digits) => {
      const values = own.map((row) => row[key]);
      return [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(digits)).join(" to ");
    };
    return [kind, range("same", 2), range("contrast", 2), range("ssim", 2)];
  });
  const head = ["map", "pixels as they were", "local contrast left", "SSIM"];
  return `Chromium ${machine.browser} headless, the three drawn demos; every patch votes.\n\n${table(head, body)}`;
}

/** Models of other people in the page, from the lines that `bench:own-model` prints. */
function ownModels({ date, rows }) {
  const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
  const body = rows.map(({ model, layers, ready, first, median, least, greatest }) => [
    model,
    layers.replace(/\.$/, ""),
    seconds(ready),
    seconds(first),
    `${seconds(median)} (${seconds(least)} to ${seconds(greatest)})`,
  ]);
  const [{ machine, workers, patches }] = rows;
  const loads = rows.map((row) => row.machine.load);
  const head = ["file", "what the page says of it", "ready after", "first image", "image, median of 5"];
  return `${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser} headless, ${patches} patches, ${workers} workers; ${date}, load before ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.\n\n${table(head, body)}`;
}

/** What stands between which markers of which file. */
const PLACES = {
  "README.md": {
    page: page(await json("page.json")),
    peers: peers(await json("peers.json")),
    pipeline: pipeline(await json("pipeline.json")),
  },
  "docs/benchmarks.md": {
    layers: layers(await json("layers.json")),
    study: study(await json("study.json")),
    live: live(await json("live.json")),
    slides: slides(await json("slides.json")),
    "slides-cli": slidesCli(await json("slides-cli.json")),
    teach: teach(await json("teach.json")),
    quantised: quantised(await json("quantised.json")),
    veil: veil(await json("veil.json")),
    curves: curves(await json("curves.json")),
  },
  "docs/export.md": { "own-models": ownModels(await json("own-models.json")) },
};
for (const [file, parts] of Object.entries(PLACES)) {
  const path = join(ROOT, file);
  const before = await readFile(path, "utf8");
  let after = before;
  for (const [name, text] of Object.entries(parts)) {
    const marked = new RegExp(`(<!-- bench:${name} -->\n)[^]*?(\n<!-- /bench:${name} -->)`);
    if (!marked.test(after)) throw new Error(`${file} has no place for ${name}`);
    after = after.replace(marked, (_, open, close) => `${open}\n${text}\n${close}`);
  }
  if (!process.argv.includes("--check")) await writeFile(path, after);
  else if (after !== before) throw new Error(`${file} is not what the results say: node benches/table.mjs`);
}
