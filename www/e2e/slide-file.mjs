// A slide as a file: a pyramid of JPEG tiles in a classic TIFF, as SVS has it.

export const TILE = 256;

/**
 * One size of the picture; `tiles` are row by row, and those that are one object lie in the file once. A picture of something
 * else, such as the label, has a description of its own.
 * @typedef {{ width: number, height: number, tiles: readonly Buffer[], description?: string }} DrawnPage
 */

/** @type {Readonly<Record<number, number>>} */
const SIZES = { 2: 1, 3: 2, 4: 4 };
const [ASCII, SHORT, LONG] = [2, 3, 4];

const ascii = (/** @type {string} */ text) => [...Buffer.from(`${text}\0`)];

/**
 * Little-endian directories, one for each page.
 * @param {readonly DrawnPage[]} pages
 * @param {string} description
 */
export function slideFile(pages, description) {
  /** @type {Buffer[]} */
  const parts = [Buffer.from("II*\0\0\0\0\0", "latin1")];
  let length = 8;
  const put = (/** @type {Buffer} */ part) => {
    // Directories and their values lie at even places.
    const pad = length % 2;
    parts.push(Buffer.alloc(pad), part);
    const at = length + pad;
    length = at + part.length;
    return at;
  };
  /** @type {Map<Buffer, number>} */
  const places = new Map();
  const placeOf = (/** @type {Buffer} */ tile) => {
    const at = places.get(tile) ?? put(tile);
    places.set(tile, at);
    return at;
  };
  /** @type {[at: number, target: number][]} */
  const links = [];
  let link = 4;
  for (const [index, { width, height, tiles, description: own = description }] of pages.entries()) {
    const offsets = tiles.map(placeOf);
    /** @type {[tag: number, type: number, values: number[]][]} */
    const tags = [
      [254, LONG, [index === 0 ? 0 : 1]],
      [256, LONG, [width]],
      [257, LONG, [height]],
      [258, SHORT, [8, 8, 8]],
      [259, SHORT, [7]],
      [262, SHORT, [6]],
      [270, ASCII, ascii(own)],
      [277, SHORT, [3]],
      [284, SHORT, [1]],
      [322, SHORT, [TILE]],
      [323, SHORT, [TILE]],
      [324, LONG, offsets],
      [325, LONG, tiles.map((tile) => tile.length)],
      [530, SHORT, [2, 2]],
    ];
    const directory = Buffer.alloc(2 + 12 * tags.length + 4);
    directory.writeUInt16LE(tags.length, 0);
    for (const [place, [tag, type, values]] of tags.entries()) {
      const size = SIZES[type] ?? 1;
      const packed = Buffer.alloc(Math.max(4, size * values.length));
      for (const [at, value] of values.entries()) packed.writeUIntLE(value, at * size, size);
      const entry = 2 + 12 * place;
      directory.writeUInt16LE(tag, entry);
      directory.writeUInt16LE(type, entry + 2);
      directory.writeUInt32LE(values.length, entry + 4);
      if (packed.length === 4) packed.copy(directory, entry + 8);
      else directory.writeUInt32LE(put(packed), entry + 8);
    }
    const at = put(directory);
    links.push([link, at]);
    link = at + directory.length - 4;
  }
  const whole = Buffer.concat(parts);
  for (const [at, target] of links) whole.writeUInt32LE(target, at);
  return whole;
}

/** Of a picture beside the levels. @param {"label" | "macro"} what @param {string} text that a scanner has read off it */
export const aside = (what, text) =>
  `Aperio Image Library, drawn by a program\n${what} 1024x768|Text = ${text}`;

/** @param {number} width @param {number} height @param {number} [um] micrometres per pixel */
export const aperio = (width, height, um) =>
  `Aperio Image Library, drawn by a program\n${width}x${height}${um === undefined ? "" : `|MPP = ${um}`}`;
