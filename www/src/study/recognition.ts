// Knows an image again: by its bytes, by the place of its file, or by what a saved result says of it. Of images with the
// same bytes one counts.

import { BareResults } from "./bare-results.ts";
import { Copies } from "./copies.ts";
import type { Entry, EntryLine } from "./entry.ts";
import type { ImageReport } from "./report.ts";

/** Neither failed nor cancelled: another image with its bytes would be its copy. */
export function isCounting(entry: Entry): boolean {
  const { kind } = entry.state.peek();
  return kind !== "failed" && kind !== "cancelled";
}

export class Recognition {
  readonly #copies = new Copies();
  /** The latest of each path. */
  readonly #byPath = new Map<string, Entry>();
  readonly #bare = new BareResults();

  /** An image became the copy of another, or is none any more. */
  book(before: EntryLine | null, after: EntryLine | null): void {
    if (before?.as) this.#copies.part(before.entry, before.as);
    if (after?.as) this.#copies.join(after.entry, after.as);
  }

  /** Whether a saved result is there already: of the same bytes, or the same to the last digit. */
  has(entry: Entry): boolean {
    const { sha256, original } = entry;
    if (sha256 !== null && this.withBytes(sha256, entry) !== null) return true;
    return original !== null && this.#bare.like(original) !== null;
  }

  /** The image that counts for these bytes, if it is another one. */
  withBytes(sha256: string, entry: Entry): Entry | null {
    return this.#copies.original(sha256, entry);
  }

  /** An image whose digest is known counts for its bytes if no other does, or `instead` of it. */
  identify(entry: Entry, sha256: string, instead: boolean): void {
    const other = this.withBytes(sha256, entry);
    if (other === null || instead || !isCounting(other)) this.#copies.enter(entry);
  }

  copiesOf(entry: Entry): readonly Entry[] {
    return this.#copies.copiesOf(entry);
  }

  /** A saved result of the same image, told by its name and by every digit of it; null where there is none. */
  twin(entry: Entry, report: ImageReport): Entry | null {
    return this.#bare.twin(report, entry);
  }

  /** It has a file and a digest from now on, and is found by those. */
  isBareNoMore(entry: Entry): void {
    this.#bare.leave(entry);
  }

  /**
   * The image whose file this is, chosen again: of the same path, and unchanged; or without a file, and not looked at yet.
   * Null where it has to be read to know.
   */
  known({ path, file }: { readonly path: string; readonly file: File }): Entry | null {
    const entry = this.#byPath.get(path);
    if (entry === undefined) return null;
    const { stamp } = entry;
    const unchanged = stamp?.size === file.size && stamp.modified === file.lastModified;
    return unchanged || (!entry.hasFile && entry.state.peek().kind === "cancelled") ? entry : null;
  }

  enter(entry: Entry): void {
    const { sha256 } = entry;
    this.#byPath.set(entry.path, entry);
    if (sha256 === null) {
      if (!entry.hasFile) this.#bare.enter(entry);
      return;
    }
    const other = this.withBytes(sha256, entry);
    // What was removed and comes back is again what it was.
    if (other !== null && other.number < entry.number) {
      if (entry.state.peek().kind !== "same") entry.become({ kind: "same", as: other });
      return;
    }
    this.#copies.enter(entry);
    if (other !== null) {
      for (const copy of this.#copies.copiesOf(other)) copy.become({ kind: "same", as: entry });
      other.become({ kind: "same", as: entry });
    }
  }

  /** Where it counted for others, too, the first of those that stay takes its result. */
  leave(entry: Entry, gone: ReadonlySet<Entry>): void {
    this.#copies.leave(entry);
    if (this.#byPath.get(entry.path) === entry) this.#byPath.delete(entry.path);
    this.#bare.leave(entry);
    const [heir, ...others] = this.#copies.copiesOf(entry).filter((copy) => !gone.has(copy));
    if (heir === undefined) return;
    heir.inherit(entry);
    this.#copies.enter(heir);
    for (const copy of others) copy.become({ kind: "same", as: heir });
  }
}
