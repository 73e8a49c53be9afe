// A table that says of images whose they are and what they truly show: CSV as programs and spreadsheets of any country
// write it, with a line of heads.
//
// A file comes from outside, so its size is checked before it is read, and its rows before anything is kept of them.

import Papa from "papaparse";
import { HistoscopeError } from "../base/errors.ts";
import type { Cause } from "../engine/protocol.ts";
import { numbersOf } from "../words/numbers.ts";
import { said } from "../words/said.ts";
import { tidyLabel } from "./labels.ts";
import { tidyPatient } from "./patients.ts";

export interface TableRow {
  /** Name or path of an image, with slashes. */
  readonly file: string;
  /** Null where the table has no such column; empty where it says nothing. */
  readonly patient: string | null;
  readonly label: string | null;
}

export interface FileTable {
  readonly name: string;
  readonly rows: readonly TableRow[];
}

export class TableError extends HistoscopeError {
  override readonly name = "TableError";
  constructor(code: string, message: string, remedy: string, cause?: Cause) {
    super("image", code, message, remedy, cause);
  }
}

const MOST_BYTES = 16 * 2 ** 20;
const MOST_ROWS = 200_000;

/** What a column's head is called, in the languages of the page; the first that is there counts. */
const HEADS = {
  file: [
    "path",
    "file",
    "filename",
    "image",
    "imagepath",
    "imageid",
    "name",
    "pfad",
    "datei",
    "dateiname",
    "bild",
  ],
  patient: [
    "patient",
    "patientid",
    "case",
    "caseid",
    "subject",
    "subjectid",
    "patientin",
    "fall",
    "fallnummer",
  ],
  label: [
    "label",
    "class",
    "truth",
    "groundtruth",
    "diagnosis",
    "category",
    "befund",
    "klasse",
    "diagnose",
    "wahrheit",
  ],
} as const;

/** Western spreadsheets still write CSV in the machine's old characters, which are no UTF-8. */
function decoded(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Text that our own tables keep a spreadsheet from running. */
const withoutGuard = (text: string): string => (/^'[=+\-@]/.test(text) ? text.slice(1) : text);

/** Rejects with `TableError`. */
export async function readTable(file: File): Promise<FileTable> {
  if (file.size > MOST_BYTES) {
    const { bytes } = numbersOf("en");
    const values = { size: bytes(file.size), most: bytes(MOST_BYTES) };
    throw new TableError(...said("table_too_large", "file", values));
  }
  return parseTable(file.name, decoded(await file.arrayBuffer()));
}

/** Throws `TableError`. */
export function parseTable(name: string, text: string): FileTable {
  const { data } = Papa.parse<string[]>(text, { skipEmptyLines: "greedy", preview: MOST_ROWS + 1 });
  const [heads = [], ...lines] = data;
  const plain = heads.map((head) => head.toLowerCase().replace(/[^\p{L}]/gu, ""));
  const column = (of: keyof typeof HEADS): number => {
    const head = HEADS[of].find((known) => plain.includes(known));
    return head === undefined ? -1 : plain.indexOf(head);
  };
  const at = { file: column("file"), patient: column("patient"), label: column("label") };
  if (at.file < 0 || (at.patient < 0 && at.label < 0)) {
    const found = heads.slice(0, 8).join(", ").slice(0, 200);
    throw new TableError(...said("table_invalid", "heads", { found }));
  }
  const rows = lines.flatMap((line): TableRow[] => {
    const cell = (place: number) => withoutGuard((line[place] ?? "").trim());
    const path = cell(at.file)
      .replaceAll("\\", "/")
      .replace(/^(\.?\/)+/, "");
    if (path === "") return [];
    return [
      {
        file: path,
        patient: at.patient < 0 ? null : tidyPatient(cell(at.patient)),
        label: at.label < 0 ? null : tidyLabel(cell(at.label)),
      },
    ];
  });
  if (rows.length === 0) throw new TableError(...said("table_invalid", "empty"));
  return { name, rows };
}
