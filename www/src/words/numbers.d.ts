export interface Numbers {
    /** Whole numbers, grouped. */
    integer(value: number): string;
    /** With a fixed number of digits after the point. */
    decimal(value: number, digits: number): string;
    /** `0.934` as `93.4%`, with one digit after the point. */
    percent(share: number): string;
    /** `0.6` as `60%`: with no more digits than it has. */
    roundPercent(share: number): string;
    /** From milliseconds, in the unit that fits. */
    duration(milliseconds: number): string;
    /** "yesterday", "3 hours ago"; `moment` in milliseconds since 1970. */
    ago(moment: number, now?: number): string;
    /** A size in the unit that fits; a kB is a thousand. */
    bytes(size: number): string;
}
/** `locale`: a BCP 47 tag. */
export declare function numbersOf(locale: string): Numbers;
