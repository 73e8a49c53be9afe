// Die Wörter darüber, wie gut Urteile sind, und über das Lehren, auf Deutsch.

import type { JudgedWords } from "./en-judged.ts";
import { numbersOf } from "./numbers.ts";

const { integer } = numbersOf("de");

export const judgedWords: JudgedWords = {
  scores: {
    caption: "Je Bild und je Patient, mit 95-%-Bereichen über Patienten",
    measure: "Maß",
    image: "Je Bild",
    patient: "Je Patient",
    measures: {
      accuracy: { name: "Richtig", hint: "Anteil der richtigen Neigungen" },
      balanced_accuracy: { name: "Ausgewogen", hint: "Anteile richtiger Neigungen je Klasse, gemittelt" },
      sensitivity: { name: "Sensitivität", hint: "Von den bösartigen: Neigung bösartig" },
      specificity: { name: "Spezifität", hint: "Von den gutartigen: Neigung gutartig" },
      auc: {
        name: "AUC",
        hint: "Wie oft ein bösartiges die höhere Wahrscheinlichkeit hat; ein Halb ist Zufall",
      },
      calibration_error: {
        name: "Kalibrierfehler",
        hint: "Wie weit Konfidenz und richtiger Anteil im Mittel auseinanderliegen",
      },
    },
    estimate: (value, low, high) => `${value} (${low} bis ${high})`,
    none: "nicht bekannt",
    confusion: { image: "Bilder: Wahrheit und Neigung", patient: "Patienten: Wahrheit und Neigung" },
    truth: "Wahrheit",
    leans: (label) => `Neigung ${label}`,
    verdicts: (counts) => `Urteile über Bilder: ${counts}`,
  },

  plots: {
    table: "Als Tabelle",
    save: "SVG",
    saveLabel: (plot) => `Als SVG sichern: ${plot}`,
    of: "Kurven",
    subjects: { image: "Je Bild", patient: "Je Patient" },
    ofSubject: (title, subject) => (subject === "image" ? `${title}, je Bild` : `${title}, je Patient`),
    band: "In 95 von 100 Ziehungen von Patienten liegt die Kurve im schattierten Band oder in den Strichen.",
    low: (what) => `${what}, mindestens`,
    high: (what) => `${what}, höchstens`,
    roc: {
      title: "Sensitivität gegen Fehlalarme (ROC)",
      x: "Fehlalarme",
      y: "Sensitivität",
      about: (auc) => `AUC ${auc}. Die Diagonale ist Zufall.`,
      threshold: "Schwelle",
    },
    calibration: {
      title: "Konfidenz gegen Richtigkeit",
      x: "Konfidenz",
      y: "Richtig",
      about: (ece) => `Kalibrierfehler ${ece}. Auf der Diagonale sagt die Konfidenz, was sie meint.`,
      range: "Konfidenz von",
      to: "bis",
      count: { image: "Bilder", patient: "Patienten" },
    },
    coverage: {
      title: "Was bleibt, wenn nur sichere Urteile zählen",
      x: "Behalten",
      y: "Richtig",
      about: "Jeder Punkt ist eine Schwelle der Konfidenz.",
      threshold: "Schwelle der Konfidenz",
      at: (threshold, kept, right, subject) =>
        `Ab einer Konfidenz von ${threshold} bleiben ${kept} der ${subject === "image" ? "Bilder" : "Patienten"}, und ${right} davon sind richtig.`,
      none: (threshold, subject) =>
        `Kein ${subject === "image" ? "Bild" : "Patient"} hat eine Konfidenz von ${threshold}.`,
      use: "Darunter unsicher sein",
    },
  },

  worst: {
    title: "Sicher, aber falsch",
    hint: "Entweder ist die Neigung falsch oder das Label.",
    wrong: (label, other, share) => `Label ${label}, Neigung ${other} mit ${share}`,
    none: "Keine Neigung ist falsch.",
    more: (count) => `und ${integer(count)} weitere`,
  },

  warnings: "Zu beachten",
  remarks: {
    classes: "Es müssen zwei bis zwölf Arten von Labels sein.",
    too_many: "Es sind mehr Bilder, als sich zugleich berechnen lassen.",
    unknown_label: "Das Label {label} gehört zu keiner der Klassen, die hier unterschieden werden.",
    no_probabilities:
      "Mit dem Ergebnis von {image} lässt sich nicht rechnen. Das Bild noch einmal auswerten.",
    too_few:
      "Zu wenig mit dem Label {class}: Bilder {images}, Patienten {patients}; nötig sind {least_images} und {least_patients}.",
    patient_on_both_sides: "Von Patient {patient} gibt es Bilder mit verschiedenen Labels.",
    same_image_on_both_sides: "Gleiche Bilder haben verschiedene Labels: {images}.",
    taught:
      "Bilder, die hier nicht zählen, weil die Lektion, die urteilt, an ihnen oder anderen derselben Patienten gelernt hat: {count}.",
    all_taught:
      "An allen Bildern mit Label ({count}), oder an anderen derselben Patienten, hat die Lektion gelernt, die urteilt. Was sie an ausgelassenen Patienten leistete, steht oben; Bilder anderer Patienten würden mehr sagen.",
    copies: "Kopien anderer Bilder, die nur einmal zählen: {count}.",
    patients_unknown:
      "Von manchen Bildern ist kein Patient bekannt. Jedes zählt als eigener Patient, daher sehen die Zahlen besser aus, als sie sind.",
    classes_differ_by:
      "Die Klassen lassen sich schon an {what} unterscheiden: Vielleicht wurde nur das gelernt.",
    not_better: "An ausgelassenen Patienten ist es nicht sicher besser als das Modell zuvor.",
    not_better_than_chance: "An ausgelassenen Patienten ist es nicht sicher besser als Zufall.",
    forced: "Es waren zu wenige Patienten: Damit ist nichts bewiesen.",
  },
  differences: {
    folder: "den Ordnern ihrer Bilder",
    size: "der Größe ihrer Bilder",
    format: "dem Format ihrer Dateien",
    scale: "ihrem Maßstab",
  },
  other: (code) => `Für den Grund gibt es hier keine Worte (${code}).`,

  panel: {
    title: "Daraus lernen lassen",
    what: "Aus Bildern mit Label kann es lernen, wie die Bilder dieses Labors aussehen, nach zwei bis zwölf Labels mit beliebigen Namen. Das dauert Sekunden, hier auf diesem Gerät, und kein Bild verlässt es.",
    counts: "Woraus gelernt werden kann",
    label: "Label",
    images: "Bilder",
    patients: "Patienten",
    enough: "genug",
    lacks: (images, patients) =>
      `es ${images + patients === 1 ? "fehlt" : "fehlen"} noch ${[
        images > 0 && (images === 1 ? "1 Bild" : `${integer(images)} Bilder`),
        patients > 0 && (patients === 1 ? "1 Patient" : `${integer(patients)} Patienten`),
      ]
        .filter((text) => text !== false)
        .join(" und ")}`,
    without: (count) =>
      `${count === 1 ? "1 Bild mit Label wurde" : `${integer(count)} Bilder mit Label wurden`} bei diesem Besuch nicht angesehen, daher lässt sich daraus noch nichts lernen.`,
    runThem: (count) => (count === 1 ? "1 noch einmal auswerten" : `${integer(count)} noch einmal auswerten`),
    full: "Für das, was von weiteren Bildern gesehen wurde, ist kein Platz mehr. Weniger Ausschnitte je Bild lassen mehr Platz.",
    name: "Name der Lektion",
    usualName: "Mein Labor",
    teach: "Daraus lernen lassen",
    teaching: (count) =>
      `Lernt aus ${count === 1 ? "1 Bild" : `${integer(count)} Bildern`} und lässt Patienten aus, um zu sehen, wie gut …`,
    cancel: "Abbrechen",
    force: "Trotzdem lernen lassen",
    forceWhy: "Bei so wenigen lässt sich nicht zeigen, ob etwas gelernt wurde.",
    failed: "Es wurde nichts gelernt.",
    result: "Was gelernt wurde",
    leftOut: "Über jeden Patienten urteilte eine Lektion, die dessen Bilder nicht gesehen hatte.",
    notByPatient: "Es waren zu wenige Patienten, um welche auszulassen.",
    measure: "Maß",
    before: "Zuvor",
    after: "Mit der Lektion",
    difference: "Unterschied",
    change: (value, low, high) => `${value} (${low} bis ${high})`,
    use: "Verwenden",
    discard: "Verwerfen",
    details: "Alle Zahlen an ausgelassenen Patienten",
  },

  save: {
    json: "Herunterladen (JSON)",
    csv: "Herunterladen (CSV)",
  },
};
