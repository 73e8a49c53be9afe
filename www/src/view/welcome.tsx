// The empty page: what this is, where to drop, what to try.

import { BREAKHIS_URL } from "../page/paths.ts";
import { fromDemo } from "../study/demos.ts";
import { words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { OptionsPanel } from "./options-panel.tsx";
import { Pickers } from "./pickers.tsx";
import { KeptLessons } from "./teach/lesson-note.tsx";

/** Opens a study that was drawn, with patients and labels. */
function DemoStudy() {
  const workbench = useWorkbench();
  const { demoStudy, welcome } = words.value;
  const fetching = workbench.openingDemo.value;
  return (
    <p class="demo-study">
      <button type="button" class="button" disabled={fetching} onClick={() => void workbench.openDemoStudy()}>
        {fetching ? demoStudy.opening : demoStudy.open}
      </button>{" "}
      <span class="tag">{welcome.synthetic}</span> <span class="demo-note">{demoStudy.what}</span>
    </p>
  );
}

export function Welcome() {
  const workbench = useWorkbench();
  const demos = workbench.demos.value;
  const { ownModel, welcome } = words.value;
  return (
    <div class="welcome">
      <section class="pitch">
        <h1>{welcome.title}</h1>
        <p class="lead">{welcome.what}</p>
        <p class="lead">
          {welcome.here} <strong>{welcome.noUpload}</strong> {welcome.policy}
        </p>
      </section>

      <section class="dropzone" aria-labelledby="drop-title">
        <svg class="drop-mark" viewBox="0 0 48 48" aria-hidden="true">
          <path d="M10 30v8h28v-8M24 8v22m-9-9 9 9 9-9" />
        </svg>
        <h2 id="drop-title">{welcome.drop}</h2>
        <Pickers />
        <p class="hint">
          {welcome.formats} {ownModel.welcome}
        </p>
      </section>

      <section class="tryout" aria-labelledby="try-title">
        <h2 id="try-title">{welcome.nothing}</h2>
        {demos.length > 0 && (
          <ul class="demos">
            {demos.map((demo) => (
              <li key={demo.file.name}>
                <button type="button" class="demo" onClick={() => workbench.arrivals.add(fromDemo(demo))}>
                  <img src={demo.url} alt="" width="96" height="66" />
                  <span class="demo-words">
                    <span class="demo-title">{welcome.try(demo.title(words.value))}</span>
                    <span class="tag">{welcome.synthetic}</span>
                    <span class="demo-note">{demo.what(words.value)}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {demos.length > 0 && <DemoStudy />}
        <p class="hint">
          {demos.length > 0 && `${welcome.noTissue} `}
          {welcome.real}{" "}
          <a href={BREAKHIS_URL} target="_blank" rel="noopener">
            {welcome.breakhis}
          </a>
          .
        </p>
      </section>

      {workbench.networks.teachable.value && <KeptLessons />}
      <OptionsPanel />
    </div>
  );
}
