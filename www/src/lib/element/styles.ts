// The element's styles, as a sheet to be adopted: a policy that forbids inline styles does not forbid these.
//
// Light or dark follows the `color-scheme` that the element inherits or is given. Browsers without `light-dark()`
// (before Chrome 123, Firefox 120, Safari 17.5) see the light colours.

import { STOPS } from "../../study/core-types.ts";

/** Light, dark. What a page may set is called the same with `--histoscope-` before it. */
const TOKENS = {
  surface: ["#fffefb", "#191f27"],
  sunken: ["#f3f0e8", "#11161c"],
  ink: ["#1b2330", "#ece9e1"],
  "ink-soft": ["#515c6b", "#a6b0bd"],
  line: ["#d8d3c6", "#39434f"],
  "line-strong": ["#8d8a80", "#6d7886"],
  accent: ["#0b6660", "#62c8bd"],
  "accent-ink": ["#ffffff", "#06211f"],
  benign: ["#0c549e", "#7db8ee"],
  malignant: ["#a84300", "#f7a25c"],
  bad: ["#98231f", "#ff9d94"],
} as const;

const tokens = Object.entries(TOKENS);
const light = tokens.map(([name, [value]]) => `--_${name}: var(--histoscope-${name}, ${value});`);
const both = tokens.map(
  ([name, pair]) => `--_${name}: var(--histoscope-${name}, light-dark(${pair.join(", ")}));`,
);
const ramp = STOPS.map((stop) => `rgb(${stop.join(" ")})`).join(", ");

const CSS = `
:host { ${light.join(" ")} display: block; container-type: inline-size; }
@supports (color: light-dark(#000, #fff)) { :host { ${both.join(" ")} } }
:host([hidden]) { display: none; }
[hidden] { display: none !important; }
* { box-sizing: border-box; }

.box {
  display: grid;
  gap: 1rem;
  padding: 1rem;
  font: var(--histoscope-font, 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif);
  color: var(--_ink);
  background: var(--_surface);
  border: 1px solid var(--_line);
  border-radius: var(--histoscope-radius, 10px);
}
p, h3, figure { margin: 0; }
h3 { font-size: 1rem; }

.drop {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 0.35rem 0.75rem;
  color: var(--_ink-soft);
}
.formats { flex-basis: 100%; font-size: 0.875rem; }
.empty .drop {
  flex-direction: column;
  justify-content: center;
  min-block-size: 13rem;
  padding: 1.5rem 1rem;
  text-align: center;
  background: var(--_sunken);
  border: 2px dashed var(--_line-strong);
  border-radius: calc(var(--histoscope-radius, 10px) - 3px);
}
.empty .formats { flex-basis: auto; }
.over { outline: 3px solid var(--_accent); outline-offset: -3px; }
.over .drop { border-color: var(--_accent); }

button {
  min-block-size: 2.5rem;
  padding: 0.4rem 1rem;
  font: inherit;
  font-weight: 600;
  color: var(--_accent);
  background: transparent;
  border: 1px solid var(--_accent);
  border-radius: calc(var(--histoscope-radius, 10px) - 3px);
  cursor: pointer;
}
.empty .choose { color: var(--_accent-ink); background: var(--_accent); }
button:hover { text-decoration: underline; text-underline-offset: 0.2em; }
:is(button, input):focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }

.work { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; }
.step { flex: 1 1 12rem; display: grid; gap: 0.35rem; }
progress { inline-size: 100%; block-size: 0.5rem; accent-color: var(--_accent); }

.finding { display: flex; flex-wrap: wrap; gap: 1rem 1.5rem; align-items: flex-start; }
.picture { flex: 1 1 17rem; min-inline-size: 0; display: grid; gap: 0.5rem; }
canvas {
  display: block;
  inline-size: 100%;
  max-block-size: 26rem;
  object-fit: contain;
  object-position: left top;
  border-radius: 4px;
}
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 0.6rem; font-size: 0.875rem; color: var(--_ink-soft); }
.ramp { flex: 1 1 4rem; max-inline-size: 9rem; block-size: 0.6rem; border-radius: 3px; background: linear-gradient(90deg, ${ramp}); }
.classes { display: flex; flex-wrap: wrap; gap: 0.25rem 0.6rem; }
.classes span { display: inline-flex; align-items: center; gap: 0.3rem; }
.classes i { inline-size: 0.8rem; block-size: 0.8rem; border-radius: 3px; }
.toggle { display: inline-flex; align-items: center; gap: 0.4rem; min-block-size: 1.5rem; margin-inline-start: auto; }
.toggle input { inline-size: 1.1rem; block-size: 1.1rem; margin: 0; accent-color: var(--_accent); }

.result { flex: 1 1 14rem; min-inline-size: 0; display: grid; gap: 0.6rem; align-content: start; }
.name { font-size: 0.875rem; color: var(--_ink-soft); overflow-wrap: anywhere; }
.verdict { font-size: 1.9rem; line-height: 1.15; font-weight: 650; }
.verdict.benign { color: var(--_benign); }
.verdict.malignant { color: var(--_malignant); }
.probability b { font-size: 1.15rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { block-size: 0.5rem; overflow: hidden; background: var(--_sunken); border: 1px solid var(--_line); border-radius: 3px; }
.bar div { block-size: 100%; background: var(--_malignant); }
.patches, .advice { font-size: 0.9375rem; }

.error { display: grid; gap: 0.4rem; justify-items: start; padding-inline-start: 0.9rem; border-inline-start: 4px solid var(--_bad); overflow-wrap: anywhere; }
.error h3 { color: var(--_bad); }
.code { font-size: 0.8125rem; color: var(--_ink-soft); }
.notice { font-size: 0.875rem; color: var(--_ink-soft); border-block-start: 1px solid var(--_line); padding-block-start: 0.6rem; }
.file, .live { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

@media (forced-colors: active) {
  .bar div { background: Highlight; }
  .ramp, .classes i { forced-color-adjust: none; }
}
`;

let sheet: CSSStyleSheet | null = null;

/** One sheet for every element on a page; made when the first is. */
export function styles(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
