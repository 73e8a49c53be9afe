// Keeps the study on this machine while it grows, and finds those of earlier visits again.

import { batch, computed, signal } from "@preact/signals";
import { type Entry, type EntryLine, isSettled } from "./entry.ts";
import { KEPT_VERSION, type KeptStudy, toKept } from "./kept.ts";
import { savedReaders } from "./later.ts";
import type { Reading } from "./reading.ts";
import type { Shelf } from "./shelf.ts";
import type { Study } from "./study.ts";

/** Changes are written so long after the first of them, in milliseconds: they come in crowds. */
const WRITE_MS = 1000;
/** So many images at a time, so that the page stays at ease. */
const AT_ONCE = 250;
/** So many studies are kept; the oldest go. */
export const MOST_STUDIES = 20;
/** The browser is asked not to clear them away once there are so many results: before, nobody would miss them. */
const WORTH_ASKING = 10;

export type Keeping =
  /** A person switched it off. */
  | { readonly kind: "off" }
  | { readonly kind: "on" }
  /** The browser keeps nothing, or no more. */
  | { readonly kind: "failed"; readonly reason: unknown };

export interface KeeperSettings {
  readonly study: Study;
  readonly shelf: Shelf;
  /** Reads what was kept. */
  readonly reading: Reading;
  /** Whether a person wants it. */
  readonly wanted: boolean;
  /** Ids of studies that are open in another tab. */
  readonly open: () => Promise<ReadonlySet<string>>;
  /** Says to other tabs that this study is open here. */
  readonly claim: (id: string) => void;
  /** Asks the browser not to clear away what is kept. */
  readonly persist: () => void;
  /** Told when what is kept has changed. */
  readonly onKept?: () => void;
  readonly now?: () => number;
}

export class Keeper {
  readonly keeping = signal<Keeping>({ kind: "on" });
  /** Those of earlier visits, the newest first. */
  readonly earlier = signal<readonly KeptStudy[]>([]);
  readonly #settings: KeeperSettings;
  readonly #changed = new Set<Entry>();
  readonly #gone = new Set<number>();
  readonly #pending = signal(0);
  #id: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #asked = false;

  /** Whether leaving the page now would lose something. */
  readonly atRisk = computed(() => {
    const { study } = this.#settings;
    const counts = study.counts.value;
    if (study.drawings.value === counts.total) return false;
    if (counts.open > 0) return true;
    return counts.total > 0 && (this.keeping.value.kind !== "on" || this.#pending.value > 0);
  });

  constructor(settings: KeeperSettings) {
    this.#settings = settings;
    if (!settings.wanted) this.keeping.value = { kind: "off" };
    settings.study.watch((entry, before, after) => {
      if (before === null || after === null || !isOnItsWay(before, after)) this.#note(entry, after === null);
    });
  }

  /** Looks for studies of earlier visits that no other tab has open. */
  async look(): Promise<void> {
    const { shelf, open } = this.#settings;
    const [all, elsewhere] = await Promise.all([shelf.studies(), open()]);
    const mine = all.filter(
      ({ id, version = 1 }) => id !== this.#id && !elsewhere.has(id) && version <= KEPT_VERSION,
    );
    for (const { id } of mine.slice(MOST_STUDIES)) await shelf.remove(id).catch(() => {});
    this.earlier.value = mine.slice(0, MOST_STUDIES).filter(({ results }) => results > 0);
  }

  /** The images of an earlier study, to be added to this one, which keeps them from now on. */
  async take({ id }: KeptStudy): Promise<Entry[]> {
    const { fromKept } = await savedReaders();
    const kept = await this.#settings.shelf.images(id);
    this.earlier.value = this.earlier.value.filter((study) => study.id !== id);
    return this.#settings.reading((read) => fromKept(kept, read));
  }

  /** They are in this study now; once that is written the earlier one can go. */
  async taken({ id }: KeptStudy): Promise<void> {
    await this.flush();
    if (this.keeping.peek().kind === "on") await this.#settings.shelf.remove(id).catch(() => {});
  }

  async forget({ id }: KeptStudy): Promise<void> {
    this.earlier.value = this.earlier.value.filter((study) => study.id !== id);
    await this.#settings.shelf.remove(id).catch(() => {});
    this.#settings.onKept?.();
  }

  /** From now on keeps nothing, and what was kept of this study is removed; or keeps it again. */
  async set(wanted: boolean): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!wanted) {
      this.keeping.value = { kind: "off" };
      await this.#writing;
      if (this.#id !== null) await this.#settings.shelf.remove(this.#id).catch(() => {});
      this.#settings.onKept?.();
      return;
    }
    this.keeping.value = { kind: "on" };
    for (const entry of this.#settings.study.entries.peek()) this.#note(entry, false);
  }

  /** Removes every study from this machine. This one stays on the page, and is not kept any more. */
  async removeAll(): Promise<void> {
    await this.set(false);
    this.earlier.value = [];
    await this.#settings.shelf.removeAll().catch(() => {});
  }

  /** Writes what has changed; resolves when that is done. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#changed.size + this.#gone.size > 0 && this.keeping.peek().kind === "on") await this.#write();
    await this.#writing;
  }

  #note(entry: Entry, gone: boolean): void {
    if (gone) {
      this.#changed.delete(entry);
      this.#gone.add(entry.number);
    } else {
      this.#gone.delete(entry.number);
      this.#changed.add(entry);
    }
    this.#pending.value = this.#changed.size + this.#gone.size;
    if (this.keeping.peek().kind === "on") this.#timer ??= setTimeout(() => void this.#later(), WRITE_MS);
  }

  async #later(): Promise<void> {
    this.#timer = undefined;
    await this.#write();
    const more = this.#changed.size + this.#gone.size > 0;
    if (more && this.keeping.peek().kind === "on") this.#timer ??= setTimeout(() => void this.#later(), 0);
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeSome());
    return this.#writing;
  }

  async #writeSome(): Promise<void> {
    const { study, shelf, claim, persist, onKept, now = Date.now } = this.#settings;
    if (this.#id === null) {
      this.#id = `${now()}-${Math.random().toString(36).slice(2)}`;
      claim(this.#id);
    }
    const changed = [...this.#changed].slice(0, AT_ONCE);
    const gone = [...this.#gone];
    for (const entry of changed) this.#changed.delete(entry);
    this.#gone.clear();
    const { total, done } = study.counts.peek();
    const { commonScale: scale } = study;
    const about = {
      id: this.#id,
      version: KEPT_VERSION,
      changed: now(),
      images: total,
      results: done,
      ...(scale !== null && { scale }),
    };
    try {
      if (total === 0) await shelf.remove(this.#id);
      else await shelf.keep(about, changed.map(toKept), gone);
    } catch (reason) {
      batch(() => {
        for (const entry of changed) this.#changed.add(entry);
        for (const number of gone) this.#gone.add(number);
        this.keeping.value = { kind: "failed", reason };
      });
      return;
    } finally {
      this.#pending.value = this.#changed.size + this.#gone.size;
    }
    onKept?.();
    if (!this.#asked && done >= WORTH_ASKING) {
      this.#asked = true;
      persist();
    }
  }
}

/** Whether nothing is new but how far the image has come: that it is to do is written, and what comes of it will be. */
const isOnItsWay = (before: EntryLine, after: EntryLine): boolean =>
  !isSettled({ kind: before.state }) &&
  !isSettled({ kind: after.state }) &&
  before.patient === after.patient &&
  before.label === after.label &&
  before.counts === after.counts &&
  before.scaleSet === after.scaleSet &&
  before.hasFile === after.hasFile;
