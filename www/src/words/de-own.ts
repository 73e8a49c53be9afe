// The words about a person's own model in German.

import type { OwnModelWords } from "./en-own.ts";
import { numbersOf } from "./numbers.ts";

const { bytes, integer, percent, plural } = numbersOf("de");

export const ownModel = {
  welcome: "Auch ein eigener Klassifikator (ONNX) kann hier abgelegt werden.",
  choose: "ONNX-Datei wählen",
  pickerLabel: "Modelldatei",
  builtIn: (name) => `${name}, eingebaut`,
  fieldName: "Modell",
  fieldHint:
    "Ein eigener Klassifikator als ONNX, samt seinem Manifest oder seiner Konfiguration (JSON) und seiner Datei mit Gewichten, falls er sie hat. Er bleibt auf diesem Rechner. Zusammen ablegen geht auch.",
  precisionHint: "Ein eigenes Modell hat nur eine Genauigkeit.",

  title: (name) => `${name} verwenden?`,
  reading: "Das Modell wird in einem eigenen Worker gelesen.",
  trying: "Das Modell wird in einem eigenen Worker an einem Ausschnitt erprobt.",
  refused: (name) => `${name} ist nicht verwendbar`,
  cancel: "Abbrechen",
  close: "Schließen",
  use: "Dieses Modell verwenden",
  unknownQuality:
    "Es ist nicht bekannt, wie gut dieses Modell ist und ob seine Wahrscheinlichkeiten stimmen. „Unbekannt“ antwortet es nie, und „unsicher“ nur, wenn sein Manifest oder die Optionen sagen, wann. Die Ergebnisse sind allein die des Modells, nur für Forschungszwecke.",
  beginAnew: "Bilder, die gerade ausgewertet werden, beginnen damit von vorn.",
  why: "Grund",
  facts: {
    file: "Datei",
    hash: "SHA-256",
    writtenBy: "Erstellt mit",
    input: "Eingabe",
    scores: "Ausgabe",
    layers: "Schichten",
    manifest: "Manifest",
  },
  unknownType: "unbekannt",
  madeBy: (operator) => `berechnet von ${operator}`,
  opset: (version) => `ONNX-Operatoren ${version}`,
  layers: (nodes, lowered, fused) =>
    fused === 0
      ? `${integer(nodes)} Knoten; keiner läuft in den schnellen int8-Kerneln`
      : `${integer(nodes)} Knoten, ${lowered === 1 ? "davon läuft" : "davon laufen"} ${integer(lowered)} als ${plural(fused, "schnelle int8-Schicht", "schnelle int8-Schichten")}`,
  withManifest: "kam mit der Datei, oder eine Konfiguration, die einen Teil davon sagt",
  withoutManifest: "keines; die Fragen unten ersetzen es",

  select: "Bitte wählen",
  firstLabel: {
    two: "Der erste der beiden Werte steht für",
    one: "Ein hoher Wert bedeutet",
    hint: "Die Reihenfolge der Klassen im Training. Bei Ordnern namens „benign“ und „malignant“ ist sie alphabetisch.",
    hintOne: "Im Training ist es die Klasse mit der Nummer 1.",
  },
  classes: {
    name: (count: number) => `Seine ${integer(count)} Klassen in der Reihenfolge der Werte`,
    grouping: {
      name: "Diese Klassen",
      own: "stehen für sich selbst",
      groups: "zählen als gutartig oder bösartig",
      hint: "Die Wahrscheinlichkeiten aller, die als dasselbe zählen, werden addiert.",
      hintOwn: "Urteile, Karte und Tabellen tragen diese Namen.",
    },
    label: (index: number) => `Name der Klasse ${integer(index)}`,
    counts: (name: string) => `${name} zählt als`,
  },
  scores: {
    name: "Die Werte sind",
    logits: "Logits, vor dem Softmax",
    logitsOne: "Logits, vor dem Sigmoid",
    probabilities: "Wahrscheinlichkeiten, 0 bis 1",
    hint: "Die meisten Exporte enden vor dem Softmax.",
  },
  normalisation: {
    name: "Skalierung der Pixel",
    hint: "Wie im Training. Mit einer anderen Skalierung bedeuten die Ergebnisse nichts.",
    imagenet: "Mittelwert und Abweichung von ImageNet (torchvision)",
    zeroToOne: "0 bis 1",
    minusOneToOne: "−1 bis 1",
    raw: "keine, 0 bis 255",
    custom: "eine andere",
    divisor: "Bezogen auf Pixel von",
    unitsOne: "0 bis 1",
    unitsRaw: "0 bis 255",
    mean: "Mittelwert",
    std: "Standardabweichung",
    colours: ["Rot", "Grün", "Blau"],
  },
  channels: {
    name: "Reihenfolge der Farben",
    rgb: "Rot, Grün, Blau",
    bgr: "Blau, Grün, Rot (OpenCV)",
    hint: "Die Datei verrät sie nicht. Meist ist es Rot, Grün, Blau.",
  },
  layout: {
    name: "Reihenfolge der Achsen",
    nchw: "Farben, Zeilen, Spalten (NCHW)",
    nhwc: "Zeilen, Spalten, Farben (NHWC)",
    hint: "Die Datei verrät sie nicht. Bei PyTorch stehen die Farben vorn, bei TensorFlow hinten.",
  },
  patchSize: {
    name: "Seite eines Ausschnitts, in Pixeln",
    hint: (most) => `Die Datei legt sie nicht fest. Wie im Training, höchstens ${integer(most)}.`,
  },

  label: "Eigenes Modell",
  inUse: (name) => `Das eigene Modell ${name} wird verwendet.`,
  inUseWarning: "Über seine Güte und seine Kalibrierung ist nichts bekannt.",
  fusedShare: (share) =>
    share === 0
      ? "Nichts von seiner Rechenarbeit läuft auf dem schnellen Weg, der für quantisierte Netze ist."
      : `${percent(share)} seiner Rechenarbeit laufen auf dem schnellen Weg.`,
  scalingDoubt: {
    told: (likely) => `Nach seiner Datei werden Pixel anders skaliert: ${likely}.`,
    saturated: (likely) =>
      `So, wie Pixel jetzt skaliert werden, gibt es jedem Bild, auch einem grauen, mit Gewissheit dieselbe Klasse. Wahrscheinlicher ist: ${likely}.`,
  },
  fallback: (why) => `Es läuft ohne seine verschmolzenen int8-Schichten, und langsamer: ${why}.`,
  kept: (name, size) => `Das eigene Modell ${name}, ${bytes(size)}, ist in diesem Browser gespeichert.`,
  useKept: "Verwenden",
  remove: "Entfernen",
  back: "Zurück zum eingebauten Modell",
  notKept: (why) => `Es konnte nicht für den nächsten Besuch gespeichert werden: ${why}.`,
  outdated: (count) =>
    `${plural(count, "Ergebnis entstand", "Ergebnisse entstanden")} mit einem anderen Modell.`,
  again: "Mit diesem wiederholen",
  footer:
    "Verwendet wird ein eigenes Modell, nicht das eingebaute. Womit es trainiert wurde und wie oft es falsch liegt, ist hier nicht bekannt.",
  announced: (name) => `${name} wird jetzt verwendet.`,
  announcedBack: "Das eingebaute Modell wird wieder verwendet.",
} satisfies OwnModelWords;
