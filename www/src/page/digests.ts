// What the build wrote into the page: the SHA-256 of each published file that is run.

/** By name, in the form of subresource integrity; `publish.ts` writes them. None in development and in the single file. */
export function digests(): Readonly<Record<string, string>> {
  const text = "document" in globalThis ? document.getElementById("digests")?.textContent : null;
  return text ? JSON.parse(text) : {};
}

/**
 * Has the browser compare a part of the page's script, which is fetched when it is needed, with its digest. After that an
 * import gets what was compared, or nothing. Older browsers cannot: there the page's policy and its service worker remain.
 */
export async function comparePart(name: string): Promise<void> {
  const found = Object.entries(digests()).find(([file]) => file.startsWith(`${name}-`));
  if (found === undefined) return;
  const [file, integrity] = found;
  const link = document.createElement("link");
  if (!link.relList.supports("modulepreload")) return;
  await new Promise<void>((there, refused) => {
    Object.assign(link, { rel: "modulepreload", integrity, onload: () => there(), onerror: refused });
    link.href = new URL(`assets/${file}`, document.baseURI).href;
    document.head.append(link);
  });
}
