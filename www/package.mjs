// Builds the npm package out of the same sources as the page: dist-package, to be packed, published, or served as it is.
//
//   node package.mjs
//
// Script and declarations of both entries, the worker's script, the builds of the engine, the models. The digests of
// what is run, and the manifest, go into the entry itself (see src/lib/files.ts), so that an import decides all the rest.
// Exits 1, with a sentence, if the engine is not built or what was built does not hold together.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { build } from "rolldown";

const WWW = import.meta.dirname;
const ROOT = dirname(WWW);
const OUT = join(WWW, "dist-package");
const MODEL = "histoscope-v0";
/** That of lessons that look deeper: with the package, but fetched only by a page that names it. */
const DEEPER = "histoscope-teaching";
const ENGINES = { simd128: "pkg", relaxed: "pkg-relaxed", general: "pkg-general" };
const WORKER = "histoscope-worker.txt";
/** The oldest browser that has all we need; rolldown rewrites what is younger. */
const TARGET = "es2022";

/** @param {boolean} condition @param {string} what @returns {asserts condition} */
function insist(condition, what) {
  if (condition) return;
  console.error(`package.mjs: ${what}`);
  process.exit(1);
}

/** @param {string} path */
const integrity = (path) => `sha256-${createHash("sha256").update(readFileSync(path)).digest("base64")}`;

function copyEngines() {
  for (const [name, folder] of Object.entries(ENGINES)) {
    const module = join(WWW, folder, "histoscope_bg.wasm");
    insist(existsSync(module), `there is no ${relative(ROOT, module)}. Build it first: make wasm`);
    copyFileSync(module, join(OUT, `histoscope-${name}.wasm`));
  }
}

/** A classic script, since it is started from a blob, which no import could be resolved against. */
async function buildWorker() {
  await build({
    input: join(WWW, "src", "engine", "worker.ts"),
    // The glue's own address for the engine, which the page's side sends by message.
    transform: { target: TARGET, define: { "import.meta.url": "undefined" } },
    output: { file: join(OUT, WORKER), format: "iife", minify: true },
    logLevel: "warn",
  });
}

/** Copies a model with its manifest, and gives that as text. @param {string} model */
function copyModel(model) {
  const text = readFileSync(join(ROOT, "models", `${model}.json`), "utf8");
  const { variants, familiarity } =
    /** @type {{ variants: Record<string, { file: string }>, familiarity?: { file: string } }} */ (
      JSON.parse(text)
    );
  const named = [...Object.values(variants), ...(familiarity ? [familiarity] : [])];
  const files = [`${model}.json`, ...named.map(({ file }) => file)];
  for (const file of files) copyFileSync(join(ROOT, "models", file), join(OUT, "models", file));
  return text;
}

/** Copies all models, and gives the manifest of the built-in one. */
function copyModels() {
  mkdirSync(join(OUT, "models"));
  copyFileSync(join(ROOT, "models", "MODEL_CARD.md"), join(OUT, "models", "MODEL_CARD.md"));
  copyModel(DEEPER);
  return copyModel(MODEL);
}

/** Whether a module is none of ours, or reads the address and the storage of the page. @param {string} module */
const isForeign = (module) =>
  !module.startsWith(join(WWW, "src")) || /^(remembered|language|query|address)\./.test(basename(module));

/** @param {string} manifest */
async function buildEntries(manifest) {
  const digests = Object.fromEntries(
    Object.keys(ENGINES).map((name) => [name, integrity(join(OUT, `histoscope-${name}.wasm`))]),
  );
  const define = {
    DIGESTS: JSON.stringify({ ...digests, worker: integrity(join(OUT, WORKER)) }),
    MANIFEST_NAME: JSON.stringify(`${MODEL}.json`),
    // As text, and small: it is parsed once and sent to the workers.
    MANIFEST_TEXT: JSON.stringify(JSON.stringify(JSON.parse(manifest))),
  };
  const entry = (/** @type {string} */ name) => join(WWW, "src", "lib", `${name}.ts`);
  const { output } = await build({
    input: { index: entry("index"), element: entry("element") },
    transform: { target: TARGET, define },
    output: { dir: OUT, format: "esm", entryFileNames: "[name].js", chunkFileNames: "classifier.js" },
    logLevel: "warn",
  });
  const names = output.map(({ fileName }) => fileName).sort();
  // What both entries share is one more.
  insist(
    names.join() === "classifier.js,element.js,index.js",
    `other scripts than expected: ${names.join(", ")}`,
  );
  const foreign = output.flatMap((chunk) => ("moduleIds" in chunk ? chunk.moduleIds : [])).filter(isForeign);
  insist(foreign.length === 0, `the package would depend on ${foreign.join(", ")}`);
  const text = readFileSync(join(OUT, "classifier.js"), "utf8");
  const addresses = [...text.matchAll(/new URL\("\.\/([^"]+)", import\.meta\.url\)/g)].map(
    ([, file]) => file ?? "",
  );
  insist(addresses.length === 7, `seven files were expected beside the script, not ${addresses.join(", ")}`);
  for (const file of addresses)
    insist(existsSync(join(OUT, file)), `the script names ${file}, which is missing`);
  insist(!/\bdocument\.(?!baseURI)\w/.test(text), "the classifier reads the host's document");
}

/** Declarations of both entries and of what they name, and of nothing else. */
function buildTypes() {
  const all = mkdtempSync(join(tmpdir(), "histoscope-types-"));
  const tsc = join(WWW, "node_modules", "typescript", "bin", "tsc");
  const project = join(WWW, "tsconfig.package.json");
  execFileSync(process.execPath, [tsc, "-p", project, "--outDir", all], { stdio: "inherit" });
  const follow = (/** @type {string} */ name) => {
    const target = join(OUT, "types", name);
    if (existsSync(target)) return;
    insist(existsSync(join(all, name)), `a declaration names ${name}, which is missing`);
    // TypeScript leaves ".ts" in declarations, which not every tool takes for the declaration beside.
    const text = readFileSync(join(all, name), "utf8").replace(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1");
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    for (const [, other = ""] of text.matchAll(/["'](\.{1,2}\/[^"']+)\.js["']/g)) {
      follow(join(dirname(name), `${other}.d.ts`));
    }
  };
  for (const entry of ["index", "element"]) follow(join("lib", `${entry}.d.ts`));
  rmSync(all, { recursive: true });
}

function describe() {
  const { version, license } = /** @type {Record<string, string>} */ (
    JSON.parse(readFileSync(join(WWW, "package.json"), "utf8"))
  );
  const entry = (/** @type {string} */ name) => ({
    types: `./types/lib/${name}.d.ts`,
    default: `./${name}.js`,
  });
  const description = {
    name: "histoscope",
    version,
    description:
      "Classifies breast-histopathology micrographs in the browser: WebAssembly, no server, no upload. Research use only.",
    license,
    keywords: ["histopathology", "pathology", "classifier", "webassembly", "web-component", "breakhis"],
    type: "module",
    exports: {
      ".": entry("index"),
      "./element": entry("element"),
      "./models/*": "./models/*",
      "./package.json": "./package.json",
    },
    // For TypeScript that resolves as Node 10 did.
    types: "./types/lib/index.d.ts",
    typesVersions: { "*": { element: ["./types/lib/element.d.ts"] } },
    sideEffects: ["./element.js"],
    files: ["*.js", "*.wasm", "*.txt", "models", "types", "LICENSE-*"],
  };
  writeFileSync(join(OUT, "package.json"), `${JSON.stringify(description, null, 2)}\n`);
  copyFileSync(join(WWW, "src", "lib", "README.md"), join(OUT, "README.md"));
  for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"])
    copyFileSync(join(ROOT, licence), join(OUT, licence));
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
copyEngines();
await buildWorker();
await buildEntries(copyModels());
buildTypes();
describe();
const files = readdirSync(OUT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const size = files.reduce(
  (sum, { parentPath, name }) => sum + readFileSync(join(parentPath, name)).length,
  0,
);
console.log(`${basename(OUT)}: ${(size / 1e6).toFixed(1)} MB, ${files.length} files`);
