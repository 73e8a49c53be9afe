// Serves a folder of static files on this machine, with the media types that the page needs and nothing else.
//
//   node serve.mjs [--port N] [--folder dist]
//
// Exits 1, with a sentence, if the folder has no page or the port is taken.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, resolve, sep } from "node:path";
import { pipeline } from "node:stream";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/** Media types by the end of a name. @type {Readonly<Record<string, string>>} */
export const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".onnx": "application/octet-stream",
};

/** What the ready-made files of hosting/ send with every file. @type {Readonly<Record<string, string>>} */
export const POLICIES = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  // A camera for this page alone, and only after the browser has asked.
  "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "connect-src 'self'",
    "img-src 'self' blob: data:",
    "style-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
};

/**
 * A server of `folder` under the path `base` ("/" or "/some/where/"); not listening yet.
 * @param {string} folder
 * @param {string} base
 * @param {Readonly<Record<string, string>>} policies sent with every file
 */
export function staticServer(folder, base = "/", policies = {}) {
  const root = resolve(folder);
  return createServer((request, response) => {
    const refuse = (/** @type {number} */ status) => response.writeHead(status).end();
    if (request.method !== "GET" && request.method !== "HEAD") return refuse(405);
    let path;
    try {
      path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    } catch {
      return refuse(400);
    }
    if (!path.startsWith(base)) return refuse(404);
    const file = normalize(join(root, path.slice(base.length), path.endsWith("/") ? "index.html" : ""));
    if (!file.startsWith(root + sep)) return refuse(404);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (!stats?.isFile()) return refuse(404);
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-length": stats.size,
      // The files change with every build; the browser asks again each time.
      "cache-control": "no-cache",
      ...policies,
    });
    if (request.method === "HEAD") return response.end();
    // A visitor who goes away in the middle is no error.
    pipeline(createReadStream(file), response, () => {});
  });
}

function main() {
  const { values } = parseArgs({
    options: { port: { type: "string", default: "8000" }, folder: { type: "string", default: "dist" } },
  });
  const folder = resolve(import.meta.dirname, values.folder);
  if (!existsSync(join(folder, "index.html"))) {
    console.error(`There is no page in ${folder}. Build it first: npm run build`);
    process.exit(1);
  }
  const server = staticServer(folder, "/", POLICIES);
  server.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
    const taken = error.code === "EADDRINUSE";
    console.error(taken ? `Port ${values.port} is taken. Choose another with --port.` : error.message);
    process.exit(1);
  });
  server.listen(Number(values.port), "127.0.0.1", () => {
    console.log(`Histoscope is at http://127.0.0.1:${values.port}`);
    console.log("Stop it with Ctrl+C.");
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
