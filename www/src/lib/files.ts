// Where the package has its files, and the digests that its build wrote in here. Nothing is ever read off the document:
// it is the host's, and could name any engine.

import { OptionsError } from "../base/errors.ts";
import type { EngineBuild, EngineFiles } from "../engine/engine.ts";
import { fetched, fetchedVerified } from "../engine/fetching.ts";
import type { Cause, Variant } from "../engine/protocol.ts";
import { fileName } from "../page/paths.ts";
import { clause, said } from "../words/said.ts";
import type { Integrity, Places } from "./places.ts";

/** Put in by the package's build (`package.mjs`): digests of the engine's files, name and text of the manifest. */
declare const DIGESTS: Readonly<Record<EngineBuild | "worker", string>>;
declare const MANIFEST_NAME: string;
declare const MANIFEST_TEXT: string;

const NAMES: Readonly<Record<EngineBuild | "worker", string>> = {
  simd128: "histoscope-simd128.wasm",
  relaxed: "histoscope-relaxed.wasm",
  general: "histoscope-general.wasm",
  // A script, but not by name: development servers rewrite what they take for one, and it has to stay as it was built.
  worker: "histoscope-worker.txt",
};

/** The files that the manifest names. */
type ModelFile = Variant | "familiarity";

// Bundlers copy a file, and know its new name, only where they read `new URL` with a literal.
const besideModule = (): Record<EngineBuild | "worker" | ModelFile, URL> => ({
  simd128: new URL("./histoscope-simd128.wasm", import.meta.url),
  relaxed: new URL("./histoscope-relaxed.wasm", import.meta.url),
  general: new URL("./histoscope-general.wasm", import.meta.url),
  worker: new URL("./histoscope-worker.txt", import.meta.url),
  int8: new URL("./models/histoscope-v0.int8.onnx", import.meta.url),
  f32: new URL("./models/histoscope-v0.f32.onnx", import.meta.url),
  familiarity: new URL("./models/histoscope-v0.familiarity.json", import.meta.url),
});

const KNOWN: readonly string[] = [...Object.keys(NAMES), "manifest"];

/** `wanted`: a clause of the words. */
export function invalidOption(option: string, wanted: Cause, value: unknown): OptionsError {
  return new OptionsError(...said("options_invalid", "call", { option, wanted, value: String(value) }));
}

/**
 * Throws `OptionsError` if an address is none, or `integrity` names a file that there is not, lest a slip of the pen
 * check nothing.
 */
export function packageFiles({ modelUrl, engineUrl, integrity = {} }: Places): EngineFiles {
  const stray = Object.keys(integrity).find((name) => !KNOWN.includes(name));
  if (stray !== undefined) {
    const wanted = clause("oneOf", { choices: KNOWN.join(", ") });
    throw invalidOption("a name in integrity", wanted, stray);
  }
  const own = besideModule();
  const folder = engineUrl === undefined ? null : address("engineUrl", engineUrl);
  if (folder !== null && !folder.pathname.endsWith("/")) folder.pathname += "/";
  const place = (file: EngineBuild | "worker") =>
    folder === null ? own[file] : new URL(NAMES[file], folder);
  const digest = (file: EngineBuild | "worker") =>
    Object.hasOwn(integrity, file) ? integrity[file] : DIGESTS[file];
  return {
    ...(modelUrl === undefined ? ownModel(own) : modelAt(address("modelUrl", modelUrl), integrity)),
    module: (build, signal) => fetchedVerified(place(build), digest(build), clause("engine"), signal),
    worker: (signal) => fetchedVerified(place("worker"), digest("worker"), clause("workerScript"), signal),
  };
}

function address(option: string, url: string | URL): URL {
  try {
    return new URL(url, document.baseURI);
  } catch {
    throw invalidOption(option, clause("address"), url);
  }
}

type ModelFiles = Pick<EngineFiles, "manifestUrl" | "get">;

/** The manifest came with this module, and with it the digests of the models. */
function ownModel(own: Readonly<Record<ModelFile, URL>>): ModelFiles {
  const { variants, familiarity } = JSON.parse(MANIFEST_TEXT) as {
    variants: Record<Variant, { file: string }>;
    familiarity: { file: string };
  };
  const places: ReadonlyMap<string, URL> = new Map([
    [variants.int8.file, own.int8],
    [variants.f32.file, own.f32],
    [familiarity.file, own.familiarity],
  ]);
  return {
    manifestUrl: new URL(MANIFEST_NAME, own.int8).href,
    get: async (url, signal) => {
      const name = fileName(url);
      if (name === MANIFEST_NAME) return new Response(MANIFEST_TEXT);
      // A bundler may have renamed it; what the query says against stale caches holds all the same.
      const place = new URL(places.get(name) ?? url);
      place.search = new URL(url).search;
      return fetched(place, signal);
    },
  };
}

function modelAt(manifest: URL, { manifest: digest }: Integrity): ModelFiles {
  return {
    manifestUrl: manifest.href,
    get: (url, signal) =>
      digest !== undefined && String(url) === manifest.href
        ? fetchedVerified(url, digest, clause("manifest"), signal)
        : fetched(url, signal),
  };
}
