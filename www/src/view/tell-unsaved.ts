// Says that something could not be made to take away, and why.

import { messageOf } from "../words/told.ts";
import type { Workbench } from "../workbench.ts";

export function tellUnsaved({ notices }: Workbench, error: unknown): void {
  notices.tell("intake", ({ notices }) => notices.notSaved(messageOf(error)));
}
