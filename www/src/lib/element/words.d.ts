import type { Fault } from "../../engine/protocol.ts";
import type { Reason, Verdict } from "../../study/report.ts";
import { type Numbers } from "../../words/numbers.ts";
import { type Translation } from "../../words/translation.ts";
export interface Words {
    readonly language: string;
    readonly numbers: Numbers;
    readonly translation: Translation;
    readonly choose: string;
    readonly another: string;
    readonly drop: string;
    readonly formats: string;
    readonly onlyFirst: string;
    readonly loading: string;
    readonly reading: string;
    classifying(done: number, total: number): string;
    readonly cancel: string;
    readonly cancelled: string;
    readonly retry: string;
    readonly verdicts: Readonly<Record<Verdict, string>>;
    /** Before the number. */
    readonly probability: string;
    votes(malignant: number, benign: number): string;
    /** `what`: counts of `reasons`. */
    leftOut(what: string): string;
    readonly reasons: Readonly<Record<Reason, string>>;
    readonly uncertain: string;
    readonly unfamiliar: string;
    readonly notAssessable: string;
    readonly map: string;
    picture(name: string): string;
    readonly benign: string;
    readonly malignant: string;
    readonly failed: Readonly<Record<Fault, string>>;
    readonly researchUse: string;
}
/** The words for a language tag; English for every language but German. */
export declare const wordsFor: (language: string) => Words;
