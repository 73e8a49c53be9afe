// Saved reports on their way back into the study.

import { errors } from "../words/en-errors.ts";
import { numbersOf } from "../words/numbers.ts";
import { english } from "../words/template.ts";
import { Entry } from "./entry.ts";
import { ImportError, MOST_BYTES, readReports } from "./exchange.ts";

/** The results of a file, as images without their pictures. Rejects with `ImportError`. */
export async function importReport(file: File): Promise<Entry[]> {
  if (file.size > MOST_BYTES) {
    const { bytes } = numbersOf("en");
    const values = { size: bytes(file.size), most: bytes(MOST_BYTES) };
    throw new ImportError("report_too_large", ...english(errors.report_too_large.file, values));
  }
  return readReports(await file.text()).map(({ path, patient, label, report, sha256, demo, leftOut }) => {
    const entry = Entry.of(path, report, demo);
    if (patient !== null) entry.assign(patient);
    if (label !== null) entry.tag(label);
    if (leftOut) entry.leaveOut(true);
    entry.sha256 = sha256;
    return entry;
  });
}
