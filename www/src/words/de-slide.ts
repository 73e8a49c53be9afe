// The words about slides in German.

import type { SlideWords } from "./en-slide.ts";
import { numbersOf } from "./numbers.ts";

const { integer, length } = numbersOf("de");

export const slideWords: SlideWords = {
  slide: "Objektträger-Scan",
  facts: (format, width, height, um) =>
    `${format}, ${integer(width)} × ${integer(height)} Pixel, ${um === null ? "Maßstab unbekannt: unten angeben" : `${length(um)} je Pixel`}.`,
  tissue: (share) => `Gewebe: ${share} davon.`,
  tissueTools: "Gewebe",
  showTissue: "Zeigen, wo Gewebe gefunden wurde",
  brushes: {
    adds: { name: "Gewebe hinzufügen", hint: "Über übersehenes Gewebe malen." },
    rubs: { name: "Wegradieren", hint: "Über das malen, was kein Gewebe ist oder nicht zählen soll." },
  },
  brushKeys:
    "Mit der Tastatur: Die Pfeile bewegen den Pinsel (mit Umschalt viermal so weit), die Leertaste malt, Escape beendet.",
  brushSize: "Pinsel",
  undo: "Rückgängig",
  asFound: "Wie gefunden",
  corrected: (strokes) =>
    strokes === 1
      ? "Von Hand berichtigt mit 1 Strich."
      : `Von Hand berichtigt mit ${integer(strokes)} Strichen.`,
  judgeTissue: "Berichtigtes Gewebe auswerten",
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
  judged: "Einstufung der Regionen",
  verdict: "Einstufung",
  malignant: "Bösartig",
  patches: "Ausschnitte",
  voted: (voters, patches) => `${integer(voters)} von ${integer(patches)}`,
  save: "Karte und Regionen speichern (GeoJSON)",
  saveMap: (format) => `Karte speichern (${format})`,
};
