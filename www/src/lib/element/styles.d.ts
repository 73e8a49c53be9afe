/** One sheet for every element on a page; made when the first is. */
export declare function styles(): CSSStyleSheet;
