// Makes the single-file edition out of the built page: one HTML file that opens by double-click, without a server.
//
//   node single-file.mjs [--from dist] [--out dist-single/histoscope.html]
//
// Script and styles go inline, the parts that the hosted page fetches later among them; every other file that the page asks for goes into a script element that is none, as gzip
// in base64 (see src/page/embedded.ts). Its policy names script and styles by their hash and allows no connection at all.
// Exits 1, with a sentence, if the page is not built.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { TYPES } from "./serve.mjs";

const { values } = parseArgs({
  options: {
    from: { type: "string", default: "dist" },
    out: { type: "string", default: "dist-single/histoscope.html" },
  },
});
const dist = resolve(import.meta.dirname, values.from);
const out = resolve(import.meta.dirname, values.out);
if (!existsSync(join(dist, "index.html"))) {
  console.error(`There is no page in ${dist}. Build it first: npm run build`);
  process.exit(1);
}

/** @param {string} text */
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * Replaces the one place that matches; a page without it, or with two, is not the page this script knows.
 * @param {string} page
 * @param {RegExp} place
 * @param {string} text
 */
function put(page, place, text) {
  const found = page.match(new RegExp(place, "g"))?.length ?? 0;
  if (found !== 1) throw new Error(`${place} is in the page ${found} times`);
  return page.replace(place, () => text);
}

/**
 * Not what lies in folders below: the plots belong to the model card, which is a document of its own.
 * @param {string} folder
 */
const filesIn = (folder) =>
  readdirSync(join(dist, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `${folder}/${name}`);

/** @param {string} file */
function embed(file) {
  const packed = gzipSync(readFileSync(join(dist, file)), { level: 9 }).toString("base64");
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  return `<script type="text/plain" data-file="${basename(file)}" data-type="${type}">${packed}</script>`;
}

/**
 * The page's script with all that it imports, now or later, in it; and which files those were.
 * @param {string} entry
 */
async function joined(entry) {
  const bundle = await rolldown({ input: join(dist, entry), logLevel: "warn" });
  const { output } = await bundle.generate({ format: "esm", minify: true, codeSplitting: false });
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error(`the script is in ${output.length} parts`);
  return { code: chunk.code, parts: new Set(chunk.moduleIds) };
}

let page = readFileSync(join(dist, "index.html"), "utf8");

const [, scriptFile = ""] = page.match(/<script type="module"[^>]* src="\.\/([^"]+)"/) ?? [];
const [, styleFile = ""] = page.match(/<link rel="stylesheet"[^>]* href="\.\/([^"]+)"/) ?? [];
// Neither may end its own element. In a script "<\/" is the same string as "</".
const { code, parts } = await joined(scriptFile);
const script = code.replaceAll(/<(?=\/script|!--)/gi, "\\x3C");
const style = readFileSync(join(dist, styleFile), "utf8");
if (/<\/style/i.test(style)) throw new Error("the styles would end their own element");

// The deeper network for lessons would make the file larger by a third, for the few who teach: they can drop it on the page.
const DEEPER = "models/histoscope-teaching.int8.onnx";
const carried = [
  ...filesIn("assets"),
  ...filesIn("models").filter((file) => file !== DEEPER),
  ...filesIn("demo"),
  ...filesIn("demo-study"),
].filter((file) => !parts.has(join(dist, file)) && !file.endsWith(".css"));
const policy = [
  "default-src 'none'",
  `script-src ${hash(script)} 'wasm-unsafe-eval'`,
  "worker-src blob:",
  "connect-src 'none'",
  "img-src blob: data:",
  `style-src ${hash(style)}`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

page = put(page, /content="default-src[^"]*"/, `content="${policy}"`);
page = put(page, /<script type="application\/json" id="digests">.*?<\/script>\s*/, "");
page = put(page, /<link rel="manifest"[^>]*>\s*/, "");
page = put(page, /<link rel="apple-touch-icon"[^>]*>\s*/, "");
page = put(page, /<link rel="stylesheet"[^>]*>/, `<style>${style}</style>`);
page = put(page, /<script type="module"[^>]*><\/script>\s*/, "");
// Parts of the page's script that several others share.
page = page.replace(/<link rel="modulepreload"[^>]*>\s*/g, "");
// Last, so that what it looks for has been read.
const body = `${carried.map(embed).join("\n")}\n<script type="module">${script}</script>\n`;
page = put(page, /<\/body>/, `${body}</body>`);

mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, page);
console.log(`${out}: ${(page.length / 1e6).toFixed(1)} MB, ${carried.length} files inside`);
