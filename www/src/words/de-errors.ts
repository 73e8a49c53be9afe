// The words of errors and warnings in German.

import type { ErrorWords } from "./en-problems.ts";

const RELOAD = "Verbindung prüfen und die Seite neu laden.";
const TRY_AGAIN = "Die Seite neu laden und noch einmal versuchen.";
const NOT_ONNX = "Das Modell ist keine ONNX-Datei, sondern {kind}";
const ITS_OWN_MANIFEST = "Das Modell mit seinem eigenen Manifest ablegen oder ohne eines.";

export const errorWords = {
  errors: {
    image_empty: {
      core: {
        message: "Die Datei ist leer (0 Byte)",
        remedy: "Das Bild noch einmal exportieren oder kopieren; die Datei enthält nichts.",
      },
    },
    image_not_recognised: {
      core: {
        message: "Die Datei ist kein Bild, das sich an seinem Inhalt erkennen lässt",
        remedy: "Eine PNG-, JPEG-, TIFF-, BMP- oder WebP-Datei verwenden; ihr Inhalt zählt, nicht ihr Name.",
      },
    },
    image_unsupported_format: {
      core: {
        message: "{format} wird nicht unterstützt: {reason}",
        remedy: "In PNG, TIFF oder JPEG mit 8 Bit RGB umwandeln und noch einmal versuchen.",
      },
    },
    image_truncated_or_corrupt: {
      core: {
        message: "Die {format}-Datei ist unvollständig oder beschädigt: {detail}",
        remedy:
          "Die Datei noch einmal kopieren oder exportieren; öffnet sie sich anderswo, dort als PNG speichern.",
      },
    },
    image_too_small: {
      core: {
        message: "Das Bild hat {width} × {height} Pixel; das Modell braucht mindestens {least} × {least}",
        remedy: "Das Mikroskopbild in seiner ursprünglichen Auflösung verwenden, keine Vorschau.",
      },
    },
    image_too_large: {
      core: {
        message:
          "Das Bild gibt {width} × {height} Pixel an; die Grenzen sind {max_side} Pixel je Seite und {max_megapixels} Megapixel",
        remedy: "Das gewünschte Feld ausschneiden oder mit geringerer Auflösung exportieren.",
      },
      image_too_much_memory: {
        message: "Das {format}-Bild zu lesen würde mehr als {max_mib} MiB Speicher brauchen",
        remedy: "Das gewünschte Feld ausschneiden oder mit geringerer Auflösung exportieren.",
      },
    },
    file_too_large: {
      core: {
        message: "Die Datei hat {bytes} Byte; die Grenze liegt bei {max_bytes}",
        remedy: "Das gewünschte Feld ausschneiden oder als JPEG oder WebP speichern.",
      },
    },
    file_unreadable: {
      core: {
        message: "Die Datei lässt sich nicht lesen: {detail}",
        remedy: "Prüfen, ob der Pfad existiert und die Datei gelesen werden darf.",
      },
      worker: {
        message: "Der Browser konnte die Datei nicht lesen: {detail}",
        remedy:
          "Prüfen, ob die Datei noch dort liegt, wo sie gewählt wurde, und gelesen werden darf; dann noch einmal hinzufügen.",
      },
    },
    file_not_regular: {
      core: {
        message: "Das ist keine gewöhnliche Datei, sondern {kind}",
        remedy: "Das Bild als Datei speichern und diese nennen.",
      },
    },
    folder_unreadable: {
      core: {
        message: "Der Ordner lässt sich nicht auflisten: {detail}",
        remedy: "Prüfen, ob der Ordner gelesen werden darf; was in ihm liegt, fehlt im Ergebnis.",
      },
    },
    folder_without_images: {
      core: {
        message: "Der Ordner {folder} enthält kein Bild ({extensions})",
        remedy: "Einen Ordner mit Bildern nennen, oder ein Bild für sich, mit beliebiger Endung.",
      },
    },
    text_unreadable: {
      core: {
        message: "{file} ist nicht zu lesen: {detail}",
        remedy: "Prüfen, ob der Pfad stimmt und es die richtige Datei ist.",
      },
    },
    output_failed: {
      core: {
        message: "Die Ergebnisse lassen sich nicht schreiben: {detail}",
        remedy: "Platz schaffen oder die Ausgabe anderswohin leiten, und noch einmal ausführen.",
      },
    },
    too_many_patches: {
      core: {
        message: "{patches} Ausschnitte sind verlangt; von einem Bild werden höchstens {most} klassifiziert",
        remedy: "Weniger Ausschnitte verlangen oder einen größeren Abstand wählen.",
      },
    },
    batch_too_large: {
      core: {
        message: "{patches} Ausschnitte von {side} × {side} Pixeln auf einmal sind mehr als {max_mib} MiB",
        remedy: "Kleinere Stapel wählen.",
      },
    },
    options_invalid: {
      core: {
        message: "{option}: {problem}",
        remedy: "Die Option berichtigen; die Meldung sagt, was erlaubt ist.",
      },
      call: {
        message: "{option} muss {wanted} sein, nicht {value}.",
        remedy: "Die Option berichtigen oder weglassen.",
      },
      server: {
        message: "{option}: {detail}",
        remedy: "Die Option berichtigen; die Meldung sagt, was an ihr falsch ist.",
      },
      oneOnly: {
        message: "{option} gilt für ein einzelnes Bild, und es sind {found}",
        remedy: "Ein Bild oder einen Scan nennen.",
      },
      slidesOnly: {
        message: "{option} gilt für Scans, und dies ist keiner",
        remedy: "Die Option weglassen; ein Feld wird ganz beurteilt, in seinem eigenen Maßstab.",
      },
      ownClasses: {
        message: "{option} zeichnet gutartig und bösartig, die dieses Modell nicht unterscheidet",
        remedy: "Die Option weglassen, oder die Klassen im Manifest gruppieren (docs/own-model.md).",
      },
    },
    no_listening: {
      core: {
        message: "Der Server kann an {address} nichts annehmen: {detail}",
        remedy: "Einen anderen --port oder eine andere Adresse dieses Rechners wählen.",
      },
    },
    model_missing: {
      core: {
        message: "Die Datei {file} des Modells fehlt: {detail}",
        remedy: "Den Pfad prüfen; das Manifest muss neben dem Modell liegen.",
      },
      manifest: {
        message: "Das Manifest des Modells konnte nicht geladen werden: {reason}.",
        remedy: RELOAD,
      },
      variant: {
        message: "Das Modell hat keine Variante {variant}.",
        remedy: "Die andere Genauigkeit wählen.",
      },
      file: { message: "Das Modell {file} konnte nicht geladen werden: {reason}.", remedy: RELOAD },
      kept: {
        message: "Das Modell ist nicht mehr in diesem Browser gespeichert.",
        remedy: "Seine Datei noch einmal ablegen.",
      },
    },
    model_hash_mismatch: {
      core: {
        message: "Die Bytes des Modells haben SHA-256 {found}, das Manifest nennt aber {expected}",
        remedy:
          "Das Modell und sein Manifest noch einmal herunterladen; eines davon wurde verändert oder abgeschnitten.",
      },
      size: {
        message: "Das Modell {file} hat {bytes} Byte, sein Manifest nennt {expected}.",
        remedy: "Die Seite neu laden; bleibt es dabei, wurde die Website nicht vollständig veröffentlicht.",
      },
      fetched: {
        message:
          "Was als {file} kam, ist eine andere Datei: Der SHA-256-Wert weicht ab. Sie wurde nicht verwendet.",
        remedy:
          "Noch einmal versuchen. Bleibt es dabei, wurde die Website nicht vollständig veröffentlicht, oder etwas auf dem Weg verändert ihre Dateien.",
      },
      own: {
        message: "Das Manifest gehört zu einer anderen Datei: Keiner seiner SHA-256-Werte ist {sha256}.",
        remedy: ITS_OWN_MANIFEST,
      },
    },
    model_invalid: {
      core: {
        message: "Das Modell ist nicht verwendbar: {detail}",
        remedy:
          "Einen ONNX-Klassifikator mit Bildern als einziger Eingabe und den Werten seiner Klassen als Ausgabe verwenden (docs/own-model.md).",
      },
      inspection: {
        message: "Das Modell ist nicht verwendbar: {problem}.",
        remedy:
          "Den Klassifikator mit einem Bild als Eingabe und den Werten seiner Klassen als Ausgabe exportieren.",
      },
      trial: {
        message:
          "Die Engine ist an dem Modell gescheitert, in einem Worker, der es nur erproben sollte: {why}.",
        remedy: "Die Datei ist beschädigt oder hat eine Form, die die Engine nicht kennt. Neu exportieren.",
      },
    },
    model_not_onnx: {
      lfs_pointer: {
        message: NOT_ONNX,
        remedy: "git lfs pull ausführen oder die Datei von der Seite des Repositoriums herunterladen.",
      },
      web_page: { message: NOT_ONNX, remedy: "Die Datei selbst herunterladen, nicht die Seite darüber." },
      py_torch: { message: NOT_ONNX, remedy: "In PyTorch laden und mit torch.onnx.export exportieren." },
      keras: { message: NOT_ONNX, remedy: "In Keras laden und mit model.export im Format onnx exportieren." },
      tf_lite: {
        message: NOT_ONNX,
        remedy: "Mit tf2onnx umwandeln oder das Netz exportieren, aus dem es entstand.",
      },
      safe_tensors: {
        message: NOT_ONNX,
        remedy: "Die Gewichte in ihr Netz laden und dieses mit torch.onnx.export exportieren.",
      },
      gguf: {
        message: NOT_ONNX,
        remedy: "Die Gewichte in ihr Netz laden und dieses mit torch.onnx.export exportieren.",
      },
      ort: { message: NOT_ONNX, remedy: "Die .onnx-Datei verwenden, aus der die .ort-Datei entstand." },
      archive: { message: NOT_ONNX, remedy: "Auspacken und die .onnx-Datei darin verwenden." },
      zip: { message: NOT_ONNX, remedy: "Auspacken und die .onnx-Datei darin verwenden." },
      gzip: { message: NOT_ONNX, remedy: "Auspacken und die .onnx-Datei darin verwenden." },
      encrypted: {
        message: NOT_ONNX,
        remedy: "Zuerst entschlüsseln und die .onnx-Datei verwenden, die dabei entsteht.",
      },
      json: {
        message: NOT_ONNX,
        remedy: "Die .onnx-Datei verwenden; diese hier ist vielleicht ihre Konfiguration.",
      },
      core: {
        message: NOT_ONNX,
        remedy:
          "Die Datei noch einmal herunterladen oder exportieren und ihre Größe mit der des Originals vergleichen.",
      },
    },
    model_data_missing: {
      core: {
        message: "Die Gewichte des Modells liegen in der Datei {file}, die nicht dabei war",
        remedy:
          "Beide Dateien in einem Ordner lassen, zusammen ablegen oder das Netz in eine einzige Datei exportieren.",
      },
    },
    model_not_alone: {
      files: {
        message: "Es kam mehr als ein Modell oder mehr als ein Manifest auf einmal.",
        remedy: "Eine einzige ONNX-Datei ablegen, mit höchstens einer JSON-Datei daneben.",
      },
    },
    model_quantised: {
      core: {
        message: "{file} ist die int8-Fassung, die --no-quantization nicht ausführt",
        remedy: "Die f32-Datei des Modells nennen oder --no-quantization weglassen.",
      },
    },
    model_too_large: {
      core: {
        message: "Die Datei {file} des Modells hat mehr als {max_bytes} Byte",
        remedy: "Ein kleineres Netz exportieren, oder dasselbe mit halber Genauigkeit oder quantisiert.",
      },
      file: {
        message: "Die Datei hat {size}; Modelle werden bis {most} gelesen.",
        remedy: "Ein kleineres Netz exportieren, oder dasselbe mit halber Genauigkeit oder quantisiert.",
      },
    },
    model_too_slow: {
      trial: {
        message: "Das Modell war nach {seconds} Sekunden nicht bereit und wurde angehalten.",
        remedy:
          "Ein kleineres Netz verwenden oder es noch einmal versuchen, wenn der Rechner sonst nichts zu tun hat.",
      },
    },
    model_needs_tract: {
      core: {
        message:
          "Das Modell ist nicht von Anfang bis Ende zusammengefasst, was diese Ausgabe der Engine braucht: {detail}",
        remedy: "Die allgemeine Ausgabe der Engine laden.",
      },
    },
    manifest_invalid: {
      core: {
        message: "Das Manifest des Modells ist nicht verwendbar: {problem}",
        remedy: "Das Manifest verwenden, das mit dem Modell kam; die Meldung nennt das Feld.",
      },
      json: { message: "Das Manifest des Modells ist kein JSON: {reason}.", remedy: RELOAD },
      own: {
        message: "{file}, mit dem Modell gekommen, ist kein JSON-Objekt.",
        remedy: ITS_OWN_MANIFEST,
      },
      beside: {
        message: "Das Manifest {file} des Modells ist nicht verwendbar: {problem}",
        remedy:
          "Das Manifest verwenden, das mit dem Modell kam, oder dieses entfernen; die Meldung nennt das Feld.",
      },
    },
    manifest_too_large: {
      core: {
        message: "Das Manifest des Modells hat {bytes} Byte; die Grenze liegt bei {max_bytes}",
        remedy: "Das Manifest verwenden, das mit dem Modell kam.",
      },
    },
    manifest_missing: {
      core: {
        message: "Kein Manifest (.json) im Ordner von {file} nennt es als Fassung",
        remedy:
          "Das Manifest oder die config.json, die mit dem Modell kam, daneben legen (docs/own-model.md).",
      },
    },
    manifest_incomplete: {
      core: {
        message: "Weder {file} noch eine Konfiguration daneben sagt {lacks}",
        remedy:
          "Ein Manifest schreiben, das es sagt (docs/own-model.md), oder das Modell auf der Seite ablegen, die danach fragt.",
      },
    },
    model_not_at_hand: {
      core: {
        message: "Das Modell {model} (SHA-256 {sha256}) wird gebraucht und liegt in keinem von {folders}",
        remedy:
          "Seine Datei und die neben ihr (models/ des Projekts hat sie) in einen dieser Ordner legen, in HISTOSCOPE_MODELS den ihren nennen, oder die Datei selbst nennen (--model).",
      },
    },
    internal: {
      core: {
        message: "Interner Fehler: {detail}",
        remedy: "Bitte den Fehler mit dieser Meldung berichten; ein anderes Bild versuchen.",
      },
    },
    engine_missing: {
      file: { message: "{what} konnte nicht geladen werden: {reason}.", remedy: RELOAD },
    },
    engine_hash_mismatch: {
      file: {
        message:
          "{what} ist nicht die Datei, mit der diese Seite gebaut wurde: Der SHA-256-Wert weicht ab. Sie wurde nicht ausgeführt.",
        remedy:
          "Die Seite neu laden. Bleibt es dabei, wurde die Website nicht vollständig veröffentlicht, oder etwas auf dem Weg verändert ihre Dateien.",
      },
    },
    engine_refused: {
      compile: {
        message: "Dieser Browser lehnt die Engine ab: {reason}.",
        remedy: "Den Browser aktualisieren oder einen aktuellen Chrome, Edge, Firefox oder Safari versuchen.",
      },
    },
    browser_unsupported: {
      start: {
        message: "Diesem Browser fehlt: {capabilities}.",
        remedy: "Ein aktuelles Chrome, Edge, Firefox oder Safari verwenden.",
      },
    },
    classifier_disposed: {
      call: {
        message: "Dieser Klassifikator wurde beendet.",
        remedy: "Mit createClassifier() einen neuen anlegen.",
      },
    },
    worker_died: {
      call: {
        message: "Der Worker im Hintergrund, der das berechnete, ist ausgefallen: {why}.",
        remedy:
          "Noch einmal versuchen. Geschieht es wieder, andere Tabs schließen oder weniger Worker verwenden.",
      },
    },
    protocol_mismatch: {
      hello: {
        message: "Die Seite spricht Version {page} ihres Protokolls, ihr Worker Version {worker}.",
        remedy: "Die Seite ohne Cache neu laden (Strg+Umschalt+R).",
      },
    },
    cancelled: {
      call: { message: "Abgebrochen.", remedy: "Lässt sich jederzeit noch einmal auswerten." },
    },
    result_misplaced: {
      call: {
        message: "{rows} Ausschnitte kamen für die Plätze ab {first}, die belegt oder nicht im Plan sind.",
        remedy: TRY_AGAIN,
      },
    },
    map_unwritable: {
      core: {
        message: "Die Karte kann nicht geschrieben werden: {detail}",
        remedy: "Einen anderen Ort wählen, an dem Platz ist und geschrieben werden darf.",
      },
    },
    slide_not_recognised: {
      core: {
        message: "Die Datei ist kein Scan, der sich an seinem Inhalt erkennen lässt",
        remedy:
          "Eine Datei in SVS, NDPI, SCN, als pyramidales TIFF, OME-TIFF oder DICOM verwenden (docs/slides.md).",
      },
    },
    slide_too_large_here: {
      open: {
        message:
          "In einer Seite, die als Datei geöffnet wurde, liest dieser Browser Scans bis {most} MB; dieser hat {megabytes}.",
        remedy: "Die Seite von einem Server öffnen, oder die Datei in Chrome, Edge oder Firefox.",
      },
    },
    slide_foreign_format: {
      core: {
        message: "{format} wird nicht gelesen",
        remedy: "Mit Bio-Formats (bfconvert) in OME-TIFF umwandeln oder aus QuPath exportieren.",
      },
    },
    slide_unsupported: {
      core: {
        message: "Diese Datei ({format}) wird nicht unterstützt: {reason}",
        remedy: "Als SVS exportieren oder als pyramidales TIFF mit JPEG-Kacheln in RGB.",
      },
    },
    slide_truncated_or_corrupt: {
      core: {
        message: "Die Datei ({format}) ist abgeschnitten oder beschädigt: {detail}",
        remedy: "Die Datei noch einmal kopieren; öffnet sie sich anderswo, als pyramidales TIFF exportieren.",
      },
    },
    slide_too_large: {
      core: {
        message: "{what} ist {found}; die Grenze ist {most}",
        remedy: "Den Scan mit kleineren Kacheln exportieren oder einen Teil davon.",
      },
    },
    slide_outside_file: {
      core: {
        message: "{length} Byte ab {offset} liegen außerhalb der Datei, die {size} hat",
        remedy: "Die Datei noch einmal kopieren; öffnet sie sich anderswo, als pyramidales TIFF exportieren.",
      },
    },
    slide_tile_corrupt: {
      core: {
        message: "Eine Kachel lässt sich nicht decodieren: {detail}",
        remedy: "Die Datei noch einmal kopieren; öffnet sie sich anderswo, als pyramidales TIFF exportieren.",
      },
    },
    slide_no_tile: {
      core: {
        message: "Es gibt keine Ebene {level} oder darin keine Kachel {column}, {row}",
        remedy: "Nach dem fragen, was der Scan beschreibt.",
      },
    },
    slide_no_scale: {
      core: {
        message: "Der Scan sagt nicht, wie groß ein Pixel ist",
        remedy: "Angeben, wie viele Mikrometer ein Pixel des Scans hat.",
      },
    },
    slide_scale_too_far: {
      core: {
        message:
          "Ausschnitte mit {wanted} µm je Pixel sind zu weit von den {found} µm des Scans entfernt: {least} bis {most} seiner Pixel dürfen auf einem von ihren liegen",
        remedy: "Den Maßstab des Scans berichtigen oder einen wählen, der näher an ihm liegt.",
      },
    },
    slide_no_patches: {
      core: {
        message: "Kein Ausschnitt hat seine Mitte in {place}",
        remedy: "Eine Region umreißen, in der Gewebe ist, oder einen feineren Maßstab wählen.",
      },
    },
    regions_invalid: {
      core: {
        message: "Die Regionen sind nicht verwendbar: {problem}",
        remedy: "GeoJSON mit Polygonen in Pixeln des Scans verwenden, wie QuPath es exportiert.",
      },
    },
    familiarity_invalid: {
      core: {
        message: "die Statistik dessen, was dem Modell bekannt ist, ist nicht zu gebrauchen: {problem}",
        remedy: "Die Datei verwenden, die mit dem Modell kam, neben seinem Manifest.",
      },
    },
    no_features: {
      core: {
        message: "dieses Modell hat keine Merkmale, und so lässt es sich nichts lehren",
        remedy:
          "Das eingebaute Modell in int8 verwenden oder eines, dessen Manifest Merkmale nennt (docs/teaching.md).",
      },
    },
    lesson_missing: {
      file: {
        message: "die Datei der Lektion ließ sich nicht holen: {reason}",
        remedy: "Nachsehen, ob sie unter der Adresse liegt, die die Seite nennt.",
      },
    },
    lesson_invalid: {
      core: {
        message: "die Lektion ist nicht zu gebrauchen: {problem}",
        remedy: "Die Datei der Lektion verwenden, wie Histoscope sie geschrieben hat.",
      },
    },
    lesson_of_other_model: {
      core: {
        message: "die Lektion wurde dem Modell {taught} gelehrt, und dies ist {found}",
        remedy: "Die Lektion mit ihrem eigenen Modell verwenden oder dieses dieselben Bilder lehren.",
      },
    },
    teach_refused: {
      core: {
        message: "nichts wurde gelehrt: {problem}",
        remedy: "Mehr Bilder von mehr Patienten mit Labels versehen; die Meldung sagt, was fehlt.",
      },
    },
    labels_invalid: {
      core: {
        message: "die Labels sind nicht zu gebrauchen: {problem}",
        remedy: "Die Labels verbessern; die Meldung sagt, welche Zeile und was erlaubt ist.",
      },
    },
    report_invalid: {
      core: {
        message: "Der Bericht über {which} ist nicht verwendbar: {problem}",
        remedy: "Berichte verwenden, wie Histoscope sie schrieb, oder das Bild noch einmal analysieren.",
      },
      unnamed_report_invalid: {
        message: "Der Bericht über Bild {place} ist nicht verwendbar: {problem}",
        remedy: "Berichte verwenden, wie Histoscope sie schrieb, oder das Bild noch einmal analysieren.",
      },
      reports_invalid: {
        message: "Der Bericht über alle Bilder ist nicht verwendbar: {problem}",
        remedy: "Berichte verwenden, wie Histoscope sie schrieb, oder das Bild noch einmal analysieren.",
      },
    },
    table_too_large: {
      file: {
        message: "Die Tabelle hat {size}; Tabellen werden bis {most} gelesen.",
        remedy: "Sie in mehreren Teilen speichern.",
      },
    },
    table_invalid: {
      heads: {
        message:
          "Die erste Zeile der Tabelle nennt keine Spalte mit Dateien neben einer mit Patienten oder Labels: {found}",
        remedy: "Die Spalten in der ersten Zeile datei, patient und label nennen.",
      },
      empty: {
        message: "Die Tabelle hat keine Zeile, die eine Datei nennt.",
        remedy: "Für jedes Bild eine Zeile schreiben.",
      },
    },
    report_too_large: {
      core: {
        message: "Die Berichte haben {bytes} Byte; die Grenze liegt bei {max_bytes}",
        remedy: "Weniger Bilder mitteln oder ihre Ausschnitte weglassen.",
      },
      saved_too_large: {
        message: "Die gespeicherten Ergebnisse haben {bytes} Byte; die Grenze liegt bei {max_bytes}",
        remedy: "In Teilen speichern: Ergebnisse einer Studie sind die der Bilder, die ihr Filter zeigt.",
      },
    },
  },

  remedies: { tryAgain: TRY_AGAIN },

  problems: {
    image_unsupported_format: {
      animated: "Es ist animiert, und ein Mikroskopbild ist ein einzelnes, stehendes Bild",
      no_decoder: "Dieses Programm hat keinen Decoder dafür",
      palette: "Seine 256 Farben sind zu wenige für eine Färbung",
      document: "Es ist ein Dokument; das Bild daraus exportieren",
      drawing: "Es ist eine Zeichnung, kein Mikroskopbild",
      arithmetic: "Sie ist arithmetisch codiert",
      lossless: "Sie ist als verlustfreies JPEG gespeichert",
      hierarchical: "Sie ist als hierarchisches JPEG gespeichert",
      deep: "Sie hat mehr als 8 Bit je Wert",
      components: "Sie hat weder 1 noch 3 noch 4 Farbkomponenten",
      separate: "Ihre Farben sind nacheinander gespeichert",
      sampling: "Ihre Farben sind auf eine Weise unterabgetastet, die dieses Programm nicht kennt",
      floats: "Ihre Werte sind Gleitkommazahlen ohne definiertes Weiß",
      integers: "Ihre Werte sind ganze Zahlen ohne definiertes Weiß",
      signed: "Ihre Werte haben ein Vorzeichen",
      samples: "Ihre Werte sind von einer Art, die dieses Programm nicht kennt",
      colours: "Ihre Farben sind von einer Art, die dieses Programm nicht kennt",
      y_cb_cr: "Ihre YCbCr-Farben sind anders gespeichert als die von JPEG",
      lab: "Ihre Farben sind CIE L*a*b*",
      sensor: "Sie enthält die Rohwerte einer Kamera",
      channels: "Ihre Farben sind als graue Seiten gespeichert, eine je Kanal",
      stains: "Ihre Kanäle sind grau, und nichts sagt, welche Farben sie sind",
      copy: "Ihre erste Seite ist eine kleine Kopie einer anderen",
      bits: "Ihre Bits sind in umgekehrter Folge gespeichert",
      fax: "Sie ist als Fax komprimiert, in Schwarz und Weiß",
      old_jpeg: "Sie ist mit dem JPEG von vor 1995 komprimiert",
      old_lzw: "Sie ist mit dem LZW von vor TIFF 6.0 komprimiert",
      method: "Sie ist mit Verfahren {code} komprimiert",
      compression: "Sie ist mit {name} komprimiert",
      decoder: "{detail}",
    },
    image_truncated_or_corrupt: {
      headers: "Ihre Kopfdaten sind beschädigt",
      empty: "Sie endet, bevor ihr Bild beginnt",
      interval: "Ein Teil ihres Bildes zwischen Neustart-Marken fehlt",
      scans: "Ihre letzten Durchgänge fehlen",
      bytes: "Ihre komprimierten Daten passen nicht zu ihrer Größe",
      directory: "Ihr Verzeichnis ist beschädigt",
      chunks: "Ihre Streifen oder Kacheln fehlen",
      cut_short: "Ein Streifen oder eine Kachel ist abgeschnitten",
      decoder: "{detail}",
    },
    lesson_invalid: {
      too_large: "sie hat {bytes} Byte; erlaubt sind {max_bytes}",
      form: "sie hat nicht die Form einer Lektion: {detail}",
      version: "ihre Version ist {found}, dieses Programm liest {known}",
      field: "{field} kann nicht von einer Lektion sein",
    },
    teach_refused: {
      form: "die Anfrage hat nicht ihre Form: {detail}",
      classes: "die Klassen sind nicht zwei bis zwölf verschiedene Namen",
      name: "der Name der Lektion hat nicht 1 bis 80 sichtbare Zeichen",
      too_many: "{found} Bilder sind mehr als {most}",
      features: "{found} Merkmale, wo {expected} sein müssen, oder eines, das keine Zahl ist",
    },
    familiarity_invalid: {
      too_large: "sie hat {bytes} Byte; erlaubt sind höchstens {max_bytes}",
      form: "sie hat nicht die Form einer Statistik: {detail}",
      schema_version: "ihre schema_version ist {found}, dieses Programm liest {known}",
      other_model: "sie gehört zum Modell mit SHA-256 {found}, dieses hat {expected}",
      length: "{field}: {found}, wo {expected} sein müssen",
      number: "{field} enthält eine Zahl, die keine sein kann",
      other_file: "die Datei hat SHA-256 {found}, aber im Manifest steht {expected}",
      no_features: "das Manifest des Modells nennt keine solche Datei",
      no_such_features: "das Modell hat keine solche Ebene oder Statistik",
    },
    labels_invalid: {
      no_column: "die Tabelle hat keine Spalte „{column}“",
      line: "Zeile {line}: {detail}",
      too_long: "sie hat mehr als {most} Zeilen",
      name: "{found} ist kein Name einer Klasse: 1 bis 80 Zeichen, keines davon unsichtbar",
      classes: "die Zahl verschiedener Labels ist {found}, wo 2 bis 12 sein dürfen",
      foreign: "„{found}“ ist ein Label, aber keine der Klassen der Lektion",
      none: "kein Bild hat ein Label",
      no_patient: "die Tabelle nennt von keinem dieser Bilder den Patienten",
    },
    model_not_onnx: {
      empty: "eine leere Datei",
      lfs_pointer: "ein Git-LFS-Zeiger, der für eine nicht geholte Datei steht",
      web_page: "eine Webseite oder was ein Server an ihrer Stelle antwortete",
      json: "JSON",
      py_torch: "ein PyTorch-Checkpoint oder ein anderer Python-Pickle",
      keras: "ein Keras-Modell",
      tf_lite: "ein TensorFlow-Lite-Modell",
      safe_tensors: "Gewichte ohne Netz, in safetensors",
      gguf: "Gewichte ohne Netz, in GGUF",
      ort: "ein Modell im eigenen Format der ONNX Runtime, ORT",
      gzip: "eine gzip-Datei",
      zip: "ein ZIP-Archiv",
      archive: "ein Archiv oder eine komprimierte Datei",
      encrypted: "eine verschlüsselte Datei oder Rauschen",
      damaged: "der Anfang einer solchen: Sie wurde abgeschnitten oder ist beschädigt",
    },
    manifest_invalid: {
      form: "Es hat nicht die Form eines Manifests: {detail}",
      schema_version: "schema_version ist {found}, dieses Programm liest {known}",
      labels:
        "labels ist {found}; es müssen {least} bis {most} verschiedene Namen sein, in der Reihenfolge der Werte des Modells",
      ungrouped:
        'groups: Das Label {label} ist in {found} der Gruppen "benign" und "malignant"; es muss in einer sein',
      label_name:
        'labels: {label} kann keine Klasse benennen: nötig sind 1 bis {most} Zeichen ohne Leerraum am Rand und ohne unsichtbare, und nicht "uncertain", "unfamiliar" oder "not assessable"',
      no_such_label: "groups: {label} ist keines der Labels",
      empty_group: "groups: Kein Label ist {class}",
      patch_size: "input.patch_size ist {found} und damit nicht in 1..={most}",
      patch_too_small: "input.patch_size ist {found} und damit kleiner als {least}",
      normalisation_missing:
        "input.normalisation fehlt: Eine Eingabe in float32 braucht Mittelwert und Abweichung, mit denen das Modell trainiert wurde",
      normalisation_unused: "input.normalisation: Eine Eingabe in uint8 nimmt rohe Pixel; weglassen",
      not_finite: "input.normalisation.{field} ist {found} und damit nicht endlich",
      not_positive: "input.normalisation.{field} ist {found} und damit nicht über 0",
      temperature: "calibration.temperature ist {found} und damit nicht über 0",
      uncertain_below: "calibration.uncertain_below ist {found} und damit nicht in {least}..=1",
      no_sha256: "{field} ist {found} und damit kein SHA-256 in kleinen Hexadezimalziffern",
      no_variant: "Das Modell hat keine Fassung {variant}",
      features: "features: {detail}",
      familiarity_without_features: "familiarity ist da, aber keine features",
    },
    report_invalid: {
      not_json: "Er ist kein JSON oder abgeschnitten: {detail}",
      no_report: "Er hat keine schema_version und ist damit kein Bericht von Histoscope",
      no_image: "Er enthält kein Bild",
      too_long: "{field} hat {bytes} Byte, die Grenze liegt bei {most}",
      form: "Er hat nicht die Form eines Berichts: {detail}",
      schema_version: "Seine schema_version ist {found}, dieses Programm liest {known}",
      no_probability: "{field} ist {found} und damit nicht in 0..=1",
      sum: "{field} haben die Summe {sum} statt 1",
      out_of_range: "{field} ist {found}, was kein Bericht von Histoscope hat",
      no_digest: "{field} ist „{found}“, was keine SHA-256 ist",
      contradiction: "{field} widerspricht {other}",
    },
    options_invalid: {
      no_count: 'eine ganze Zahl über 0 oder "all" ist verlangt, nicht "{found}"',
      no_variant: '"{found}" ist weder "int8" noch "f32"',
      no_runtime: '"{found}" ist weder "fused" noch "tract"',
      out_of_range: "{found} ist nicht in {least}..={most}",
      too_small: "{found} ist kleiner als {least}",
      form: "{detail}",
    },
  },

  clauses: {
    engine: "Die Engine",
    workerScript: "Das Skript des Workers",
    manifest: "Das Manifest des Modells",
    part: "Ein Teil der Seite",
    answered: "Der Server antwortete {status}",
    ended: "Der Browser hat ihn beendet",
    unreadable: "Er schickte eine unlesbare Nachricht",
    notStarted: "Sein Skript ließ sich nicht starten",
    silent: "Er antwortet nicht mehr",
    text: "ein Text",
    oneOf: "eines von {choices}",
    wholeNumberTo: "eine ganze Zahl von {least} bis {most}",
    file: "eine Datei (File oder Blob)",
    address: "eine Adresse, absolut oder relativ zum Dokument",
    several: "{first}; {rest}",
    other: "{detail}",
    inputs: "Es hat {count} Eingaben; es muss eine haben, die Ausschnitte",
    input_type:
      "Seine Eingabe ist {port}; es müssen Bilder in uint8 oder float32 sein, [N, 3, Seite, Seite] oder [N, Seite, Seite, 3]",
    input_shape:
      "Seine Eingabe ist {port}; es müssen Bilder in uint8 oder float32 sein, [N, 3, Seite, Seite] oder [N, Seite, Seite, 3], mit drei Farben und einer Seite von höchstens {most} Pixeln",
    input_batch:
      "Seine Eingabe ist {port}, für {batch} Bilder auf einmal; für 1 oder beliebig viele exportieren",
    outputs:
      "Seine Ausgaben sind {ports}; eine muss die Werte der Klassen haben, float32 [N, Klassen], von 2 bis {most} Klassen, oder float32 [N, 1]",
    many_classes:
      "Seine Ausgabe ist {port}, von {classes} Klassen; höchstens {most} lassen sich hier unterscheiden: Seine letzte Schicht für die Klassen des Gewebes trainieren, oder in einer weiteren Schicht zu weniger Klassen zusammenfassen; sind es Merkmale, das Netz mit seinem Klassifikator exportieren",
  },

  warnings: {
    several_pages: "Die TIFF-Datei hat mehrere Seiten; nur die erste wurde gelesen.",
    no_end_marker:
      "Der JPEG-Datei fehlt die Ende-Marke, als wäre sie abgeschnitten; alle ihre Pixel sind da.",
    few_colours:
      "Die Datei hat eine Palette von höchstens 256 Farben, zu wenige für eine Färbung: Auf das Ergebnis ist kein Verlass.",
    colours_managed:
      "Die Datei hat ein Farbprofil oder ein Gamma für sich: Programme zeigen andere Farben, als das Modell sieht.",
    directories_in_a_circle: "Ihre Verzeichnisse laufen im Kreis; jedes wird einmal gelesen.",
    too_many_directories: "Nur die ersten {most} Verzeichnisse werden gelesen.",
    directory_unreadable: "Ein Verzeichnis ist nicht lesbar: {detail}.",
    nested_directory_unreadable: "Ein Unterverzeichnis ist nicht lesbar: {detail}.",
    level_unreadable: "Eine Ebene ist nicht lesbar: {detail}.",
    instance_unreadable: "Eine DICOM-Datei des Scans ist nicht lesbar: {detail}.",
    several_series: "Es sind mehrere Serien; die mit dem feinsten Bild wird gelesen.",
    several_regions: "Es sind {regions} Bereiche; der größte wird gelesen.",
    coarser_regions: "Bereiche, die gröber gescannt wurden und fehlen: {regions}.",
    scale_impossible: "Die Datei nennt {found} µm je Pixel, was kein Scan hat.",
    patches_enlarged:
      "Der Scan hat {found} µm je Pixel, gröber als die {wanted} der Ausschnitte: Sie werden vergrößert und gelten vielleicht als unscharf.",
    tiles_unreadable:
      "Nicht lesbare Kacheln des Scans, die als Glas zählen: {tiles}. Die erste ist {column}, {row} der Ebene {level}: {detail}.",
  },
} satisfies ErrorWords;
