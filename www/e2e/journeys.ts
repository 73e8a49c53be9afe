// What a person does on the page, walked in every browser that Playwright does not drive. Chromium's tests see to the same
// at greater length.

import { readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ImageReport } from "../src/study/report.ts";
import { findingsIn } from "./axe.ts";
import { fromCommandLine, needsCommandLine, OF_EACH_KIND } from "./command-line.ts";
import { linear } from "./onnx.ts";
import { chooseSeries, IMAGES_OF_A_PATIENT } from "./pictures.ts";
import { NOWHERE, ownSite, publishAnother, refusal, singleFile } from "./published.ts";
import { servePython } from "./servers.ts";
import { copies, demo, expect, fixture, LARGE, SMALL, serveSite, withoutTimings } from "./site.ts";
import { slide } from "./slides.ts";
import {
  appears,
  chooseIn,
  count,
  dropFolder,
  fillDisk,
  goes,
  haltAfter,
  keptResults,
  openIn,
  PATIENCE_MS,
  pressButton,
  reportIn,
  saved,
  select,
  shows,
  type TabTest,
  trapOnSome,
} from "./tab.ts";

/** A module of one relaxed instruction, by which a browser tells whether it knows them. */
const RELAXED_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0,
  253, 15, 253, 128, 2, 11,
];

/** A row of the table, counted from 0 as images were chosen. */
const row = (index: number) => `[data-entry][aria-rowindex="${index + 2}"]`;

/** Makes a run of an image last. */
const LONG = "?workers=2&max_patches=all&stride=56";

/** Chooses the drawn study as a folder whose folders tell label and patient, as its picker gives it. Runs in the page. */
async function chooseStudy(): Promise<void> {
  const study = new URL("demo-study/", document.baseURI);
  const fields = (await (await fetch(new URL("study.json", study))).json()) as {
    file: string;
    patient: number;
    label: string;
  }[];
  const files = await Promise.all(
    fields.map(async ({ file, patient, label }) => {
      const blob = await (await fetch(new URL(file, study))).blob();
      const value = `study/${label}/patient-${patient}/${file}`;
      return Object.defineProperty(new File([blob], file), "webkitRelativePath", { value });
    }),
  );
  const input = document.querySelector<HTMLInputElement>('input[aria-label="Folder of images"]');
  if (input === null) throw new Error("nothing chooses folders");
  Object.defineProperty(input, "files", { value: files, configurable: true });
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** What differs from browser to browser. */
export interface Extent {
  /** Images of the study that is walked through by keys. */
  readonly crowd: number;
  /** Images of the study in whose middle a visit ends. */
  readonly study: number;
  /** Whether lessons are taught on the deeper network, in place of the built-in one. */
  readonly deeper: boolean;
}

export function journeys(test: TabTest, { crowd, study, deeper }: Extent): void {
  test("gives the command line's reports, to the last digit", { tag: "@slow" }, async ({ tab, site }) => {
    needsCommandLine();
    await openIn(tab, `${site.url}?workers=2`);
    for (const file of OF_EACH_KIND) {
      const here = await reportIn(tab, file);
      expect(withoutTimings(here)).toEqual(withoutTimings(await fromCommandLine(file)));
      await pressButton(tab, "Clear");
    }
  });

  test("what fails is told and takes nothing with it; what is saved is shown again", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, site.url);
    const [path = ""] = await copies(SMALL, 1);
    await chooseIn(tab, path, fixture("bad/text.png"), demo("synthetic-ducts.jpg"));
    await shows(tab, "Mean over 2 images:");
    await shows(tab, "1 image failed");
    await tab.click("details.menu > summary");
    const folder = await saved(tab, "Results (JSON)");
    expect(JSON.parse(folder).num_images).toBe(3);

    // A file that is gone.
    await pressButton(tab, "Clear");
    await chooseIn(tab, path);
    await appears(tab, ".verdict-word");
    await rm(path);
    await tab.click("details.options summary");
    await select(tab, "select[name=max_patches]", "10");
    await pressButton(tab, "Run again with these");
    await shows(tab, "Running it again failed, so the earlier result stands.");
    await appears(tab, ".verdict-word");

    await pressButton(tab, "Clear");
    const report = test.info().outputPath("folder.json");
    await writeFile(report, folder);
    await chooseIn(tab, report);
    await shows(tab, "Mean over 2 images:");
    await shows(tab, "From a saved report, which holds no picture.");

    // A folder of which some cannot be read.
    await pressButton(tab, "Clear");
    const base64 = (await readFile(SMALL)).toString("base64");
    const files = { "a.jpg": "", "gone.jpg": "", locked: "", "notes.txt": "" };
    await tab.evaluate(dropFolder, { files, base64 });
    await shows(tab, "2 files or folders could not be read: top/gone.jpg, top/locked.");
    await appears(tab, ".verdict-word");

    // A browser without room.
    await tab.evaluate(() => {
      IDBObjectStore.prototype.put = () => {
        throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
      };
    });
    await chooseIn(tab, fixture("good/grid_448x224.jpg"));
    await shows(tab, "1 patient, 2 images");
    await shows(tab, "The study cannot be kept on this machine (");
  });

  test("a slide is looked at, outlined without a pointer, goes to QuPath and comes back", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, site.url);
    await chooseIn(tab, await slide(tab, { name: "drawn.svs", width: 4000, height: 3000, um: 0.5 }));
    await shows(tab, "SVS, 4,000 × 3,000 pixels", ".slide-panel");
    await appears(tab, ".verdict-word");
    await pressButton(tab, "Outline what is in view");
    await pressButton(tab, "Judge what is outlined");
    await shows(tab, "Region 1", ".slide-regions");
    const regionsOf = async () =>
      (JSON.parse(await saved(tab, "Download report (JSON)")) as ImageReport).slide?.regions ?? [];
    const [there] = await regionsOf();
    const { features } = JSON.parse(await saved(tab, "Save map and regions (GeoJSON)")) as {
      features: { properties: { objectType: string; name?: string } }[];
    };
    const [annotation, ...others] = features;
    if (annotation === undefined) throw new Error("nothing is outlined");
    expect(annotation.properties.objectType).toBe("annotation");
    expect(new Set(others.map(({ properties }) => properties.objectType))).toEqual(new Set(["tile"]));

    // As somebody has named it meanwhile.
    annotation.properties.name = "tumour";
    const path = test.info().outputPath("back.geojson");
    await writeFile(path, JSON.stringify({ type: "FeatureCollection", features: [annotation] }));
    await pressButton(tab, "Remove Region 1");
    await goes(tab, ".slide-list");
    await tab.upload(".slide-panel input[type=file]", [path]);
    await appears(tab, ".slide-list");
    await pressButton(tab, "Judge what is outlined");
    await shows(tab, "tumour", ".slide-regions");
    expect(await regionsOf()).toEqual([{ ...there, name: "tumour" }]);
  });

  test("a slide is cancelled in the middle of its patches, the next image goes on, and so does it when asked", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, `${site.url}?workers=1&max_patches=all`);
    // One image alone has no list.
    await chooseIn(tab, SMALL);
    await appears(tab, ".verdict-word");
    // Of some 240 patches.
    await chooseIn(tab, await slide(tab, { name: "drawn.svs", width: 8000, height: 6000, um: 0.5 }));
    // At once when the first patches are there.
    await tab.evaluate(
      (line) =>
        new Promise<void>((resolve) => {
          const look = () => {
            const progress = document.querySelector<HTMLProgressElement>(`${line} progress`);
            if (progress === null || progress.value === 0) return;
            observer.disconnect();
            document.querySelector<HTMLElement>(`${line} .line-dismiss`)?.click();
            resolve();
          };
          const observer = new MutationObserver(look);
          observer.observe(document.body, { subtree: true, childList: true, attributes: true });
          look();
        }),
      row(1),
    );
    await shows(tab, "Cancelled", row(1));
    await chooseIn(tab, fixture("good/grid_448x224.jpg"));
    await appears(tab, `${row(2)}[data-state="done"]`);
    expect(await count(tab, `${row(1)}[data-state="cancelled"]`)).toBe(1);
    await tab.evaluate((line) => document.querySelector<HTMLElement>(line)?.click(), `${row(1)} .line-main`);
    await pressButton(tab, "Run again");
    await appears(tab, `${row(1)}[data-state="done"]`);
    const { num_patches, slide: judged } = JSON.parse(
      await saved(tab, "Download report (JSON)"),
    ) as ImageReport;
    expect(num_patches).toBe(judged?.source.candidates);
  });

  test("two slides and three fields of a patient are taken together, without a server", {
    tag: "@slow",
  }, async ({ tab }) => {
    const site = await serveSite();
    await openIn(tab, `${site.url}?max_patches=10`);
    await shows(tab, "Saved on this machine");
    const name = (number: number) => `SOB_B_A-14-22549AB-40-00${number}`;
    const slides: string[] = [];
    for (const number of [1, 2]) {
      // No two are the same slide.
      const size = { width: 3000 + 100 * number, height: 3000, um: 0.5 };
      slides.push(await slide(tab, { name: `${name(number)}.svs`, ...size }));
    }
    const fields = await copies(SMALL, 4);
    // The last one is somebody else's, so that patients are told apart.
    const names = [name(3), name(4), name(5), "SOB_M_DC-14-2523-400-001"];
    const named = fields.map((path, index) => join(dirname(path), `${names[index]}.jpg`));
    await Promise.all(fields.map((path, index) => rename(path, named[index] ?? path)));
    await site.stop();
    await chooseIn(tab, ...slides, ...named);
    await shows(tab, "2 patients, 6 images");
  });

  test("keys alone: from the demo to a patch's probability, and on a slider", { tag: "@slow" }, async ({
    tab,
    site,
  }) => {
    await openIn(tab, site.url);
    const focused = () => tab.evaluate(() => document.activeElement?.textContent ?? "");
    for (let step = 0; step < 12 && !(await focused()).startsWith("Try: Ducts"); step++) {
      await tab.press("Tab");
    }
    await tab.press("Enter");
    await appears(tab, ".verdict-word");
    const label = () => tab.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    for (let step = 0; step < 24 && !(await label()).startsWith("Picture with the map"); step++) {
      await tab.press("Tab");
    }
    await tab.press("End");
    await shows(tab, /Patch 6 of 6 at \d+, \d+: malignant \d/, ".readout");

    // A key that is held on a slider is taken, however often the address may change: WebKit throws at the hundredth
    // change within ten seconds.
    await tab.evaluate(() => document.querySelector<HTMLElement>(".map-opacity input")?.focus());
    await tab.press(...Array.from({ length: 60 }, () => ["Home", "End"] as const).flat());
    const value = () => document.querySelector<HTMLInputElement>(".map-opacity input")?.value;
    expect(await tab.evaluate(value)).toBe("1");
    expect(await tab.evaluate(() => localStorage.getItem(`histoscope.options ${location.pathname}`))).toBe(
      "?count_unfamiliar=on&opacity=1",
    );
  });

  test("a person's own model is asked about, used, and offered at the next visit", { tag: "@slow" }, async ({
    tab,
    site,
  }) => {
    await openIn(tab, `${site.url}?screen=off`);
    const path = test.info().outputPath("linear.onnx");
    await writeFile(path, linear({ weights: [1, -2, 0.5, -0.25, 0.75, 3], bias: [0.1, -0.2] }));
    await chooseIn(tab, path);
    await appears(tab, "dialog select");
    await select(tab, 'select[name="first_label"]', "benign");
    await select(tab, 'select[name="scores"]', "logits");
    await select(tab, 'select[name="normalisation"]', "imagenet");
    await pressButton(tab, "Use this model");
    await shows(tab, "Your own model, linear, is in use.");
    // Offered only once it is kept.
    await shows(tab, "Remove it");
    await tab.reload();
    await shows(tab, "Your own model linear, ");
    await pressButton(tab, "Use it");
    await shows(tab, "Your own model, linear, is in use.");
    const { model } = await reportIn(tab, SMALL);
    expect(model).toMatchObject({ name: "linear", version: "own", variant: "f32" });
  });

  const how = deeper ? " on the deeper network" : "";
  test(`a study in labelled folders is judged and taught${how}; the lesson, saved and read again, gives the same verdicts`, {
    tag: "@slow",
  }, async ({ tab, site }) => {
    test.setTimeout(300_000);
    await openIn(tab, `${site.url}?count_unfamiliar=off&max_patches=10`);
    const taught = "All labelled images (24), or others of their patients, were taught to the lesson";
    const study = async (judged: string) => {
      await tab.evaluate(chooseStudy);
      await shows(tab, judged);
    };
    const verdicts = async (): Promise<string[]> => {
      await tab.click("details.menu > summary");
      const folder = JSON.parse(await saved(tab, "Results (JSON)"));
      return folder.individual_results.map(({ verdict }: ImageReport) => verdict);
    };
    await study("24 labelled images of 6 patients");
    expect(new Set(await verdicts())).toEqual(new Set(["unfamiliar"]));
    if (deeper) await tab.click(".teach-deeper input");
    await pressButton(tab, "Teach it these");
    await pressButton(tab, "Use it");
    await shows(tab, "The lesson My laboratory judges.");
    await shows(tab, taught);
    const before = await verdicts();
    expect(new Set(before).size).toBeGreaterThan(1);
    const path = test.info().outputPath("ours.lesson.json");
    await writeFile(path, await saved(tab, "Download it"));
    await pressButton(tab, "Back to the model as it came");
    await goes(tab, ".lesson-notice");
    await pressButton(tab, "Clear");
    await tab.reload();
    await shows(tab, "Ready, all loaded");
    await chooseIn(tab, path);
    await shows(tab, "The lesson My laboratory judges.");
    await study(taught);
    expect(await verdicts()).toEqual(before);
    expect(await findingsIn(tab)).toEqual([]);
  });

  test(`${crowd} images: all of them analysed, few rows in the document, within reach of keys`, {
    tag: "@slow",
  }, async ({ tab, site }) => {
    test.setTimeout(600_000);
    await openIn(tab, site.url);
    await chooseSeries(tab, crowd);
    await appears(tab, `[role="grid"][aria-rowcount="${crowd + 1}"]`);
    const patients = crowd / IMAGES_OF_A_PATIENT;
    const all = `${patients} patients, ${crowd.toLocaleString("en")} images`;
    await shows(tab, all, "body", 500_000);
    expect(await count(tab, "[data-entry]")).toBeLessThan(50);
    await tab.evaluate(
      (selector) => document.querySelector<HTMLElement>(selector)?.focus(),
      `${row(0)} .line-main`,
    );
    await tab.press("End");
    await appears(tab, `${row(crowd - 1)} .line-main:focus`);
    await shows(tab, `-${crowd - 1}.jpg`, "article");
    expect(await count(tab, "[data-entry]")).toBeLessThan(50);
  });

  test("three images in a row that trap fail alone", { tag: "@slow" }, async ({ tab, site }) => {
    await openIn(tab, `${site.url}?workers=1`);
    await tab.evaluate(trapOnSome);
    const names = ["a", "trap-1", "trap-2", "trap-3", "b"];
    const files = await copies(SMALL, names.length);
    const named = files.map((path, index) => join(dirname(path), `${names[index]}.jpg`));
    await Promise.all(files.map((path, index) => rename(path, named[index] ?? path)));
    await chooseIn(tab, ...named);
    await shows(tab, "3 images failed");
    await shows(tab, "Mean over 2 images:");
    for (const index of [1, 2, 3]) await appears(tab, `${row(index)}[data-code="worker_died"]`);
  });

  test("a study goes on at the next visit, and its folder chosen again adds what is missing", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, site.url);
    const files = await copies(SMALL, 5);
    await chooseIn(tab, ...files.slice(0, 3));
    await shows(tab, "Mean over 3 images:");
    // What is kept asks for nothing when it is left.
    const isKept = () =>
      tab.evaluate(() => {
        const leaving = new Event("beforeunload", { cancelable: true });
        dispatchEvent(leaving);
        return !leaving.defaultPrevented;
      });
    await expect(async () => expect(await isKept()).toBe(true)).toPass({ timeout: PATIENCE_MS });
    await tab.reload();
    await shows(tab, "3 results are kept on this machine");
    await pressButton(tab, "Go on with them");
    await shows(tab, "Mean over 3 images:");
    await chooseIn(tab, ...files);
    await shows(tab, "Mean over 5 images:");
  });

  test("a folder that is dropped twice is there once, a copy counts once, and hospitals stay apart", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, site.url);
    const base64 = (await readFile(SMALL)).toString("base64");
    const files = { "north/case-9/HE/a.jpg": "a", "south/case-9/HE/b.jpg": "b" };
    await tab.evaluate(dropFolder, { files, base64 });
    await shows(tab, "Folders called case-9 lie in different places.");
    await shows(tab, "2 patients, 2 images");
    await tab.evaluate(dropFolder, { files, base64 });
    await shows(tab, "2 images were in the study already: their results were kept.");
    expect(await count(tab, "[data-entry]")).toBe(2);
    await tab.evaluate(dropFolder, { files: { ...files, "north/case-1/copy.jpg": "a" }, base64 });
    await shows(tab, "Same as top/north/case-9/HE/a.jpg", row(2));
    await shows(tab, "2 patients, 2 images");
  });

  test("entries that cannot be read, a disk that is full and a file that is gone are said, and take no result", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, site.url);
    await tab.evaluate(fillDisk);
    const base64 = (await readFile(SMALL)).toString("base64");
    const files = { "a.jpg": "a", "gone.jpg": "", locked: "", "notes.txt": "" };
    await tab.evaluate(dropFolder, { files, base64 });
    await shows(tab, "2 files or folders could not be read: top/gone.jpg, top/locked.");
    await appears(tab, ".verdict-word");
    await shows(tab, "The study cannot be kept on this machine");
    await pressButton(tab, "Clear");

    const [path = ""] = await copies(SMALL, 1);
    await chooseIn(tab, path);
    await appears(tab, ".verdict-word");
    const verdict = () => tab.evaluate(() => document.querySelector(".verdict")?.textContent);
    const before = await verdict();
    // Also where a browser holds the bytes of what was chosen, it sees that the file is another by then.
    await utimes(path, 1, 1);
    await rm(path);
    await select(tab, "select[name=max_patches]", "10");
    await pressButton(tab, "Run again with these");
    await shows(tab, "Running it again failed, so the earlier result stands.");
    expect(await verdict()).toBe(before);
  });

  test(`a study that ends in the middle of ${study} images is gone on with, and its folder adds what is missing`, {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, `${site.url}?workers=1`);
    // Else it may be over before somebody looks.
    test.slow();
    const half = study / 2;
    await tab.evaluate(haltAfter, half);
    await chooseSeries(tab, study);
    const halfAreKept = async () => expect(await tab.evaluate(keptResults)).toBe(half);
    await expect(halfAreKept).toPass({ timeout: PATIENCE_MS });
    await tab.reload();
    await shows(tab, `${half} results of ${study} images are kept on this machine`);
    await pressButton(tab, "Go on with them");
    await shows(tab, `${half} of ${study} images analysed.`);
    expect(await count(tab, ".summary .verdict-word")).toBe(0);
    await chooseSeries(tab, study);
    await shows(tab, `${study / IMAGES_OF_A_PATIENT} patients, ${study} images`);
    await appears(tab, `[role="grid"][aria-rowcount="${study + 1}"]`);
  });

  test("one image is cancelled, then all; a reload in the middle of a run gives a page that works", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, site.url + LONG);
    // The first one is soon done.
    const files = [...(await copies(SMALL, 1)), ...(await copies(LARGE, 11))];
    await chooseIn(tab, ...files);
    // Late in the queue, so that it is not done before it can be cancelled. No pointer: rows move while the first images
    // are being read, and WebKit's driver clicks where the button was.
    const dismiss = `${row(10)} .line-dismiss`;
    await appears(tab, dismiss);
    await tab.evaluate((selector) => document.querySelector<HTMLElement>(selector)?.click(), dismiss);
    await shows(tab, "Cancelled", row(10));
    // The others go on.
    await shows(tab, "Done", row(0));
    await pressButton(tab, "Cancel all");
    await goes(tab, 'button[aria-label^="Cancel"]');
    await shows(tab, "Cancelled", row(11));
    await pressButton(tab, "Clear");
    await reportIn(tab, SMALL);

    await pressButton(tab, "Clear");
    await chooseIn(tab, ...files);
    await shows(tab, "Done", row(0));
    await tab.reload();
    await shows(tab, "Ready, all loaded");
    expect(await count(tab, "[data-entry]")).toBe(0);
    const { num_patches } = await reportIn(tab, SMALL);
    expect(num_patches).toBe(9 * 5);
  });

  test("a new version waits for a click, and never reloads in the middle of an analysis", {
    tag: "@slow",
  }, async ({ tab }) => {
    const { folder, site, remove } = await ownSite();
    try {
      await openIn(tab, `${site.url}?workers=1`);
      await shows(tab, "Saved on this machine");
      await publishAnother(folder);
      await tab.reload();
      await shows(tab, "A new version is ready.");
      // Until then everything is of the old version.
      await shows(tab, "Try: Ducts", ".demo");
      await chooseIn(tab, ...(await copies(LARGE, 6)));
      await appears(tab, ".update-notice button:disabled");
      await shows(tab, "Mean over 6 images:");
      await appears(tab, ".update-notice button:enabled");
      await pressButton(tab, "Reload");
      await shows(tab, "Try: Fat", ".demo");
      // A browser may complain of what a reload cuts off.
      await shows(tab, "Ready, all loaded");
      await site.stop();
      await tab.reload();
      await shows(tab, "Try: Fat", ".demo");
      expect(await count(tab, ".update-notice")).toBe(0);
      await reportIn(tab, SMALL);
    } finally {
      await remove();
    }
  });

  test("from Python's plain file server, under a sub-path, it works, and after one visit it needs no server", {
    tag: "@slow",
  }, async ({ tab }) => {
    const site = await servePython();
    try {
      await openIn(tab, site.url);
      await shows(tab, "Saved on this machine");
      await site.stop();
      await tab.reload();
      await shows(tab, "Ready, all loaded");
      await reportIn(tab, SMALL);
    } finally {
      await site.stop();
    }
  });

  test("the single file gives the report of the hosted page, and can connect to nothing", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    const { folder, address } = await singleFile();
    try {
      await openIn(tab, site.url);
      const hosted = await reportIn(tab, SMALL);
      await openIn(tab, address);
      await shows(tab, "This is the edition in a single file");
      const alone = await reportIn(tab, SMALL);
      expect(withoutTimings(alone)).toEqual(withoutTimings(hosted));
      await pressButton(tab, "Clear");
      await tab.click(".demo");
      await appears(tab, ".verdict-word");
      // A slide has a reader of its own, whose worker WebKit lets read no file here.
      await pressButton(tab, "Clear");
      await chooseIn(tab, await slide(tab, { name: "drawn.svs", width: 4000, height: 3000, um: 0.5 }));
      await shows(tab, "SVS, 4,000 × 3,000 pixels", ".slide-panel");
      await appears(tab, ".verdict-word");
      expect(await tab.evaluate(refusal, NOWHERE)).toBe("connect-src");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("axe finds nothing wrong; drags, what the browser lacks and results are told, in both languages", {
    tag: "@slow",
  }, async ({ tab, site }) => {
    await openIn(tab, site.url);
    expect(await findingsIn(tab)).toEqual([]);
    // As WebKit has long told it: no event says where a drag goes to.
    const drag = (...events: (readonly ["dragenter" | "dragover" | "dragleave", string])[]) =>
      tab.evaluate((events) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["?"], "a.png"));
        for (const [type, selector] of events) {
          const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
          document.querySelector(selector)?.dispatchEvent(event);
        }
      }, events);
    await drag(["dragenter", "body"], ["dragover", "body"]);
    await appears(tab, ".drop-veil");
    await drag(["dragenter", "main"], ["dragleave", "body"]);
    // What the page draws it draws within two frames.
    await tab.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(null)))),
    );
    expect(await count(tab, ".drop-veil")).toBe(1);
    await drag(["dragleave", "main"]);
    await goes(tab, ".drop-veil");

    await shows(tab, "Saved on this machine");
    const { relaxed, lasting } = await tab.evaluate(
      async (probe) => ({
        relaxed: WebAssembly.validate(new Uint8Array(probe)),
        lasting: (await navigator.storage?.persisted()) ?? false,
      }),
      RELAXED_PROBE,
    );
    await tab.click(".model-line > summary");
    const said = {
      en: { relaxed: "this browser lacks relaxed SIMD", lasting: "The browser may remove it again" },
      de: { relaxed: "diesem Browser fehlt Relaxed SIMD", lasting: "Der Browser darf es wieder entfernen" },
    };
    for (const [language, words] of Object.entries(said)) {
      await select(tab, "select.language", language);
      await appears(tab, `html[lang="${language}"]`);
      const footer = await tab.evaluate(() => document.querySelector("footer")?.innerText ?? "");
      expect(footer.includes(words.relaxed)).toBe(!relaxed);
      expect(footer.includes(words.lasting)).toBe(!lasting);
    }
    await select(tab, "select.language", "en");
    await appears(tab, 'html[lang="en"]');

    await chooseIn(tab, SMALL, fixture("good/grid_448x224.jpg"));
    await shows(tab, "Mean over 2 images:");
    expect(await findingsIn(tab)).toEqual([]);
    const before = JSON.parse(await saved(tab, "Download report (JSON)")) as ImageReport;
    await select(tab, 'select[aria-label="Language"]', "de");
    await appears(tab, 'html[lang="de"]');
    await shows(tab, "Mittel über 2 Bilder:");
    expect(await tab.evaluate(() => document.title)).toContain("Brust");
    // What is saved is for programs, and stays as it was.
    expect(JSON.parse(await saved(tab, "Bericht herunterladen (JSON)"))).toEqual(before);
    await tab.reload();
    await shows(tab, "Bereit, alles geladen");
  });
}
