import type { Pool } from "../engine/pool.ts";
import type { ImageReport, Plan } from "../study/report.ts";
import { Fold } from "./fold.ts";
import type { AnalysisOptions } from "./options.ts";
export interface AnalysisWatcher {
    /** A worker has taken the image up. */
    onStart?(): void;
    /** `sha256`: of the file; null where it is not known. */
    onPlan?(plan: Plan, sha256: string | null): void;
    onPreview?(picture: Blob): void;
    /** More voters have been placed in `fold`. */
    onResults?(fold: Fold): void;
}
/**
 * Rejects with the first error of any part; the parts that are still under way are then cancelled, as they are when
 * `signal` aborts.
 */
export declare function analyse(pool: Pick<Pool, "call" | "size">, file: File, options: AnalysisOptions, signal: AbortSignal, watcher?: AnalysisWatcher): Promise<ImageReport>;
