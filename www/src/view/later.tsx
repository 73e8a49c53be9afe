// Views that few ever open, out of files of their own.

import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Part, part } from "../page/parts.ts";

/** Until the part is there, or where it cannot be fetched, nothing is shown. */
function later<P extends object>(of: Part<FunctionComponent<P>>): FunctionComponent<P> {
  return function Later(properties: P) {
    const [View, setView] = useState<FunctionComponent<P> | null>(() => of.loaded);
    useEffect(() => {
      if (View !== null) return;
      void of.load().then(
        (loaded) => setView(() => loaded),
        () => {},
      );
    }, []);
    return View === null ? null : <View {...properties} />;
  };
}

export const AssignDialog = later(part(async () => (await import("./assign-dialog.tsx")).AssignDialog));
export const LiveRoom = later(part(async () => (await import("./live/live-room.tsx")).LiveRoom));
export const ModelDialog = later(part(async () => (await import("./model-dialog.tsx")).ModelDialog));
export const Results = later(part(async () => (await import("./results.tsx")).Results));
export const SlideOverlay = later(part(async () => (await import("./slide/slide-view.ts")).SlideOverlay));
export const SlidePanel = later(part(async () => (await import("./slide/slide-view.ts")).SlidePanel));
export const PrintDialog = later(part(async () => (await import("./print-dialog.tsx")).PrintDialog));
const PAPER = part(async () => (await import("./paper.tsx")).Paper);
export const Paper = later(PAPER);
/** Resolves when what is printed can be shown at once. */
export const paperThere = (): Promise<unknown> => PAPER.load();

const TAKE_AWAY = part(async () => (await import("./take-away.ts")).makers);
/** What makes files to take away. */
export const takeAway = () => TAKE_AWAY.load();
