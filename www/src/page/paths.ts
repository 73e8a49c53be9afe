// Where the page finds what it did not bundle, relative to the page itself: the one place that names these files.

/** The model's manifest; the model files lie beside it under the names it gives. */
export const MANIFEST_PATH = "models/histoscope-v0.json";

/**
 * The manifest of the network that lessons may be made on. It and its file are published like the others, but nobody fetches
 * or keeps them before somebody asks.
 */
export const DEEPER_MANIFEST_PATH = "models/histoscope-teaching.json";

/** What there is to try: the names of pictures, which lie beside it; the words say what they show. */
export const DEMO_INDEX_PATH = "demo/index.json";

/** A study to try teaching with: its fields, which lie beside it, with their patients and labels. */
export const DEMO_STUDY_PATH = "demo-study/study.json";

/** What the page does with data, and how to see for oneself. */
export const PRIVACY_PAGE = "privacy.html";

/** The model card: training, scores, limits. */
export const MODEL_CARD_PAGE = "model-card.html";

/** Where the real micrographs that the model learnt from can be had. */
export const BREAKHIS_URL =
  "https://web.inf.ufpr.br/vri/databases/breast-cancer-histopathological-database-breakhis/";

/**
 * The last part of a file's address. No two published files share one (the build sees to it), so it names a file both
 * on a server and inside the single-file edition, where addresses mean nothing.
 */
export function fileName(url: string | URL): string {
  return new URL(url).pathname.split("/").at(-1) ?? "";
}
