// The words about looking through a camera in German.

import type { LiveWords } from "./en-live.ts";
import { numbersOf } from "./numbers.ts";

const { decimal, integer, length } = numbersOf("de");

export const liveWords: LiveWords = {
  title: "Live von einer Kamera",
  close: "Kamera schließen",
  asking:
    "Der Browser fragt, ob diese Seite eine Kamera verwenden darf. Aufgezeichnet wird nichts, solange Sie kein Feld behalten.",
  failed: "Kein Bild",
  tryAgain: "Erneut versuchen",
  troubles: {
    camera_insecure: {
      message: "Unter dieser Adresse gibt der Browser keiner Seite eine Kamera.",
      remedy: "Die Seite über https, unter localhost oder als einzelne Datei öffnen.",
    },
    camera_unsupported: {
      message: "Dieser Browser gibt Seiten keine Kamera.",
      remedy: "Einen aktuellen Chrome, Edge, Firefox oder Safari verwenden.",
    },
    camera_refused: {
      message: "Die Kamera wurde nicht erlaubt.",
      remedy:
        "Neben der Adresse der Seite und in den Einstellungen des Systems erlauben, dann erneut versuchen. Aufgezeichnet wird nichts, solange Sie kein Feld behalten.",
    },
    camera_forbidden: {
      message: "Der Server dieser Seite oder die Seite um sie herum verbietet die Kamera.",
      remedy: "Wer ihn betreibt, muss senden: Permissions-Policy: camera=(self).",
    },
    camera_missing: {
      message: "Es wurde keine Kamera gefunden.",
      remedy: "Kamera anschließen, prüfen, ob das System sie als Webcam kennt, dann erneut versuchen.",
    },
    camera_in_use: {
      message: "Die Kamera ließ sich nicht starten: Vielleicht wird sie anderswo verwendet.",
      remedy:
        "Das Programm des Mikroskops und andere Tabs mit einer Kamera schließen, dann erneut versuchen.",
    },
    camera_lost: {
      message: "Die Kamera ist weg.",
      remedy: "Wieder anschließen, dann erneut versuchen.",
    },
    camera_failed: {
      message: "Die Kamera ließ sich nicht verwenden.",
      remedy: "Kamera aus- und wieder einstecken oder eine andere wählen, dann erneut versuchen.",
    },
  },
  code: "Fehlercode",

  picture: "Bild der Kamera",
  keys: "Leertaste hält das Feld fest und lässt es weiterlaufen, K behält es.",
  freeze: "Festhalten",
  goOn: "Weiter",
  keep: "Dieses Feld behalten",
  kept: (name) => `In der Studie als ${name} behalten.`,
  save: "Als PNG speichern",
  camera: "Kamera",
  unnamed: (number) => `Kamera ${number}`,
  torch: "Licht",
  zoom: "Zoom",

  verdict: "Was jetzt zu sehen ist",
  waiting: "Das erste Bild steht noch aus.",
  waitingForModel: "Das Modell wird noch geladen.",
  examining: "Genauere Auswertung …",
  rate: (fields) => `${decimal(fields, 1)} Felder je Sekunde`,
  moving: "Das Feld bewegt sich: Festgehalten werden alle Ausschnitte ausgewertet, die eingestellt sind.",
  size: (width, height) => `${integer(width)} × ${integer(height)} Pixel`,

  objective: "Objektiv",
  unknown: "nicht angegeben",
  scale: (umPerPixel) => `${length(umPerPixel)} je Pixel`,
  noScale:
    "Dieses Objektiv wurde bei anderer Größe oder anderem Zoom des Bildes kalibriert; der Maßstab ist jetzt nicht bekannt.",
  calibrate: "Objektiv kalibrieren",
  remove: (name) => `${name} entfernen`,
  keptHere: "Kalibrierte Objektive werden auf diesem Rechner aufbewahrt.",

  calibration: {
    title: "Objektiv kalibrieren",
    how: "Ein Objektmikrometer unter das Objektiv legen und scharf stellen. Eine Linie über eine bekannte Länge ziehen; ihre Enden lassen sich mit Maus, Finger und Pfeiltasten verschieben.",
    line: "Linie über dem Objektmikrometer",
    ends: ["Anfang der Linie", "Ende der Linie"],
    place: (x, y) => `${integer(x)}, ${integer(y)} Pixel`,
    length: "Länge der Linie in Mikrometern",
    name: "Name des Objektivs",
    example: "40×",
    result: (pixels, umPerPixel) => `${decimal(pixels, 1)} Pixel: ${length(umPerPixel)} je Pixel.`,
    invalid:
      "Eine Linie ziehen und angeben, wie lang sie ist: Der Maßstab muss von 0,01 bis 100 µm je Pixel reichen.",
    short: "Eine längere Linie ist genauer: Diese kann um mehr als ein Hundertstel danebenliegen.",
    save: "Objektiv behalten",
    cancel: "Abbrechen",
  },
};
