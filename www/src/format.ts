// Numbers in words, the same everywhere on the page.

const PERCENT = new Intl.NumberFormat("en", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const SECONDS = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const INTEGER = new Intl.NumberFormat("en");

/** `0.934` as `93.4%`. */
export const percent = (share: number): string => PERCENT.format(share);

export const integer = (value: number): string => INTEGER.format(value);

export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${SECONDS.format(milliseconds / 1000)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}

export function bytes(size: number): string {
  if (size < 1e3) return `${size} bytes`;
  return size < 1e6 ? `${Math.round(size / 1e3)} kB` : `${SECONDS.format(size / 1e6)} MB`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${integer(count)} ${count === 1 ? one : many}`;

/** A message of the core, which begins small and ends open, as a sentence. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
