// The exported JSON: the core's folder report, with what only the page knows beside it. The core reads it back.

import type { Diagnosis } from "./diagnosis.ts";
import type { EngineSummary, FolderReport, ModelIdentity } from "./report.ts";
import type { Filter } from "./selection.ts";

/** Why images have no verdict together although some voted; the first of these that holds. */
export type NoVerdict =
  /** Not all images of the study are here: what is chosen speaks for nobody. */
  | "part of a study"
  /** Images are still to do, or were cancelled. */
  | "incomplete"
  /** As the core has it, where names tell that: a mean over several patients says nothing of any. */
  | "several patients"
  /** Probabilities of several models or lessons are not of one kind. */
  | "several models";

export interface ExportedPatient extends Diagnosis {
  readonly patient: string;
  /** Places in `individual_results`. */
  readonly images: readonly number[];
  readonly no_verdict?: NoVerdict;
  /** Images of the patient that have no result, so that there is no verdict yet; absent if there are none. */
  readonly num_missing?: number;
}

/** What results are saved as: the core's report on the images, and what only the page knows. */
export interface ExportedFolder extends Omit<FolderReport, "no_verdict" | "patients"> {
  readonly no_verdict?: NoVerdict;
  /** By what the images were chosen; absent where all of the study are there. Patients speak for all of theirs. */
  readonly filter?: Filter;
  /** Who signs for all of them; absent where no image has a result and no engine is up. */
  readonly model?: ModelIdentity;
  readonly engine?: EngineSummary;
  readonly patients: readonly ExportedPatient[];
  /** Places of those whose patient is told by the name of their folder; the others' by a person, by a name or by nobody. */
  readonly by_folder?: readonly number[];
  /** Where each of `individual_results` lay below what was chosen. */
  readonly paths: readonly string[];
  /** Of each one's file, in hexadecimal; null where it is not known. */
  readonly sha256?: readonly (string | null)[];
  /** What each one truly is, as a person says; null where nobody does. Absent where no label is known. */
  readonly labels?: readonly (string | null)[];
  /** Places of those that were drawn by a program, and of those that a person took out: neither counts. */
  readonly demos?: readonly number[];
  readonly left_out?: readonly number[];
  /** Files with the same bytes as another, which counts for both. */
  readonly duplicates?: readonly { readonly path: string; readonly same_as: string }[];
  /** Images without a result, still to do or cancelled: then the whole has no verdict. */
  readonly incomplete?: readonly string[];
}
