// A study to try teaching with: fields of an imaginary laboratory, drawn by a program, with patients and labels. It is
// fetched only when somebody opens it; the service worker and the single file have it, too.

import { getOfPage as get } from "../page/page-files.ts";
import { DEMO_STUDY_PATH } from "../page/paths.ts";
import { words } from "../words/words.ts";
import type { Found, Intake } from "./intake.ts";

interface Field {
  readonly file: string;
  readonly patient: number;
  readonly label: string;
}

/** Rejects where a file cannot be fetched. */
export async function openDemoStudy(): Promise<Intake> {
  const index = new URL(DEMO_STUDY_PATH, document.baseURI);
  const fields = (await (await get(index)).json()) as readonly Field[];
  // A patient's name is a text of the study, so it stays as it was said when the study was opened.
  const { patient: nameOf } = words.peek().demoStudy;
  const found = await Promise.all(
    fields.map(async ({ file: name, patient, label }): Promise<Found> => {
      const blob = await (await get(new URL(name, index))).blob();
      return {
        path: name,
        file: new File([blob], name, { type: blob.type }),
        remark: ({ demoStudy }) => demoStudy.note,
        demo: true,
        truth: { patient: nameOf(patient), label },
      };
    }),
  );
  return { found, skipped: 0, unreadable: [] };
}
