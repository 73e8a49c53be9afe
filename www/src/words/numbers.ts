// Numbers as each language writes them.

export interface Numbers {
  /** Whole numbers, grouped. */
  integer(value: number): string;
  /** With a fixed number of digits after the point. */
  decimal(value: number, digits: number): string;
  /** `0.934` as `93.4%`, with one digit after the point. */
  percent(share: number): string;
  /** `0.6` as `60%`: with no more digits than it has. */
  roundPercent(share: number): string;
  /** From milliseconds, in the unit that fits. */
  duration(milliseconds: number): string;
  /** A size in the unit that fits; a kB is a thousand. */
  bytes(size: number): string;
}

/** `locale`: a BCP 47 tag. */
export function numbersOf(locale: string): Numbers {
  const whole = new Intl.NumberFormat(locale);
  const shares = new Intl.NumberFormat(locale, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const roundShares = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 });
  const fewBytes = new Intl.NumberFormat(locale, { style: "unit", unit: "byte", unitDisplay: "long" });
  const decimal = (value: number, digits: number) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(
      value,
    );
  return {
    integer: (value) => whole.format(value),
    decimal,
    percent: (share) => shares.format(share),
    roundPercent: (share) => roundShares.format(share),
    duration(milliseconds) {
      if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
      if (milliseconds < 60_000) return `${decimal(milliseconds / 1000, 1)} s`;
      return `${Math.round(milliseconds / 60_000)} min`;
    },
    bytes(size) {
      if (size < 1000) return fewBytes.format(size);
      return size < 1e6 ? `${Math.round(size / 1e3)} kB` : `${decimal(size / 1e6, 1)} MB`;
    },
  };
}
