// The page's side of being kept on this machine: registers the service worker, tells how that stands, replaces an old
// version by a new one when a person says so, and removes everything again.

import { computed, signal } from "@preact/signals";
import { isSingleFile } from "../page/embedded.ts";
import { forgetAll } from "../page/remembered.ts";
import { CACHE_PREFIX, COMPLETE, SERVICE_WORKER, TAKE_OVER } from "./names.ts";

/** Why a page cannot be kept. */
export type Obstacle = "refused" | "development" | "insecure" | "unsupported";

export type Kept =
  | { readonly kind: "unknown" }
  | { readonly kind: "single-file" }
  /** This browser, or this address, can't keep a page. */
  | { readonly kind: "impossible"; readonly why: Obstacle }
  | { readonly kind: "saving" }
  | { readonly kind: "saved" }
  | { readonly kind: "failed" }
  | { readonly kind: "removed" };

/** So long the service worker may look whether everything is there, in milliseconds. */
const CONFIRM_MS = 60_000;
/** So often a new version is looked for, in milliseconds. */
const LOOK_MS = 6 * 3_600_000;

export class Offline {
  readonly kept = signal<Kept>({ kind: "unknown" });
  /** Bytes that the browser counts for this site, everything under the same host included; null if it does not say. */
  readonly usage = signal<number | null>(null);
  /** The browser has promised not to remove it of its own accord. */
  readonly lasting = signal(false);
  readonly #waiting = signal<ServiceWorker | null>(null);
  /** Another tab has gone over to the new version. */
  readonly #overtaken = signal(false);
  readonly update = computed(() => this.#waiting.value !== null || this.#overtaken.value);

  readonly #reload: () => void;
  readonly #followed = new WeakSet<ServiceWorker>();
  #watched = false;
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(reload = () => location.reload()) {
    this.#reload = reload;
  }

  /** Keeps the page from now on, if that is possible. */
  async keep(): Promise<void> {
    const why = obstacle();
    if (isSingleFile()) this.kept.value = { kind: "single-file" };
    else if (why !== null) this.kept.value = { kind: "impossible", why };
    else await this.#register();
  }

  async #register(): Promise<void> {
    const { serviceWorker } = navigator;
    try {
      await serviceWorker.register(new URL(SERVICE_WORKER, document.baseURI), { updateViaCache: "none" });
    } catch {
      // Also without a network, where an earlier registration still stands.
    }
    const registration = await ours();
    if (registration === undefined) {
      this.kept.value = { kind: "impossible", why: "refused" };
      return;
    }
    this.#follow(registration);
    // Browsers look for a new version when the page is opened, and some tabs stay open for days.
    this.#looking ??= setInterval(() => void registration.update().catch(() => {}), LOOK_MS);
    registration.addEventListener("updatefound", () => this.#follow(registration));
    if (!this.#watched && serviceWorker.controller !== null) {
      this.#watched = true;
      serviceWorker.addEventListener("controllerchange", () => {
        this.#overtaken.value = true;
      });
    }
  }

  /** Looks at what the registration has now, and again whenever that changes. */
  #follow(registration: ServiceWorkerRegistration): void {
    const { installing, waiting, active } = registration;
    this.#waiting.value = active === null ? null : waiting;
    if (active === null) this.kept.value = { kind: (installing ?? waiting) ? "saving" : "failed" };
    else void this.#confirm(active);
    for (const worker of [installing, waiting]) {
      if (worker === null || this.#followed.has(worker)) continue;
      this.#followed.add(worker);
      worker.addEventListener("statechange", () => this.#follow(registration));
    }
  }

  /** Says that the page is kept only when its service worker has found everything there. */
  async #confirm(worker: ServiceWorker): Promise<void> {
    if (this.kept.value.kind === "saved") return;
    this.kept.value = { kind: "saving" };
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise<boolean>((resolve) => {
      port1.onmessage = ({ data }) => resolve(data === true);
      // One that the browser has ended meanwhile, or that hangs, answers nothing.
      setTimeout(() => resolve(false), CONFIRM_MS);
    });
    worker.postMessage(COMPLETE, [port2]);
    const complete = await answer;
    if (this.kept.value.kind === "saving") this.kept.value = { kind: complete ? "saved" : "failed" };
    await this.measure();
  }

  /** Goes over to the new version and reloads the page, unless by then it is `busy`. */
  apply(busy: () => boolean): void {
    const worker = this.#waiting.value;
    if (worker === null) {
      this.#reload();
      return;
    }
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated" && !busy()) this.#reload();
    });
    worker.postMessage(TAKE_OVER);
  }

  async measure(): Promise<void> {
    const estimate = await navigator.storage?.estimate().catch(() => undefined);
    this.usage.value = estimate?.usage ?? null;
    this.lasting.value = (await navigator.storage?.persisted().catch(() => false)) ?? false;
  }

  /** Removes what is kept; the page itself, which is in memory, goes on. */
  async remove(): Promise<void> {
    // What is there at every address comes first.
    forgetAll();
    clearInterval(this.#looking);
    this.#looking = undefined;
    await (await ours())?.unregister();
    const names = "caches" in globalThis ? await caches.keys().catch(() => []) : [];
    const kept = names.filter((name) => name.startsWith(CACHE_PREFIX) && name.endsWith(folder()));
    await Promise.all(kept.map((name) => caches.delete(name)));
    this.#waiting.value = null;
    this.kept.value = { kind: "removed" };
    await this.measure();
  }
}

/** The address of the page's folder, which is the scope. */
const folder = () => new URL(".", document.baseURI).href;

/** Our registration; another site further up on the same host may have one that also covers this page. */
async function ours(): Promise<ServiceWorkerRegistration | undefined> {
  if (!("serviceWorker" in navigator)) return undefined;
  const registration = await navigator.serviceWorker.getRegistration(document.baseURI).catch(() => undefined);
  return registration?.scope === folder() ? registration : undefined;
}

function obstacle(): Obstacle | null {
  if (import.meta.env.DEV) return "development";
  if (!isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator)) return "unsupported";
  return null;
}
