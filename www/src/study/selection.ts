// What is taken away or printed: every image, or those that the filter of the table lets through. Whatever is made of a
// part says that it is one, and by what it was chosen.

import type { Entry } from "./entry.ts";
import type { Study } from "./study.ts";
import type { Shown } from "./table.ts";

/** By what a part of the study was chosen. */
export interface Filter {
  /** How many images it lets through, of how many. */
  readonly images: number;
  readonly of: number;
  /** Words that occur in path, patient or label. */
  readonly text?: string;
  /** A class, another verdict, or a state without one. */
  readonly shown?: Shown;
  /** Empty: those without one. */
  readonly label?: string;
}

export interface Selection {
  /** In the table's order where there is a filter, else in that in which they were added. */
  readonly entries: readonly Entry[];
  /** Null where every image is there. */
  readonly filter: Filter | null;
}

/** By what the images are chosen now, without listing them; null where every image is. */
export function filterOf(study: Study): Filter | null {
  const of = study.total.value;
  const images = study.listed.value;
  if (images === of) return null;
  const { text, shown, label } = study.view.value;
  return {
    images,
    of,
    ...(text.trim() !== "" && { text: text.trim() }),
    ...(shown !== "all" && { shown }),
    ...(label !== null && { label }),
  };
}

export function selectionOf(study: Study): Selection {
  const filter = filterOf(study);
  return { entries: filter === null ? study.entries.value : study.listedEntries(), filter };
}

/** How many of how many images what is taken away now tells of: those that a filter shows, or that have come to an end. */
export function partOf(study: Study): Pick<Filter, "images" | "of"> | null {
  const filter = filterOf(study);
  if (filter !== null) return filter;
  const { total: of, open, cancelled } = study.counts.value;
  const images = of - open - cancelled;
  return images < of ? { images, of } : null;
}
