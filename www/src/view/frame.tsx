// Header and footer: name, state of the engine, and that this is for research only.

import { Fragment } from "preact";
import { isSingleFile } from "../embedded.ts";
import { bytes, percent } from "../format.ts";
import { OWN_MODEL } from "../own-model/words.ts";
import { BREAKHIS_URL, MODEL_CARD_PAGE, PRIVACY_PAGE } from "../paths.ts";
import { RESEARCH_USE } from "../wording.ts";
import type { EngineState } from "../workbench.ts";
import { useWorkbench } from "./context.ts";
import { Mark } from "./mark.tsx";
import { OfflineNote } from "./offline-note.tsx";

const REST = {
  here: "Everything is loaded: the network is not needed any more.",
  loading: "What the other precision needs is still loading.",
  failed: "What the other precision needs could not be loaded; choosing it tries again.",
};

function status(engine: EngineState): { tone: string; words: string; hint: string } {
  switch (engine.kind) {
    case "loading": {
      const share = engine.total > 0 ? ` ${percent(Math.min(1, engine.received / engine.total))}` : "";
      return { tone: "busy", words: `Loading the model${share}`, hint: "Images can be added already." };
    }
    case "ready":
      return {
        tone: "good",
        words: engine.rest === "here" ? "Ready, offline too" : "Ready",
        hint: REST[engine.rest],
      };
    case "failed":
      return { tone: "bad", words: "Could not start", hint: engine.error.message };
    case "unsupported":
      return { tone: "bad", words: "Browser not supported", hint: "" };
    default:
      return engine satisfies never;
  }
}

export function Header() {
  const { tone, words, hint } = status(useWorkbench().engine.value);
  return (
    <header class="header">
      <div class="brand">
        <Mark />
        <span class="brand-name">Histoscope</span>
      </div>
      <p class="research">{RESEARCH_USE}</p>
      <p class={`status status-${tone}`} title={hint} role="status">
        <span class="status-dot" aria-hidden="true" />
        {words}
      </p>
    </header>
  );
}

export function Footer() {
  const workbench = useWorkbench();
  const engine = workbench.engine.value;
  const own = workbench.own.inUse.value !== null;
  return (
    <footer class="footer">
      {own ? (
        <p>
          <strong>{RESEARCH_USE}</strong> {OWN_MODEL.footer}
        </p>
      ) : (
        <p>
          <strong>{RESEARCH_USE}</strong> The network has seen few patients and only one laboratory's slides.
          It can be wrong about any image, and sure of it.{" "}
          {!isSingleFile() && (
            <a href={MODEL_CARD_PAGE}>What it was trained on, how good it is, and its limits</a>
          )}
        </p>
      )}
      {engine.kind === "ready" && <ModelLine state={engine} />}
      <p>
        {!own && (
          <>
            Trained on <a href={BREAKHIS_URL}>BreakHis</a> (Spanhol et al., 2016).{" "}
          </>
        )}
        Your images stay on this machine: no upload, no cookies, no third party.{" "}
        {!isSingleFile() && <a href={PRIVACY_PAGE}>How to check that yourself</a>}
      </p>
      <OfflineNote />
    </footer>
  );
}

function ModelLine({ state }: { state: Extract<EngineState, { kind: "ready" }> }) {
  const { manifest, build } = state.engine;
  return (
    <details class="model-line">
      <summary>
        Model {manifest.name} {manifest.version}, engine {build.version}
      </summary>
      <dl class="facts">
        {manifest.architecture !== undefined && (
          <>
            <dt>Architecture</dt>
            <dd>{manifest.architecture}</dd>
          </>
        )}
        <dt>Kernels</dt>
        <dd>{build.kernels}</dd>
        {(["int8", "f32"] as const).map((variant) => {
          const file = manifest.variants[variant];
          return (
            file !== undefined && (
              <Fragment key={variant}>
                <dt>
                  {variant}, {bytes(file.bytes)}
                </dt>
                <dd class="hash">{file.sha256}</dd>
              </Fragment>
            )
          );
        })}
        {manifest.licence !== undefined && (
          <>
            <dt>Licence</dt>
            <dd>{manifest.licence}</dd>
          </>
        )}
      </dl>
    </details>
  );
}
