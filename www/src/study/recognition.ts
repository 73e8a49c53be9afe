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

  /** An image whose digest is known counts for its bytes if no other does. */
  identify(entry: Entry, sha256: string): void {
    const other = this.withBytes(sha256, entry);
    if (other === null || !isCounting(other)) this.#copies.enter(entry);
  }

  /** From now on an image counts for its bytes, and `other`, which did, is its copy. */
  takeOver(entry: Entry, other: Entry): void {
    this.#copies.enter(entry);
    for (const copy of [other, ...this.#copies.copiesOf(other)]) copy.become({ kind: "same", as: entry });
  }

  /** Of the images with these bytes the first counts; one that failed or was cancelled takes nothing from another. */
  countOnce(entry: Entry): void {
    const other = entry.sha256 === null ? null : this.withBytes(entry.sha256, entry);
    if (other === null || !isCounting(other)) this.#copies.enter(entry);
    else if (other.number < entry.number) entry.become({ kind: "same", as: other });
    else if (isCounting(entry)) this.takeOver(entry, other);
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
    const state = entry.state.peek();
    // What was removed and comes back is again what it was.
    if (state.kind === "same") this.#enterCopy(entry, sha256, state.as);
    else this.countOnce(entry);
  }

  /** A copy never counts while the image is there that counts for it: that one may be the later of the two. */
  #enterCopy(copy: Entry, sha256: string, as: Entry): void {
    const known = this.withBytes(sha256, copy);
    const other = known !== null && isCounting(known) ? known : as;
    if (other.watcher === null) this.#succeed(copy, as);
    else if (!isCounting(other)) copy.become(other.state.peek());
    else if (other === as) this.#copies.enter(as);
    else copy.become({ kind: "same", as: other });
  }

  /** Counts in place of an image that is gone, with its result, or for what it was gone without. */
  #succeed(heir: Entry, gone: Entry): void {
    if (!heir.inherit(gone)) heir.become(isCounting(gone) ? { kind: "cancelled" } : gone.state.peek());
    this.#copies.enter(heir);
  }

  /** Where it counted for others, too, the first of those that stay takes its result. */
  leave(entry: Entry, gone: ReadonlySet<Entry>): void {
    this.#copies.leave(entry);
    if (this.#byPath.get(entry.path) === entry) this.#byPath.delete(entry.path);
    this.#bare.leave(entry);
    const [heir, ...others] = this.#copies.copiesOf(entry).filter((copy) => !gone.has(copy));
    if (heir === undefined) return;
    this.#succeed(heir, entry);
    for (const copy of others) copy.become({ kind: "same", as: heir });
  }
}
