// A reader of saved reports for tests of what becomes of them: it trusts what it reads, which these tests wrote
// themselves. What the core refuses stands in `src/report/saved/tests.rs`.

import { ImageError } from "../src/base/errors.ts";
import type { Entry } from "../src/study/entry.ts";
import type { ExportedFolder } from "../src/study/exchange.ts";
import { importReport } from "../src/study/imports.ts";
import type { Reading, ReadSaved } from "../src/study/reading.ts";
import type { FailureReport, ImageReport, SavedImage } from "../src/study/report.ts";

const REFUSED = new ImageError("report_invalid", "it cannot be used", "Use another.");

function savedIn(report: ExportedFolder | ImageReport | FailureReport): SavedImage[] | ImageError {
  if (!("individual_results" in report)) {
    const whole = "filename" in report;
    return whole ? [{ ...NOTHING, path: report.filename, report }] : REFUSED;
  }
  const { individual_results, patients, by_folder, paths, labels, sha256, demos, left_out } = report;
  return individual_results.map((report, place) => ({
    path: paths[place] ?? report.filename,
    patient: patients.find(({ images }) => images.includes(place))?.patient ?? "",
    by_folder: by_folder?.includes(place) ?? null,
    label: labels === undefined ? null : (labels[place] ?? ""),
    report,
    sha256: sha256?.[place] ?? null,
    demo: demos?.includes(place) ?? false,
    left_out: left_out?.includes(place) ?? false,
  }));
}

const NOTHING = { patient: null, by_folder: null, label: null, sha256: null, demo: false, left_out: false };

export const trusting: ReadSaved = async (contents, take) => {
  contents.forEach((content, place) => {
    const text = content instanceof ArrayBuffer ? new TextDecoder().decode(content) : JSON.stringify(content);
    take(place, savedIn(JSON.parse(text)));
  });
};

export const trustingReading: Reading = (use) => use(trusting);

/** The images of a saved report. */
export async function imported(file: File): Promise<Entry[]> {
  const all: Entry[] = [];
  await importReport(file, trusting, (entries) => all.push(...entries));
  return all;
}
