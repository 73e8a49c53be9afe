// In German what the page and the element have in common.

import type { CommonWords } from "./common.ts";

export const commonDe: CommonWords = {
  verdicts: {
    benign: "Gutartig",
    malignant: "Bösartig",
    uncertain: "Unsicher",
    unfamiliar: "Unbekannt",
    "not assessable": "Nicht beurteilbar",
  },
  labels: { benign: "gutartig", malignant: "bösartig" },
  reasons: { background: "leer", blurred: "unscharf", not_he: "nicht H&E" },
  researchUse: "Nur für Forschungszwecke. Kein Medizinprodukt, keine Diagnose.",
};
