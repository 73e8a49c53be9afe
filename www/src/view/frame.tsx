// Header and footer: name, state of the engine, where the model comes from and its limits.

import { Fragment } from "preact";
import { bestKernels } from "../engine/capabilities.ts";
import type { EngineState } from "../engine/life.ts";
import { isSingleFile } from "../page/embedded.ts";
import { BREAKHIS_URL, MODEL_CARD_PAGE, PRIVACY_PAGE } from "../page/paths.ts";
import { chooseLanguage, LANGUAGES, type Language, language } from "../words/language.ts";
import { plain, told } from "../words/told.ts";
import { bytes, loadWords, percent, words } from "../words/words.ts";
import { useWorkbench } from "./context.ts";
import { Mark } from "./mark.tsx";
import { OfflineNote } from "./offline-note.tsx";

function status(engine: EngineState): { tone: string; text: string; hint: string } {
  const { frame } = words.value;
  switch (engine.kind) {
    case "loading": {
      const share = engine.total > 0 ? percent(Math.min(1, engine.received / engine.total)) : "";
      return { tone: "busy", text: frame.loading(share), hint: frame.loadingHint };
    }
    case "ready":
      return {
        tone: "good",
        text: engine.rest === "here" ? frame.readyAll : frame.ready,
        hint: frame.rest[engine.rest],
      };
    case "failed":
      return { tone: "bad", text: frame.couldNotStart, hint: plain(told(engine.error).message) };
    case "unsupported":
      return { tone: "bad", text: frame.unsupported, hint: "" };
    default:
      return engine satisfies never;
  }
}

export function Header() {
  const { tone, text, hint } = status(useWorkbench().life.state.value);
  return (
    <header class="header">
      <div class="brand">
        <Mark />
        <span class="brand-name">Histoscope</span>
      </div>
      <p class={`status status-${tone}`} title={hint} role="status">
        <span class="status-dot" aria-hidden="true" />
        {text}
      </p>
      <LanguageChoice />
    </header>
  );
}

/** Each language is named in itself, for those who read no other. */
function LanguageChoice() {
  const { announcement } = useWorkbench();
  return (
    <select
      class="language"
      aria-label={words.value.page.language}
      onChange={({ currentTarget }) => {
        const chosen = currentTarget.value as Language;
        loadWords(chosen).then(
          () => {
            // What was said last need not be said again in the other language.
            announcement.value = null;
            chooseLanguage(chosen);
          },
          () => {
            currentTarget.value = language.value;
          },
        );
      }}
    >
      {Object.entries(LANGUAGES).map(([tag, { name }]) => (
        <option key={tag} value={tag} lang={tag} selected={tag === language.value}>
          {name}
        </option>
      ))}
    </select>
  );
}

export function Footer() {
  const workbench = useWorkbench();
  const engine = workbench.life.state.value;
  const own = workbench.own.inUse.value !== null;
  const { frame, ownModel } = words.value;
  return (
    <footer class="footer">
      <p>
        {own ? ownModel.footer : frame.limits}{" "}
        {!own && !isSingleFile() && (
          <a href={MODEL_CARD_PAGE} hreflang="en" target="_blank" rel="noopener">
            {frame.modelCard}
          </a>
        )}
      </p>
      {engine.kind === "ready" && <ModelLine state={engine} />}
      <p>
        {!own && (
          <>
            {frame.trainedOn}{" "}
            <a href={BREAKHIS_URL} target="_blank" rel="noopener">
              BreakHis
            </a>{" "}
            (Spanhol et al., 2016).{" "}
          </>
        )}
        {frame.stays}{" "}
        {!isSingleFile() && (
          <a href={PRIVACY_PAGE} hreflang="en" target="_blank" rel="noopener">
            {frame.privacy}
          </a>
        )}
      </p>
      <OfflineNote />
    </footer>
  );
}

function ModelLine({ state }: { state: Extract<EngineState, { kind: "ready" }> }) {
  const { manifest, build } = state.engine;
  const { facts, frame } = words.value;
  return (
    <details class="model-line">
      <summary>{frame.model(manifest.name, manifest.version, build.version)}</summary>
      <dl class="facts">
        {manifest.architecture !== undefined && (
          <>
            <dt>{facts.architecture}</dt>
            <dd lang="en">{manifest.architecture}</dd>
          </>
        )}
        <dt>{facts.kernels}</dt>
        <dd>
          {build.kernels}
          {bestKernels(globalThis) === "simd128" && ` (${frame.withoutRelaxed})`}
        </dd>
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
            <dt>{facts.licence}</dt>
            <dd lang="en">{manifest.licence}</dd>
          </>
        )}
      </dl>
    </details>
  );
}
