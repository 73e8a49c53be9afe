// Templates: texts with the names of their values in braces.

const HOLE = /\{(\w+)\}/g;

export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(HOLE, (hole, name) => String(values[name] ?? hole));
}

const patterns = new Map<string, RegExp>();

/** The values that make this text of the template; null if none do. */
export function valuesIn(template: string, text: string): Readonly<Record<string, string>> | null {
  let pattern = patterns.get(template);
  if (pattern === undefined) {
    const escaped = template.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
    // A name that comes again stands for the same value.
    const source = escaped.replace(HOLE, (hole, name, at) =>
      escaped.indexOf(hole) < at ? `\\k<${name}>` : `(?<${name}>.+?)`,
    );
    pattern = new RegExp(`^${source}$`, "s");
    patterns.set(template, pattern);
  }
  const match = pattern.exec(text);
  return match === null ? null : { ...match.groups };
}
