// The package as engineers use it: one classifier in a page with a strict policy, and through a bundler.

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { build } from "vite";
import { fromCommandLine, judgedByThreeKinds, needsCommandLine, taughtDeeper } from "./command-line.ts";
import { addressOf, embed, expect, PACKAGE, requestsOf, test } from "./embedding.ts";
import { demo, fixture, LARGE, open, ROOT, report, SMALL, serveSite, withoutTimings } from "./site.ts";

const BAD = fixture("bad/size_223x223.png");

/** How many addresses of blobs the page holds; counted from the next load on. */
async function countBlobs(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const { createObjectURL, revokeObjectURL } = URL;
    const held = new Set<string>();
    Object.assign(globalThis, { held });
    URL.createObjectURL = (blob) => {
      const url = createObjectURL(blob);
      held.add(url);
      return url;
    };
    URL.revokeObjectURL = (url) => {
      held.delete(url);
      revokeObjectURL(url);
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { held: Set<string> }).held.size);
}

const cases = [
  { what: "a JPEG, int8", file: LARGE, query: "", start: {}, options: {} },
  {
    what: "every patch of it, f32, one worker",
    file: LARGE,
    query: "?max_patches=all&precision=f32",
    start: { variant: "f32", workers: 1 },
    options: { maxPatches: "all" },
  },
  {
    what: "patches that overlap, unscreened, with the other kernels",
    file: SMALL,
    query: "?stride=112&screen=off&kernels=simd128",
    start: { kernels: "simd128", workers: 3 },
    options: { stride: 112, screen: false },
  },
  { what: "a TIFF", file: fixture("good/tiff_rgb16.tif"), query: "", start: {}, options: {} },
] as const;

for (const { what, file, query, start, options } of cases) {
  test(`${what}: the same report as the page gives`, async ({ page, site, host }) => {
    await open(page, site, query);
    const there = await report(page, file);
    await embed(page, host);
    const here = await page.evaluate(
      async ({ address, start, options }) => {
        const classifier = await lib.createClassifier(start);
        return classifier.classify(await fileAt(address), options);
      },
      { address: addressOf(file), start, options },
    );
    expect(withoutTimings(here)).toEqual(withoutTimings(there));
  });
}

test("a lesson judges as on the command line; what is none, or of no use, is refused by name", async ({
  page,
  host,
}) => {
  needsCommandLine();
  const { lesson, field, there } = await judgedByThreeKinds();
  await embed(page, host);
  const { here, refused } = await page.evaluate(
    async ({ address, lesson }) => {
      const classifier = await lib.createClassifier({ lesson });
      const here = await classifier.classify(await fileAt(address));
      classifier.dispose();
      const code = (options: Parameters<typeof lib.createClassifier>[0]) =>
        lib.createClassifier(options).then(
          () => "none",
          (error: { code: string }) => error.code,
        );
      const other = lesson.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${"0".repeat(64)}"`);
      const refused = [
        await code({ lesson: "{}" }),
        await code({ lesson: other }),
        await code({ lesson, variant: "f32" }),
        await code({ lesson: 7 as unknown as string }),
      ];
      return { here, refused };
    },
    { address: addressOf(field), lesson },
  );
  expect(here.taught?.classes).toEqual(["in situ", "invasive", "normal"]);
  expect(withoutTimings(here)).toEqual(withoutTimings(there));
  expect(refused).toEqual(["lesson_invalid", "lesson_of_other_model", "no_features", "options_invalid"]);
});

test("a lesson of the deeper network judges with that network, which comes with the package", {
  tag: "@slow",
}, async ({ page, host }) => {
  needsCommandLine();
  const { lesson, file } = await taughtDeeper("deep", "--max-patches", "10");
  const field = join(ROOT, "www", "public", "demo-study", "drawn-6-1.jpg");
  const there = await fromCommandLine(field, "--lesson", file);
  await embed(page, host);
  const here = await page.evaluate(
    async ({ address, lesson }) => {
      const modelUrl = "../dist-package/models/histoscope-teaching.json";
      const classifier = await lib.createClassifier({ modelUrl, lesson });
      return classifier.classify(await fileAt(address));
    },
    { address: addressOf(field), lesson },
  );
  expect(withoutTimings(here)).toEqual(withoutTimings(there));
  expect(here.taught?.lesson?.name).toBe("deep");
});

test("tells how far it is, patch by patch, and once ready asks for nothing more", async ({ page, host }) => {
  await embed(page, host);
  const start = await page.evaluate(
    async (addresses) => {
      const bytes: [number, number][] = [];
      const classifier = await lib.createClassifier({
        workers: 2,
        onProgress: (...step) => bytes.push(step),
      });
      const files = await Promise.all(addresses.map(fileAt));
      Object.assign(globalThis, { classifier, files });
      return { bytes: bytes.at(-1), model: classifier.model, engine: classifier.engine };
    },
    [addressOf(LARGE), addressOf(BAD), addressOf(demo("synthetic-fat.jpg"))],
  );
  expect(start.bytes?.[0]).toBe(start.bytes?.[1]);
  expect(start.model).toMatchObject({ name: "histoscope-lite0", variant: "int8" });
  expect(start.engine.kernels).toMatch(/^(simd128|relaxed)$/);

  const requests = requestsOf(page);
  const { steps, one, folder, order, thrown } = await page.evaluate(async () => {
    const { classifier, files } = globalThis as unknown as {
      classifier: Awaited<ReturnType<typeof lib.createClassifier>>;
      files: File[];
    };
    const steps: { stage: string; done: number; total: number; known: number; width: number | null }[] = [];
    const thrown: string[] = [];
    addEventListener("error", (event) => {
      thrown.push(String(event.error));
      event.preventDefault();
    });
    const one = await classifier.classify(files[0] as File, {
      onProgress({ stage, done, total, image, patches }) {
        const known = patches().filter(({ probabilities }) => probabilities !== null).length;
        steps.push({ stage, done, total, known, width: image?.width ?? null });
        if (steps.length === 2) throw new Error("of the caller's own");
      },
    });
    const order: [number, boolean][] = [];
    // They are drawn, and so unfamiliar.
    const folder = await classifier.classifyMany(files, {
      countUnfamiliar: true,
      onResult: (result, index) => order.push([index, result.success]),
    });
    return { steps, one, folder, order, thrown };
  });
  expect(requests).toEqual([]);
  expect(steps[0]).toEqual({ stage: "reading", done: 0, total: 0, known: 0, width: null });
  expect(steps[1]).toEqual({ stage: "classifying", done: 0, total: 25, known: 0, width: 1400 });
  expect(steps.at(-1)).toEqual({ stage: "classifying", done: 25, total: 25, known: 25, width: 1400 });
  expect(steps.every(({ done, known }) => done === known)).toBe(true);
  expect(thrown).toEqual(["Error: of the caller's own"]);

  expect(folder).toMatchObject({ success: true, num_images: 3, num_failed: 1 });
  const [first, second, third] = folder.individual_results;
  if (!first?.success || !third?.success) throw new Error("an image failed");
  expect(withoutTimings(first)).toEqual(withoutTimings(one));
  expect(second).toMatchObject({
    success: false,
    filename: "size_223x223.png",
    error: { code: "image_too_small" },
  });
  const mean = ((first.probabilities?.malignant ?? 0) + (third.probabilities?.malignant ?? 0)) / 2;
  expect(folder.aggregated_diagnosis?.probabilities.malignant).toBeCloseTo(mean, 6);
  expect(order.sort()).toEqual([
    [0, true],
    [1, false],
    [2, true],
  ]);
});

test("what fails has its class, its code and a remedy, and nothing else fails with it", async ({
  page,
  host,
}) => {
  await embed(page, host);
  const outcomes = await page.evaluate(
    async ({ good, bad }) => {
      const [classifier, image] = [await lib.createClassifier({ workers: 1 }), await fileAt(good)];
      const outcome = (work: Promise<unknown>) =>
        work.then(
          () => "no error",
          (error) =>
            error instanceof lib.HistoscopeError && error.remedy !== ""
              ? `${error.name} ${error.code}`
              : String(error),
        );
      const broken = new File([image.slice(0, image.size >> 1)], "half.jpg");
      return {
        small: await outcome(classifier.classify(await fileAt(bad))),
        broken: await outcome(classifier.classify(broken)),
        empty: await outcome(classifier.classify(new Blob([]))),
        noBlob: await outcome(classifier.classify("a.png" as never)),
        patches: await outcome(classifier.classify(image, { maxPatches: 0 })),
        stride: await outcome(classifier.classify(image, { stride: 1 })),
        many: await outcome(classifier.classifyMany([image], { batchSize: 1000 })),
        workers: await outcome(lib.createClassifier({ workers: 9 })),
        variant: await outcome(lib.createClassifier({ variant: "int4" as never })),
        kernels: await outcome(lib.createClassifier({ kernels: "avx" as never })),
        address: await outcome(lib.createClassifier({ modelUrl: "http://[" })),
        integrity: await outcome(lib.createClassifier({ integrity: { wasm: "sha256-" } as never })),
        none: await classifier.classifyMany([]).then(({ num_images }) => num_images),
        unnamed: await classifier.classify(new Blob([image])).then(({ filename }) => filename),
        named: await classifier.classify(image, { filename: "other" }).then(({ filename }) => filename),
      };
    },
    { good: addressOf(SMALL), bad: addressOf(BAD) },
  );
  expect(outcomes).toEqual({
    small: "ImageError image_too_small",
    broken: "ImageError image_truncated_or_corrupt",
    empty: "ImageError image_empty",
    noBlob: "OptionsError options_invalid",
    patches: "OptionsError options_invalid",
    stride: "OptionsError options_invalid",
    many: "OptionsError options_invalid",
    workers: "OptionsError options_invalid",
    variant: "OptionsError options_invalid",
    kernels: "OptionsError options_invalid",
    address: "OptionsError options_invalid",
    integrity: "OptionsError options_invalid",
    none: 0,
    unnamed: "image",
    named: "other",
  });
});

test("an abort ends one image, or all, and not the classifier", async ({ page, host }) => {
  await embed(page, host);
  const codes = await page.evaluate(async (address) => {
    const [classifier, image] = [await lib.createClassifier({ workers: 1 }), await fileAt(address)];
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => "none",
        (error) => error.code,
      );
    const [one, all] = [new AbortController(), new AbortController()];
    const running = classifier.classify(image, {
      maxPatches: "all",
      batchSize: 1,
      signal: one.signal,
      onProgress: ({ done }) => done > 2 && one.abort(),
    });
    const first = await codeOf(running);
    const many = classifier.classifyMany([image, image, image], {
      signal: all.signal,
      onProgress: ({ done }) => done > 2 && all.abort(),
    });
    const second = await codeOf(many);
    const before = await codeOf(classifier.classify(image, { signal: AbortSignal.abort() }));
    return [first, second, before, await codeOf(classifier.classify(image))];
  }, addressOf(LARGE));
  expect(codes).toEqual(["cancelled", "cancelled", "cancelled", "none"]);
});

test("the same bytes vote once in a folder, unless they are to be kept", { tag: "@slow" }, async ({
  page,
  host,
}) => {
  await embed(page, host);
  const [once, each] = await page.evaluate(
    async (addresses) => {
      const [a, b] = await Promise.all(addresses.map(async (address) => (await fetch(address)).blob()));
      if (!a || !b) throw new Error("no images");
      const classifier = await lib.createClassifier();
      return [
        await classifier.classifyMany([a, b, a], { countUnfamiliar: true }),
        await classifier.classifyMany([a, b, a], { countUnfamiliar: true, keepDuplicates: true }),
      ] as const;
    },
    [addressOf(LARGE), addressOf(SMALL)],
  );
  expect(once).toMatchObject({ num_images: 3, num_duplicates: 1 });
  expect(each).toMatchObject({ num_images: 3, num_duplicates: 0 });
  expect(once.individual_results[2]).toMatchObject({ duplicate_of: 0 });
  expect(once.individual_results[0]).not.toHaveProperty("duplicate_of");
  const [p, q] = each.individual_results.map((result) =>
    result.success ? result.probabilities?.malignant : 0,
  );
  expect(once.aggregated_diagnosis?.probabilities.malignant).toBeCloseTo(((p ?? 0) + (q ?? 0)) / 2, 12);
  expect(each.aggregated_diagnosis?.probabilities.malignant).toBeCloseTo((2 * (p ?? 0) + (q ?? 0)) / 3, 12);
});

test("dispose ends the workers, lets go of their script, and says so to what is at work", {
  tag: "@slow",
}, async ({ page, host }) => {
  const blobs = await countBlobs(page);
  await embed(page, host);
  await page.evaluate(async () => {
    Object.assign(globalThis, { classifier: await lib.createClassifier({ workers: 2 }) });
  });
  await expect.poll(() => page.workers().length).toBe(2);
  expect(await blobs()).toBe(1);
  const codes = await page.evaluate(async (address) => {
    const { classifier } = globalThis as unknown as {
      classifier: Awaited<ReturnType<typeof lib.createClassifier>>;
    };
    const image = await fileAt(address);
    const codeOf = (work: Promise<unknown>) =>
      work.then(
        () => "none",
        (error) => error.code,
      );
    const running = codeOf(
      classifier.classify(image, { onProgress: ({ done }) => done > 0 && classifier.dispose() }),
    );
    const waiting = codeOf(classifier.classifyMany([image, image, image]));
    const ended = [await running, await waiting];
    classifier.dispose();
    return [
      ...ended,
      await codeOf(classifier.classify(image)),
      await codeOf(classifier.classifyMany([image])),
    ];
  }, addressOf(LARGE));
  expect(codes).toEqual(["cancelled", "cancelled", "classifier_disposed", "classifier_disposed"]);
  await expect.poll(() => page.workers().length).toBe(0);
  expect(await blobs()).toBe(0);
});

test("a start that is given up at any of its steps leaves no worker and no blob", { tag: "@slow" }, async ({
  page,
  host,
}) => {
  const blobs = await countBlobs(page);
  await embed(page, host);
  const outcomes = await page.evaluate(async () => {
    // A start as seen from outside: files that are asked for and come, workers that are made and answer.
    let step = () => {};
    const { fetch, Worker } = globalThis;
    globalThis.fetch = (...request) => {
      step();
      return fetch(...request).finally(() => step());
    };
    globalThis.Worker = class extends Worker {
      constructor(...script: ConstructorParameters<typeof Worker>) {
        super(...script);
        step();
        this.addEventListener("message", () => step());
      }
    };
    const start = (signal: AbortSignal) =>
      lib.createClassifier({ workers: 2, signal }).then(
        (classifier) => classifier.dispose() ?? "ready",
        (error) => error.code as string,
      );
    const outcomes = [await start(AbortSignal.abort())];
    for (let last = 0, steps = 0; steps >= last; last++) {
      const abort = new AbortController();
      steps = 0;
      step = () => {
        if (steps++ === last) abort.abort();
      };
      outcomes.push(await start(abort.signal));
    }
    return outcomes;
  });
  // At least three files, and two workers that answer.
  expect(outcomes.length).toBeGreaterThan(10);
  expect(outcomes.slice(0, 8).filter((outcome) => outcome !== "cancelled")).toEqual([]);
  expect(outcomes.filter((outcome) => outcome !== "cancelled" && outcome !== "ready")).toEqual([]);
  expect(outcomes.at(-1)).toBe("ready");
  await expect.poll(() => page.workers().length).toBe(0);
  expect(await blobs()).toBe(0);
});

const ENGINES = ["simd128", "relaxed"].map((kernels) => `**/histoscope-${kernels}.wasm`);
for (const [what, patterns, code] of [
  ["engine", ENGINES, "engine_hash_mismatch"],
  ["worker script", ["**/histoscope-worker.txt"], "engine_hash_mismatch"],
  ["model", ["**/*.int8.onnx*"], "model_hash_mismatch"],
] as const) {
  test(`a changed ${what} is refused, whatever the host's document says`, {
    tag: what === "model" ? [] : "@slow",
  }, async ({ page, host }) => {
    for (const pattern of patterns) {
      await page.route(pattern, async (route) => {
        const response = await route.fetch();
        const bytes = await response.body();
        // In a string or a comment it would not even be noticed.
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        await route.fulfill({ response, body: bytes });
      });
    }
    await embed(page, host);
    const error = await page.evaluate(() => {
      // The page's own ways to have files and digests, which are not for a host.
      for (const name of ["histoscope-worker.txt", "histoscope-relaxed.wasm", "histoscope-simd128.wasm"]) {
        const carried = document.createElement("script");
        carried.type = "text/plain";
        carried.dataset["file"] = name;
        document.head.append(carried);
      }
      const digests = document.createElement("script");
      digests.type = "application/json";
      digests.id = "digests";
      digests.textContent = "{}";
      document.head.append(digests);
      return lib.createClassifier().then(
        () => null,
        ({ code, remedy, message }) => ({ code, remedy, message }),
      );
    });
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(what === "model" ? "SHA-256" : what.split(" ")[0]);
    expect(error?.remedy).not.toBe("");
    await expect.poll(() => page.workers().length).toBe(0);
  });
}

test("engine and model may lie elsewhere, with digests of one's own; what has none is not fetched", {
  tag: "@slow",
}, async ({ page, host }) => {
  await embed(page, host);
  const requests = requestsOf(page);
  const manifest = join(PACKAGE, "models", "histoscope-v0.json");
  const outcome = (options: Parameters<typeof lib.createClassifier>[0]) =>
    page.evaluate(
      (options) =>
        lib.createClassifier({ workers: 1, ...options }).then(
          ({ model }) => model.name,
          ({ code }) => code as string,
        ),
      options,
    );
  const modelUrl = "../dist-package/models/histoscope-v0.json";
  const engineUrl = "/www/dist-package";
  expect(await outcome({ modelUrl, engineUrl })).toBe("histoscope-lite0");
  const digest = execFileSync("openssl", ["dgst", "-sha384", "-binary", manifest]).toString("base64");
  expect(await outcome({ modelUrl, integrity: { manifest: `sha384-${digest}` } })).toBe("histoscope-lite0");
  const wrong = `sha256-${"A".repeat(43)}=`;
  expect(await outcome({ modelUrl, integrity: { manifest: wrong } })).toBe("engine_hash_mismatch");
  expect(await outcome({ integrity: { worker: wrong } })).toBe("engine_hash_mismatch");
  expect(await outcome({ modelUrl: "nowhere.json" })).toBe("model_missing");
  expect(await outcome({ engineUrl: "nowhere/" })).toBe("engine_missing");
  requests.length = 0;
  expect(await outcome({ integrity: { worker: "" } })).toBe("engine_hash_mismatch");
  expect(await outcome({ integrity: { worker: "md5-x" } })).toBe("engine_hash_mismatch");
  expect(requests.filter((url) => url.includes("worker"))).toEqual([]);
});

test("a worker that dies costs its image and no other", { tag: "@slow" }, async ({ page, host }) => {
  await embed(page, host);
  const codes = await page.evaluate(
    async ({ good }) => {
      // Every worker that is started is at hand, to be ended as a browser would that is short of memory.
      const workers: Worker[] = [];
      const Real = Worker;
      globalThis.Worker = class extends Real {
        constructor(...values: ConstructorParameters<typeof Worker>) {
          super(...values);
          workers.push(this);
        }
      };
      const [classifier, image] = [await lib.createClassifier({ workers: 1 }), await fileAt(good)];
      const codeOf = (work: Promise<unknown>) =>
        work.then(
          () => "none",
          (error) => error.code,
        );
      const codes = [];
      // More often than a worker is replaced of itself.
      for (let death = 0; death < 4; death++) {
        codes.push(
          await codeOf(
            classifier.classify(image, {
              onProgress: () => workers.at(-1)?.dispatchEvent(new ErrorEvent("error")),
            }),
          ),
        );
      }
      return [...codes, await codeOf(classifier.classify(image))];
    },
    { good: addressOf(SMALL) },
  );
  expect(codes).toEqual(["worker_died", "worker_died", "worker_died", "worker_died", "none"]);
});

test("the example takes a folder, a broken image in it, and can be stopped", { tag: "@slow" }, async ({
  page,
  host,
}) => {
  await page.goto(`${host.url}www/examples/classifier.html`);
  await expect(page.getByText(/^Ready: histoscope-lite0/)).toBeVisible();
  const files = page.getByLabel("Images of one patient");
  await files.setInputFiles([LARGE, BAD, demo("synthetic-fat.jpg")]);
  // What is drawn is unfamiliar, and no diagnosis is made of it.
  await expect(page.getByText("No image is familiar to the model.")).toBeVisible();
  await expect(page.getByRole("listitem")).toHaveText([/unfamiliar$/, /\(image_too_small\)/, /unfamiliar$/]);
  await files.setInputFiles([LARGE, LARGE, LARGE, LARGE]);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Cancelled.")).toBeVisible();
});

test("packed and installed, it works through Vite with names that Vite gave; its types hold; without a browser it says so", {
  tag: "@slow",
}, async ({ page, host }) => {
  const MAIN = `
    import { type Classifier, createClassifier, HistoscopeError, type ImageReport } from "histoscope";
    import { HistoscopeClassifierElement } from "histoscope/element";
    const element: HistoscopeClassifierElement = document.createElement("histoscope-classifier");
    element.addEventListener("histoscope-report", ({ detail }) => {
      const verdict: "benign" | "malignant" | "uncertain" | "unfamiliar" | "not assessable" = detail.verdict;
      document.title = verdict;
    });
    element.addEventListener("histoscope-error", ({ detail }) => detail.remedy satisfies string);
    document.body.append(element);
    const ready: Promise<Classifier> = createClassifier({ workers: 1 });
    const image = fetch("image.jpg").then((response) => response.blob());
    export const report: Promise<ImageReport | string> = Promise.all([ready, image])
      .then(([classifier, blob]) => classifier.classify(blob, { filename: "image.jpg" }))
      .catch((error: unknown) => (error instanceof HistoscopeError ? error.code : String(error)));
    Object.assign(globalThis, { report, element });
  `;
  // A project outside this one that has installed what `npm pack` made, and nothing else.
  const folder = mkdtempSync(join(tmpdir(), "histoscope-project-"));
  const run = (program: string, ...values: string[]) =>
    execFileSync(program, values, { cwd: folder, encoding: "utf8" }).trim();
  try {
    mkdirSync(join(folder, "public"));
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
    const tarball = run("npm", "pack", "--silent", PACKAGE);
    run("npm", "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", `./${tarball}`);
    writeFileSync(join(folder, "main.ts"), MAIN);
    writeFileSync(
      join(folder, "index.html"),
      '<!doctype html><html lang="en"><body><script type="module" src="./main.ts"></script></body></html>',
    );
    writeFileSync(join(folder, "public", "image.jpg"), readFileSync(LARGE));

    const tsc = join(import.meta.dirname, "..", "node_modules", "typescript", "bin", "tsc");
    for (const resolution of [
      ["bundler", "esnext"],
      ["nodenext", "nodenext"],
    ]) {
      const [how = "", module = ""] = resolution;
      const options = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2022"];
      const libraries = ["--lib", "es2022,dom,dom.iterable", "--skipLibCheck", "false"];
      const kind = ["--moduleResolution", how, "--module", module];
      const values = [tsc, ...options, ...libraries, ...kind, "main.ts"];
      // It writes where it is wrong to its output.
      execFileSync(process.execPath, values, { cwd: folder, stdio: "inherit" });
    }
    const code = `
      import { createClassifier } from "histoscope";
      import "histoscope/element";
      await createClassifier().catch(({ code }) => console.log(code));`;
    expect(run(process.execPath, "--input-type=module", "-e", code)).toBe("browser_unsupported");

    await build({ root: folder, base: "./", configFile: false, logLevel: "error" });
    const site = await serveSite("/deep/down/", join(folder, "dist"));
    await page.goto(site.url);
    const there = await page.evaluate(() => (globalThis as unknown as { report: unknown }).report);
    await site.stop();
    await embed(page, host);
    const here = await page.evaluate(async (address) => {
      const classifier = await lib.createClassifier();
      return classifier.classify(await fileAt(address), { filename: "image.jpg" });
    }, addressOf(LARGE));
    expect(withoutTimings(there as typeof here)).toEqual(withoutTimings(here));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
