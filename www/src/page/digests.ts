// What the build wrote into the page: the SHA-256 of each published file that is run.

import { whyRefused } from "../engine/fetching.ts";
import { clause } from "../words/said.ts";

/** By name, in the form of subresource integrity; `publish.ts` writes them. None in development and in the single file. */
export function digests(): Readonly<Record<string, string>> {
  const text = "document" in globalThis ? document.getElementById("digests")?.textContent : null;
  return text ? JSON.parse(text) : {};
}

/** Scripts that were compared, or are being so, by file. */
const compared = new Map<string, Promise<void>>();

const fileOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Whether the page itself names a script with its digest: a browser may say nothing more of one that it has. */
const isNamed = (file: string): boolean =>
  document.querySelector(`:is(script[src$="/${file}"], link[href$="/${file}"])[integrity]`) !== null;

/** Once for each file; where that fails, asking again tries again. */
function comparedOnce(file: string, integrity: string): Promise<void> {
  const comparing = compared.get(file) ?? compare(file, integrity);
  compared.set(file, comparing);
  comparing.catch(() => compared.delete(file));
  return comparing;
}

/**
 * Has the browser compare a script with its digest, as it fetches it. After that an import gets what was compared, or
 * nothing. Older browsers cannot: there the page's policy and its service worker remain.
 */
async function compare(file: string, integrity: string): Promise<void> {
  const link = document.createElement("link");
  if (!link.relList.supports("modulepreload")) return;
  await new Promise<void>((there, refused) => {
    const onerror = () => {
      link.remove();
      void whyRefused(link.href, clause("part")).then(refused);
    };
    Object.assign(link, { rel: "modulepreload", integrity, onload: () => there(), onerror });
    link.href = new URL(`assets/${file}`, document.baseURI).href;
    document.head.append(link);
  });
}

/**
 * Imports a part of the page's script that comes later, once it and all that it imports itself have been compared. The
 * build puts this around every such import, with `paths`. Rejects with why where a file cannot be fetched, or is another.
 */
export async function importCompared<T>(load: () => Promise<T>, paths: readonly string[] = []): Promise<T> {
  const known = digests();
  await Promise.all(
    paths.map(fileOf).flatMap((file) => {
      const integrity = known[file];
      const done = integrity === undefined || (!compared.has(file) && isNamed(file));
      return done ? [] : [comparedOnce(file, integrity)];
    }),
  );
  return load();
}
