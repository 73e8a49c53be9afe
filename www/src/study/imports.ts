// Saved reports on their way back into the study.

import { HistoscopeError, ImageError } from "../base/errors.ts";
import { said } from "../words/said.ts";
import { MAX_REPORTS_BYTES } from "./core-types.ts";
import { Entry } from "./entry.ts";
import { tidyLabel } from "./labels.ts";
import { tidyPatient } from "./patients.ts";
import type { ReadSaved } from "./reading.ts";
import type { SavedImage } from "./report.ts";

/**
 * Gives the results of a file as images without their pictures, a portion at a time. Rejects with a `HistoscopeError` where
 * the file is refused; then it gave none.
 */
export async function importReport(
  file: File,
  read: ReadSaved,
  take: (entries: Entry[]) => void,
): Promise<void> {
  const { size: bytes } = file;
  if (bytes > MAX_REPORTS_BYTES) {
    const values = { bytes, max_bytes: MAX_REPORTS_BYTES };
    throw new ImageError(...said("report_too_large", "saved_too_large", values));
  }
  let refused: HistoscopeError | null = null;
  await read([await file.arrayBuffer()], (_, found) => {
    if (found instanceof HistoscopeError) refused = found;
    else take(found.map(imported));
  });
  if (refused !== null) throw refused;
}

function imported({ path, patient, by_folder, label, report, sha256, demo, left_out }: SavedImage): Entry {
  const entry = Entry.of(path, report, demo);
  if (patient !== null) entry.assign(tidyPatient(patient));
  entry.byFolder = by_folder;
  if (label !== null) entry.tag(tidyLabel(label));
  if (left_out) entry.leaveOut(true);
  entry.sha256 = sha256;
  return entry;
}
