// What is drawn with on a slide, and what is shown over it: for the slide that is looked at.

import { batch, signal } from "@preact/signals";
import type { Tool } from "../../slide/regions.ts";

/** Corrects the tissue: adds some, or rubs it out. */
export type Brushing = "adds" | "rubs";

export const [LEAST_BRUSH, MOST_BRUSH] = [8, 160] as const;

export const drawing = {
  /** Null while nothing is outlined. */
  tool: signal<Tool | null>(null),
  /** Null while no tissue is corrected. */
  brush: signal<Brushing | null>(null),
  /** Across, in CSS pixels: closer up it is finer. */
  brushSize: signal(40),
  /** Whether the outline of the tissue is shown. */
  tissue: signal(false),
};

/** One at a time; what is in the hand already is laid down. */
export function take(hand: { readonly tool: Tool } | { readonly brush: Brushing } | null): void {
  const tool = hand !== null && "tool" in hand ? hand.tool : null;
  const brush = hand !== null && "brush" in hand ? hand.brush : null;
  batch(() => {
    drawing.tool.value = tool === drawing.tool.peek() ? null : tool;
    drawing.brush.value = brush === drawing.brush.peek() ? null : brush;
  });
}
