// The words about slides in German.

import type { SlideWords } from "./en-slide.ts";
import { numbersOf } from "./numbers.ts";

const { integer, length } = numbersOf("de");

export const slideWords: SlideWords = {
  slide: "Objektträger-Scan",
  facts: (format, width, height, um) =>
    `${format}, ${integer(width)} × ${integer(height)} Pixel, ${um === null ? "Maßstab unbekannt: unten angeben" : `${length(um)} je Pixel`}.`,
  tissue: (share) => `Gewebe: ${share} davon.`,
  showTissue: "Zeigen, wo Gewebe gefunden wurde",
  lookAtMany: (patches) => `${integer(patches)} Ausschnitte auswerten`,
  lookAtAll: (patches) => `Alle ${integer(patches)} Ausschnitte auswerten`,
  outline: "Regionen",
  tools: {
    rectangle: { name: "Rechteck", hint: "Von Ecke zu Ecke ziehen." },
    polygon: {
      name: "Vieleck",
      hint: "Ecke für Ecke klicken; ein Doppelklick oder ein Klick auf die erste schließt es.",
    },
    freehand: { name: "Freihand", hint: "Das Gemeinte umfahren; Loslassen schließt den Umriss." },
  },
  outlineView: "Sichtbares umreißen",
  read: "GeoJSON lesen",
  regionsFile: "Regionen als GeoJSON",
  region: "Region",
  nameOf: (number) => `Name der Region ${number}`,
  remove: "Entfernen",
  removeOf: (name) => `${name} entfernen`,
  judge: "Umrissenes auswerten",
  judged: "Urteile der Regionen",
  verdict: "Urteil",
  malignant: "Bösartig",
  patches: "Ausschnitte",
  voted: (voters, patches) => `${integer(voters)} von ${integer(patches)}`,
  save: "Karte und Regionen speichern (GeoJSON)",
};
