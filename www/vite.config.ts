// Builds the static page: relative paths only, the models copied beside it, one self-contained worker file, and
// a service worker that knows the digests of them all.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { defineConfig, type Plugin } from "vite";
import { modelCard } from "./model-card.ts";
import { PAGES, publish } from "./publish.ts";
import { DEEPER_MANIFEST_PATH, MANIFEST_PATH } from "./src/page/paths.ts";

const MODELS = join(import.meta.dirname, "..", "models");

/** Copies both manifests and the files they name into `dist/models`; nothing else of `models/` is published. */
function copyModels(): Plugin {
  return {
    name: "copy-models",
    apply: "build",
    generateBundle() {
      for (const path of [MANIFEST_PATH, DEEPER_MANIFEST_PATH]) {
        const manifestText = readFileSync(join(MODELS, basename(path)), "utf8");
        const manifest = JSON.parse(manifestText) as {
          variants: Record<string, { file: string }>;
          familiarity?: { file: string };
        };
        const named = [
          ...Object.values(manifest.variants),
          ...(manifest.familiarity ? [manifest.familiarity] : []),
        ];
        this.emitFile({ type: "asset", fileName: path, source: manifestText });
        for (const { file } of named) {
          this.emitFile({
            type: "asset",
            fileName: `models/${file}`,
            source: readFileSync(join(MODELS, file)),
          });
        }
      }
    },
  };
}

/** Has each part of the script, and whatever it imports itself, compared with its digest before it is imported. */
function comparedImports(): Plugin {
  const HELPER = /vite\/preload-helper/;
  const DIGESTS = JSON.stringify(join(import.meta.dirname, "src", "page", "digests.ts"));
  return {
    name: "compared-imports",
    apply: "build",
    enforce: "pre",
    load: (id) => (HELPER.test(id) ? `export { importCompared as __vitePreload } from ${DIGESTS};` : null),
  };
}

export default defineConfig({
  base: "./",
  // Preact's JSX is declared in tsconfig.json, which the transformer reads.
  plugins: [comparedImports(), copyModels(), modelCard(), publish()],
  build: {
    target: ["chrome103", "firefox114", "safari16.4"],
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: PAGES.map((page) => join(import.meta.dirname, page)),
    },
    modulePreload: {
      polyfill: false,
      // A part that imports nothing is left out otherwise, as nothing has to be fetched before it.
      resolveDependencies: (file, files, { hostType }) =>
        hostType === "js" ? [...new Set([file, ...files])] : files,
    },
    reportCompressedSize: false,
  },
  // Classic scripts: Chromium starts no module worker from a blob of a page that was opened as a file.
  worker: { format: "iife" },
});
