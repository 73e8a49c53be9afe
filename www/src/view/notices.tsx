// Passing remarks, whether there are results yet or not: on what was added last, and on workers.

import { type Say, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";

export function Notices() {
  const { intakeNotice, workerNotice } = useWorkbench();
  return (
    <>
      <Notice say={intakeNotice.value} />
      <Notice say={workerNotice.value} />
    </>
  );
}

function Notice({ say }: { say: Say | null }) {
  return say === null ? null : (
    <p class="notice" role="status">
      {say(words.value)}
    </p>
  );
}
