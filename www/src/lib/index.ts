// What the package offers: the classifier, the types of its reports, and the classes of its errors.

export {
  BrowserError,
  CancelledError,
  HistoscopeError,
  ImageError,
  InternalError,
  LimitError,
  ModelError,
  OptionsError,
  ProtocolError,
  WorkerDiedError,
} from "../base/errors.ts";
export type { Kernels } from "../engine/capabilities.ts";
export type { Cause, Fault, Variant, WireError } from "../engine/protocol.ts";
export type {
  FailureReport,
  FolderReport,
  ImageReport,
  Judged,
  Judgement,
  Label,
  ModelIdentity,
  PatchReport,
  PatientReport,
  Probabilities,
  Reason,
  Screen,
  ScreenCounts,
  Timings,
  Unjudged,
  Verdict,
} from "../study/report.ts";
export {
  type AnalysisOptions,
  type Classifier,
  type ClassifierOptions,
  type ClassifyManyOptions,
  type ClassifyOptions,
  createClassifier,
  type Progress,
} from "./classifier.ts";
export type { Integrity, Places, VerifiedFile } from "./places.ts";
