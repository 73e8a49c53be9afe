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
    title: "Am falschesten und sichersten",
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
    done: (name) => `Jetzt urteilt die Lektion ${name}.`,
  },

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
    brief: (said) => `ausgelassen: ${said}`,
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
      "Alle Urteile bleiben, bis die Lektion verwendet wird, und kommen wieder, wenn sie weggelegt wird.",
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

  save: {
    json: "Herunterladen (JSON)",
    csv: "Herunterladen (CSV)",
  },
};
