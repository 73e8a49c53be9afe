export declare function fill(template: string, values: Readonly<Record<string, string | number>>): string;
/** Message and remedy of an error, for its constructor. */
export declare function english(error: {
    readonly message: string;
    readonly remedy: string;
}, values?: Readonly<Record<string, string | number>>): readonly [string, string];
/** The values that make this text of the template; null if none do. */
export declare function valuesIn(template: string, text: string): Readonly<Record<string, string>> | null;
