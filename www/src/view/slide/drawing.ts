// What is drawn with on a slide, and what is shown over it: for the slide that is looked at.

import { signal } from "@preact/signals";
import type { Tool } from "../../slide/regions.ts";

export const drawing = {
  /** Null while nothing is drawn. */
  tool: signal<Tool | null>(null),
  /** Whether the outline of the tissue is shown. */
  tissue: signal(false),
};
