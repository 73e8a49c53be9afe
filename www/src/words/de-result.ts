// The words about results in German.

import { commonDe } from "./common-de.ts";
import type { ResultWords } from "./en-result.ts";
import { numbersOf } from "./numbers.ts";

const { integer, plural, percent, roundPercent } = numbersOf("de");

const patches = (count: number): string => plural(count, "Ausschnitt", "Ausschnitte");
/** After a preposition that takes the dative. */
const ofPatches = (count: number): string => plural(count, "Ausschnitt", "Ausschnitten");
const images = (count: number): string => plural(count, "Bild", "Bilder");

export const resultWords: ResultWords = {
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

  list: {
    label: "Alle Bilder",
    grid: "Bilder",
    none: "Kein Bild passt dazu.",
    search: "Name oder Patient",
    searchLabel: "Nach Name oder Patient filtern",
    show: "Anzeigen",
    shown: {
      ...commonDe.verdicts,
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
    votes: (malignant, benign) => `${integer(malignant)} eher bösartig, ${integer(benign)} eher gutartig.`,
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
};
