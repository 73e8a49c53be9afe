// Has a slide looked at again, by what a person has drawn on it.

import type { Entry } from "../../study/entry.ts";
import { useWorkbench } from "../context.ts";

export function JudgeAgain({ entry, children }: { entry: Entry; children: string }) {
  const { run } = useWorkbench();
  return (
    <div class="actions">
      <button
        type="button"
        class="button button-small button-primary"
        disabled={!entry.settled}
        onClick={() => run.again([entry])}
      >
        {children}
      </button>
    </div>
  );
}
