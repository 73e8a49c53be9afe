// The service worker: keeps one whole version of the page on this machine, so that it opens without a network.
//
// All files of a build are fetched before it takes over, each checked against the digest that the build wrote in here;
// if one differs or is missing nothing is installed, and the version before stays. A new version waits until no tab
// uses the old one, or until a person asks for it. Workbox does the keeping; this file only says of what.

import { cacheNames, setCacheNameDetails } from "workbox-core";
import { getCacheKeyForURL, type PrecacheEntry, precacheAndRoute } from "workbox-precaching";
import { CACHE_PREFIX, COMPLETE, TAKE_OVER } from "./names.ts";

declare const self: ServiceWorkerGlobalScope;

/** Every published file; `publish.ts` puts the list in. */
declare const PUBLISHED: PrecacheEntry[];

// The scope, which Workbox appends, keeps sites under other paths of the same host apart.
setCacheNameDetails({ prefix: CACHE_PREFIX });
precacheAndRoute(PUBLISHED, {
  directoryIndex: "index.html",
  // The page's own address carries its options.
  ignoreURLParametersMatching: [/./],
});

/**
 * Fetches what is not there. Installing did that once; but what was removed stays removed if the browser, asked to
 * install again, revives the service worker that it had.
 */
async function complete(): Promise<boolean> {
  const cache = await caches.open(cacheNames.precache);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const missing = PUBLISHED.map((entry) => ({ ...entry, key: getCacheKeyForURL(entry.url) ?? "" })).filter(
    ({ key }) => !kept.has(key),
  );
  const fetched = missing.map(async ({ url, integrity = "", key }) =>
    cache.put(key, await fetch(url, { integrity })),
  );
  return Promise.all(fetched).then(
    () => true,
    () => false,
  );
}

self.addEventListener("message", (event) => {
  if (event.data === TAKE_OVER) void self.skipWaiting();
  if (event.data === COMPLETE) {
    event.waitUntil(complete().then((answer) => event.ports[0]?.postMessage(answer)));
  }
});
