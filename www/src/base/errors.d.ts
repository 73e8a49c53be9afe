import type { Fault, WireError } from "../engine/protocol.ts";
/**
 * An error that a person is told about: a stable code, a sentence on what happened and one on what to do. Both are in
 * English, as reports have them; `told` gives them in the language of the page.
 */
export declare class HistoscopeError extends Error {
    readonly fault: Fault;
    readonly code: string;
    readonly remedy: string;
    readonly name: string;
    constructor(fault: Fault, code: string, message: string, remedy: string);
    toWire(): WireError;
}
/** The picture cannot be read or is no picture. */
export declare class ImageError extends HistoscopeError {
    readonly name = "ImageError";
    constructor(code: string, message: string, remedy: string);
}
/** The picture is larger than what is accepted. */
export declare class LimitError extends HistoscopeError {
    readonly name = "LimitError";
    constructor(code: string, message: string, remedy: string);
}
/** A setting is out of range. */
export declare class OptionsError extends HistoscopeError {
    readonly name = "OptionsError";
    constructor(code: string, message: string, remedy: string);
}
/** The model or its manifest is missing, damaged or not the one announced. */
export declare class ModelError extends HistoscopeError {
    readonly name = "ModelError";
    constructor(code: string, message: string, remedy: string);
}
/** The browser lacks something, or refuses it. */
export declare class BrowserError extends HistoscopeError {
    readonly name = "BrowserError";
    constructor(code: string, message: string, remedy: string);
}
/** Our own fault. */
export declare class InternalError extends HistoscopeError {
    readonly name: string;
    constructor(code: string, message: string, remedy: string);
}
/** The worker that had the call ended before it answered. */
export declare class WorkerDiedError extends InternalError {
    readonly why: string;
    readonly name = "WorkerDiedError";
    static readonly CODE = "worker_died";
    /** `why` is a clause without a full stop. */
    constructor(why: string);
}
/** The two sides of the page come from different builds. */
export declare class ProtocolError extends InternalError {
    readonly name = "ProtocolError";
    static readonly CODE = "protocol_mismatch";
    constructor(page: number, worker: number);
}
/** The person, or the page for them, no longer wants the answer. */
export declare class CancelledError extends HistoscopeError {
    readonly name = "CancelledError";
    static readonly CODE = "cancelled";
    constructor();
}
/** Makes an error of the right class out of what crossed the worker boundary. */
export declare function fromWire(wire: WireError): HistoscopeError;
/** Whatever was thrown, as an error that can be shown. */
export declare function asHistoscopeError(thrown: unknown): HistoscopeError;
