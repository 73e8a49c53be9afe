/** Makes an element that others may style as `::part(name)`. */
export declare function make<K extends keyof HTMLElementTagNameMap>(tag: K, name: string, ...children: (Node | string)[]): HTMLElementTagNameMap[K];
/** Every node of the shadow tree that is written to later. */
export declare class Parts {
    readonly choose: HTMLButtonElement;
    readonly file: HTMLInputElement;
    readonly or: HTMLSpanElement;
    readonly formats: HTMLSpanElement;
    readonly step: HTMLSpanElement;
    readonly progress: HTMLProgressElement;
    readonly cancel: HTMLButtonElement;
    readonly work: HTMLDivElement;
    readonly canvas: HTMLCanvasElement;
    readonly benign: HTMLSpanElement;
    readonly malignant: HTMLSpanElement;
    readonly shown: HTMLInputElement;
    readonly toggleWords: HTMLSpanElement;
    readonly picture: HTMLElement;
    readonly name: HTMLParagraphElement;
    readonly verdict: HTMLParagraphElement;
    readonly probabilityWords: HTMLSpanElement;
    readonly percent: HTMLElement;
    readonly share: HTMLDivElement;
    readonly bar: HTMLDivElement;
    readonly probability: HTMLDivElement;
    readonly advice: HTMLParagraphElement;
    readonly patches: HTMLParagraphElement;
    readonly result: HTMLDivElement;
    readonly finding: HTMLDivElement;
    readonly title: HTMLHeadingElement;
    readonly message: HTMLParagraphElement;
    readonly remedy: HTMLParagraphElement;
    readonly code: HTMLElement;
    readonly retry: HTMLButtonElement;
    readonly trouble: HTMLDivElement;
    readonly error: HTMLDivElement;
    readonly notice: HTMLParagraphElement;
    readonly live: HTMLParagraphElement;
    readonly box: HTMLDivElement;
    constructor();
}
