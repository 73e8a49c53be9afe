// The reports of the command line, which those of every browser have to equal.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { ImageReport } from "../src/study/report.ts";
import { demo, fixture, LARGE, ROOT, SMALL, test } from "./site.ts";

const CLI = process.env["HISTOSCOPE_CLI"] ?? join(ROOT, "target", "release", "histoscope");

const run = promisify(execFile);

/** Skips the test, or all of a group, where the command line is not built; CI has built it. */
export function needsCommandLine(): void {
  const missing = `there is no ${CLI}: build it with cargo build --release, or name it in HISTOSCOPE_CLI`;
  test.skip(!process.env["CI"] && !existsSync(CLI), missing);
}

export async function fromCommandLine(file: string, ...options: string[]): Promise<ImageReport> {
  const { stdout } = await run(CLI, ["predict", "--json", ...options, file], FINDING);
  return JSON.parse(stdout) as ImageReport;
}

/** With the folder in which it finds the network of a lesson. */
const FINDING = { env: { ...process.env, HISTOSCOPE_MODELS: join(ROOT, "models") }, maxBuffer: 1 << 26 };

/** Runs it with these arguments; rejects if it fails. */
export const histoscope = (...options: string[]) => run(CLI, options, FINDING);

/** The text of a lesson of the drawn study of the page, taught with a table of labels and these options. */
export async function taughtByCommandLine(labels: string, ...options: string[]): Promise<string> {
  const [table, lesson] = ["labels.csv", "drawn.lesson.json"].map((name) => test.info().outputPath(name));
  await writeFile(table as string, labels);
  const study = join(ROOT, "www", "public", "demo-study");
  await run(
    CLI,
    ["teach", ...options, "--labels", table as string, "--out", lesson as string, study],
    FINDING,
  );
  return readFile(lesson as string, "utf8");
}

interface Field {
  readonly file: string;
  readonly patient: number;
  readonly label: string;
}

/** Where the pictures of the drawn study lie. */
export const drawnPictures = async (): Promise<readonly string[]> =>
  (await drawnFields()).map(({ file }) => join(ROOT, "www", "public", "demo-study", file));

/** The fields of the drawn study of the page. */
const drawnFields = async (): Promise<readonly Field[]> =>
  JSON.parse(await readFile(join(ROOT, "www", "public", "demo-study", "study.json"), "utf8"));

const tableOf = (lines: readonly string[]): string => ["file,label,patient", ...lines, ""].join("\n");

/** A lesson of the drawn study on the deeper network, with these options, and where it lies. */
export async function taughtDeeper(
  name: string,
  ...options: string[]
): Promise<{ readonly lesson: string; readonly file: string }> {
  const lines = (await drawnFields()).map(({ file, label, patient }) => `${file},${label},${patient}`);
  const lesson = await taughtByCommandLine(tableOf(lines), "--deeper", "--name", name, ...options);
  return { lesson, file: test.info().outputPath("drawn.lesson.json") };
}

/** The drawn study with three kinds of other names than the model has: a lesson of these, and where it lies. */
export async function taughtThreeKinds(): Promise<{ readonly lesson: string; readonly file: string }> {
  const kind = (label: string, index: number) =>
    label === "benign" ? "normal" : index % 2 === 0 ? "in situ" : "invasive";
  const lines = (await drawnFields()).map(
    ({ file, patient, label }, index) => `${file},${kind(label, index)},${patient}`,
  );
  const lesson = await taughtByCommandLine(tableOf(lines), "--max-patches", "10");
  return { lesson, file: test.info().outputPath("drawn.lesson.json") };
}

/** The same, and what the command line says by it of a drawn field. */
export async function judgedByThreeKinds() {
  const { lesson, file } = await taughtThreeKinds();
  const field = join(ROOT, "www", "public", "demo-study", "drawn-6-1.jpg");
  return { lesson, field, there: await fromCommandLine(field, "--lesson", file) };
}

/** A picture of each kind that takes a way of its own through decoder and grid. */
export const OF_EACH_KIND = [
  SMALL,
  LARGE,
  fixture("good/tiff_rgb16.tif"),
  fixture("good/jpeg_orientation_6.jpg"),
  demo("synthetic-ducts.jpg"),
  demo("synthetic-fat.jpg"),
];
