// Puts the model card, models/MODEL_CARD.md, into model-card.html, and its plots beside the models.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Marked, Renderer } from "marked";
import type { Plugin } from "vite";

const MODELS = join(import.meta.dirname, "..", "models");
const PLACE = "<!-- models/MODEL_CARD.md -->";
const PLOTS = "plots";

/** Markdown as HTML. Tables scroll by themselves, by keyboard too; a table's name is the heading above it. */
export function renderCard(markdown: string): string {
  let section = "Model card";
  const marked = new Marked({
    renderer: {
      heading({ text }) {
        section = text;
        return false;
      },
      table(token) {
        const name = section.replaceAll('"', "");
        const table = Renderer.prototype.table.call(this, token);
        return `<div class="wide" role="region" aria-label="Table: ${name}" tabindex="0">${table}</div>\n`;
      },
      image({ href, text }) {
        return `<img src="./models/${href}" alt="${text}" loading="lazy" />`;
      },
    },
  });
  // The block between dashes is for model hubs.
  const body = markdown.replace(/^---\n[\s\S]*?\n---\n/, "");
  return marked.parse(body, { async: false });
}

export function modelCard(): Plugin {
  return {
    name: "model-card",
    transformIndexHtml(html) {
      if (!html.includes(PLACE)) return html;
      return html.replace(PLACE, () => renderCard(readFileSync(join(MODELS, "MODEL_CARD.md"), "utf8")));
    },
    generateBundle() {
      for (const plot of readdirSync(join(MODELS, PLOTS))) {
        this.emitFile({
          type: "asset",
          fileName: `models/${PLOTS}/${plot}`,
          source: readFileSync(join(MODELS, PLOTS, plot)),
        });
      }
    },
  };
}
