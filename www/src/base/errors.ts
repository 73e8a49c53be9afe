// The errors of the page: one class for each fault, rebuilt from what crosses the worker boundary.

import type { Cause, Fault, WireError } from "../engine/protocol.ts";
import { remedies } from "../words/en-errors.ts";
import { said, type Value } from "../words/said.ts";

/**
 * An error that a person is told about: a stable code, a sentence on what happened and one on what to do. Both are in
 * English, as reports have them; `told` gives them in the language of the page.
 */
export class HistoscopeError extends Error {
  override readonly name: string = "HistoscopeError";

  constructor(
    readonly fault: Fault,
    readonly code: string,
    message: string,
    readonly remedy: string,
    /** What it takes to tell it in another language; absent where nobody foresaw it. */
    override readonly cause?: Cause,
  ) {
    super(message);
  }

  toWire(): WireError {
    const { code, message, remedy, fault, cause } = this;
    return { code, message, remedy, fault, ...(cause && { cause }) };
  }
}

/** The picture cannot be read or is no picture. */
export class ImageError extends HistoscopeError {
  override readonly name = "ImageError";
  constructor(code: string, message: string, remedy: string, cause?: Cause) {
    super("image", code, message, remedy, cause);
  }
}

/** The picture is larger than what is accepted. */
export class LimitError extends HistoscopeError {
  override readonly name = "LimitError";
  constructor(code: string, message: string, remedy: string, cause?: Cause) {
    super("limits", code, message, remedy, cause);
  }
}

/** A setting is out of range. */
export class OptionsError extends HistoscopeError {
  override readonly name = "OptionsError";
  constructor(code: string, message: string, remedy: string, cause?: Cause) {
    super("options", code, message, remedy, cause);
  }
}

/** The model or its manifest is missing, damaged or not the one announced. */
export class ModelError extends HistoscopeError {
  override readonly name = "ModelError";
  constructor(code: string, message: string, remedy: string, cause?: Cause) {
    super("model", code, message, remedy, cause);
  }
}

/** The browser lacks something, or refuses it. */
export class BrowserError extends HistoscopeError {
  override readonly name = "BrowserError";
  constructor(code: string, message: string, remedy: string, cause?: Cause) {
    super("browser", code, message, remedy, cause);
  }
}

/** Our own fault. */
export class InternalError extends HistoscopeError {
  override readonly name: string = "InternalError";
  constructor(code: string, message: string, remedy: string, cause?: Cause) {
    super("internal", code, message, remedy, cause);
  }
}

/** The worker that had the call ended before it answered. */
export class WorkerDiedError extends InternalError {
  override readonly name = "WorkerDiedError";
  static readonly CODE = "worker_died";
  /** `why` is a clause of the words, or text without a full stop. */
  constructor(readonly why: Value) {
    super(...said("worker_died", "call", { why }));
  }
}

/** The two sides of the page come from different builds. */
export class ProtocolError extends InternalError {
  override readonly name = "ProtocolError";
  static readonly CODE = "protocol_mismatch";
  constructor(page: number, worker: number) {
    super(...said("protocol_mismatch", "hello", { page, worker }));
  }
}

/** The person, or the page for them, no longer wants the answer. */
export class CancelledError extends HistoscopeError {
  override readonly name = "CancelledError";
  static readonly CODE = "cancelled";
  constructor() {
    super("options", ...said("cancelled", "call"));
  }
}

/** What a file is to blame for alone, whatever model and options there are: another try with it ends alike. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  "image_empty",
  "image_not_recognised",
  "image_unsupported_format",
  "image_truncated_or_corrupt",
  "image_too_large",
  "file_too_large",
  "slide_not_recognised",
  "slide_foreign_format",
  "slide_unsupported",
  "slide_truncated_or_corrupt",
  "slide_too_large_here",
]);

export const isForGood = ({ code }: HistoscopeError): boolean => FOR_GOOD.has(code);

type FaultClass = new (code: string, message: string, remedy: string, cause?: Cause) => HistoscopeError;

const BY_FAULT: Readonly<Record<Fault, FaultClass>> = {
  image: ImageError,
  limits: LimitError,
  options: OptionsError,
  model: ModelError,
  browser: BrowserError,
  internal: InternalError,
};

/** Makes an error of the right class out of what crossed the worker boundary. */
export function fromWire(wire: WireError): HistoscopeError {
  // A fault that this page has not heard of is still an error to be shown.
  const Class = BY_FAULT[wire.fault] ?? InternalError;
  return new Class(wire.code, wire.message, wire.remedy, wire.cause);
}

/** Whatever was thrown, as an error that can be shown. */
export function asHistoscopeError(thrown: unknown): HistoscopeError {
  if (thrown instanceof HistoscopeError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new InternalError("internal", message, remedies.tryAgain);
}
