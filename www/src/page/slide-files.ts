// What the worker of a slide is made of: fetched when the first slide is opened, verified as all that the page runs.

import moduleUrl from "../../pkg-slide/histoscope_slide_bg.wasm?url";
import { once } from "../base/once.ts";
import { compile, loadWorkerScript } from "../engine/assets.ts";
import type { SlideParts, SlidePort } from "../slide/reader.ts";
import workerUrl from "../slide/slide-worker.ts?worker&url";
import { clauses } from "../words/en-errors.ts";
import { verified } from "./page-files.ts";

const modules = new Map<string, Promise<WebAssembly.Module>>();
const scripts = new Map<string, Promise<string>>();

/** Each is fetched once; a failure is not kept. */
export const slideParts = (): SlideParts => ({
  module: () => once(modules, moduleUrl, async () => compile(await verified(moduleUrl, clauses.engine))),
  spawn: async () => {
    const script = await once(scripts, workerUrl, async () =>
      URL.createObjectURL(await loadWorkerScript(await verified(workerUrl, clauses.workerScript))),
    );
    return new Worker(script) as SlidePort;
  },
});
