// WebKitGTK's own small browser on a screen that nobody sees, driven by plain WebDriver: Playwright's build of WebKit
// cannot be had everywhere.

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers, ended, freePort } from "./servers.ts";
import { expect, test } from "./site.ts";
import { type Key, type Launched, PATIENCE_MS, type Tab } from "./tab.ts";
import { webkitMustBeTried, webkitPrograms } from "./webkit-programs.mjs";

/** As in Chromium. */
const VIEWPORT = { width: 1280, height: 860 };

/** What WebDriver calls keys: https://www.w3.org/TR/webdriver2/#keyboard-actions */
const KEYS: Readonly<Record<Key, string>> = { Tab: "\uE004", Enter: "\uE007", Home: "\uE011", End: "\uE010" };

/** The one key of the object by which WebDriver names an element. */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** An X server of our own; gives its display. */
async function startScreen(program: string): Promise<{ server: ChildProcess; display: string }> {
  const server = spawn(program, ["-displayfd", "3", "-screen", "0", "1400x1000x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const display = await new Promise<string>((resolve, reject) => {
    server.once("error", reject);
    server.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
    server.stdio[3]?.once("data", (line) => resolve(`:${String(line).trim()}`));
  });
  return { server, display };
}

/** A session of WebDriver, as far as the tests need it; gives its address. */
async function begin(driver: string, browser: string): Promise<string> {
  const alwaysMatch = {
    "webkitgtk:browserOptions": { binary: browser, args: ["--automation"] },
    // The test's own timeout is the one that counts.
    timeouts: { script: 600_000, pageLoad: 600_000 },
  };
  const { sessionId } = await command<{ sessionId: string }>("POST", `${driver}/session`, {
    capabilities: { alwaysMatch },
  });
  return `${driver}/session/${sessionId}`;
}

/**
 * A window in front of an empty one, which is there from the start: without any the browser would end. A tab of that one would
 * not be painted.
 */
class WebKitTab implements Tab {
  readonly #address: string;
  readonly #complaints: string[] = [];

  private constructor(address: string) {
    this.#address = address;
  }

  /** `address` is the session's. */
  static async open(address: string): Promise<WebKitTab> {
    const tab = new WebKitTab(address);
    const { handle } = await tab.#post<{ handle: string }>("window/new", { type: "window" });
    await tab.#post("window", { handle });
    await tab.#fit();
    return tab;
  }

  async close(): Promise<void> {
    const [empty] = await command<string[]>("DELETE", `${this.#address}/window`);
    await this.#post("window", { handle: empty });
  }

  async goto(url: string): Promise<void> {
    await this.#collect();
    await this.#post("url", { url });
    await this.#listen();
  }

  async reload(): Promise<void> {
    await this.#collect();
    await this.#post("refresh", {});
    await this.#listen();
  }

  async evaluate<A extends unknown[], T>(run: (...args: A) => T | Promise<T>, ...args: A): Promise<T> {
    // WebDriver knows no promises: a script calls its last argument when it is done.
    const script = `
      const done = arguments[arguments.length - 1];
      (async (...args) => (${run})(...args))(...Array.prototype.slice.call(arguments, 0, -1)).then(
        (value) => done({ value }),
        (error) => done({ error: String(error) }),
      );`;
    const outcome = await this.#post<{ value: T; error?: string }>("execute/async", { script, args });
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return outcome.value;
  }

  async inject(script: string): Promise<void> {
    await this.#post("execute/sync", { script, args: [] });
  }

  async click(selector: string): Promise<void> {
    // It may not be there yet, be disabled, be covered, or be drawn anew in between.
    await expect(async () => {
      const element = await this.#find(selector);
      expect(await this.#get(`element/${element}/enabled`), `${selector} is enabled`).toBe(true);
      // The driver takes what lies below a bar that stays for being in sight, and does not move it out from there.
      await this.#post("execute/sync", {
        script: "arguments[0].scrollIntoView({ block: 'center' })",
        args: [{ [ELEMENT]: element }],
      });
      await this.#post(`element/${element}/click`, {});
    }).toPass({ timeout: PATIENCE_MS, intervals: [50, 100, 200] });
  }

  async press(...keys: Key[]): Promise<void> {
    const actions = keys.flatMap((key) => ["keyDown", "keyUp"].map((type) => ({ type, value: KEYS[key] })));
    await this.#post("actions", { actions: [{ type: "key", id: "keys", actions }] });
  }

  async upload(selector: string, files: readonly string[]): Promise<void> {
    const element = await this.#find(selector);
    await this.#post(`element/${element}/value`, { text: files.join("\n") });
  }

  async complaints(): Promise<readonly string[]> {
    await this.#collect();
    return this.#complaints;
  }

  async #find(selector: string): Promise<string> {
    const using = selector.startsWith("/") ? "xpath" : "css selector";
    const element = await this.#post<{ [ELEMENT]: string }>("element", { using, value: selector });
    return element[ELEMENT];
  }

  /** Makes the window so large that the page in it has the size of the other browsers'. */
  async #fit(): Promise<void> {
    await this.#post("window/rect", VIEWPORT);
    const inner = await this.evaluate(() => ({ width: innerWidth, height: innerHeight }));
    await this.#post("window/rect", {
      width: 2 * VIEWPORT.width - inner.width,
      height: 2 * VIEWPORT.height - inner.height,
    });
  }

  /** Plain WebDriver tells of no errors. What is thrown before this is missed; such a page is never ready, though. */
  async #listen(): Promise<void> {
    await this.evaluate(() => {
      const complaints: string[] = [];
      Object.assign(globalThis, { complaints });
      addEventListener("error", ({ message }) => complaints.push(message));
      addEventListener("unhandledrejection", ({ reason }) => complaints.push(String(reason)));
    });
  }

  /** Takes over what the page has complained of, before another one comes in its place. */
  async #collect(): Promise<void> {
    const complaints = await this.evaluate(
      () => (globalThis as { complaints?: string[] }).complaints?.splice(0) ?? [],
    );
    this.#complaints.push(...complaints);
  }

  #get<T>(path: string): Promise<T> {
    return command("GET", `${this.#address}/${path}`);
  }

  #post<T>(path: string, body: object): Promise<T> {
    return command("POST", `${this.#address}/${path}`, body);
  }
}

async function command<T>(method: "GET" | "POST" | "DELETE", url: string, body?: object): Promise<T> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: T & { error?: string; message?: string } };
  if (!response.ok) throw new Error(`WebDriver: ${value.error}: ${value.message}`);
  return value;
}

/** A fresh WebKit. Skips the test loudly where a program is missing. */
export async function launchWebKit(): Promise<Launched> {
  const found = webkitPrograms();
  if ("missing" in found) {
    const missing = found.missing.join(", ");
    if (webkitMustBeTried()) throw new Error(`There is no ${missing}. Run: node tools/webkit.mjs`);
    console.warn(
      `NOT TESTED in WebKit: there is no ${missing}. Debian: apt-get install webkit2gtk-driver xvfb`,
    );
    test.skip(true, `there is no ${missing}`);
    throw new Error("skipped");
  }
  const { programs } = found;
  const folder = await mkdtemp(join(tmpdir(), "histoscope-webkit-"));
  const { server, display } = await startScreen(programs.screen);
  const port = await freePort();
  const driver = spawn(programs.driver, [`--port=${port}`], {
    stdio: "ignore",
    env: {
      ...process.env,
      DISPLAY: display,
      // No bus for assistive technology, no cache of a person's own, and the language of the tests.
      NO_AT_BRIDGE: "1",
      MESA_SHADER_CACHE_DISABLE: "true",
      // Without a graphics card it would compose the page's layers in a software GL: two fifths of the processor's time.
      WEBKIT_DISABLE_COMPOSITING_MODE: "1",
      XDG_CACHE_HOME: folder,
      XDG_CONFIG_HOME: folder,
      XDG_DATA_HOME: folder,
      LC_ALL: "en_US.UTF-8",
    },
  });
  const stop = async () => {
    await ended(driver);
    await ended(server);
    // Its processes may still be writing when the driver is gone.
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const address = `http://127.0.0.1:${port}`;
    await answers(`${address}/status`);
    const session = await begin(address, programs.browser);
    return {
      open: () => WebKitTab.open(session),
      close: async () => {
        await command("DELETE", session).finally(stop);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
