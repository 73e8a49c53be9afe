//! A map as tiled pyramidal TIFF, written tile by tile: 8-bit RGBA in deflate, a directory for each size.

use std::io::{self, Seek, SeekFrom, Write};

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::Map;

/// Side of a tile, in pixels.
const TILE: u32 = 256;
/// Of deflate, as usual.
const LEVEL: u8 = 6;
// Types of values.
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;

/// An entry of a directory: its tag, the type of its values, and these.
type TagValues = (u16, u16, Vec<u32>);

pub(super) fn write(map: &Map, out: impl Write + Seek) -> io::Result<()> {
    let mut file = File { out, length: 0 };
    file.put(b"II\x2a\0\0\0\0\0")?;
    let mut link = 4;
    let finest = map.finest();
    let mut along = finest;
    loop {
        let (width, height) = map.size(along);
        let entries = size(&mut file, map, along, along < finest)?;
        link = file.directory(link, entries)?;
        if along == 1 || width.max(height) <= TILE {
            return file.out.flush();
        }
        along /= 2;
    }
}

/// Writes the tiles of one size; gives what its directory says.
fn size<W: Write + Seek>(
    file: &mut File<W>,
    map: &Map,
    along: u32,
    is_reduced: bool,
) -> io::Result<Vec<TagValues>> {
    let (width, height) = map.size(along);
    let (mut places, mut lengths) = (Vec::new(), Vec::new());
    let mut tile = vec![[0; 4]; (TILE * TILE) as usize];
    for top in (0..height).step_by(TILE as usize) {
        for left in (0..width).step_by(TILE as usize) {
            for (row, y) in tile.chunks_exact_mut(TILE as usize).zip(top..) {
                // Beyond the lower edge the last row goes on: readers cut it off.
                map.draw(along, left, y.min(height - 1), row);
            }
            let packed = compress_to_vec_zlib(tile.as_flattened(), LEVEL);
            lengths.push(packed.len() as u32);
            places.push(file.put(&packed)?);
        }
    }
    let text = map.description.bytes().chain([0]).map(u32::from).collect();
    let resolution = per_centimetre(map.patch_um / f64::from(along));
    Ok(vec![
        (254, LONG, vec![is_reduced.into()]),
        (256, LONG, vec![width]),
        (257, LONG, vec![height]),
        (258, SHORT, vec![8; 4]),
        // Deflate, in zlib's form.
        (259, SHORT, vec![8]),
        (262, SHORT, vec![2]),
        (270, ASCII, text),
        (277, SHORT, vec![4]),
        (282, RATIONAL, resolution.into()),
        (283, RATIONAL, resolution.into()),
        (284, SHORT, vec![1]),
        (296, SHORT, vec![3]),
        (322, LONG, vec![TILE]),
        (323, LONG, vec![TILE]),
        (324, LONG, places),
        (325, LONG, lengths),
        // Alpha that colours are not multiplied with.
        (338, SHORT, vec![2]),
    ])
}

/// Pixels in a centimetre as a fraction, as near as 32 bits allow.
fn per_centimetre(um: f64) -> [u32; 2] {
    let pixels = 1e4 / um;
    let below = (4e9 / pixels.max(1.0)).floor();
    [(pixels * below).round() as u32, below as u32]
}

struct File<W> {
    out: W,
    length: u32,
}

impl<W: Write + Seek> File<W> {
    /// At the end, at an even place, as the format wants it.
    fn put(&mut self, bytes: &[u8]) -> io::Result<u32> {
        if !self.length.is_multiple_of(2) {
            self.out.write_all(&[0])?;
            self.length += 1;
        }
        let at = self.length;
        let end = u32::try_from(bytes.len()).ok().and_then(|length| at.checked_add(length));
        self.length = end.ok_or_else(|| io::Error::other("the map has more than 4 GB"))?;
        self.out.write_all(bytes)?;
        Ok(at)
    }

    /// A directory, to which the four bytes at `link` point; gives where the link to the next lies.
    fn directory(&mut self, link: u32, entries: Vec<TagValues>) -> io::Result<u32> {
        let mut directory = (entries.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, values) in entries {
            let count = values.len() as u32 / if kind == RATIONAL { 2 } else { 1 };
            let mut bytes: Vec<u8> = match kind {
                ASCII => values.iter().map(|&value| value as u8).collect(),
                SHORT => values.iter().flat_map(|&value| (value as u16).to_le_bytes()).collect(),
                _ => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            };
            if bytes.len() > 4 {
                bytes = self.put(&bytes)?.to_le_bytes().to_vec();
            }
            bytes.resize(4, 0);
            directory.extend(tag.to_le_bytes());
            directory.extend(kind.to_le_bytes());
            directory.extend(count.to_le_bytes());
            directory.extend(bytes);
        }
        directory.extend([0; 4]);
        let at = self.put(&directory)?;
        self.out.seek(SeekFrom::Start(link.into()))?;
        self.out.write_all(&at.to_le_bytes())?;
        self.out.seek(SeekFrom::End(0))?;
        Ok(self.length - 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_are_exact_to_a_millionth() {
        for um in [0.02, 0.49, 7.0, 7.84, 1e4, 1e5] {
            let [pixels, below] = per_centimetre(um).map(f64::from);
            assert!((1e4 * below / pixels / um - 1.0).abs() < 1e-6, "{um}");
        }
    }
}
