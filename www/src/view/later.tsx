// Views that few ever open, out of files of their own.

import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { asHistoscopeError, type HistoscopeError } from "../base/errors.ts";
import { type Part, part } from "../page/parts.ts";
import { words } from "../words/words.ts";
import { ErrorCard } from "./error-card.tsx";

/**
 * Until the part is there nothing is shown; where it cannot be had, why, unless it is `silent`: then another view of the
 * same part says so.
 */
function later<P extends object>(of: Part<FunctionComponent<P>>, silent = false): FunctionComponent<P> {
  return function Later(properties: P) {
    const [View, setView] = useState<FunctionComponent<P> | null>(() => of.loaded);
    const [error, setError] = useState<HistoscopeError | null>(null);
    const load = () => {
      setError(null);
      void of.load().then(
        (loaded) => setView(() => loaded),
        (thrown) => setError(asHistoscopeError(thrown)),
      );
    };
    useEffect(() => {
      if (View === null) load();
    }, []);
    if (View !== null) return <View {...properties} />;
    if (error === null || silent) return null;
    const { trouble } = words.value;
    return (
      <ErrorCard title={trouble.part} error={error}>
        <button type="button" class="button" onClick={load}>
          {trouble.tryAgain}
        </button>
      </ErrorCard>
    );
  };
}

export const AssignDialog = later(part(async () => (await import("./assign-dialog.tsx")).AssignDialog));
export const LiveRoom = later(part(async () => (await import("./live/live-room.tsx")).LiveRoom));
export const ModelDialog = later(part(async () => (await import("./model-dialog.tsx")).ModelDialog));
export const Results = later(part(async () => (await import("./results.tsx")).Results));
export const SlideOverlay = later(
  part(async () => (await import("./slide/slide-view.ts")).SlideOverlay),
  true,
);
export const SlidePanel = later(part(async () => (await import("./slide/slide-view.ts")).SlidePanel));
export const PrintDialog = later(part(async () => (await import("./print-dialog.tsx")).PrintDialog));
const PAPER = part(async () => (await import("./paper.tsx")).Paper);
export const Paper = later(PAPER, true);
/** Resolves when what is printed can be shown at once. */
export const paperThere = (): Promise<unknown> => PAPER.load();

const TAKE_AWAY = part(async () => (await import("./take-away.ts")).makers);
/** What makes files to take away. */
export const takeAway = () => TAKE_AWAY.load();
