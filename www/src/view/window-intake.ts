// Drops and pastes anywhere in the window.

import { useEffect, useState } from "preact/hooks";
import { fromDrop, fromList } from "../study/intake.ts";
import type { Workbench } from "../workbench.ts";

/** Takes files that are dropped or pasted anywhere; true while files hover over the window. */
export function useWindowIntake(workbench: Workbench): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

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
        // Leaving the window, not merely one element of it.
        if (event.relatedTarget === null) setDragging(false);
      },
      { signal },
    );
    addEventListener(
      "drop",
      (event) => {
        setDragging(false);
        if (!carriesFiles(event) || event.dataTransfer === null) return;
        event.preventDefault();
        fromDrop(event.dataTransfer).then(
          (intake) => workbench.add(intake),
          () => {
            workbench.intakeNotice.value = ({ notices }) => notices.dropUnreadable;
          },
        );
      },
      { signal },
    );
    addEventListener(
      "paste",
      (event) => {
        const files = event.clipboardData?.files;
        if (files !== undefined && files.length > 0) workbench.add(fromList(files));
      },
      { signal },
    );
    return () => stop.abort();
  }, [workbench]);
  return dragging;
}
