// Drops and pastes anywhere in the window.

import { useEffect, useState } from "preact/hooks";
import { wholeSlideSeries } from "../slide/later.ts";
import { fromDrop, fromList } from "../study/intake.ts";
import type { Workbench } from "../workbench.ts";

/** While folders are walked it is said after so many files how far that is. */
const REMARK_EACH = 100;

/** Takes files that are dropped or pasted anywhere; true while files hover over the window. */
export function useWindowIntake(workbench: Workbench): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

    // Leaving the window, not merely one element of it: what is entered next is told before what is left. WebKit does not
    // say in `relatedTarget` where a drag goes to.
    let entered: EventTarget | null = null;
    addEventListener(
      "dragenter",
      ({ target }) => {
        entered = target;
      },
      { signal },
    );
    addEventListener(
      "dragover",
      (event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        setDragging(true);
      },
      { signal },
    );
    addEventListener(
      "dragleave",
      (event) => {
        if (event.target === entered) setDragging(false);
      },
      { signal },
    );
    addEventListener(
      "drop",
      (event) => {
        setDragging(false);
        if (!carriesFiles(event) || event.dataTransfer === null) return;
        event.preventDefault();
        const reading = (files: number) => {
          // A folder of some dozens is read before anybody could read this.
          if (files % REMARK_EACH !== 0) return;
          workbench.notices.tell("intake", ({ notices }) => notices.reading(files));
        };
        fromDrop(event.dataTransfer, wholeSlideSeries, reading).then(
          (intake) => workbench.arrivals.add(intake),
          () => {
            workbench.notices.tell("intake", ({ notices }) => notices.dropUnreadable);
          },
        );
      },
      { signal },
    );
    addEventListener(
      "paste",
      (event) => {
        const files = event.clipboardData?.files;
        if (files !== undefined && files.length > 0) workbench.arrivals.add(fromList(files));
      },
      { signal },
    );
    return () => stop.abort();
  }, [workbench]);
  return dragging;
}
