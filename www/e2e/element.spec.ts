// The custom element in a page with a strict policy: by mouse, by keyboard alone, for a screen reader, in two languages.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Locator, Page } from "@playwright/test";
// For the types that it adds to the document's.
import type {} from "../src/lib/element.ts";
import type { ImageReport } from "../src/study/report.ts";
import { findings, findingsInBothSchemes, NOTHING } from "./axe.ts";
import { judgedByThreeKinds, needsCommandLine } from "./command-line.ts";
import { addressOf, embed, expect, requestsOf, test } from "./embedding.ts";
import { launchFirefox } from "./firefox.ts";
import { field, GLASS, PARTLY } from "./pictures.ts";
import { fixture, LARGE, look, type Site, SMALL, withoutTimings } from "./site.ts";
import { launchWebKit } from "./webkit.ts";

const BAD = fixture("bad/size_223x223.png");

/** The page's first element, which has its usual look and English words. */
async function show(page: Page, host: Site): Promise<Locator> {
  await page.goto(`${host.url}www/examples/element.html`);
  return page.locator("histoscope-classifier").first();
}

const choose = (element: Locator, file: string) => element.locator("input[type=file]").setInputFiles(file);

async function drop(element: Locator, ...files: string[]): Promise<void> {
  const contents = files.map((path) => [basename(path), readFileSync(path).toString("base64")] as const);
  await element.evaluate((target, dropped) => {
    const dataTransfer = new DataTransfer();
    for (const [name, base64] of dropped) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      dataTransfer.items.add(new File([bytes], name));
    }
    const inside = target.shadowRoot?.querySelector(".drop");
    for (const type of ["dragenter", "dragover", "drop"]) {
      inside?.dispatchEvent(
        new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, composed: true }),
      );
    }
  }, contents);
}

const VERDICT = /^(Benign|Malignant|Uncertain|Unfamiliar)$/;

test("a dropped image gets its verdict, its map and an event, as the classifier says", async ({
  page,
  host,
}) => {
  const element = await show(page, host);
  const requests = requestsOf(page);
  await page.waitForLoadState("networkidle");
  expect(requests, "before there is an image").toEqual([]);
  await page.evaluate(() => {
    document.addEventListener("histoscope-report", (event) =>
      Object.assign(globalThis, { heard: (event as CustomEvent<ImageReport>).detail }),
    );
  });
  await drop(element, LARGE, SMALL);
  await expect(element.locator(".verdict")).toHaveText(VERDICT);
  await expect(element.locator(".probability b")).toHaveText(/^\d+\.\d%$/);
  await expect(element.getByText("Only the first image was taken.").first()).toBeVisible();
  await expect(element.getByRole("img", { name: /^grid_1400x1150\.jpg, with/ })).toBeVisible();
  await expect(page.getByText(/The page was told: grid_1400x1150\.jpg is/)).toBeVisible();

  // The map changes the picture, and goes with its switch.
  const picture = () => element.locator("canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const heard = await page.evaluate(() => (globalThis as unknown as { heard: ImageReport }).heard);
  const voter = heard.patches.find(({ probabilities }) => probabilities !== null);
  /** A pixel in the middle of a patch that voted. */
  const middle = () =>
    element.locator("canvas").evaluate(
      (canvas: HTMLCanvasElement, [x, y]) => {
        const context = canvas.getContext("2d");
        return [...(context?.getImageData(x * canvas.width, y * canvas.width, 1, 1).data ?? [])];
      },
      [voter?.x ?? 0, voter?.y ?? 0].map((side) => (side + 112) / heard.image.width) as [number, number],
    );
  const [mapped, seen] = [await picture(), await middle()];
  await element.getByLabel("Show the map").uncheck();
  expect(await picture()).not.toBe(mapped);
  // What voted has a frame, and no veil.
  expect(await middle()).toEqual(seen);

  const property = await element.evaluate(
    (one) => (one as HTMLElementTagNameMap["histoscope-classifier"]).report,
  );
  expect(property).toEqual(heard);
  await embed(page, host);
  const direct = await page.evaluate(async (address) => {
    const classifier = await lib.createClassifier();
    return classifier.classify(await fileAt(address));
  }, addressOf(LARGE));
  expect(withoutTimings(heard)).toEqual(withoutTimings(direct));
});

test("a lesson judges by classes of its own; one that is none is an event with its code", {
  tag: "@slow",
}, async ({ page, host }) => {
  needsCommandLine();
  const { lesson, field, there } = await judgedByThreeKinds();
  const other = lesson.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${"0".repeat(64)}"`);
  for (const [name, body] of Object.entries({ ours: lesson, none: "{}", other })) {
    await page.route(`**/${name}.lesson.json`, (route) => route.fulfill({ body }));
  }
  const element = await show(page, host);
  await page.evaluate(() => {
    const codes: string[] = [];
    Object.assign(globalThis, { codes });
    document.addEventListener("histoscope-error", (event) => {
      codes.push((event as CustomEvent<{ code: string }>).detail.code);
    });
  });
  const judgedBy = async (address: string) => {
    await element.evaluate((one, address) => one.setAttribute("lesson", address), address);
    await choose(element, field);
  };
  const codes = { none: "lesson_invalid", other: "lesson_of_other_model", nowhere: "lesson_missing" };
  for (const [name, code] of Object.entries(codes)) {
    await judgedBy(`${name}.lesson.json`);
    await expect(element.locator(".code")).toHaveText(code);
  }
  const told = await page.evaluate(() => (globalThis as unknown as { codes: string[] }).codes);
  expect(told).toEqual(Object.values(codes));
  await judgedBy("ours.lesson.json");
  const { classes = [], verdict = "" } = there.taught ?? {};
  expect(classes).toHaveLength(3);
  await expect(element.locator(".verdict")).toHaveText(new RegExp(`^${verdict}$`, "i"));
  await expect(element.locator(".classes > span")).toHaveText(classes);
  await expect(element.locator(".ramp")).toBeHidden();
  await look(page, "element-lesson.png");
  expect(await findings(page)).toEqual([]);
  const here = await element.evaluate(
    (one) => (one as HTMLElementTagNameMap["histoscope-classifier"]).report,
  );
  expect(here === null ? null : withoutTimings(here)).toEqual(withoutTimings(there));
});

test("the whole way goes by keyboard, and is announced", async ({ page, host }) => {
  const element = await show(page, host);
  const live = element.getByRole("status");
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(LARGE);
  await expect(live).toHaveText("Loading the classifier");
  await expect(live).toHaveText(
    /^grid_1400x1150\.jpg: (Unfamiliar\.$|(Benign|Malignant|Uncertain)\. Calibrated probability of malignant \d+\.\d%\.$)/,
  );
  await page.keyboard.press("Tab");
  await expect(element.getByLabel("Show the map")).toBeFocused();
  await page.keyboard.press("Space");
  await expect(element.getByLabel("Show the map")).not.toBeChecked();
  // Out of this element into the next one: the hidden file field is no stop.
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Bild auswählen" })).toBeFocused();
});

test("an analysis can be cancelled by keyboard, and another begun", { tag: "@slow" }, async ({
  page,
  host,
}) => {
  const element = await show(page, host);
  await element.evaluate((one) => {
    one.setAttribute("max-patches", "all");
    one.setAttribute("workers", "1");
  });
  const heard = await page.evaluateHandle(() => {
    const heard: string[] = [];
    for (const type of ["histoscope-report", "histoscope-error"]) {
      document.addEventListener(type, () => heard.push(type));
    }
    return heard;
  });
  await choose(element, LARGE);
  const cancel = element.getByRole("button", { name: "Cancel" });
  await expect(cancel).toBeVisible();
  await cancel.focus();
  await page.keyboard.press("Enter");
  await expect(element.getByRole("status")).toHaveText("Cancelled.");
  await expect(element.getByRole("button", { name: "Choose another image" })).toBeFocused();
  expect(await heard.jsonValue()).toEqual([]);
  await choose(element, SMALL);
  await expect(element.locator(".verdict")).toHaveText(VERDICT);
  expect(await heard.jsonValue()).toEqual(["histoscope-report"]);
});

test("a broken image is an alert with a remedy and an event; the next image is none the worse", {
  tag: "@slow",
}, async ({ page, host }) => {
  const element = await show(page, host);
  await choose(element, BAD);
  const alert = element.getByRole("alert");
  await expect(alert).toContainText("The image is 223x223 pixels");
  await expect(alert).toContainText("Use the micrograph at its original resolution");
  await expect(alert.locator("code")).toHaveText("image_too_small");
  await expect(page.getByText("an error, image_too_small")).toBeVisible();
  await choose(element, SMALL);
  await expect(element.locator(".verdict")).toHaveText(VERDICT);
  await expect(alert).toBeHidden();
});

test("a failed start is named, and trying again helps once it is mended", async ({ page, host }) => {
  const element = await show(page, host);
  await page.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: "\0asm" }));
  await choose(element, SMALL);
  await expect(element.getByRole("alert").locator("code")).toHaveText("engine_hash_mismatch");
  await page.unroute("**/*.wasm");
  await element.getByRole("button", { name: "Try again" }).click();
  await expect(element.locator(".verdict")).toHaveText(VERDICT);
});

test("classify() gives the report, and rejects with what the element shows", async ({ page, host }) => {
  await show(page, host);
  const results = await page.evaluate(
    async ({ good, bad }) => {
      const element = document.querySelector("histoscope-classifier");
      if (element === null) throw new Error("there is no element");
      const image = async (address: string) => (await fetch(address)).blob();
      const codeOf = (work: Promise<unknown>) =>
        work.then(
          () => "none",
          (error) => error.code,
        );
      const [first, second] = [element.classify(await image(good)), element.classify(await image(good))];
      // The second takes the place of the first.
      const codes = [await codeOf(first), await codeOf(second)];
      const same = element.report === (await second);
      codes.push(await codeOf(element.classify(await image(bad))), String(element.report));
      codes.push(await codeOf(element.classify(await image(good), { signal: AbortSignal.abort() })));
      element.setAttribute("max-patches", "many");
      codes.push(await codeOf(element.classify(await image(good))));
      element.setAttribute("max-patches", "2");
      const few = await element.classify(await image(good));
      element.setAttribute("workers", "99");
      codes.push(await codeOf(element.classify(await image(good))));
      return { codes, same, patches: few.num_patches };
    },
    { good: addressOf(SMALL), bad: addressOf(BAD) },
  );
  expect(results).toEqual({
    codes: [
      "cancelled",
      "none",
      "image_too_small",
      "null",
      "cancelled",
      "options_invalid",
      "options_invalid",
    ],
    same: true,
    patches: 2,
  });
});

test("its workers end with it, but not when it is only moved", { tag: "@slow" }, async ({ page, host }) => {
  const element = await show(page, host);
  await element.evaluate((one) => one.setAttribute("workers", "2"));
  await choose(element, SMALL);
  await expect(element.locator(".verdict")).toHaveText(VERDICT);
  await expect.poll(() => page.workers().length).toBe(2);
  const before = page.workers();
  await element.evaluate((one) => document.body.append(one));
  const moved = page.locator("histoscope-classifier").last();
  await choose(moved, LARGE);
  await expect(moved).toContainText(basename(LARGE));
  await expect(moved.locator(".verdict")).toHaveText(VERDICT);
  expect(page.workers()).toEqual(before);
  await moved.evaluate((one) => one.remove());
  await expect.poll(() => page.workers().length).toBe(0);

  // In the middle of the start as well: once another one has started, the first would have.
  const other = page.locator("histoscope-classifier").first();
  await choose(other, SMALL);
  await other.evaluate((one) => {
    one.remove();
    const next = document.createElement("histoscope-classifier");
    next.setAttribute("workers", "1");
    document.body.append(next);
  });
  const next = page.locator("histoscope-classifier").last();
  await choose(next, SMALL);
  await expect(next.locator(".verdict")).toHaveText(VERDICT);
  expect(page.workers().length).toBe(1);
});

test("it speaks the language of its surroundings, and changes it", { tag: "@slow" }, async ({
  page,
  host,
}) => {
  const element = await show(page, host);
  await choose(element, SMALL);
  await expect(element.locator(".verdict")).toHaveText(VERDICT);
  await element.evaluate((one) => one.setAttribute("lang", "de-AT"));
  await expect(element.locator(".verdict")).toHaveText("Unbekannt");
  await expect(element.getByText("Nur für Forschungszwecke.")).toBeVisible();
  await element.evaluate((one) => one.removeAttribute("lang"));
  await expect(element.locator(".verdict")).toHaveText(VERDICT);
  await element.evaluate((one) => one.setAttribute("lang", "de"));
  await choose(element, BAD);
  const alert = element.getByRole("alert");
  await expect(alert).toContainText("Das Bild hat 223 × 223 Pixel; das Modell braucht mindestens 224 × 224.");
  await expect(alert.locator("[lang=en]")).toHaveCount(0);
});

const others = { Firefox: launchFirefox, WebKit: launchWebKit };
for (const [name, launch] of Object.entries(others)) {
  test(`${name} shows the same`, { tag: "@slow" }, async ({ page, host }) => {
    const browser = await launch();
    try {
      const tab = await browser.open();
      await tab.goto(`${host.url}www/examples/element.html`);
      const classify = async (address: string) => {
        // Its script may still be coming.
        await customElements.whenDefined("histoscope-classifier");
        const element = document.querySelector("histoscope-classifier");
        const blob = await (await fetch(address)).blob();
        return element?.classify(new File([blob], "image.jpg"));
      };
      const report = await tab.evaluate(classify, addressOf(LARGE));
      const shown = () => document.querySelector("histoscope-classifier")?.shadowRoot?.textContent;
      expect(await tab.evaluate(shown)).toContain("Calibrated probability of malignant");
      expect(await tab.complaints()).toEqual([]);
      await show(page, host);
      const here = await page.evaluate(classify, addressOf(LARGE));
      if (report === undefined || here === undefined) throw new Error("there is no element");
      expect(withoutTimings(report)).toEqual(withoutTimings(here));
    } finally {
      await browser.close();
    }
  });
}

const states: Record<string, (page: Page, element: Locator) => Promise<void>> = {
  async empty() {},
  async result(_, element) {
    await choose(element, LARGE);
    await expect(element.locator(".verdict")).toHaveText(VERDICT);
  },
  async failed(_, element) {
    await choose(element, BAD);
    await expect(element.getByRole("alert")).toBeVisible();
  },
  async partly(page, element) {
    await choose(element, await field(page, PARTLY));
    await expect(element.getByText("Left out: 1 background, 1 blurred.")).toBeVisible();
  },
  async notAssessable(page, element) {
    await choose(element, await field(page, GLASS));
    await expect(element.locator(".verdict")).toHaveText("Not assessable");
    await expect(element.locator(".probability")).toBeHidden();
  },
};

for (const [name, reaches] of Object.entries({
  result: ["result"],
  others: ["empty", "failed", "partly", "notAssessable"],
})) {
  test(`axe finds nothing wrong, and nothing sticks out of a phone: ${name}`, {
    tag: name === "result" ? [] : "@slow",
  }, async ({ page, host }) => {
    const element = await show(page, host);
    for (const state of reaches) {
      await states[state]?.(page, element);
      await look(page, `${state}-desktop.png`);
      expect(await findingsInBothSchemes(page), state).toEqual(NOTHING);
      await page.setViewportSize({ width: 360, height: 740 });
      await look(page, `${state}-phone.png`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), state).toBeLessThanOrEqual(360);
      await page.setViewportSize({ width: 1280, height: 860 });
    }
  });
}

test("the other example is in order, too", { tag: "@slow" }, async ({ page, host }) => {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto(`${host.url}www/examples/classifier.html`);
    await page.getByLabel("Images of one patient").setInputFiles([SMALL, BAD]);
    await expect(page.getByText("No image is familiar to the model.")).toBeVisible();
    expect(await findings(page)).toEqual([]);
  }
});
