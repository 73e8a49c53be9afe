import { type HistoscopeError } from "../base/errors.ts";
import { type ImageReport } from "../study/report.ts";
import { type ClassifierOptions, type ClassifyOptions } from "./index.ts";
export declare const TAG = "histoscope-classifier";
declare const Base: {
    new (): HTMLElement;
    prototype: HTMLElement;
};
/**
 * Attributes: `model-url` (a model's manifest), `workers` (1 to 8), `max-patches` (from 1, or "all"), `lang` (`de`, else
 * English; without it that of the surroundings counts). The classifier is fetched when the first image comes, and ended
 * when the element leaves the document, or `model-url` or `workers` change.
 *
 * Events, both bubbling and composed: `histoscope-report`, whose `detail` is the `ImageReport`, and `histoscope-error`,
 * whose `detail` is the `HistoscopeError`. An analysis that was cancelled gives neither.
 */
export declare class HistoscopeClassifierElement extends Base {
    #private;
    static readonly observedAttributes: string[];
    /** What `createClassifier` takes beyond the attributes; counts for the next start. */
    options: ClassifierOptions;
    constructor();
    connectedCallback(): void;
    disconnectedCallback(): void;
    attributeChangedCallback(name: string, before: string | null, now: string | null): void;
    /** Of the image shown; null while there is none. */
    get report(): ImageReport | null;
    /**
     * Shows and classifies an image as if it had been chosen, in place of the one before, whose analysis ends with
     * `CancelledError`. Rejects as `createClassifier` and `Classifier.classify` do; the element shows the error, too.
     */
    classify(image: Blob, { signal }?: Pick<ClassifyOptions, "signal">): Promise<ImageReport>;
    /** Ends the analysis that is under way, if there is one. */
    cancel(): void;
}
declare global {
    interface HTMLElementTagNameMap {
        "histoscope-classifier": HistoscopeClassifierElement;
    }
    interface HTMLElementEventMap {
        "histoscope-report": CustomEvent<ImageReport>;
        "histoscope-error": CustomEvent<HistoscopeError>;
    }
}
export {};
