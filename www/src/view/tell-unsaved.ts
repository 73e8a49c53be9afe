// Says that something could not be made to take away, and why.

import { asHistoscopeError } from "../base/errors.ts";
import { plain, told } from "../words/told.ts";
import type { Workbench } from "../workbench.ts";

export function tellUnsaved({ notices }: Workbench, error: unknown): void {
  const why = asHistoscopeError(error);
  notices.tell("intake", ({ notices }) => notices.notSaved(plain(told(why).message)));
}
