// What the package offers: the classifier, the types of its reports, and the classes of its errors.

export type { Kernels } from "../capabilities.ts";
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
} from "../errors.ts";
export type { Fault, Timings, Variant, WireError } from "../protocol.ts";
export type {
  FailureReport,
  FolderReport,
  ImageReport,
  Judged,
  Judgement,
  Label,
  ModelIdentity,
  PatchReport,
  Probabilities,
  Reason,
  Screen,
  ScreenCounts,
  Unjudged,
  Verdict,
} from "../report.ts";
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
