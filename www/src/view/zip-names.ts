// Names of files in an archive: as they lie below what was chosen, never outside of it, and none twice.

/** In the order given. */
export function zipNames(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const parts = path
      .split(/[/\\]/)
      .filter((part) => part !== "" && part !== "." && part !== "..")
      // Letters that some systems take in no name.
      .map((part) => part.replace(/[<>:"|?*]|\p{Cc}/gu, "_"));
    const name = parts.join("/") || "image.png";
    const [, stem = name, extension = ""] = /^(.*?)((?:\.histoscope)?\.\w+)?$/.exec(name) ?? [];
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${stem} (${number})${extension}`;
    taken.add(free.toLowerCase());
    return free;
  });
}
