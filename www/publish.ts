// The last step of the build: digests of everything that is published, into the page and into the service worker.
//
// It reads the files as they lie in the finished folder, so that what is checked is what is served. The page holds the
// digests of what it runs; the service worker, made here, those of all, the page among them. So each build is one whole.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { build, type Plugin } from "vite";
import { SERVICE_WORKER } from "./src/offline/names.ts";
import { DEEPER_MANIFEST_PATH, MANIFEST_PATH } from "./src/page/paths.ts";

/** Every document that is published. */
export const PAGES = ["index.html", "privacy.html", "model-card.html"];

const sha256 = (bytes: Uint8Array, encoding: "base64" | "hex") =>
  createHash("sha256").update(bytes).digest(encoding);

/** All files under `folder` by their path in it, with "/" and sorted. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}

function insist(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`publish.ts: ${what}`);
}

/** Digests of scripts and wasm by name, as the page wants them; see `src/page/page-files.ts`. */
function digestsOf(folder: string, files: readonly string[]): Record<string, string> {
  const run = files.filter((file) => /\.(js|wasm)$/.test(file));
  return Object.fromEntries(
    run.map((file) => [basename(file), `sha256-${sha256(readFileSync(join(folder, file)), "base64")}`]),
  );
}

/** A page with each script and style that it names tied to its digest. */
function tie(page: string, folder: string): string {
  const tied = page.replace(
    /(<(?:script|link)\b[^>]*?(?:src|href)="\.\/(assets\/[^"]+)")/g,
    (tag, _, file) => {
      const digest = sha256(readFileSync(join(folder, file)), "base64");
      return `${tag} integrity="sha256-${digest}"`;
    },
  );
  insist(tied.includes("integrity="), "a page names neither script nor style");
  return tied;
}

/** A page with the digests in it; one without a script needs none. */
function seal(page: string, digests: Record<string, string>): string {
  if (!page.includes("<script")) return page;
  insist(page.includes("</head>"), "the page has no head");
  const block = `<script type="application/json" id="digests">${JSON.stringify(digests)}</script>`;
  return page.replace("</head>", `  ${block}\n  </head>`);
}

interface Entry {
  url: string;
  revision: string | null;
  integrity: string;
}

/** The files that a manifest names. */
function filesOf(folder: string, manifestPath: string): { file: string; sha256: string }[] {
  const { variants, familiarity } = JSON.parse(readFileSync(join(folder, manifestPath), "utf8")) as {
    variants: Record<string, { file: string; sha256: string }>;
    familiarity?: { file: string; sha256: string };
  };
  return [...Object.values(variants), ...(familiarity ? [familiarity] : [])];
}

/** What the service worker is to keep: all but what is fetched only when somebody asks for it. */
function precache(folder: string, files: readonly string[]): Entry[] {
  const named = filesOf(folder, MANIFEST_PATH);
  const models = new Map(named.map(({ file, sha256 }) => [`models/${file}`, sha256.slice(0, 16)]));
  const asked = new Set([
    DEEPER_MANIFEST_PATH,
    ...filesOf(folder, DEEPER_MANIFEST_PATH).map(({ file }) => `models/${file}`),
  ]);
  return files
    .filter((file) => !asked.has(file))
    .map((file) => {
      const bytes = readFileSync(join(folder, file));
      const integrity = `sha256-${sha256(bytes, "base64")}`;
      const model = models.get(file);
      // The address that the page uses, so that the browser need not fetch a model twice.
      if (model !== undefined) return { url: `${file}?sha256=${model}`, revision: null, integrity };
      // What has its hash in its name never changes.
      const revision = file.startsWith("assets/") ? null : sha256(bytes, "hex").slice(0, 16);
      return { url: file, revision, integrity };
    });
}

async function writeServiceWorker(folder: string, entries: readonly Entry[]): Promise<void> {
  await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    define: { PUBLISHED: JSON.stringify(entries), "process.env.NODE_ENV": '"production"' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: ["chrome103", "firefox114", "safari16.4"],
      rolldownOptions: {
        input: join(import.meta.dirname, "src/offline/service-worker.ts"),
        output: { format: "iife", entryFileNames: SERVICE_WORKER },
      },
    },
  });
}

export function publish(): Plugin {
  let folder = "";
  return {
    name: "publish",
    apply: "build",
    configResolved({ root, build: { outDir } }) {
      folder = join(root, outDir);
    },
    closeBundle: {
      order: "post",
      async handler() {
        const files = filesIn(folder).filter((file) => file !== SERVICE_WORKER);
        const names = new Set(files.map((file) => basename(file)));
        insist(
          names.size === files.length,
          "two files have one name, by which the single-file edition finds them",
        );
        const digests = digestsOf(folder, files);
        for (const page of PAGES.map((file) => join(folder, file))) {
          writeFileSync(page, seal(tie(readFileSync(page, "utf8"), folder), digests));
        }
        await writeServiceWorker(folder, precache(folder, files));
      },
    },
  };
}
