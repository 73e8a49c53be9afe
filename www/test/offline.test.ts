// The page's side of being kept: what a service worker that says nothing comes to, and when a new version is looked for.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { COMPLETE } from "../src/offline/names.ts";
import { Offline } from "../src/offline/offline.ts";

const FOLDER = "https://example.org/histoscope/";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv("DEV", false);
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("document", {
    baseURI: `${FOLDER}index.html`,
    querySelector: () => null,
    getElementById: () => null,
  });
  const store = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => store.set(key, value),
    removeItem: (key: string) => store.delete(key),
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

/** A browser whose service worker hears what it is asked, and answers only where the test has it. */
function browser() {
  const asked: ((complete: unknown) => void)[] = [];
  const active = {
    postMessage: (message: unknown, [port]: MessagePort[]) => {
      expect(message).toBe(COMPLETE);
      asked.push((complete) => port?.postMessage(complete));
    },
  };
  const registration = Object.assign(new EventTarget(), {
    active,
    installing: null,
    waiting: null,
    scope: FOLDER,
    update: vi.fn(async () => {}),
    unregister: async () => true,
  });
  const serviceWorker = Object.assign(new EventTarget(), {
    controller: null,
    register: async () => registration,
    getRegistration: async () => registration,
  });
  vi.stubGlobal("navigator", { serviceWorker });
  return { asked, registration };
}

/** A port's message takes a turn of the real loop, which no fake timer gives. */
const heard = (offline: Offline, kind: string) =>
  vi.waitFor(() => expect(offline.kept.value.kind).toBe(kind), { interval: 1 });

it("a service worker that hangs is given up after a minute", async () => {
  const { asked } = browser();
  const offline = new Offline();
  await offline.keep();
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(MINUTE - 1);
  expect(offline.kept.value.kind).toBe("saving");
  await vi.advanceTimersByTimeAsync(1);
  expect(offline.kept.value.kind).toBe("failed");
});

it.each([
  [true, "saved"],
  [false, "failed"],
  ["true", "failed"],
])("what it says, %j, comes to %s", async (answer, kind) => {
  const { asked } = browser();
  const offline = new Offline();
  await offline.keep();
  asked[0]?.(answer);
  await heard(offline, kind);
  // The limit comes too late.
  await vi.advanceTimersByTimeAsync(2 * MINUTE);
  expect(offline.kept.value.kind).toBe(kind);
});

it("a tab that stays open looks for a new version every six hours, until the page is removed", async () => {
  const { registration } = browser();
  const offline = new Offline();
  await offline.keep();
  // Asked again, as after a failure, it does not look twice as often.
  await offline.keep();
  await vi.advanceTimersByTimeAsync(6 * HOUR - 1);
  expect(registration.update).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(registration.update).toHaveBeenCalledTimes(1);
  // Without a network there is none, and the next look comes all the same.
  registration.update.mockRejectedValueOnce(new TypeError("no network"));
  await vi.advanceTimersByTimeAsync(12 * HOUR);
  expect(registration.update).toHaveBeenCalledTimes(3);
  await offline.remove();
  await vi.advanceTimersByTimeAsync(24 * HOUR);
  expect(registration.update).toHaveBeenCalledTimes(3);
});
