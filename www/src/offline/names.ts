// What page and service worker agree on.

/** File of the service worker, beside the page, whose folder is its scope. */
export const SERVICE_WORKER = "service-worker.js";

/** Caches of ours begin with this and end with the address of the page's folder. */
export const CACHE_PREFIX = "histoscope";

/** The question whether everything is there, on a port; what is missing is fetched first. The answer is a boolean. */
export const COMPLETE = "complete";

/** The message on which a waiting service worker replaces the active one. */
export const TAKE_OVER = "take over";
