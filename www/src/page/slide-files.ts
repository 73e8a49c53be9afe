// What the worker of a slide is made of: verified as all that the page runs, at hand before the page says that it needs the
// network no more, and not compiled before the first slide.

import moduleUrl from "../../pkg-slide/histoscope_slide_bg.wasm?url";
import { once } from "../base/once.ts";
import { compile, loadWorkerScript } from "../engine/assets.ts";
import type { Cause } from "../engine/protocol.ts";
import type { SlideParts, SlidePort } from "../slide/reader.ts";
import workerUrl from "../slide/slide-worker.ts?worker&url";
import { clause } from "../words/said.ts";
import { verified } from "./page-files.ts";

/** Each is made once; a failure is not kept. */
const kept = new Map<string, Promise<Response>>();
const modules = new Map<string, Promise<WebAssembly.Module>>();
const scripts = new Map<string, Promise<string>>();

/** In memory, so that it can be read again and again. */
const file = (url: string, what: Cause): Promise<Response> =>
  once(kept, url, async () => {
    const response = await verified(url, what);
    return new Response(await response.arrayBuffer(), response);
  }).then((response) => response.clone());

const moduleFile = () => file(moduleUrl, clause("engine"));
const workerFile = () => file(workerUrl, clause("workerScript"));

/** Has both at hand, as far as they can be fetched. */
export async function keepSlideFiles(): Promise<void> {
  await Promise.allSettled([moduleFile(), workerFile()]);
}

export const slideParts = (): SlideParts => ({
  module: () => once(modules, moduleUrl, async () => compile(await moduleFile())),
  spawn: async () => {
    const script = await once(scripts, workerUrl, async () =>
      URL.createObjectURL(await loadWorkerScript(await workerFile())),
    );
    return new Worker(script) as SlidePort;
  },
});
