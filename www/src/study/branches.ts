// Patients named after folders: where two folders of one name lie in different places, they are two patients, and each is
// named with as much of its path as tells them apart.

import type { Entry } from "./entry.ts";
import { patientFolder, patientOf, toldApart } from "./patients.ts";

/** Patients that would have become one. */
export interface Apart {
  /** What the folders are called. */
  readonly name: string;
  readonly names: readonly string[];
}

const isNamedByFolder = ({ path, patient, demo }: Entry): boolean =>
  !demo && patientFolder(path) !== null && patient.peek() === patientOf(path);

export class Branches {
  /** By the folder's name, then by its path: the images in it whose patient nobody has set. */
  readonly #folders = new Map<string, Map<string, Set<Entry>>>();

  /** Looks at images that came; gives what it had to tell apart anew. */
  take(entries: readonly Entry[]): Apart[] {
    for (const entry of entries) entry.byFolder ??= isNamedByFolder(entry);
    const named = entries.filter(({ byFolder }) => byFolder);
    return this.#put(named, (entry, mate) => {
      // Those of its folder may have been told apart from others that are gone by now.
      if (mate.patient.peek() !== entry.patient.peek()) entry.assign(mate.patient.peek());
    });
  }

  /** Folders tell nothing of these any more. Gives those of whom they had told it so far. */
  forget(entries: readonly Entry[]): Entry[] {
    return entries.filter((entry) => {
      const folder = patientFolder(entry.path);
      if (folder === null) return false;
      const folders = this.#folders.get(patientOf(entry.path));
      const members = folders?.get(folder);
      const known = members?.delete(entry) ?? false;
      if (members?.size === 0) folders?.delete(folder);
      return known;
    });
  }

  /** That is taken back: folders tell it of these again, and of what has come to the same folders meanwhile. */
  remember(forgotten: readonly Entry[]): void {
    this.#put(forgotten, (entry, mate) => {
      if (mate.patient.peek() !== entry.patient.peek()) mate.assign(entry.patient.peek());
    });
  }

  /** Puts each into its folder and tells those of one name apart. `join` is told of another image of the same folder. */
  #put(entries: readonly Entry[], join: (entry: Entry, mate: Entry) => void): Apart[] {
    const touched = new Set<string>();
    for (const entry of entries) {
      const name = patientOf(entry.path);
      const folder = patientFolder(entry.path);
      if (folder === null) continue;
      const folders = this.#folders.get(name) ?? new Map<string, Set<Entry>>();
      this.#folders.set(name, folders);
      const members = folders.get(folder) ?? new Set();
      entry.byFolder = true;
      const [mate] = members;
      if (mate !== undefined) join(entry, mate);
      folders.set(folder, members.add(entry));
      if (folders.size > 1) touched.add(name);
    }
    return [...touched].flatMap((name) => {
      const folders = this.#folders.get(name);
      return folders === undefined || folders.size < 2 ? [] : this.#tellApart(name, folders);
    });
  }

  /** Nothing where all were told apart already. */
  #tellApart(name: string, folders: ReadonlyMap<string, ReadonlySet<Entry>>): Apart[] {
    const names = toldApart([...folders.keys()]);
    let anew = false;
    [...folders.values()].forEach((members, index) => {
      const own = names[index] ?? name;
      for (const entry of members) {
        if (entry.patient.peek() === own) continue;
        entry.assign(own);
        anew = true;
      }
    });
    return anew ? [{ name, names }] : [];
  }
}
