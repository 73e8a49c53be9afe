// Results without file and digest, which older reports give: found again by their name and by what they say, however many
// of one name there are.

import type { Entry } from "./entry.ts";
import type { ImageReport } from "./report.ts";

/** A result as it came, whatever became of its image since, and under what it is found. */
interface Bare {
  readonly report: ImageReport;
  /** Of all that it says. */
  readonly whole: string;
  /** Of what another run on the same picture would say, too. */
  readonly result: string;
}

export class BareResults {
  readonly #bare = new Map<Entry, Bare>();
  readonly #byWhole = new Map<string, Set<Entry>>();
  readonly #byResult = new Map<string, Set<Entry>>();

  enter(entry: Entry): void {
    const { original: report } = entry;
    if (report === null) return;
    this.leave(entry);
    const whole = keyOf(report, wholeText(report));
    const result = keyOf(report, resultText(report));
    this.#bare.set(entry, { report, whole, result });
    put(this.#byWhole, whole, entry);
    put(this.#byResult, result, entry);
  }

  leave(entry: Entry): void {
    const bare = this.#bare.get(entry);
    if (bare === undefined) return;
    this.#bare.delete(entry);
    take(this.#byWhole, bare.whole, entry);
    take(this.#byResult, bare.result, entry);
  }

  /** One that says the same to the last digit. */
  like(report: ImageReport): Entry | null {
    return this.#found(this.#byWhole, report, wholeText);
  }

  /** One of the same picture by name, size, model and patches; never `but`. */
  twin(report: ImageReport, but: Entry): Entry | null {
    return this.#found(this.#byResult, report, resultText, but);
  }

  #found(
    among: ReadonlyMap<string, ReadonlySet<Entry>>,
    report: ImageReport,
    textOf: (report: ImageReport) => string,
    but: Entry | null = null,
  ): Entry | null {
    // In most studies every digest is known, and nothing has to be written out.
    if (among.size === 0) return null;
    const text = textOf(report);
    for (const other of among.get(keyOf(report, text)) ?? []) {
      const bare = this.#bare.get(other);
      // Two texts may have one key.
      if (other !== but && bare !== undefined && textOf(bare.report) === text) return other;
    }
    return null;
  }
}

const wholeText = (report: ImageReport): string => JSON.stringify(report);

const resultText = ({ filename, model, image, patches }: ImageReport): string =>
  JSON.stringify([filename, model.sha256, image.width, image.height, patches]);

/** The name and an FNV-1a hash of the text: short, so that no second copy of every report is held. */
function keyOf({ filename }: ImageReport, text: string): string {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  return `${filename} ${hash}`;
}

function put(into: Map<string, Set<Entry>>, key: string, entry: Entry): void {
  const there = into.get(key);
  if (there === undefined) into.set(key, new Set([entry]));
  else there.add(entry);
}

function take(from: Map<string, Set<Entry>>, key: string, entry: Entry): void {
  const there = from.get(key);
  there?.delete(entry);
  if (there?.size === 0) from.delete(key);
}
