// How long a scale bar is: the greatest round length that has room.

export interface Bar {
  /** In micrometres: 1, 2 or 5 times a power of ten. */
  readonly um: number;
  /** As many pixels as that is. */
  readonly pixels: number;
}

/** `um`: micrometres that a pixel shows; `most`: pixels that there is room for. */
export function barOf(um: number, most: number): Bar {
  const room = um * most;
  const power = Math.floor(Math.log10(room));
  const digit = [5, 2].find((digit) => digit * 10 ** power <= room) ?? 1;
  // Written as a person would: 0.2, not 0.2 and a bit.
  const round = Number(`${digit}e${power}`);
  return { um: round, pixels: round / um };
}
