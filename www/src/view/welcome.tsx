// The empty page: what this is, where to drop, what to try.

import { fromDemo } from "../demos.ts";
import { OWN_MODEL } from "../own-model/words.ts";
import { BREAKHIS_URL } from "../paths.ts";
import { useWorkbench } from "./context.ts";
import { OptionsPanel } from "./options-panel.tsx";
import { Pickers } from "./pickers.tsx";

export function Welcome() {
  const workbench = useWorkbench();
  const demos = workbench.demos.value;
  return (
    <div class="welcome">
      <section class="pitch">
        <h1>Benign or malignant? Ask a small neural network, on your own machine.</h1>
        <p class="lead">
          Drop breast-tissue micrographs stained with haematoxylin and eosin. Histoscope looks at patches of
          each, says benign or malignant with a probability, and paints over the picture where it saw what.
        </p>
        <p class="lead">
          It all runs in this tab. <strong>No image leaves your computer:</strong> the page's own security
          policy forbids it.
        </p>
      </section>

      <section class="dropzone" aria-labelledby="drop-title">
        <svg class="drop-mark" viewBox="0 0 48 48" aria-hidden="true">
          <path d="M10 30v8h28v-8M24 8v22m-9-9 9 9 9-9" />
        </svg>
        <h2 id="drop-title">Drop images or a folder here</h2>
        <Pickers />
        <p class="hint">
          PNG, JPEG, TIFF, BMP or WebP, at least 224 pixels on each side. Paste works too. A report saved here
          (JSON) shows its results again. {OWN_MODEL.welcome}
        </p>
      </section>

      <section class="tryout" aria-labelledby="try-title">
        <h2 id="try-title">Nothing at hand?</h2>
        {demos.length > 0 && (
          <ul class="demos">
            {demos.map((demo) => (
              <li key={demo.file.name}>
                <button type="button" class="demo" onClick={() => workbench.add(fromDemo(demo))}>
                  <img src={demo.url} alt="" width="96" height="66" />
                  <span class="demo-words">
                    <span class="demo-title">Try: {demo.title}</span>
                    <span class="tag">Synthetic</span>
                    <span class="demo-note">{demo.note}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
        <p class="hint">
          {demos.length > 0 &&
            "These were drawn by a program and show no tissue, so their verdict means nothing. "}
          Real micrographs, from 82 patients: <a href={BREAKHIS_URL}>the BreakHis data set</a>.
        </p>
      </section>

      <OptionsPanel />
    </div>
  );
}
