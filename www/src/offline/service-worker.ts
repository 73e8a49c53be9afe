// The service worker: keeps one whole version of the page on this machine, so that it opens without a network.
//
// All files of a build are fetched before it takes over, each checked against the digest that the build wrote in here;
// if one differs or is missing nothing is installed, and the version before stays. A new version waits until no tab
// uses the old one, or until a person asks for it. Workbox does the keeping; this file only says of what.

import { setCacheNameDetails } from "workbox-core";
import { type PrecacheEntry, precacheAndRoute } from "workbox-precaching";
import { CACHE_PREFIX, TAKE_OVER } from "./names.ts";

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

self.addEventListener("message", ({ data }) => {
  if (data === TAKE_OVER) void self.skipWaiting();
});
