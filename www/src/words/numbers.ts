// Numbers as each language writes them.

export interface Numbers {
  /** Whole numbers, grouped. */
  integer(value: number): string;
  /** "1 patch", "2 patches", in a language that counts so. `many`: where it is not `one` and an s. */
  plural(count: number, one: string, many?: string): string;
  /** With a fixed number of digits after the point. */
  decimal(value: number, digits: number): string;
  /** `0.934` as `93.4%`, with one digit after the point. */
  percent(share: number): string;
  /** `0.6` as `60%`: with no more digits than it has. */
  roundPercent(share: number): string;
  /** From milliseconds, in the unit that fits. */
  duration(milliseconds: number): string;
  /** "yesterday", "3 hours ago"; `moment` in milliseconds since 1970. */
  ago(moment: number, now?: number): string;
  /** A length from micrometres, "0.5 µm" or "2 mm". */
  length(micrometres: number): string;
  /** A size in the unit that fits; a kB is a thousand. */
  bytes(size: number): string;
}

/** Kept by locale and form. Making one costs a browser milliseconds, so none is made before it is needed. */
const formatters = new Map<string, Intl.NumberFormat>();

function formatter(locale: string, form: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(form)}`;
  const made = formatters.get(key) ?? new Intl.NumberFormat(locale, form);
  formatters.set(key, made);
  return made;
}

/** `locale`: a BCP 47 tag. */
export function numbersOf(locale: string): Numbers {
  const format = (value: number, form: Intl.NumberFormatOptions) => formatter(locale, form).format(value);
  const decimal = (value: number, digits: number) =>
    format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const integer = (value: number) => format(value, {});
  return {
    integer,
    plural: (count, one, many = `${one}s`) => `${integer(count)} ${count === 1 ? one : many}`,
    decimal,
    percent: (share) =>
      format(share, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    roundPercent: (share) => format(share, { style: "percent", maximumFractionDigits: 2 }),
    duration(milliseconds) {
      if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
      if (milliseconds < 60_000) return `${decimal(milliseconds / 1000, 1)} s`;
      return `${Math.round(milliseconds / 60_000)} min`;
    },
    ago(moment, now = Date.now()) {
      const form = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
      const minutes = Math.round((moment - now) / 60_000);
      if (minutes > -60) return form.format(minutes, "minute");
      const hours = Math.round(minutes / 60);
      return hours > -24 ? form.format(hours, "hour") : form.format(Math.round(hours / 24), "day");
    },
    length(micrometres) {
      const plain = (value: number) => format(value, { maximumSignificantDigits: 4 });
      return micrometres < 1000 ? `${plain(micrometres)}\u00a0µm` : `${plain(micrometres / 1000)}\u00a0mm`;
    },
    bytes(size) {
      if (size < 1000) return format(size, { style: "unit", unit: "byte", unitDisplay: "long" });
      return size < 1e6 ? `${Math.round(size / 1e3)} kB` : `${decimal(size / 1e6, 1)} MB`;
    },
  };
}
