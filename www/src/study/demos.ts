// The pictures to try the page with: fetched at load, so that trying needs no network later.

import { getOfPage as get } from "../page/page-files.ts";
import { DEMO_INDEX_PATH } from "../page/paths.ts";
import type { Say, Words } from "../words/words.ts";
import type { Intake } from "./intake.ts";

export interface Demo {
  readonly title: Say;
  /** What there is to see in it. */
  readonly what: Say;
  /** By itself, with what it is. */
  readonly note: Say;
  readonly file: File;
  /** For an `img`; lives as long as the page. */
  readonly url: string;
}

/** None if any is missing: the page is useful without. */
export async function loadDemos(): Promise<Demo[]> {
  try {
    const index = new URL(DEMO_INDEX_PATH, document.baseURI);
    const listed = (await (await get(index)).json()) as (keyof Words["demos"])[];
    return await Promise.all(
      listed.map(async (name) => {
        const blob = await (await get(new URL(name, index))).blob();
        const file = new File([blob], name, { type: blob.type });
        return {
          title: ({ demos }: Words) => demos[name].title,
          what: ({ demos }: Words) => demos[name].what,
          note: ({ demos }: Words) => demos[name].note,
          file,
          url: URL.createObjectURL(file),
        };
      }),
    );
  } catch {
    return [];
  }
}

/** A demo picture as if it had been chosen, with the warning that goes with it. */
export function fromDemo({ file, note }: Demo): Intake {
  return { found: [{ path: file.name, file, remark: note, demo: true }], skipped: 0, unreadable: [] };
}
