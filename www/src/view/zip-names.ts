// Names of files in an archive: as they lie below what was chosen, never outside of it, and none twice.

/** In the order given. */
export function zipNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  /** Of each name that came before, the number that is tried next. */
  const numbers = new Map<string, number>();
  return paths.map((path) => {
    const parts = path
      .split(/[/\\]/)
      .filter((part) => part !== "" && part !== "." && part !== "..")
      // Letters that some systems take in no name.
      .map((part) => part.replace(/[<>:"|?*]|\p{Cc}/gu, "_"));
    const name = parts.join("/") || "image.png";
    const [, stem = name, extension = ""] = /^(.*?)((?:\.histoscope)?\.\w+)?$/.exec(name) ?? [];
    const known = name.toLowerCase();
    let number = numbers.get(known) ?? 2;
    let free = name;
    while (taken.has(free.toLowerCase())) free = `${stem} (${number++})${extension}`;
    numbers.set(known, number);
    taken.add(free.toLowerCase());
    return free;
  });
}
