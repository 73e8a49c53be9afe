// The page in a folder of a test's own: a site on which it publishes another version, and the edition in a single file.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DIST, expect, serveSite } from "./site.ts";
import { withMemory } from "./wasm.ts";

/** A copy of the site that a test may change, and its server. */
export async function ownSite() {
  const folder = await mkdtemp(join(tmpdir(), "histoscope-pwa-"));
  await cp(DIST, folder, { recursive: true });
  const site = await serveSite("/some/where/", folder);
  return { folder, site, remove: () => Promise.all([site.stop(), rm(folder, { recursive: true })]) };
}

const hash = (text: string | Uint8Array, form: "base64" | "hex") =>
  createHash("sha256").update(text).digest(form);

/** Which demo image comes first, by which a test tells the versions apart. */
async function reorder(folder: string): Promise<{ before: string; after: string }> {
  const path = join(folder, "demo", "index.json");
  const before = await readFile(path, "utf8");
  const after = JSON.stringify(JSON.parse(before).reverse());
  await writeFile(path, after);
  return { before, after };
}

/** Publishes a new build in which one file differs. */
export async function publishAnother(folder: string): Promise<void> {
  const { before, after } = await reorder(folder);
  const path = join(folder, "service-worker.js");
  const old = await readFile(path, "utf8");
  const written = old
    .replace(hash(before, "base64"), hash(after, "base64"))
    .replace(hash(before, "hex").slice(0, 16), hash(after, "hex").slice(0, 16));
  expect(written).not.toBe(old);
  await writeFile(path, written);
}

/** Publishes modules that get at most so many MiB of memory. */
export async function limitMemory(folder: string, mebibytes: number): Promise<void> {
  const index = join(folder, "index.html");
  let html = await readFile(index, "utf8");
  for (const name of (await readdir(join(folder, "assets"))).filter((name) => name.endsWith(".wasm"))) {
    const path = join(folder, "assets", name);
    const before = await readFile(path);
    const after = withMemory(before, mebibytes);
    await writeFile(path, after);
    html = html.replaceAll(hash(before, "base64"), hash(after, "base64"));
  }
  await writeFile(index, html);
}

/** The single-file edition, made anew, and its address. */
export async function singleFile(): Promise<{ folder: string; address: string }> {
  // With what a downloaded file's path may have in it.
  const folder = await mkdtemp(join(tmpdir(), "histoscope single #1 é-"));
  const file = join(folder, "histoscope (1).html");
  execFileSync(process.execPath, [join(import.meta.dirname, "..", "single-file.mjs"), "--out", file]);
  return { folder, address: pathToFileURL(file).href };
}

/** Where nobody listens. */
export const NOWHERE = "http://127.0.0.1:9/";

/** Run in a page or a worker: by which part of the policy a connection there is refused. */
export const refusal = (address: string) =>
  new Promise<string>((resolve) => {
    addEventListener("securitypolicyviolation", (event) =>
      resolve((event as SecurityPolicyViolationEvent).effectiveDirective),
    );
    fetch(address).catch(() => {});
  });
