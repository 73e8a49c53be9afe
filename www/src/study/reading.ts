// Saved reports as the core reads them, in a worker of their own: neither engine nor model has to be up, and a file that is
// damaged or hostile ends no more than that worker.

import { fromWire, type HistoscopeError } from "../base/errors.ts";
import type { SavedContent } from "../engine/protocol.ts";
import { inThrowaway } from "../engine/throwaway.ts";
import { type EngineParts, PROTOCOL } from "../engine/worker-handle.ts";
import type { SavedImage } from "./report.ts";

/** Told of each content, by its place: some of its images, or why it is refused. */
export type TakeSaved = (place: number, found: readonly SavedImage[] | HistoscopeError) => void;

/** Buffers among the contents are transferred. Rejects where nothing can be read at all. */
export type ReadSaved = (contents: readonly SavedContent[], take: TakeSaved) => Promise<void>;

/** Has a worker that reads, as long as it is used. */
export type Reading = <T>(use: (read: ReadSaved) => Promise<T>) => Promise<T>;

export const readingWith =
  (parts: () => Promise<EngineParts>): Reading =>
  async (use) => {
    const engine = await parts();
    const module = await engine.modules.compiled("int8");
    return inThrowaway(engine, (worker) =>
      use(async (contents, take) => {
        const transfer = contents.filter((content) => content instanceof ArrayBuffer);
        await worker.call(
          "readSaved",
          { protocol: PROTOCOL, edition: "int8", module, contents },
          {
            transfer,
            onEvent: (event) =>
              take(event.place, "error" in event ? fromWire(event.error) : JSON.parse(event.saved)),
          },
        );
      }),
    );
  };
