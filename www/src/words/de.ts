// Every word of the page in German.

import { commonDe } from "./common-de.ts";
import { errorWords } from "./de-errors.ts";
import { ownModel } from "./de-own.ts";
import { teach } from "./de-teach.ts";
import type { Words } from "./en.ts";
import { numbersOf } from "./numbers.ts";
import { translationInto } from "./translation.ts";
import type { Spoken } from "./words.ts";

const { integer, percent, roundPercent, ago } = numbersOf("de");

const plural = (count: number, one: string, many: string): string =>
  `${integer(count)} ${count === 1 ? one : many}`;
const patches = (count: number): string => plural(count, "Ausschnitt", "Ausschnitte");
/** After a preposition that takes the dative. */
const ofPatches = (count: number): string => plural(count, "Ausschnitt", "Ausschnitten");
const images = (count: number): string => plural(count, "Bild", "Bilder");

const { verdicts, labels, researchUse } = commonDe;

export const de = {
  page: {
    title: "Histoscope: Mikroskopbilder der Brust, im Browser klassifiziert",
    description:
      "Klassifiziert histologische Mikroskopbilder der Brust im Browser als gutartig oder bösartig. Kein Bild verlässt den Rechner. Nur für Forschungszwecke.",
    language: "Sprache",
    drop: "Zum Auswerten loslassen",
  },

  researchUse,

  verdicts,
  labels,
  reasons: {
    background: {
      name: commonDe.reasons.background,
      why: "kaum Gewebe",
      remedy: "Ein Feld wählen, das mehr Gewebe enthält.",
    },
    blurred: {
      name: commonDe.reasons.blurred,
      why: "nicht im Fokus",
      remedy: "Neu fokussieren oder das Bild in seiner ursprünglichen Auflösung verwenden.",
    },
    not_he: {
      name: commonDe.reasons.not_he,
      why: "Farben anders als bei H&E",
      remedy:
        "Eine Hellfeldaufnahme eines Schnitts verwenden, der mit Hämatoxylin und Eosin (H&E) gefärbt ist.",
    },
  },
  failed: "Fehlgeschlagen",

  frame: {
    loading: (share) => `Modell wird geladen${share === "" ? "" : `: ${share}`}`,
    loadingHint: "Bilder können schon hinzugefügt werden.",
    ready: "Bereit",
    readyAll: "Bereit, alles geladen",
    rest: {
      here: "Alles ist geladen: Eine Verbindung wird nicht mehr gebraucht.",
      loading: "Was die andere Genauigkeit braucht, wird noch geladen.",
      failed:
        "Was die andere Genauigkeit braucht, konnte nicht geladen werden; wird sie gewählt, folgt ein neuer Versuch.",
    },
    couldNotStart: "Start fehlgeschlagen",
    unsupported: "Browser nicht unterstützt",
    limits:
      "Das Netz kennt wenige Patienten und Präparate aus nur einem Labor. Es kann bei jedem Bild falsch liegen und sich dabei sicher sein.",
    modelCard: "Womit es trainiert wurde, wie gut es ist und wo seine Grenzen liegen",
    withoutRelaxed: "diesem Browser fehlt Relaxed SIMD, Bilder dauern länger; die Ergebnisse sind dieselben",
    model: (name, version, engine) => `Modell ${name} ${version}, Engine ${engine}`,
    trainedOn: "Trainiert mit",
    stays: "Die Bilder bleiben auf diesem Rechner: kein Upload, keine Cookies, keine Dritten.",
    privacy: "So lässt sich das nachprüfen",
  },

  facts: {
    architecture: "Architektur",
    kernels: "Kernel",
    runtime: "Berechnet von",
    licence: "Lizenz",
    model: "Modell",
    precision: "Genauigkeit",
    sha256: "SHA-256",
    engine: "Engine",
    image: "Bild",
    scale: "Maßstab",
    patches: "Ausschnitte",
    batches: "Stapel",
    check: "Prüfung",
    time: "Zeit",
    options: "Optionen",
    familiar: "Bekannt",
    uncertain: "Unsicher",
    trainedOn: "Trainiert mit",
    measured: "Gemessen",
  },

  welcome: {
    title: "Gutartig oder bösartig? Ein kleines neuronales Netz antwortet, auf dem eigenen Rechner.",
    what: "Mikroskopbilder von Brustgewebe, gefärbt mit Hämatoxylin und Eosin, hier ablegen. Histoscope betrachtet Ausschnitte jedes Bildes, stuft es mit einer Wahrscheinlichkeit als gutartig oder bösartig ein und zeichnet über das Bild, wo es was gesehen hat.",
    here: "Alles läuft in diesem Tab.",
    noUpload: "Kein Bild verlässt den Rechner:",
    policy:
      "Die Sicherheitsrichtlinie der Seite lässt sie mit keinem fremden Server sprechen, und dem eigenen schickt sie nichts.",
    drop: "Bilder oder einen Ordner hier ablegen",
    formats:
      "PNG, JPEG, TIFF, BMP oder WebP, auf jeder Seite mindestens 224 Pixel; Scans ganzer Schnitte (SVS, NDPI, DICOM). Einfügen geht auch. Ein hier gespeicherter Bericht (JSON) zeigt seine Ergebnisse wieder an.",
    nothing: "Noch keine Bilder? Ein Beispiel ausprobieren",
    try: (title) => `Beispiel: ${title}`,
    synthetic: "Synthetisch",
    noTissue:
      "Diese Bilder hat ein Programm gezeichnet. Sie zeigen kein Gewebe, ihre Einstufung bedeutet also nichts.",
    real: "Echte Mikroskopbilder von 82 Patienten:",
    breakhis: "der Datensatz BreakHis",
  },

  demos: {
    "synthetic-ducts.jpg": {
      title: "Gänge in faserigem Stroma",
      note: "Synthetisch: von einem Programm so gezeichnet, dass es wie Gewebe aussieht. Es gehört zu keinem Patienten, und sein Ergebnis bedeutet nichts.",
    },
    "synthetic-nests.jpg": {
      title: "Dichte Zellnester, 30 Ausschnitte",
      note: "Synthetisch, mit mehr als 25 Ausschnitten, damit die Auswahl sichtbar wird. Es gehört zu keinem Patienten, und sein Ergebnis bedeutet nichts.",
    },
    "synthetic-fat.jpg": {
      title: "Fett, ein Gefäß und leeres Glas",
      note: "Synthetisch, mit Ausschnitten, die wenig Gewebe enthalten. Es gehört zu keinem Patienten, und sein Ergebnis bedeutet nichts.",
    },
  },

  demoStudy: {
    open: "Eine Studie aus 24 Feldern ausprobieren",
    opening: "Die Felder werden geholt …",
    what: "Sechs Patienten eines erdachten Labors, mit Labels: wie eine Studie aussieht und wie gut ihre Urteile sind.",
    note: "Synthetisch: von einem Programm gezeichnet, aus einem erdachten Labor. Auch Patienten und Labels sind erfunden.",
    patient: (number) => `Gezeichnet ${number}`,
    notOpened: (why) => `Die Studie ließ sich nicht holen: ${why}.`,
  },

  pickers: {
    chooseImages: "Bilder wählen",
    chooseFolder: "Ordner wählen",
    addImages: "Weitere Bilder",
    addFolder: "Weiterer Ordner",
    live: "Live von einer Kamera",
    files: "Bilddateien",
    folder: "Ordner mit Bildern",
    noFolder:
      "Dieser Browser kann keinen Ordner wählen; die Bilder darin lassen sich alle auf einmal wählen.",
  },

  toolbar: {
    pause: "Anhalten",
    resume: "Fortsetzen",
    cancel: "Abbrechen",
    cancelAll: (count) => `Alle ${integer(count)} abbrechen`,
    retry: (count) => `Fehlgeschlagene wiederholen (${integer(count)})`,
    runCancelled: (count) => `Abgebrochene auswerten (${integer(count)})`,
    clear: "Leeren",
    outdated: (count) =>
      `${plural(count, "Ergebnis entstand", "Ergebnisse entstanden")} mit anderen Optionen.`,
    runAgain: "Mit diesen wiederholen",
  },

  notices: {
    skipped: (count) =>
      `${plural(count, "Datei", "Dateien")} übersprungen: ${count === 1 ? "kein Bild" : "keine Bilder"}.`,
    unreadable: (count, names) =>
      `${plural(count, "Datei oder Ordner", "Dateien oder Ordner")} nicht lesbar: ${names}.`,
    reading: (count) => `Der Ordner wird gelesen: bisher ${plural(count, "Datei", "Dateien")}.`,
    recognised: (count) =>
      `${plural(count, "Bild war", "Bilder waren")} schon in der Studie: ${count === 1 ? "Sein Ergebnis bleibt" : "Ihre Ergebnisse bleiben"}.`,
    apart: (name, names) =>
      `Ordner namens ${name} liegen an verschiedenen Stellen. Sie werden getrennt geführt als ${names}.`,
    samePatient: "Es ist ein Patient",
    flat: (count, patient) =>
      `Alle ${plural(count, "Bild liegt", "Bilder liegen")} in einem Ordner und gelten als ein Patient, ${patient}.`,
    notOnePatient: "Sie sind von verschiedenen Patienten",
    removed: (count) => `${images(count)} entfernt.`,
    patientSet: (count, patient) =>
      patient === ""
        ? `${images(count)} nun ohne bekannten Patienten.`
        : `${images(count)} nun von Patient ${patient}.`,
    labelSet: (count, label) =>
      label === "" ? `${images(count)} nun ohne Label.` : `${images(count)} nun mit dem Label ${label}.`,
    scaleSet: (count, scale, lasts) =>
      scale === ""
        ? `Maßstab von ${plural(count, "Bild", "Bildern")} nun wie in den Dateien.`
        : `Maßstab von ${plural(count, "Bild", "Bildern")} nun ${scale} µm je Pixel.${lasts ? " Spätere Bilder bekommen ihn auch." : ""}`,
    assigned: (count) => `Patienten und Labels von ${plural(count, "Bild", "Bildern")} gesetzt.`,
    table: (path) =>
      `Im Ordner liegt eine Tabelle, ${path}. Vielleicht sagt sie, von wem die Bilder sind und was sie zeigen.`,
    tableFirst: (file) => `${file} sagt etwas über Bilder: zuerst diese hinzufügen.`,
    readTable: "Tabelle öffnen",
    packing: (done, total) =>
      `Dateien werden erstellt: ${integer(done)} von ${plural(total, "Bild", "Bildern")}.`,
    undo: "Rückgängig",
    earlier: (results, count, changed) =>
      `${plural(results, "Ergebnis", "Ergebnisse")}${results < count ? ` von ${plural(count, "Bild", "Bildern")}` : ""} ${results === 1 ? "ist" : "sind"} auf diesem Rechner aufbewahrt (${ago(changed)}).`,
    older: (count) =>
      `${integer(count)} ${count === 1 ? "ältere Studie" : "ältere Studien"} auf diesem Rechner`,
    goOn: "Damit weitermachen",
    forget: "Löschen",
    forgetQuestion: (results, count, changed) =>
      `${plural(results, "Ergebnis", "Ergebnisse")} von ${plural(count, "Bild", "Bildern")} (${ago(changed)}) von diesem Rechner löschen? Das lässt sich nicht rückgängig machen.`,
    keep: "Behalten",
    forgetForGood: "Endgültig löschen",
    notKept: (why) =>
      `Die Studie lässt sich auf diesem Rechner nicht aufbewahren (${why}). Vor dem Verlassen der Seite herunterladen.`,
    notFound: (why) => `Das Aufbewahrte war nicht zu lesen: ${why}.`,
    noFile: "Darin war keine Datei.",
    dropUnreadable: "Der Browser konnte nicht lesen, was abgelegt wurde. Die Dateien stattdessen auswählen.",
    workerReplaced: (why) => `Ein Worker im Hintergrund ist ausgefallen (${why}) und wurde ersetzt.`,
    notSaved: (why) => `Es wurde nichts gespeichert. ${why}`,
    added: (count) => `${images(count)} hinzugefügt.`,
    read: (count, file) => `${plural(count, "Ergebnis", "Ergebnisse")} aus ${file} gelesen.`,
    cancelled: (count) => `${images(count)} abgebrochen.`,
    paused: "Angehalten. Was begonnen wurde, wird beendet.",
    resumed: "Es geht weiter.",
  },

  options: {
    title: "Optionen",
    now: {
      allPatches: "alle Ausschnitte",
      upTo: (count) => `bis zu ${ofPatches(count)}`,
      precise: "volle Genauigkeit",
      stride: (pixels) => `alle ${integer(pixels)} Pixel`,
      unchecked: "Ausschnitte ungeprüft",
      neverUncertain: "nie unsicher",
      uncertainBelow: (confidence) => `unsicher unter ${roundPercent(confidence)}`,
      unfamiliarCount: "unbekannte Bilder zählen",
    },
    advanced: "Für Fortgeschrittene",
    maxPatches: "Ausschnitte je Bild",
    maxPatchesHint: "Gleichmäßig über das Bild verteilt. Mehr davon dauern länger.",
    allOfThem: "Alle",
    atMost: (count) => `Höchstens ${integer(count)}`,
    stride: "Abstand der Ausschnitte",
    strideHint:
      "Dichtere Ausschnitte überlappen: feinere Karte, mehr Ausschnitte zur Auswahl. Ihre Zahl sollte dann mitwachsen.",
    touching: "Nebeneinander",
    pixels: (count) => `${integer(count)} Pixel`,
    precision: "Genauigkeit",
    int8: "int8, schnell",
    f32: "f32, volle Genauigkeit",
    precisionHint: "Dasselbe Netz; f32 ist langsamer und weicht kaum je ab.",
    check: "Prüfung der Ausschnitte",
    checkOn: "Nur beurteilbare Ausschnitte stimmen ab",
    checkHint: "Lässt weg, was leer, unscharf oder nicht mit H&E gefärbt ist.",
    uncertain: "Unsicher unter",
    uncertainHint:
      "Eine geringere Konfidenz lässt die Einstufung offen. Einstufungen ändern sich sofort; nichts wird neu berechnet.",
    ownThreshold: (confidence) =>
      confidence === null ? "Wert des Modells" : `Wert des Modells (${roundPercent(confidence)})`,
    never: "Nie unsicher",
    confidence: (confidence) => `Konfidenz ${roundPercent(confidence)}`,
    unfamiliar: "Unbekannte Bilder",
    unfamiliarCount: "Trotzdem in Mittelwerten zählen",
    unfamiliarHint:
      "Sie gleichen nichts, wovon das Modell gelernt hat: Ihre Wahrscheinlichkeiten sind geraten. Nichts wird neu berechnet.",
    workers: "Worker",
    workersHint: "Arbeiten nebeneinander auf dem Prozessor. Ändert nie ein Ergebnis.",
    batchSize: "Ausschnitte je Stapel",
    batchSizeHint: "Kleinere Stapel zeigen die Karte früher. Ändert nie ein Ergebnis.",
  },

  states: {
    waiting: "Wartet",
    waitingForModel: "Wartet auf das Modell",
    decoding: "Wird gelesen",
    classifying: (done, total) => `${integer(done)} von ${ofPatches(total)}`,
    failed: (message) => `Fehlgeschlagen: ${message}`,
    failedAloud: (message) => `fehlgeschlagen. ${message}`,
    cancelled: "Abgebrochen",
    same: (path) => `Gleich wie ${path}`,
    noModel: "Nicht auswertbar: Der Klassifikator ist nicht gestartet.",
    done: "Fertig",
    fromReport: "Bericht",
    demo: "Zeichnung: zählt nicht",
    leftOut: "Außen vor",
    stayed: "Fertig; erneut auszuwerten misslang",
  },

  list: {
    label: "Alle Bilder",
    grid: "Bilder",
    none: "Kein Bild passt dazu.",
    search: "Name oder Patient",
    searchLabel: "Nach Name oder Patient filtern",
    show: "Anzeigen",
    shown: {
      ...verdicts,
      all: "Alle",
      open: "Noch offen",
      failed: "Fehlgeschlagen",
      cancelled: "Abgebrochen",
      same: "Gleich wie ein anderes",
    },
    byPatient: "Nach Patient",
    sortBy: "Sortieren nach",
    demo: "Zeichnung",
    count: (listed, total) => `${integer(listed)} von ${integer(total)}`,
    columns: {
      image: { name: "Bild", hint: "Pfad" },
      verdict: { name: "Einstufung", hint: "Einstufung" },
      malignant: { name: "Bösartig", hint: "Wahrscheinlichkeit für bösartig" },
      patches: { name: "Ausschnitte", hint: "Gutartig / bösartig / ausgelassen" },
      patient: { name: "Patient", hint: "Patient" },
      label: { name: "Label", hint: "Was das Bild wirklich zeigt, wo es bekannt ist" },
      state: { name: "Stand", hint: "Stand" },
    },
    remove: "Entfernen",
    cancel: "Abbrechen",
    dismiss: (what, file) => `${file}: ${what}`,
    votes: (malignant, benign, leftOut) =>
      `${integer(malignant)} bösartig, ${integer(benign)} gutartig, ${integer(leftOut)} ausgelassen`,
    noPatient: "Ohne Patient",
    images,
    patientVerdict: (verdict, share) => `${verdict}, ${share} bösartig`,
  },

  patients: {
    label: "Patienten",
    patient: "Patient",
    verdict: "Einstufung",
    malignant: "Bösartig",
    images: "Bilder",
    parts: (classes) => `${classes} / ausgelassen`,
    notKnown: "nicht bekannt",
    setForAll: (count) => `Für alle ${integer(count)} angezeigten setzen`,
    question: (count, patient, others, names) =>
      `${images(count)}${others === 0 ? "" : ` von ${plural(others, "Patient", "Patienten")} (${names})`} ${
        count === 1 ? "gehört" : "gehören"
      } dann ${patient === "" ? "zu keinem bekannten Patienten" : `zu Patient ${patient}`}.`,
    setAll: (count) => `Alle ${integer(count)} setzen`,
    setNone: "Abbrechen",
    leaveOut: "Im Mittel des Patienten nicht mitzählen",
    partial: (done, total) => `${integer(done)} von ${integer(total)} fertig`,
    mixed: (models) => `${integer(models)} Modelle, kein Mittel`,
  },

  truth: {
    label: "Label (Wahrheit)",
    keys: (keys) => `In Liste und Bild mit Tasten: ${keys.join(", ")}, X nimmt es weg.`,
    setForAll: (count) => `Label für alle ${integer(count)} gezeigten`,
    question: (count, label, others, names) =>
      `${images(count)}${others === 0 ? "" : `, bisher ${names},`} ${count === 1 ? "erhält" : "erhalten"} ${
        label === "" ? "kein Label" : `das Label ${label}`
      }.`,
    filter: "Label",
    any: "Jedes Label",
    none: "Ohne Label",
  },

  assign: {
    open: "Patienten und Labels",
    title: "Von wem sind die Bilder, und was zeigen sie?",
    intro: (count) => `Für ${images(count)}. Nichts wird gesetzt, bevor es hier zu sehen war.`,
    introListed: (count) =>
      `Für die ${images(count)}, die zu sehen sind, das gewählte eingeschlossen. Nichts wird gesetzt, bevor es hier zu sehen war.`,
    source: "Wo es steht",
    sources: {
      names: "In den Namen von Dateien und Ordnern, wie beim Hinzufügen",
      level: "In den Namen der Ordner einer Ebene",
      pattern: "In den Pfaden, nach einem Muster",
      table: "In einer Tabelle (CSV)",
    },
    part: "Ein Ordner nennt",
    parts: { patient: "den Patienten", label: "das Label" },
    level: "Ordner",
    levelOption: (level, names, count) => `${level}: ${names} (${integer(count)})`,
    noFolders: "Diese Bilder liegen in keinem Ordner.",
    apart: "Gleichnamige Ordner an verschiedenen Orten auseinanderhalten",
    pattern: "Muster für das Ende des Pfads",
    patternHint:
      "{patient} und {label} stehen für das Gesuchte, * für Beliebiges. Zum Beispiel {label}/{patient}_*",
    patternInvalid: "Ein Muster braucht {patient} oder {label}, jedes einmal, und daneben höchstens vier *.",
    choose: "Tabelle wählen",
    tableFile: "Tabelle der Patienten und Labels",
    tableHint:
      "Mit einer ersten Zeile wie: datei, patient, label. Eine hier exportierte Tabelle lässt sich bearbeiten und wieder einlesen.",
    tableOf: (name, rows) => `${name}, ${plural(rows, "Zeile", "Zeilen")}`,
    found: (count, patients, labels) =>
      `${images(count)}: ${plural(patients, "Patient", "Patienten")}, ${plural(labels, "Label", "Labels")}.`,
    silent: (count) =>
      `Über ${images(count)} ist nichts gesagt: ${count === 1 ? "es bleibt" : "sie bleiben"} wie jetzt.`,
    onePatient: (patient) =>
      `Alle wären von einem Patienten, ${patient}. Stimmt das, oder ist es nur der Ordner, in dem sie liegen?`,
    branching: (name, folders) => `Ordner namens ${name} liegen an verschiedenen Orten: ${folders}.`,
    unmatched: (count, names) =>
      `${plural(count, "Zeile nennt", "Zeilen nennen")} kein Bild, das hier ist: ${names}.`,
    ambiguous: (count, names) =>
      `${plural(count, "Zeile kann", "Zeilen können")} mehrere Bilder meinen, daher ändern sie nichts: ${names}. Mehr vom Pfad schreiben.`,
    contradictory: (count, names) =>
      `Über ${images(count)} sagt die Tabelle zweierlei, daher ${count === 1 ? "bleibt es" : "bleiben sie"} wie jetzt: ${names}.`,
    preview: "Was sich ändern würde",
    more: (count) => `und ${integer(count)} weitere`,
    apply: (count) => `${images(count)} setzen`,
    nothing: "Nichts würde sich ändern.",
    cancel: "Abbrechen",
  },

  scale: {
    label: "Maßstab (µm je Pixel)",
    unknown: "nicht bekannt",
    told: (length, objective, source) =>
      `${length} je Pixel${objective === null ? "" : `, Objektiv ${objective}×`}, ${source}`,
    sources: {
      set: "von Hand gesetzt",
      imagej: "aus ImageJ",
      ome: "aus OME-XML",
      aperio: "aus Aperio",
      breakhis: "aus dem BreakHis-Namen",
      resolution: "aus der Auflösung der Datei",
    },
    setForAll: (count) => `Maßstab für alle ${integer(count)} gezeigten`,
    question: (count, scale, others, names) =>
      `${images(count)}${others === 0 ? "" : `, bisher ${names},`} ${count === 1 ? "erhält" : "erhalten"} ${
        scale === "" ? "den Maßstab, den die Datei nennt" : `${scale} µm je Pixel`
      }.`,
    invalid: (least, most) => `Ein Maßstab ist eine Zahl von Mikrometern je Pixel von ${least} bis ${most}.`,
    beyond: (length, least, most) =>
      `Ein Pixel ist hier ${length}. Das Modell hat an Bildern mit ${least} bis ${most} je Pixel gelernt: auf das Ergebnis ist kein Verlass.`,
  },

  summary: {
    progress: "Fortschritt aller Bilder",
    done: (done, total) => `${integer(done)} von ${plural(total, "Bild", "Bildern")}`,
    doneLabel: (done, total) => `${integer(done)} von ${plural(total, "Bild", "Bildern")} fertig`,
    paused: "angehalten",
    toGo: (time) => `noch etwa ${time}`,
    soFar: "Patienten bisher",
    title: "Alle Bilder zusammen",
    meanOver: (count) => `Mittel über ${images(count)}:`,
    votes: (malignant, benign) => `${integer(malignant)} bösartig, ${integer(benign)} gutartig.`,
    patient: "Patient",
    patients: (patients, count) => `${plural(patients, "Patient", "Patienten")}, ${images(count)}`,
    unknown: (count) => `${images(count)} ohne bekannten Patienten`,
    withVerdict: (count, verdict) => `${integer(count)} ${verdict.toLowerCase()}`,
    partial: (done, total) => `${integer(done)} von ${plural(total, "Bild", "Bildern")} ausgewertet.`,
    partialWhy: "Ein Teil spricht nicht für das Ganze, deshalb gibt es noch keine Einstufung.",
    dropAgain: (count) =>
      `Den Ordner noch einmal wählen, um ${count === 1 ? "das fehlende" : `die ${integer(count)} fehlenden`} auszuwerten.`,
    runCancelled: (count) =>
      `${count === 1 ? "Das abgebrochene" : `Die ${integer(count)} abgebrochenen`} auswerten`,
    same: (count) =>
      count === 1
        ? "1 Bild hat dieselben Bytes wie ein anderes, das für beide zählt."
        : `${integer(count)} Bilder haben dieselben Bytes wie andere, die für sie mitzählen.`,
    demos: (count) =>
      count === 1 ? "1 Zeichnung zählt nicht." : `${integer(count)} Zeichnungen zählen nicht.`,
    leftByHand: (count) => `${images(count)} von Hand ausgenommen.`,
    noVote: "Kein Bild konnte abstimmen.",
    nothing: "Kein Bild konnte ausgewertet werden; es gibt nichts zusammenzufassen.",
    otherOptions:
      "Diese Bilder wurden nicht alle gleich ausgewertet, sondern mit verschiedenen Optionen: Ihre Werte sind nur mit Vorsicht zu vergleichen. Womit, steht bei jedem Bild unter „Wie das berechnet wurde“.",
    otherModels: (count) =>
      `Diese Bilder wurden nicht alle gleich ausgewertet, sondern von ${integer(count)} verschiedenen Modellen: Ihre Werte sind nur mit Vorsicht zu vergleichen. Womit, steht bei jedem Bild unter „Wie das berechnet wurde“.`,
    unfamiliar: (count) =>
      count === 1 ? "1 Bild ist dem Modell unbekannt" : `${integer(count)} Bilder sind dem Modell unbekannt`,
    unfamiliarCounted: (count) =>
      `${count === 1 ? "1 unbekanntes Bild zählt" : `${integer(count)} unbekannte Bilder zählen`} trotzdem mit, wie die Optionen es wollen.`,
    notAssessable: (count) =>
      count === 1 ? "1 Bild ist nicht beurteilbar" : `${integer(count)} Bilder sind nicht beurteilbar`,
    failed: (count) =>
      count === 1 ? "1 Bild ist fehlgeschlagen" : `${integer(count)} Bilder sind fehlgeschlagen`,
    leftOut: (count) => ` und ${count === 1 ? "bleibt" : "bleiben"} außen vor:`,
  },

  quiz: {
    title: "Quiz",
    hint: "Für den Unterricht: verbirgt Namen, Karten und Einstufungen, bis sie aufgedeckt werden",
    end: "Quiz beenden",
    image: (place, total) => `Bild ${integer(place)} von ${integer(total)}`,
    question: "Was ist zu sehen? Stimmen zählen, dann aufdecken.",
    less: (label) => `Eine Stimme weniger für ${label}`,
    reveal: "Aufdecken",
    class: "Die Klasse:",
  },

  tellMe: {
    ask: "Bescheid sagen, wenn es fertig ist",
    will: "Es wird Bescheid gesagt, wenn es fertig ist.",
    title: "Histoscope ist fertig",
    body: (done, failed) =>
      `${images(done)} ausgewertet${failed === 0 ? "" : `, ${integer(failed)} fehlgeschlagen`}.`,
  },

  detail: {
    download: "Bericht herunterladen (JSON)",
    failed: "Dieses Bild konnte nicht ausgewertet werden",
    tryAgain: "Noch einmal versuchen",
    cancelled: "Abgebrochen",
    runAgain: "Noch einmal auswerten",
    chooseAgain: "Die Datei noch einmal wählen",
    fileOf: (file) => `Datei anstelle von ${file}`,
    stayed: "Die erneute Auswertung misslang, das frühere Ergebnis gilt weiter.",
    same: "Gleich wie ein anderes Bild",
    sameAs: (path) => `Es hat dieselben Bytes wie ${path}, das für beide zählt.`,
    showOther: "Jenes zeigen",
    progress: (file) => `Fortschritt von ${file}`,
    cancel: "Dieses Bild abbrechen",
  },

  judgement: {
    leans: (label, share) => `eher ${label}, ${share}`,
    part: (label, share) => `${label} ${share}`,
    sure: (verdict, share) => `${verdict}, ${share}`,
    open: (verdict, share, label) => `${verdict}, ${share} ${label}`,
    because: (verdict, why) => `${verdict}: ${why}`,
    uncertainAdvice:
      "Das Netz ist sich nicht sicher genug. Die Tendenz ist keine Antwort: Gewebe, Fokus und Färbung prüfen oder weitere Felder desselben Patienten hinzunehmen.",
    unfamiliar: "Dieses Bild gleicht nichts, wovon das Modell gelernt hat: Seine Antwort wäre geraten.",
    unfamiliarBy: (distance, limit) => `Abstand ${distance}, Grenze ${limit}.`,
    unfamiliarAdvice:
      "Grund kann ein anderer Scanner, eine andere Färbung, ein anderes Organ oder eine andere Vergrößerung sein, oder dass es keine mikroskopische Aufnahme ist.",
    saysNothing: "Das sagt nichts über das Gewebe, weder gutartig noch bösartig.",
    notClassified: (assessable, total, leftOut) =>
      `Das Bild wurde nicht klassifiziert: ${
        assessable === 0
          ? `Von ${ofPatches(total)} ist keiner`
          : `Von ${ofPatches(total)} ${assessable === 1 ? "ist nur einer" : `sind nur ${integer(assessable)}`}`
      } beurteilbar (${leftOut}).`,
    allTheSame:
      "Um es dennoch zu klassifizieren, die Prüfung der Ausschnitte in den Optionen abschalten und noch einmal auswerten.",
  },

  votes: {
    all: (count, of, malignant, benign) =>
      `${patches(count)}${of === null ? "" : ` von ${integer(of)}`}: ${integer(malignant)} bösartig, ${integer(benign)} gutartig.`,
    some: (voted, count, malignant, benign, leftOut) =>
      `${integer(voted)} von ${ofPatches(count)} ${voted === 1 ? "stimmte" : "stimmten"} ab: ${integer(malignant)} bösartig, ${integer(benign)} gutartig. Ausgelassen: ${leftOut}.`,
    leftOut: (count, reason) => `${integer(count)} ${reason}`,
    unchecked: "Gewebe, Fokus und Färbung wurden nicht geprüft.",
    took: (time) => `Dauer: ${time}.`,
  },

  histogram: {
    title: "Ausschnitte nach Wahrscheinlichkeit für bösartig",
    mean: "(▲ Mittel)",
    label: (bins, mean) =>
      `Histogramm der Ausschnitte nach ihrer Wahrscheinlichkeit für bösartig. ${bins} Mittel ${mean}.`,
    bin: (from, to, count) => `${from} bis ${to}: ${patches(count)}`,
    none: "Keine Ausschnitte.",
  },

  provenance: {
    title: "Wie das berechnet wurde",
    how: (count, side, columns, rows, checked) =>
      `${patches(count)} von ${side} Pixeln, gleichmäßig über ein Raster von ${columns} mal ${rows} verteilt, ${
        count === 1 ? "wurde" : "wurden"
      } ${checked ? "auf Gewebe, Färbung und Fokus" : "nicht"} geprüft.`,
    noVote:
      "Mindestens zwei müssen die Prüfung bestehen, ein Achtel von allen und ein Viertel derer, die etwas enthalten; deshalb ging keiner durch das Netz.",
    mean: "Die stimmberechtigten gingen durch das Netz; die Wahrscheinlichkeit des Bildes ist das Mittel über sie.",
    imageSize: (width, height) => `${integer(width)} × ${integer(height)} Pixel`,
    patches: (side, apart, count, total, most) =>
      `${side} × ${side} Pixel, Abstand ${integer(apart)}; ${integer(count)} von ${integer(total)}${
        most === null ? "" : `, höchstens ${integer(most)}`
      }`,
    batches: (size) => `zu ${integer(size)}`,
    never: "nie",
    ownThreshold: (of) => `unter der Schwelle des Modells${of === null ? "" : ` (${roundPercent(of)})`}`,
    lessonThreshold: (of) => `unter der Schwelle der Lektion${of === null ? "" : ` (${percent(of)})`}`,
    below: (confidence) => `unter einer Konfidenz von ${roundPercent(confidence)}`,
    unchecked: "abgeschaltet",
    checked: "Gewebe, Färbung und Fokus",
    familiar: (is, distance, limit) => `${is ? "ja" : "nein"}; Abstand ${distance}, Grenze ${limit}`,
    familiarUnknown: {
      no_statistics: "nicht zu sagen; dem Modell liegt nichts bei, woran es zu erkennen wäre",
      no_features: "nicht zu sagen; das kann nur ein Netz, dessen int8-Schichten alle verschmolzen sind",
      no_voters: "nicht zu sagen; kein Ausschnitt war stimmberechtigt",
    },
    runtimes: {
      fused: "verschmolzenen int8-Schichten",
      mixed: "verschmolzenen int8-Schichten, die übrigen von tract",
      tract: "tract allein",
    },
    fallback: (why) => `; ohne verschmolzene Schichten, was langsamer ist: ${why}`,
    times: (decode, screen, network, all) =>
      `Lesen ${decode}, Prüfung ${screen}, Netz ${network}, gesamt ${all}`,
  },

  looked: {
    title: "Ausschnitte mit der klarsten Stimme",
    most: { benign: "Am deutlichsten gutartig", malignant: "Am deutlichsten bösartig" },
    none: {
      benign: "Kein Ausschnitt stimmt für gutartig.",
      malignant: "Kein Ausschnitt stimmt für bösartig.",
    },
    patch: (patch, label, share) => `Ausschnitt ${integer(patch)}, ${label} ${share}: im Bild zeigen`,
  },

  viewer: {
    map: "Bild mit der Karte der Ausschnitte. Pfeiltasten gehen von Ausschnitt zu Ausschnitt, Plus und Minus zoomen.",
    picture: "Bild. Plus und Minus zoomen.",
    original: "Das Original",
    noPicture: "Kein Bild vorhanden",
    notYet: "Das Bild erscheint, sobald es gelesen ist",
    fromReport: "Aus einem gespeicherten Bericht, der kein Bild enthält.",
    bar: "Ansicht des Bildes",
    zoomOut: "Verkleinern",
    zoomOutHint: "Verkleinern (-)",
    zoomIn: "Vergrößern",
    zoomInHint: "Vergrößern (+)",
    ratio: "Bildschirmpixel je Bildpixel",
    fit: "Ganz",
    fitLabel: "Ganz: das ganze Bild",
    fitHint: "Das ganze Bild (0)",
    actualLabel: "1:1, ein Bildpixel auf einem Bildschirmpixel",
    actualHint: "Ein Bildpixel auf einem Bildschirmpixel (1)",
    previous: "Voriges Bild",
    previousHint: "Voriges Bild (Bild auf)",
    next: "Nächstes Bild",
    nextHint: "Nächstes Bild (Bild ab)",
    fullScreen: "Vollbild",
    fullScreenHint: "Der ganze Bildschirm und zurück (F)",
    sideBySide: "Nebeneinander",
    sideBySideHint: "Das Original neben der Karte; beide bewegen sich gemeinsam",
    hold: "Karte ausblenden (halten)",
    holdHint: "Blendet die Karte aus, solange gedrückt (H)",
  },

  readout: {
    none: (count) => `${patches(count)}: auf einen zeigen oder die Pfeiltasten benutzen.`,
    patch: (patch, count, x, y, what) =>
      `Ausschnitt ${integer(patch)} von ${integer(count)} bei ${x}, ${y}: ${what}`,
    shares: (malignant, benign) => `bösartig ${malignant}, gutartig ${benign}`,
    uncheckedShares: (malignant, benign) => `bösartig ${malignant}, gutartig ${benign}, nicht geprüft`,
    notYet: "noch nicht",
    leftOut: (reason, why) => `stimmte nicht ab, ${reason} (${why})`,
    tooFew: "beurteilbar, aber zu wenige seinesgleichen",
  },

  map: {
    opacity: "Karte",
    opacityLabel: "Deckkraft der Karte",
    kind: "Was die Karte zeigt",
    kinds: {
      outline: { name: "Rahmen", hint: "Was das Netz über jeden Ausschnitt sagt, als Rahmen um ihn" },
      patches: { name: "Ausschnitte", hint: "Was das Netz zu jedem Ausschnitt sagt" },
      detail: {
        name: "Im Ausschnitt",
        hint: "Klassenaktivierungskarte: was das Netz zu jedem Teil eines Ausschnitts sagt",
      },
    },
    caveat:
      "Klassenaktivierungskarte: was jeder Teil eines Ausschnitts für sich sagen würde. Am Rand eines Ausschnitts sieht das Netz keine Umgebung; ein einfarbiger Rahmen dort ist also kein Fund. Mit dichteren Ausschnitten (in den Optionen) fällt er weg.",
    leftOut: "Stimmten nicht ab:",
    idle: (count) => `${integer(count)} beurteilbar, zu wenige`,
    gettingAbout: "Strg + Mausrad oder zwei Finger zoomen, Ziehen verschiebt; mehr über Tasten",
    gettingAboutMore:
      "Sobald das Bild angeklickt oder mit Tab erreicht wurde, zoomt das Mausrad auch ohne Strg, und diese Tasten wirken. Ein Doppelklick geht näher heran, mit Umschalt wieder zurück.",
    keys: {
      arrows: { name: "Pfeile, Pos1, Ende", hint: "von Ausschnitt zu Ausschnitt" },
      enter: { name: "Eingabe", hint: "nah an den Ausschnitt" },
      zoom: { name: "+ und -", hint: "größer, kleiner" },
      fit: { name: "0", hint: "das ganze Bild" },
      actual: { name: "1", hint: "Pixel für Pixel" },
      pan: { name: "Umschalt + Pfeile", hint: "verschiebt das Bild" },
      step: { name: "Bild ab, Bild auf", hint: "nächstes Bild, voriges Bild" },
      screen: { name: "F", hint: "der ganze Bildschirm und zurück" },
      hide: { name: "H, gehalten", hint: "blendet die Karte aus" },
      none: { name: "Esc", hint: "kein Ausschnitt" },
    },
  },

  exports: {
    title: "Exportieren",
    all: {
      name: "Ergebnisse (JSON)",
      hint: "Alle Berichte und Patienten; lässt sich hier wieder öffnen",
    },
    patients: { name: "Patienten (CSV)", hint: "Eine Zeile je Patient" },
    listed: (count, total) =>
      `Nur die ${integer(count)} von ${plural(total, "Bild", "Bildern")}, die der Filter zeigt`,
    patientsListed: "Ihre Patienten, jeder über alle seine Bilder",
    allTiles: {
      name: "Ausschnitte je Bild (ZIP mit GeoJSON)",
      hint: "Eine Datei für jedes Bild, in seinem Ordner",
    },
    tiles: {
      name: "Ausschnitte des gewählten Bildes (GeoJSON)",
      hint: "Für QuPath, wo sie zu Kacheln werden",
    },
    images: { name: "Bilder (CSV)", hint: "Eine Zeile je Bild" },
    patches: { name: "Ausschnitte (CSV)", hint: "Eine Zeile je Ausschnitt" },
    picture: { name: "Gewähltes Bild mit Karte (PNG)", hint: "Mit Legende und Einstufung" },
    pictures: { name: "Bilder mit Karten (ZIP)", hint: "Ein PNG für jedes Bild, in seinem Ordner" },
    print: { name: "Bericht drucken", hint: "Auf Papier oder über den Browser als PDF" },
    from: (path, patient, votes) => `${path}${patient === "" ? "" : `, Patient ${patient}`}. ${votes}`,
  },

  print: {
    title: (count) => `Histoscope: Bericht über ${images(count)}`,
    titleOfPart: (count, total) =>
      `Histoscope: Bericht über ${integer(count)} von ${plural(total, "Bild", "Bildern")}`,
    filteredBy: (by) =>
      `Von einem Filter gewählt: ${by.join("; ")}. Patienten sprechen für alle ihre Bilder; zusammen haben diese keine Einstufung.`,
    by: {
      text: (text) => `„${text}“ in Pfad, Patient oder Label`,
      shown: (what) => `gezeigt wird „${what}“`,
      label: (label) => (label === "" ? "ohne Label" : `Label „${label}“`),
    },
    when: (time) => time.toLocaleString("de"),
    limits:
      "Das Netz kennt wenige Patienten; es kann bei jedem Bild falsch liegen und sich dabei sicher sein.",
    together: "Alle Bilder zusammen:",
    mean: (share) => `, mittlere Wahrscheinlichkeit für bösartig ${share}.`,
    patients: "Patienten",
    selected: "Gewähltes Bild",
    pictures: "Bilder mit Karten",
    dialog: "Bericht drucken",
    caseNumber: "Fallnummer",
    caseHint: "Sie steht oben. Bleibt sie leer, ist dort eine Linie zum Ausfüllen.",
    allPictures: (count) => `Zu jedem Bild ein Bild mit Karte (${integer(count)})`,
    allHint: "Zwei auf einem Blatt. Sonst nur das des gewählten Bildes.",
    tooMany: (most) => `Höchstens ${integer(most)} Bilder werden zugleich gedruckt; sonst als ZIP speichern.`,
    go: "Drucken",
    checked: "Ausschnitte auf Gewebe, Färbung und Schärfe geprüft",
    uncertain: (when) => `unsicher ${when}`,
    place: "Ort und Datum",
    name: "Name",
    signature: "Unterschrift",
    mapOver: (path) => `Die Karte über ${path}`,
    images: "Bilder",
    notYet: "Noch nicht ausgewertet",
    failed: (message, code) => `Fehlgeschlagen: ${message} (${code})`,
    training: (count, patients) =>
      `${plural(count, "Bild", "Bilder")} von ${plural(patients, "Patient", "Patienten")}`,
    or: "; oder ",
    times: (median, least, most, all) =>
      `je Bild ${median} im Median, ${least} bis ${most}; alle zusammen ${all}`,
  },

  offline: {
    singleFile:
      "Dies ist die Ausgabe in einer einzigen Datei: Sie braucht keinen Server, und ihre Richtlinie erlaubt keine Verbindung.",
    impossible: (why) => `Diese Seite lässt sich nicht für den Offline-Gebrauch aufbewahren: ${why}.`,
    why: {
      refused: "Der Browser lehnt es ab, wie in privaten Fenstern",
      development: "Sie kommt vom Entwicklungsserver",
      insecure: "Ihre Adresse ist weder HTTPS noch dieser Rechner",
      unsupported: "Der Browser hat keine Service Worker, oder nicht in privaten Fenstern",
    },
    saving: "Die Seite wird für den Offline-Gebrauch gespeichert.",
    saved: "Auf diesem Rechner gespeichert: Die Seite öffnet sich auch offline.",
    mayGo:
      "Der Browser darf es wieder entfernen: wenn er den Platz braucht, in Safari auch nach einer Woche ohne Besuch.",
    failed:
      "Die Seite konnte nicht für den Offline-Gebrauch gespeichert werden; neu laden versucht es noch einmal.",
    removed: "Von diesem Rechner entfernt. Der nächste Besuch speichert sie wieder.",
    usage: (size) => `Diese Website belegt ${size} Speicher.`,
    keepStudies: "Ergebnisse auf diesem Rechner aufbewahren, niemals Bilder",
    remove: "Von diesem Rechner entfernen",
    saveAgain: "Wieder speichern",
    update: "Eine neue Version ist bereit.",
    reload: "Neu laden",
    busy: "Möglich, sobald die Auswertung fertig ist.",
    takesAway: "Die Bilder und Ergebnisse unten gehen dabei verloren.",
  },

  trouble: {
    engine: "Der Klassifikator konnte nicht starten",
    import: (file) => `${file} konnte nicht als Bericht gelesen werden`,
    tryAgain: "Noch einmal versuchen",
    close: "Schließen",
    code: "Fehlercode",
    copy: "Einzelheiten kopieren",
    copied: "Kopiert",
    unsupported: "Dieser Browser kann Histoscope nicht ausführen",
    lacks: "Ihm fehlt:",
    update: "Einen aktuellen Chrome, Edge, Firefox oder Safari (ab 16.4) verwenden.",
    capabilities: {
      wasm: {
        name: "WebAssembly",
        why: "dorthin ist der Klassifikator übersetzt; der Blockierungsmodus von Apple schaltet es ab",
      },
      simd: { name: "WebAssembly SIMD", why: "ohne wäre das Netz zu langsam" },
      workers: {
        name: "Worker",
        why: "Bilder werden neben der Seite ausgewertet, damit sie nie stehen bleibt",
      },
      canvas: { name: "OffscreenCanvas", why: "damit werden Bilder gezeichnet" },
    },
  },

  ownModel,

  teach,

  ...errorWords,
} satisfies Words;

export const german: Spoken = { words: de, translation: translationInto(errorWords, numbersOf("de")) };
