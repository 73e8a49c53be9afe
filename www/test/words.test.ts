// The languages of the page: complete, alike in what they take, and found in the right order; and what comes in English,
// translated.

import { afterEach, beforeAll, describe, expect, it } from "vitest";
import trouble from "../../crates/histoscope-cli/src/trouble.rs?raw";
import inputSource from "../../crates/histoscope-engine/src/input.rs?raw";
import foreign from "../../crates/histoscope-engine/src/onnx/foreign.rs?raw";
import inspect from "../../crates/histoscope-engine/src/onnx/problem.rs?raw";
import files from "../../crates/histoscope-files/src/error.rs?raw";
import slideErrors from "../../crates/histoscope-slide/src/error.rs?raw";
import slideWarnings from "../../crates/histoscope-slide/src/warning.rs?raw";
import problemSource from "../../src/decode/problem.rs?raw";
import errors from "../../src/error.rs?raw";
import inspection from "../../src/inspection.rs?raw";
import manifestSource from "../../src/manifest.rs?raw";
import optionsSource from "../../src/options.rs?raw";
import reportSource from "../../src/report/check.rs?raw";
import warningSource from "../../src/warning.rs?raw";
import { ImageError, InternalError, ModelError } from "../src/base/errors.ts";
import type { Cause } from "../src/engine/protocol.ts";
import worker from "../src/engine/worker.ts?raw";
import { whatIsWrong } from "../src/own-model/inspection.ts";
import { TILES_UNREADABLE } from "../src/slide/analysis.ts";
import { saidElsewhere } from "../src/view/result-wording.ts";
import { reportWords } from "../src/view/wording.ts";
import { de } from "../src/words/de.ts";
import { judgedWords as judgedDe } from "../src/words/de-judged.ts";
import { liveWords as liveDe } from "../src/words/de-live.ts";
import { resultWords as resultsDe } from "../src/words/de-result.ts";
import { slideWords as slideDe } from "../src/words/de-slide.ts";
import { en as spoken } from "../src/words/en.ts";
import { judgedWords as judged } from "../src/words/en-judged.ts";
import { liveWords as live } from "../src/words/en-live.ts";
import { problems, warnings } from "../src/words/en-problems.ts";
import { resultWords as results } from "../src/words/en-result.ts";
import { slideWords as slide } from "../src/words/en-slide.ts";
import {
  detectLanguage,
  LANGUAGES,
  type Language,
  language,
  partsOfQuery,
  withLanguage,
} from "../src/words/language.ts";
import { numbersOf } from "../src/words/numbers.ts";
import { resultWords } from "../src/words/result.ts";
import { clause, said } from "../src/words/said.ts";
import { plain, told, toldClause, toldWarning } from "../src/words/told.ts";
import { loadAllWords, percent, words } from "../src/words/words.ts";
import { imageReport } from "./reports.ts";

/** With what a translation starts from. */
const en = { ...spoken, problems, warnings };

/** Every language of the page. */
const ALL: Readonly<Record<Language, object>> = {
  en: { ...en, judged, live, results, slide },
  de: { ...de, judged: judgedDe, live: liveDe, results: resultsDe, slide: slideDe },
};

// As the page does before it speaks one.
beforeAll(async () => {
  await loadAllWords();
});

afterEach(() => {
  language.value = "en";
});

type Leaf = string | ((...values: never[]) => string);

function leaves(tree: object, path = ""): [string, Leaf][] {
  return Object.entries(tree).flatMap(([key, value]): [string, Leaf][] =>
    typeof value === "object" ? leaves(value, `${path}.${key}`) : [[`${path}.${key}`, value]],
  );
}

const holes = (template: string): string[] => [...new Set(template.match(/\{\w+\}/g))].sort();

describe.each(
  Object.keys(LANGUAGES).filter((tag) => tag !== "en") as Language[],
)("the words in %s", (tag) => {
  const theirs = new Map(leaves(ALL[tag]));

  it("are all there, and no more than there are", () => {
    expect([...theirs.keys()].sort()).toEqual(
      leaves(ALL.en)
        .map(([path]) => path)
        .sort(),
    );
  });

  it.each(leaves(ALL.en))("take the same values at %s", (path, ours) => {
    const other = theirs.get(path);
    expect(typeof other).toBe(typeof ours);
    if (typeof ours === "string") {
      expect(other).not.toBe("");
      expect(holes(other as string)).toEqual(holes(ours));
    } else {
      expect((other as typeof ours).length).toBe(ours.length);
    }
  });
});

describe.each(Object.keys(LANGUAGES) as Language[])("one thing in %s", (tag) => {
  it("has one name: the verdict on an image and that on a region, which one report shows", () => {
    const theirs = new Map(leaves(ALL[tag]));
    const [ofImages, ofRegions] = [
      theirs.get(".results.list.columns.verdict.name"),
      theirs.get(".slide.verdict"),
    ];
    expect(ofImages).toBeTypeOf("string");
    expect(ofRegions).toBe(ofImages);
  });
});

describe("the language", () => {
  it.each<[string, string, string[], Language]>([
    ["?lang=de", "en", ["en"], "de"],
    ["?workers=2&lang=DE-at", "", ["en"], "de"],
    ["?lang=fr", "de", ["en"], "de"],
    ["", "de", ["en-GB"], "de"],
    ["", "xx", ["fr-FR", "de-CH", "en"], "de"],
    ["", "", ["en-US", "de"], "en"],
    ["", "", ["fr"], "en"],
    ["", "", [], "en"],
    // No name that every object has.
    ["?lang=constructor", "", [], "en"],
  ])("of %j, remembered %j, preferred %j is %s", (query, remembered, preferred, expected) => {
    expect(detectLanguage(query, remembered, preferred)).toBe(expected);
  });

  it("is kept apart from the options in the address", () => {
    expect(partsOfQuery("?stride=56&lang=de")).toEqual({ options: "stride=56", language: "de" });
    expect(partsOfQuery("?lang=de").options).toBe("");
    expect(withLanguage("?stride=56", "de")).toBe("?stride=56&lang=de");
    expect(withLanguage("?stride=56", "")).toBe("?stride=56");
    expect(withLanguage("", "")).toBe("");
  });

  it("changes words and numbers at once", () => {
    const report = imageReport("a.jpg");
    expect(reportWords(report)).toBe("Malignant, 75.0%");
    language.value = "de";
    expect(reportWords(report)).toBe("Bösartig, 75,0\u00a0%");
    expect(percent(0.5)).toBe("50,0\u00a0%");
    expect(resultWords.value.judgement.leans(words.value.labels.benign, percent(0.51))).toBe(
      "eher gutartig, 51,0\u00a0%",
    );
  });
});

it.each([
  ["en", "1,234", "12.5%", "1.5 s", "2.5 MB"],
  ["de", "1.234", "12,5\u00a0%", "1,5 s", "2,5 MB"],
])("numbers are written as in %s", (locale, integer, share, time, size) => {
  const numbers = numbersOf(locale);
  expect(numbers.integer(1234)).toBe(integer);
  expect(numbers.percent(0.125)).toBe(share);
  expect(numbers.duration(1500)).toBe(time);
  expect(numbers.bytes(2_500_000)).toBe(size);
});

it("sizes a small file in bytes", () => {
  expect(numbersOf("en").bytes(300)).toBe("300 bytes");
  expect(numbersOf("de").bytes(300)).toBe("300 Byte");
  expect(numbersOf("en").bytes(1000)).toBe("1 kB");
});

/** Where lessons, labels and what is familiar are read. */
const teachingSources = import.meta.glob<string>("../../src/{lesson,teach,familiarity,labels}.rs", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Where the core says something by a code. */
const remarkSources = Object.values(
  import.meta.glob<string>(
    ["../../src/{evaluate,teach}.rs", "../../src/{evaluate,teach}/*.rs", "!../../src/**/tests.rs"],
    { query: "?raw", import: "default", eager: true },
  ),
).join("");

it("every remark of the core has its words", () => {
  const codes = [...remarkSources.matchAll(/(?:Remark::new\(|refuse\()\s*"(\w+)"/g)].map(
    ([, code = ""]) => code,
  );
  expect(codes.length).toBeGreaterThan(8);
  expect(codes.filter((code) => !(code in judged.remarks))).toEqual([]);
});

/** As serde writes the name of a variant. */
const snake = (name: string): string => name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

const names = (template: string): string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);

/** The variants of an enum in Rust, with the names of their fields. */
function variantsOf(source: string, name: string): { kind: string; fields: string[] }[] {
  const [, body = ""] = source.split(`pub enum ${name} {`);
  const [block = ""] = body.split("\n}");
  const code = block.replace(/^\s*\/\/.*$/gm, "").replace(/#\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]/g, "");
  return [...code.matchAll(/(\w+)\s*(?:\{([^}]*)\}|\([^)]*\))?\s*,/g)].map(
    ([, variant = "", inner = ""]) => ({
      kind: snake(variant),
      fields: [...inner.matchAll(/(\w+):/g)].map(([, field = ""]) => field),
    }),
  );
}

/** Those with a sentence of their own, which is a template of their fields. */
function declared(source: string, name: string): { kind: string; fields: string[]; template: string }[] {
  const joined = source.replace(/\\\n\s+/g, "");
  const templates = new Map(
    [...joined.matchAll(/#\[error\(\s*"((?:[^"\\]|\\.)*)"\s*\)\]\s*(?:\/\/\/[^\n]*\n\s*)*(\w+)/g)].map(
      ([, text = "", variant = ""]) => [
        snake(variant),
        text.replaceAll('\\"', '"').replace(/\{(\w+):\?\}/g, '"{$1}"'),
      ],
    ),
  );
  return variantsOf(joined, name).flatMap((variant) => {
    const template = templates.get(variant.kind);
    return template === undefined ? [] : [{ ...variant, template }];
  });
}

const source = (file: string): string => teachingSources[`../../src/${file}.rs`] ?? "";

/** What is wrong with something, by the code of the error that says so. */
const PROBLEMS = [
  ["image_unsupported_format", problemSource, "Unsupported"],
  ["image_truncated_or_corrupt", problemSource, "Damage"],
  ["manifest_invalid", manifestSource, "ManifestProblem"],
  ["options_invalid", optionsSource, "OptionProblem"],
  ["report_invalid", reportSource, "ReportProblem"],
  ["lesson_invalid", source("lesson"), "LessonProblem"],
  ["teach_refused", source("teach"), "TeachProblem"],
  ["familiarity_invalid", source("familiarity"), "FamiliarityProblem"],
  ["labels_invalid", source("labels"), "LabelsProblem"],
] as const;

describe("what the core says", () => {
  /** Rust's literals may go over several lines. */
  const joined = [errors, files, trouble].join("").replace(/\\\n\s+/g, "");
  const templates = (
    Object.values(en.errors) as Record<string, { message: string; remedy: string }>[]
  ).flatMap((of) => Object.values(of));

  it("is known to the letter: messages and remedies", () => {
    const said = [...joined.matchAll(/#\[error\(\s*"([^"]+)"/g)].map(([, message]) => message);
    expect(said.length).toBeGreaterThan(20);
    const [, ...remedies] = joined.split("fn remedy");
    const advised = [...remedies.join("").matchAll(/"([^"]+[.])"/g)].map(([, remedy]) => remedy);
    expect(advised.length).toBeGreaterThan(10);
    expect(templates.map(({ message }) => message)).toEqual(expect.arrayContaining(said));
    expect(templates.map(({ remedy }) => remedy)).toEqual(expect.arrayContaining(advised));
  });

  it("warns in words that are known, or that the page has itself", () => {
    const kinds = [warningSource, slideWarnings].flatMap((rust) => declared(rust, "Warning"));
    expect(kinds.length).toBeGreaterThan(14);
    const words: Readonly<Record<string, string>> = en.warnings;
    for (const { kind, template } of kinds) {
      if (saidElsewhere({ kind })) expect(words, kind).not.toHaveProperty(kind);
      else expect(words[kind], kind).toBe(template);
    }
    const known = kinds.map(({ kind }) => kind);
    expect(Object.keys(words).filter((kind) => !known.includes(kind))).toEqual([]);
    // The page says one of them for the reader of slides.
    expect(TILES_UNREADABLE).toBe(en.warnings.tiles_unreadable);
  });

  it("has words for each kind of error that it declares, with its values, and for no other", () => {
    const codes = new Map(
      [
        ...(errors
          .split("pub fn code")[1]
          ?.split("pub fn ")[0]
          ?.matchAll(/((?:\|?\s*Self::\w+(?: \{ \.\. \})?\s*)+)=> "(\w+)"/g) ?? []),
      ].flatMap(([, variants = "", code = ""]) =>
        [...variants.matchAll(/Self::(\w+)/g)].map(([, variant = ""]) => [snake(variant), code] as const),
      ),
    );
    const all = declared(errors, "Error");
    expect(all.length).toBeGreaterThan(25);
    for (const { kind, template, fields } of all) {
      const words: Readonly<Record<string, { message: string }>> =
        en.errors[codes.get(kind) as keyof typeof en.errors];
      const message = (words[kind] ?? words["core"])?.message ?? "";
      expect(message, kind).toBe(template);
      expect(fields, kind).toEqual(expect.arrayContaining(names(message)));
    }
  });

  it("has words for each error of a slide, with its values", () => {
    const [, behind = ""] = slideErrors.split("pub fn code");
    const codes = new Map(
      [...(behind.split("pub fn ")[0] ?? "").matchAll(/Self::(\w+)(?: \{ \.\. \})? => "(\w+)"/g)].map(
        ([, variant = "", code = ""]) => [snake(variant), code] as const,
      ),
    );
    const all = declared(slideErrors, "Error");
    expect(all.length).toBeGreaterThan(12);
    for (const { kind, template, fields } of all) {
      const code = codes.get(kind) ?? "";
      const words: Readonly<Record<string, { message: string }>> = en.errors[code as keyof typeof en.errors];
      expect(words["core"]?.message, kind).toBe(template);
      expect(fields, kind).toEqual(expect.arrayContaining(names(template)));
      language.value = "de";
      const params = Object.fromEntries(names(template).map((name) => [name, "7"]));
      const { message } = told({ code, message: "?", remedy: "", cause: { kind, params } });
      const theirs: Readonly<Record<string, { message: string }>> = de.errors[code as keyof typeof de.errors];
      expect(plain(message), kind).toContain(theirs["core"]?.message.split("{")[0]?.slice(1) ?? "?");
    }
  });

  it.each(PROBLEMS)("has words for what is wrong, and for nothing else: %s", (code, source, name) => {
    const kinds = declared(source, name);
    expect(kinds.length).toBeGreaterThan(3);
    const words: Readonly<Record<string, string>> = en.problems[code];
    for (const { kind, template, fields } of kinds) {
      expect(words[kind], kind).toBe(template);
      expect(fields, kind).toEqual(expect.arrayContaining(names(words[kind] ?? "")));
    }
    const others = code === "manifest_invalid" ? variantsOf(inputSource, "InputProblem") : [];
    for (const { kind, fields } of others) {
      expect(fields, kind).toEqual(expect.arrayContaining(names(words[kind] ?? "?{?}")));
      for (const part of (words[kind] ?? "").split(/\{\w+\}/)) {
        expect(inputSource.replace(/\\\n\s+/g, "")).toContain(part);
      }
    }
    expect(Object.keys(words).sort()).toEqual([...kinds, ...others].map(({ kind }) => kind).sort());
  });

  it.each([
    "inputs",
    "input_type",
    "input_shape",
    "input_batch",
    "outputs",
    "many_classes",
  ] as const)("refuses a model in words that are known: %s", (name) => {
    const said = (inspect + inspection).replace(/\\\n\s+/g, "");
    expect(said.replace(/_?([A-Z])/g, "_$1").toLowerCase()).toContain(`_${name} {`);
    // Between the values, of which some have no name there.
    for (const part of en.clauses[name].split(/\{\w+\}/)) expect(said).toContain(part);
  });

  it("names every kind of file that comes in the place of a model", () => {
    const said = [...foreign.matchAll(/Self::(\w+) => "([^"]+)"/g)];
    expect(said.length).toBeGreaterThan(12);
    const kinds = said.map(([, variant = "", kind]) => [snake(variant), kind]);
    expect(en.problems.model_not_onnx).toEqual(Object.fromEntries(kinds));
  });

  it("is what the worker says too", () => {
    for (const { message, remedy } of [en.errors.file_unreadable.worker, en.errors.protocol_mismatch.hello]) {
      expect(worker).toContain(message.slice(0, message.indexOf("{")));
      expect(worker).toContain(remedy);
    }
  });
});

describe("an error", () => {
  it("stays as it is in English, but for its capital and its full stop", () => {
    const error = { code: "image_empty", message: "the file is empty (0 bytes)", remedy: "Mend it." };
    expect(plain(told(error).message)).toBe("The file is empty (0 bytes).");
    expect(told(error).remedy).toEqual([{ text: "Mend it.", english: false }]);
  });

  it("is told in German with its values", () => {
    language.value = "de";
    const error = new ImageError(...said("image_too_small", "core", { width: 1200, height: 90, least: 224 }));
    expect(error.message).toBe("the image is 1200x90 pixels; the model needs at least 224x224");
    const { message, remedy } = told(error);
    expect(plain(message)).toBe("Das Bild hat 1.200 × 90 Pixel; das Modell braucht mindestens 224 × 224.");
    expect(plain(remedy)).toBe(de.errors.image_too_small.core.remedy);
    // A report of an earlier version says it in English alone, which stays so and is marked.
    const { message: before } = told({ ...error.toWire(), cause: undefined });
    expect(before.every(({ english }) => english)).toBe(true);
  });

  it("is told by its cause, whatever it says in English", () => {
    language.value = "de";
    const tell = (code: string, cause: Cause) =>
      plain(told({ code, message: "?", remedy: "", cause }).message);
    const params = { format: "PNG", max_mib: 1024 };
    expect(tell("image_too_large", { kind: "image_too_much_memory", params })).toContain("1.024 MiB");
    const problem = { kind: "out_of_range", params: { found: "0.4", least: "0.5", most: "1" } };
    expect(tell("options_invalid", { kind: "options_invalid", params: { option: "x", problem } })).toBe(
      "X: 0,4 ist nicht in 0,5..=1.",
    );
    const which = { which: "a.png", problem: { kind: "contradiction", params: { field: "a", other: "b" } } };
    expect(tell("report_invalid", { kind: "report_invalid", params: which })).toBe(
      "Der Bericht über a.png ist nicht verwendbar: a widerspricht b.",
    );
    // Of a later version: as it came.
    expect(tell("new", { kind: "new" })).toBe("?");
  });

  it("has its clauses translated, and what is none marked as English", () => {
    language.value = "de";
    const reason = clause("answered", { status: "404 Not Found" });
    const missing = new InternalError(...said("engine_missing", "file", { what: clause("engine"), reason }));
    expect(missing.message).toBe("The engine could not be fetched: the server answered 404 Not Found.");
    expect(plain(told(missing).message)).toBe(
      "Die Engine konnte nicht geladen werden: Der Server antwortete 404 Not Found.",
    );
    const detail = { kind: "decoder", params: { detail: "CRC error" } };
    const cause = { kind: "image_corrupt", params: { format: "PNG", detail } };
    const { message } = told({ code: "image_truncated_or_corrupt", message: "", remedy: "", cause });
    expect(message.filter(({ english }) => english)).toEqual([{ text: "CRC error.", english: true }]);
    expect(plain(message)).toBe("Die PNG-Datei ist unvollständig oder beschädigt: CRC error.");
    expect(toldClause(clause("ended"))).toBe(de.clauses.ended);
    expect(toldClause("out of memory")).toBe("out of memory");
  });

  it("of a person's own model is told with what the core found", () => {
    language.value = "de";
    const port = "float32 [8, 3, 224, 224]";
    const causes = [{ kind: "input_batch", params: { port, batch: 8 } }];
    const problem = whatIsWrong({ problem_causes: causes }) ?? "";
    const { message, remedy } = told(new ModelError(...said("model_invalid", "inspection", { problem })));
    expect(plain(message)).toBe(
      "Das Modell ist nicht verwendbar: Seine Eingabe ist float32 [8, 3, 224, 224], für 8 Bilder auf einmal; für 1 oder beliebig viele exportieren.",
    );
    expect(message.some(({ english }) => english)).toBe(false);
    expect(plain(remedy)).toBe(de.errors.model_invalid.inspection.remedy);
    const operators = { kind: "other", params: { detail: "Foo is no operator" } };
    const both = whatIsWrong({ problem_causes: [{ kind: "inputs", params: { count: 2 } }, operators] }) ?? "";
    const twice = new ModelError(...said("model_invalid", "inspection", { problem: both }));
    expect(twice.message).toContain("it has 2 inputs; it must have one, the patches; Foo is no operator");
    expect(
      told(twice)
        .message.filter(({ english }) => english)
        .map(({ text }) => text),
    ).toEqual(["Foo is no operator"]);
    expect(whatIsWrong({ problem_causes: [] })).toBeNull();
    const died = new ModelError(...said("model_invalid", "trial", { why: clause("ended") }));
    expect(plain(told(died).message)).toContain(de.clauses.ended);
    const sizes = { size: "300.5 MB", most: "268.4 MB" };
    expect(plain(told(new ModelError(...said("model_too_large", "file", sizes))).message)).toBe(
      "Die Datei hat 300,5 MB; Modelle werden bis 268,4 MB gelesen.",
    );
  });

  it("of a file of another kind has the remedy for that kind", () => {
    language.value = "de";
    const { py_torch } = en.errors.model_not_onnx;
    const message = py_torch.message.replace("{kind}", en.problems.model_not_onnx.py_torch);
    const cause = { kind: "model_not_onnx", params: { kind: { kind: "py_torch" } } };
    const error = { code: "model_not_onnx", message, remedy: py_torch.remedy, cause };
    expect(plain(told(error).message)).toBe(
      "Das Modell ist keine ONNX-Datei, sondern ein PyTorch-Checkpoint oder ein anderer Python-Pickle.",
    );
    expect(plain(told(error).remedy)).toBe(de.errors.model_not_onnx.py_torch.remedy);
  });

  it("that nobody knows stays English, and says so", () => {
    language.value = "de";
    expect(told({ code: "new", message: "it broke", remedy: "Mend it." })).toEqual({
      message: [{ text: "It broke.", english: true }],
      remedy: [{ text: "Mend it.", english: true }],
    });
  });
});

it("a warning of a report is translated if it is known", () => {
  expect(plain(toldWarning("Mind this.", { kind: "several_pages" }))).toBe("Mind this.");
  language.value = "de";
  expect(plain(toldWarning("Mind this.", { kind: "several_pages" }))).toBe(de.warnings.several_pages);
  // Of a later version, or of one that said no more.
  const asItCame = [{ text: "New: mind this.", english: true }];
  expect(toldWarning("new: mind this", { kind: "new" })).toEqual(asItCame);
  expect(toldWarning("new: mind this")).toEqual(asItCame);
});
