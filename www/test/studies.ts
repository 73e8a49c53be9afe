// A study with its run over a fake pool, as the page puts them together, for tests and the benchmark.

import { vi } from "vitest";
import { analysisOptions, defaultSettings } from "../src/run/options.ts";
import { Run } from "../src/run/run.ts";
import { Entry } from "../src/study/entry.ts";
import type { Origin } from "../src/study/origins.ts";
import { Study } from "../src/study/study.ts";
import { FakePool } from "./fake-pool.ts";

const OPTIONS = analysisOptions(defaultSettings(1, "simd128"));

export interface Bench {
  readonly study: Study;
  readonly run: Run;
  readonly pool: FakePool;
  /** With what an image is analysed that starts now. */
  origin: Origin;
  readonly finished: string[];
  onRecognised: (entry: Entry) => void;
  /** Adds images of these paths and starts with them. */
  add(...paths: string[]): Entry[];
}

export function bench(pool = new FakePool()): Bench {
  const study = new Study();
  const finished: string[] = [];
  const run = new Run({
    study,
    pool: async () => pool,
    origin: () => made.origin,
    onFinish: ({ path }) => finished.push(path),
    onRecognised: (entry) => made.onRecognised(entry),
  });
  const made: Bench = {
    study,
    run,
    pool,
    origin: { model: "", options: OPTIONS },
    finished,
    onRecognised: () => {},
    add(...paths) {
      const added = paths.map(
        (path) => new Entry({ path, file: new File([path], path.split("/").at(-1) ?? "") }),
      );
      study.add(added);
      run.start(added);
      return added;
    },
  };
  run.engineChanges();
  return made;
}

/** Lets all that can happen happen, timers of the study aside. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** As `quiet`, timers included; they must be fake. */
export async function settled(): Promise<void> {
  await quiet();
  await vi.advanceTimersByTimeAsync(5000);
  await quiet();
}
