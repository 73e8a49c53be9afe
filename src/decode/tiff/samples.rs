//! Samples as they are stored: their number, depth, order and differences; made 8 bits.

use std::ops::Range;

use super::directory::{Directory, tag};
use super::{Damage, Unsupported, damaged, refused};
use crate::decode::white::narrow;
use crate::error::Result;

/// Most samples of a pixel: colours, alpha and what microscopes add.
const MAX_SAMPLES: u64 = 64;

#[derive(Debug)]
pub(super) struct Samples {
    /// In a pixel, those without a meaning included.
    pub count: usize,
    /// Of each: 1, 2, 4, 8, 10, 12, 14 or 16.
    pub bits: u8,
    planar: bool,
    big_endian: bool,
    /// Whether the numbers themselves count, which are then not made 8 bits.
    pub are_indices: bool,
}

impl Samples {
    /// # Errors
    /// Samples without a defined white are refused, and depths that no camera has.
    pub(super) fn read(directory: &Directory) -> Result<Self> {
        let count = directory.number(tag::SAMPLES)?.unwrap_or(1);
        if !(1..=MAX_SAMPLES).contains(&count) {
            return Err(damaged(Damage::Directory));
        }
        match directory.numbers(tag::SAMPLE_FORMAT)?.map(|formats| formats.iter().max()) {
            // 4 says "undefined", which is whole numbers in practice.
            None | Some(None | Some(1 | 4)) => {}
            Some(Some(2)) => return Err(refused(Unsupported::Signed)),
            Some(Some(3)) => return Err(refused(Unsupported::Floats)),
            Some(_) => return Err(refused(Unsupported::Samples)),
        }
        let depths = directory.numbers(tag::BITS)?;
        let bits = depths.and_then(|depths| depths.get(0)).unwrap_or(1);
        if depths.is_some_and(|depths| depths.iter().any(|other| other != bits)) {
            return Err(refused(Unsupported::Samples));
        }
        let bits = match bits {
            1 | 2 | 4 | 8 | 10 | 12 | 14 | 16 => bits as u8,
            24 | 32 | 64 => return Err(refused(Unsupported::Integers)),
            _ => return Err(refused(Unsupported::Samples)),
        };
        if directory.number(tag::FILL_ORDER)?.unwrap_or(1) == 2 {
            return Err(refused(Unsupported::Bits));
        }
        let planar = match directory.number(tag::PLANAR)?.unwrap_or(1) {
            1 => false,
            2 => count > 1,
            _ => return Err(damaged(Damage::Directory)),
        };
        let big_endian = directory.is_big_endian();
        Ok(Self { count: count as usize, bits, planar, big_endian, are_indices: false })
    }

    /// Chunks that a place of the picture has.
    pub(super) fn planes(&self) -> usize {
        if self.planar { self.count } else { 1 }
    }

    /// Samples of a pixel in one plane.
    pub(super) fn in_plane(&self) -> usize {
        if self.planar { 1 } else { self.count }
    }

    pub(super) fn is_plain_rgb8(&self) -> bool {
        self.bits == 8 && self.count == 3 && !self.planar
    }

    /// Reads one row of all planes, and interleaves it in `row` as `count` pixels of 8-bit samples.
    ///
    /// `range` is where the row lies in each plane; `deep` is room for a plane of deeper samples.
    pub(super) fn read_row(
        &self,
        planes: &[&[u8]],
        range: Range<usize>,
        count: usize,
        predicts: bool,
        deep: &mut Vec<u16>,
        row: &mut Vec<u8>,
    ) {
        row.clear();
        row.resize(count * self.count, 0);
        let in_plane = self.in_plane();
        let step = self.count / in_plane;
        for (plane, bytes) in planes.iter().enumerate() {
            let bytes = &bytes[range.clone()];
            let samples = count * in_plane;
            let places = row[plane..].iter_mut().step_by(step);
            if self.bits == 8 {
                places.zip(&bytes[..samples]).for_each(|(place, sample)| *place = *sample);
                continue;
            }
            deep.clear();
            self.unpack(bytes, samples, deep);
            if predicts {
                add_up_16(deep, in_plane);
            }
            match (self.bits, self.are_indices) {
                (16, _) => places.zip(&*deep).for_each(|(place, sample)| *place = narrow(*sample)),
                (_, true) => places.zip(&*deep).for_each(|(place, index)| *place = *index as u8),
                (bits, false) => {
                    let most = (1u32 << bits) - 1;
                    places.zip(&*deep).for_each(|(place, sample)| {
                        *place = ((u32::from(*sample) * 255 + most / 2) / most) as u8;
                    });
                }
            }
        }
        if predicts && self.bits == 8 {
            add_up_8(row, self.count);
        }
    }

    /// Appends samples of other depths than 8: 16 in the file's byte order, others packed from the
    /// highest bit on.
    fn unpack(&self, bytes: &[u8], count: usize, out: &mut Vec<u16>) {
        if self.bits == 16 {
            let pairs = bytes.as_chunks::<2>().0.iter().take(count);
            let read = if self.big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
            out.extend(pairs.map(|pair| read(*pair)));
            return;
        }
        let bits = u32::from(self.bits);
        let (mut window, mut filled) = (0u32, 0);
        let mut bytes = bytes.iter();
        for _ in 0..count {
            while filled < bits {
                window = window << 8 | u32::from(*bytes.next().expect("a row holds its samples"));
                filled += 8;
            }
            filled -= bits;
            out.push((window >> filled) as u16 & ((1 << bits) - 1) as u16);
        }
    }
}

/// Undoes the horizontal predictor.
fn add_up_8(row: &mut [u8], step: usize) {
    for index in step..row.len() {
        row[index] = row[index].wrapping_add(row[index - step]);
    }
}

fn add_up_16(row: &mut [u16], step: usize) {
    for index in step..row.len() {
        row[index] = row[index].wrapping_add(row[index - step]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(bits: u8, big_endian: bool) -> Samples {
        Samples { count: 1, bits, planar: false, big_endian, are_indices: false }
    }

    fn row(samples: &Samples, bytes: &[u8], count: usize) -> Vec<u8> {
        let (mut deep, mut row) = (Vec::new(), Vec::new());
        samples.read_row(&[bytes], 0..bytes.len(), count, false, &mut deep, &mut row);
        row
    }

    #[test]
    fn every_depth_goes_from_black_to_white() {
        assert_eq!(row(&samples(1, false), &[0b1010_0000], 3), [255, 0, 255]);
        assert_eq!(row(&samples(2, false), &[0b0001_1011], 4), [0, 85, 170, 255]);
        assert_eq!(row(&samples(4, false), &[0x0f, 0x80], 3), [0, 255, 136]);
        assert_eq!(row(&samples(12, false), &[0xff, 0xf0, 0x00], 2), [255, 0]);
        assert_eq!(row(&samples(12, false), &[0x80, 0x08, 0x00], 2), [128, 128]);
        assert_eq!(row(&samples(10, false), &[0xff, 0xc0, 0x00], 2), [255, 0]);
        assert_eq!(row(&samples(16, true), &[0xff, 0x00, 0x00, 0xff], 2), [254, 1]);
        assert_eq!(row(&samples(16, false), &[0xff, 0x00, 0x00, 0xff], 2), [1, 254]);
    }

    #[test]
    fn planes_are_interleaved_before_differences_are_added() {
        let planar =
            Samples { count: 2, bits: 8, planar: true, big_endian: false, are_indices: false };
        let (mut deep, mut out) = (Vec::new(), Vec::new());
        planar.read_row(&[&[1, 1, 1], &[9, 1, 0]], 0..3, 3, true, &mut deep, &mut out);
        assert_eq!(out, [1, 9, 2, 10, 3, 10]);
    }
}
