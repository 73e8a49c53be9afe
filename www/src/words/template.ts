// Templates: texts with the names of their values in braces.

export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (hole, name) => String(values[name] ?? hole));
}
