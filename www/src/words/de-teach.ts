// Die Wörter über Urteil und Lehre auf Deutsch.

import type { TeachWords } from "./en-teach.ts";
import { numbersOf } from "./numbers.ts";

const { integer } = numbersOf("de");

export const teach: TeachWords = {
  title: "Gemessen an der Wahrheit",
  count: (images, patients) =>
    `${images === 1 ? "1 Bild mit Label" : `${integer(images)} Bilder mit Label`} von ${
      patients === 1 ? "1 Patienten" : `${integer(patients)} Patienten`
    }`,
  howToLabel:
    "Sagen, was die Bilder wirklich zeigen, durch Ordner namens gutartig und bösartig, durch eine Tabelle oder Bild für Bild mit B und M: Dann lässt sich sagen, wie gut die Urteile sind, und daraus lernen.",
  otherClasses:
    "Diese Labels sind keine der Klassen, die jetzt unterschieden werden, daher lassen sich die Urteile nicht an ihnen messen. Daraus gelernt, kann es sie unterscheiden.",
  wayOut: "Lernen lassen",
  wayOutWhy:
    "Mit einigen Bildern dieses Labors und ihren Labels kann es lernen, es zu kennen, hier auf diesem Gerät.",
  working: "Wird berechnet …",
  nothing: "Noch lässt sich nichts sagen.",
  failed: "Die Labels ließen sich nicht mit den Urteilen vergleichen.",

  leftOut: {
    title: "Urteile über das Ausgelassene",
    patients: "Jedes Bild, wie es eine Lektion beurteilt hat, die seinen Patienten nicht kannte.",
    images:
      "Jedes Bild, wie es eine Lektion beurteilt hat, die es nicht kannte; andere seines Patienten schon.",
    image: "Bild",
    patient: "Patient",
    label: "Label",
    said: "Urteil",
    wrong: "(trifft nicht zu)",
    more: (count) => `und ${integer(count)} weitere, die in der Datei stehen`,
    save: "Diese herunterladen (CSV)",
    brief: "Gelernt",
    note: (said) =>
      `Die Lektion, die urteilt, hat aus diesem Bild gelernt. Als es ausgelassen war, lautete das Urteil: ${said}.`,
  },

  deeper: {
    choice: "Tiefer blicken",
    once: (size) => `Dafür wird einmal ein tieferes Netz geholt (${size}).`,
    here: "Das tiefere Netz ist auf diesem Gerät.",
    cost: (times) =>
      `Für ein Bild braucht es ${times === "" ? "länger" : `etwa ${times}-mal so lange`}: Die Bilder mit Label werden jetzt neu angesehen, alle anderen, sobald die Lektion urteilt.`,
    worth:
      "Von einem anderen Labor lernt es mehr: Auf 574 Feldern der Mundschleimhaut, gelernt an der einen und geprüft an der anderen Hälfte, betrug die AUC 0,90 statt 0,85. Von Brustgewebe in anderen Färbungen lernte es etwas weniger.",
    stays:
      "Alle Urteile bleiben, bis die Lektion verwendet wird, und kommen bei diesem Besuch wieder, wenn sie weggelegt wird.",
    fetching: (received, total) => `Das tiefere Netz wird geholt: ${received} von ${total} …`,
    looking: (done, total) =>
      `Blickt tiefer: ${integer(done)} von ${total === 1 ? "1 Bild" : `${integer(total)} Bildern`} …`,
    notInFile: (file) =>
      `Ein tieferes Netz lernt von einem anderen Labor mehr. Es ist nicht in dieser Datei, die damit um ein Drittel größer wäre: ${file} hierher ziehen, das neben den anderen Modellen der Seite und in ihrem Quelltext liegt.`,
    taken: "Das tiefere Netz ist da.",
    of: "Auf dem tieferen Netz, das für ein Bild länger braucht.",
    missing: (name) =>
      `Die Lektion ${name} wurde auf dem tieferen Netz gelernt, das nicht auf diesem Gerät ist.`,
    fetch: (size) => `Holen (${size}) und die Lektion verwenden`,
    drop: (file) => `Es ist nicht in dieser Datei: ${file} hierher ziehen.`,
    notNow: "Jetzt nicht",
    cancel: "Abbrechen",
    precision: "Das tiefere Netz, auf dem die Lektion gelernt wurde, gibt es in einer Genauigkeit.",
  },

  classes: {
    share: "Anteil",
    shareHint: "Wahrscheinlichkeit der genannten Klasse",
    mixed: "nach Klasse",
    votes: (counts, leftOut) => `${counts}.${leftOut === "" ? "" : ` Ohne Stimme: ${leftOut}.`}`,
    listed: (counts, leftOut) => `${counts || "keine"}, ${integer(leftOut)} ausgelassen`,
    histogram: "Ausschnitte nach Klasse",
    most: (label) => `Am deutlichsten ${label}`,
    none: (label) => `Kein Ausschnitt stimmt für ${label}.`,
    others: (count) => `${integer(count)} andere`,
    meanOver: (images) => `Mittel über ${integer(images)} ${images === 1 ? "Bild" : "Bilder"}.`,
  },

  lessons: {
    label: "Lektion",
    inForce: (name) => `Es urteilt die Lektion ${name}.`,
    taughtOn: (what) => `Gelernt aus ${what}.`,
    part: (images, label) => `${integer(images)} ${label}`,
    proof: (auc) => `AUC ${auc} an ausgelassenen Patienten.`,
    unproven: "Nichts beweist, dass sie etwas taugt.",
    back: "Zurück zum Modell, wie es kam",
    save: "Herunterladen",
    onnx: "Als ONNX herunterladen",
    onnxHint: "Das Modell mit dieser Lektion in einer Datei, für ONNX Runtime und ähnliche Programme",
    notExported: (why) => `Die Lektion konnte nicht als ONNX gesichert werden. ${why}`,
    kept: "Lektionen auf diesem Gerät",
    use: "Verwenden",
    remove: "Entfernen",
    useOf: (name) => `Die Lektion ${name} verwenden`,
    removeOf: (name) => `Die Lektion ${name} entfernen`,
    saveOf: (name) => `Die Lektion ${name} herunterladen`,
    notKept: (why) =>
      `Die Lektion ließ sich nicht für den nächsten Besuch behalten (${why}). Bitte herunterladen.`,
    refused: "Die Lektion lässt sich nicht verwenden",
    judging: "Alles wird neu beurteilt …",
    judged: (name) => `Alles wurde von der Lektion ${name} neu beurteilt.`,
    judgedBack: "Alles wurde vom Modell, wie es kam, neu beurteilt.",
    fact: "Lektion",
  },
};
