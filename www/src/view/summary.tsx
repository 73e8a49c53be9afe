// All images together: how far they are, then the diagnosis over them and which of them failed.

import { useEffect, useState } from "preact/hooks";
import { duration, integer, plural } from "../format.ts";
import type { FolderReport } from "../report.ts";
import { RESEARCH_USE } from "../wording.ts";
import { useWorkbench } from "./context.ts";
import { JudgementBlock } from "./judgement.tsx";

export function Summary() {
  const workbench = useWorkbench();
  const total = workbench.entries.value.length;
  if (total < 2) return null;
  if (workbench.unsettled.value.length > 0) return <Progress />;
  const folder = workbench.folder.value;
  return folder === null ? null : <Together folder={folder} />;
}

/** How many are done and how long the rest will take. */
function Progress() {
  const workbench = useWorkbench();
  const total = workbench.entries.value.length;
  const done = total - workbench.unsettled.value.length;
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const update = () => setLeft(workbench.remaining());
    const timer = setInterval(update, 1000);
    return () => clearInterval(timer);
  }, [workbench]);
  return (
    <section class="summary summary-progress" aria-label="Progress of all images">
      <p>
        <strong>
          {integer(done)} of {integer(total)} images
        </strong>
        {left !== null && <span class="muted"> about {duration(Math.max(1000, left))} to go</span>}
      </p>
      <progress max={total} value={done} aria-label={`${done} of ${total} images done`} />
    </section>
  );
}

function Together({ folder }: { folder: FolderReport }) {
  const { aggregated_diagnosis: diagnosis, image_breakdown: breakdown } = folder;
  const failed = folder.individual_results.filter((result) => !result.success);
  const good = folder.num_images - folder.num_failed;
  return (
    <section class="summary" aria-labelledby="together-title">
      <h2 id="together-title">All images together</h2>
      {diagnosis === null || breakdown === null ? (
        <p>No image could be analysed, so there is nothing to take together.</p>
      ) : (
        <div class="together">
          <JudgementBlock judgement={diagnosis} />
          <div>
            <p>
              Mean over {plural(good, "image")}: {integer(breakdown.malignant_images)} malignant,{" "}
              {integer(breakdown.benign_images)} benign.
            </p>
            <p class="research-line">{RESEARCH_USE}</p>
          </div>
        </div>
      )}
      {failed.length > 0 && (
        <div class="failed-images">
          <p>
            <strong>{plural(failed.length, "image")} failed</strong> and {failed.length === 1 ? "is" : "are"}{" "}
            not part of it:
          </p>
          <ul>
            {failed.map((result, index) => (
              <li key={index}>
                {result.filename} <code>{result.success ? "" : result.error.code}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
