// How views get at the workbench.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Workbench } from "../workbench.ts";

export const WorkbenchContext = createContext<Workbench | null>(null);

export function useWorkbench(): Workbench {
  const workbench = useContext(WorkbenchContext);
  if (workbench === null) throw new Error("a view was rendered outside the page");
  return workbench;
}
