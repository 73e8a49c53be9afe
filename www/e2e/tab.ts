// A tab of a browser that Playwright does not drive: what each of them has to offer, and what follows from that.

import type { ImageReport } from "../src/study/report.ts";
import { expect, test } from "./site.ts";

export interface Tab {
  /** Goes to an address and waits until the page has loaded. */
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs a function of the page, which sees its arguments alone, and waits for what it promises. */
  evaluate<A extends unknown[], T>(run: (...args: A) => T | Promise<T>, ...args: A): Promise<T>;
  /** Runs a script in the page, whatever the page's policy says of scripts. */
  inject(script: string): Promise<void>;
  /** Clicks what the selector, CSS or XPath, finds first, as soon as it is there and can be clicked. */
  click(selector: string): Promise<void>;
  press(...keys: Key[]): Promise<void>;
  /** Chooses files in the field that the CSS selector finds. */
  upload(selector: string, files: readonly string[]): Promise<void>;
  /** The page's uncaught errors until now. */
  complaints(): Promise<readonly string[]>;
  close(): Promise<void>;
}

export type Key = "Tab" | "Enter" | "Home" | "End";

/**
 * A browser that runs. Its tabs come one after the other and share what it keeps by the name of a site: each test has a site
 * of its own, for the port is part of that name.
 */
export interface Launched<T extends Tab = Tab> {
  /** A fresh tab in front. The one before has to be closed. */
  open(): Promise<T>;
  close(): Promise<void>;
}

/**
 * A test with a tab of its own, whose page may leave no error uncaught, in a browser that starts once for all tests of a
 * worker. `launch` may skip the test.
 */
export const testIn = <T extends Tab>(launch: () => Promise<Launched<T>>) =>
  test.extend<{ tab: T }, { running: () => Promise<Launched<T>> }>({
    running: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures it needs off the pattern
      async ({}, use) => {
        let launched: Launched<T> | undefined;
        await use(async () => {
          launched ??= await launch();
          return launched;
        });
        await launched?.close();
      },
      { scope: "worker" },
    ],
    tab: async ({ running }, use) => {
      const tab = await (await running()).open();
      try {
        await use(tab);
        expect(await tab.complaints(), "uncaught errors in the page").toEqual([]);
      } finally {
        await tab.close();
      }
    },
  });

export type TabTest = ReturnType<typeof testIn<Tab>>;

/** On a loaded machine of two cores an engine alone takes half a minute to start. */
export const PATIENCE_MS = 90_000;

/** Asks again and again, through reloads too, until the answer is as expected. */
async function settles(check: () => Promise<void>, timeout = PATIENCE_MS): Promise<void> {
  await expect(check).toPass({ timeout, intervals: [50, 100, 200] });
}

/** Waits until the text of what the CSS selector finds first holds `text`, or matches it. */
export async function shows(tab: Tab, text: string | RegExp, selector = "body", timeout = PATIENCE_MS) {
  await settles(async () => {
    const shown = await tab.evaluate(
      (selector) => document.querySelector<HTMLElement>(selector)?.innerText ?? "",
      selector,
    );
    if (typeof text === "string") expect(shown).toContain(text);
    else expect(shown).toMatch(text);
  }, timeout);
}

/** How many elements the CSS selector finds. */
export const count = (tab: Tab, selector: string): Promise<number> =>
  tab.evaluate((selector) => document.querySelectorAll(selector).length, selector);

/** Waits until the CSS selector finds something. */
export async function appears(tab: Tab, selector: string): Promise<void> {
  await settles(async () => expect(await count(tab, selector), selector).toBeGreaterThan(0));
}

/** Waits until the CSS selector finds nothing. */
export async function goes(tab: Tab, selector: string): Promise<void> {
  await settles(async () => expect(await count(tab, selector), selector).toBe(0));
}

/**
 * Opens the page and waits until it needs nothing more from the network. As in Chromium's tests, pictures that were drawn
 * vote although they are unfamiliar.
 */
export async function openIn(tab: Tab, url: string): Promise<void> {
  const address = new URL(url);
  if (!address.searchParams.has("count_unfamiliar")) address.searchParams.set("count_unfamiliar", "on");
  await tab.goto(address.href);
  await shows(tab, "Ready, all loaded");
}

export async function chooseIn(tab: Tab, ...files: string[]): Promise<void> {
  await tab.upload("[data-picker=files]", files);
}

/** Clicks the button of this name, or the one whose name begins so. */
export async function pressButton(tab: Tab, name: string): Promise<void> {
  await tab.click(`//button[starts-with(normalize-space(), "${name}") or @aria-label="${name}"]`);
}

/** Chooses in a list of the page. */
export async function select(tab: Tab, selector: string, value: string): Promise<void> {
  await appears(tab, selector);
  await tab.evaluate(
    (selector, value) => {
      const field = document.querySelector<HTMLSelectElement>(selector);
      if (field === null) return;
      field.value = value;
      for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
    },
    selector,
    value,
  );
}

interface Keeps {
  /** What the page has made an address of to save it, in order. */
  made?: Blob[];
}

/** What pressing a button saves. The page keeps it for us: a download goes to a folder that no test should know. */
export async function saved(tab: Tab, name: string): Promise<string> {
  await tab.evaluate(() => {
    const page = globalThis as Keeps;
    if (page.made === undefined) {
      const create = URL.createObjectURL.bind(URL);
      URL.createObjectURL = (content: Blob) => {
        // The drawings that the page offers are files, and may come just now.
        if (!(content instanceof File)) page.made?.push(content);
        return create(content);
      };
    }
    page.made = [];
  });
  await pressButton(tab, name);
  await settles(async () => {
    expect(await tab.evaluate(() => (globalThis as Keeps).made?.length ?? 0)).toBeGreaterThan(0);
  });
  return tab.evaluate(async () => (await (globalThis as Keeps).made?.[0]?.text()) ?? "");
}

/** Chooses one image and gives its report. */
export async function reportIn(tab: Tab, file: string): Promise<ImageReport> {
  await chooseIn(tab, file);
  await appears(tab, ".verdict-word");
  return JSON.parse(await saved(tab, "Download report (JSON)")) as ImageReport;
}

/**
 * From now on the engine traps on every image whose name begins with "trap": its worker is handed something that the glue
 * did not expect, which nobody throws on purpose. Runs in the page.
 */
export function trapOnSome(): void {
  const post: (message: unknown, transfer: Transferable[]) => void = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (message: { filename?: string }, transfer?: unknown) {
    const traps = message.filename?.startsWith("trap") ?? false;
    post.call(this, traps ? { ...message, options: 7 } : message, transfer as Transferable[]);
  };
}

/** From now on the engine is handed so many images and no more. Runs in the page. */
export function haltAfter(images: number): void {
  const post: (message: unknown, transfer: Transferable[]) => void = Worker.prototype.postMessage;
  let handed = 0;
  Worker.prototype.postMessage = function (message: { filename?: string }, transfer?: unknown) {
    if (message.filename === undefined || handed++ < images)
      post.call(this, message, transfer as Transferable[]);
  };
}

/**
 * Drops a folder "top" with files at these paths below it, in the order given. What begins with "locked" is a folder that may
 * not be listed, with "gone" a file that cannot be had, and what ends with ".txt" no picture. The others are this picture:
 * those of one mark have the same bytes, and none was ever changed. Runs in the page.
 */
export function dropFolder({
  files,
  base64,
}: {
  files: Readonly<Record<string, string>>;
  base64: string;
}): void {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const refuse = (_: unknown, reject: (error: Error) => void) => reject(new Error("not allowed"));
  const inner = Object.entries(files).map(([path, mark]) => {
    const name = path.split("/").at(-1) ?? "";
    // What follows a JPEG's end is no part of the picture.
    const content = name.endsWith(".txt") ? ["no picture"] : [bytes, mark];
    return {
      isFile: !name.startsWith("locked"),
      fullPath: `/top/${path}`,
      file: (resolve: (file: File) => void, reject: (error: Error) => void) =>
        name.startsWith("gone")
          ? refuse(null, reject)
          : resolve(new File(content, name, { lastModified: 1 })),
      createReader: () => ({ readEntries: refuse }),
    };
  });
  const top = {
    isFile: false,
    fullPath: "/top",
    createReader: () => ({
      readEntries: (resolve: (some: unknown[]) => void) => resolve(inner.splice(0)),
    }),
  };
  const original = DataTransferItem.prototype.webkitGetAsEntry;
  DataTransferItem.prototype.webkitGetAsEntry = () => top as unknown as FileSystemEntry;
  const data = new DataTransfer();
  data.items.add(new File([], "top"));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  DataTransferItem.prototype.webkitGetAsEntry = original;
}

/** Lets the browser have no more room for what is kept. Runs in the page. */
export function fillDisk(): void {
  IDBObjectStore.prototype.put = () => {
    throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
  };
}

/** In the page: how many results of it lie in the browser's database. */
export async function keptResults(): Promise<number> {
  const name = `histoscope studies ${new URL(".", document.baseURI).href}`;
  if (!(await indexedDB.databases()).some((database) => database.name === name)) return 0;
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const store = database.transaction("images").objectStore("images");
  const all = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve) => {
      request.onsuccess = () => resolve(request.result);
    });
  const [keys, parts] = await Promise.all([all(store.getAllKeys()), all(store.getAll())]);
  database.close();
  // What was written later holds.
  const states = new Map<string, string>();
  parts.forEach(({ images }: { images: string }, index) => {
    const [study] = keys[index] as [string];
    const some = JSON.parse(images) as { number: number; state: string }[];
    for (const { number, state } of some) states.set(`${study} ${number}`, state);
  });
  return [...states.values()].filter((state) => state === "done").length;
}
