/** The model's manifest; the model files lie beside it under the names it gives. */
export declare const MANIFEST_PATH = "models/histoscope-v0.json";
/** What there is to try: the names of pictures, which lie beside it; the words say what they show. */
export declare const DEMO_INDEX_PATH = "demo/index.json";
/** What the page does with data, and how to see for oneself. */
export declare const PRIVACY_PAGE = "privacy.html";
/** The model card: training, scores, limits. */
export declare const MODEL_CARD_PAGE = "model-card.html";
/** Where the real micrographs that the model learnt from can be had. */
export declare const BREAKHIS_URL = "https://web.inf.ufpr.br/vri/databases/breast-cancer-histopathological-database-breakhis/";
/**
 * The last part of a file's address. No two published files share one (the build sees to it), so it names a file both
 * on a server and inside the single-file edition, where addresses mean nothing.
 */
export declare function fileName(url: string | URL): string;
