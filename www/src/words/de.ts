// The words of the page in German.

import { commonDe } from "./common-de.ts";
import { errorWords } from "./de-errors.ts";
import { ownModel } from "./de-own.ts";
import { teach } from "./de-teach.ts";
import type { Words } from "./en.ts";
import { numbersOf } from "./numbers.ts";
import { translationInto } from "./translation.ts";
import type { Spoken } from "./words.ts";

const { integer, plural, roundPercent, ago } = numbersOf("de");

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
      what: "So gezeichnet, dass es wie Gewebe aussieht.",
      note: "Synthetisch: von einem Programm so gezeichnet, dass es wie Gewebe aussieht. Es gehört zu keinem Patienten, und sein Ergebnis bedeutet nichts.",
    },
    "synthetic-nests.jpg": {
      title: "Dichte Zellnester, 30 Ausschnitte",
      what: "Mehr als 25, damit die Auswahl sichtbar wird.",
      note: "Synthetisch, mit mehr als 25 Ausschnitten, damit die Auswahl sichtbar wird. Es gehört zu keinem Patienten, und sein Ergebnis bedeutet nichts.",
    },
    "synthetic-fat.jpg": {
      title: "Fett, ein Gefäß und leeres Glas",
      what: "Manche Ausschnitte enthalten zu wenig Gewebe für eine Stimme.",
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
    scaleInvalid: (least, most) =>
      `Ein Maßstab ist eine Zahl von Mikrometern je Pixel von ${least} bis ${most}.`,
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

  judgement: {
    sure: (verdict, share) => `${verdict}, ${share}`,
    open: (verdict, share, label) => `${verdict}, ${share} ${label}`,
    because: (verdict, why) => `${verdict}: ${why}`,
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
    part: "Dies lässt sich nicht zeigen",
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
