// A PNG that says how large its pixels are, in its chunk pHYs (PNG specification, 11.3.4.3): so a field keeps its scale
// wherever its file goes.

/** The signature, then IHDR, which is always first and always as long. */
const AFTER_HEADER = 8 + 12 + 13;

/** Bytes of a PNG without a pHYs chunk, as browsers write them, with one that says `umPerPixel`. */
export function withScale(png: Uint8Array<ArrayBuffer>, umPerPixel: number): Uint8Array<ArrayBuffer> {
  const perMetre = Math.round(1e6 / umPerPixel);
  const chunk = new Uint8Array(4 + 4 + 9 + 4);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, 9);
  chunk.set([0x70, 0x48, 0x59, 0x73], 4);
  view.setUint32(8, perMetre);
  view.setUint32(12, perMetre);
  // The unit is the metre.
  chunk[16] = 1;
  view.setUint32(17, crc32(chunk.subarray(4, 17)));
  const scaled = new Uint8Array(png.length + chunk.length);
  scaled.set(png.subarray(0, AFTER_HEADER));
  scaled.set(chunk, AFTER_HEADER);
  scaled.set(png.subarray(AFTER_HEADER), AFTER_HEADER + chunk.length);
  return scaled;
}

/** As PNG and zip have it; of a few bytes, so that a table would not pay. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
