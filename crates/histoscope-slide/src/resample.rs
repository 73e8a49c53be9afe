//! Pixels of a level at another scale, in integers: every build gives the same.
//!
//! A step is how many pixels of the level lie side by side in one of the result, in 1/65536.
//!
//! ```text
//! smaller (step > 1): the mean over the pixels that [at, at + step) covers, by the share covered
//! larger  (step < 1): between the two nearest pixels, by distance
//! ```
//!
//! First each row, to 16 bits, then each column; both round half up.

use std::iter;

use crate::raster::Raster;

/// One pixel, as a step.
pub(crate) const ONE: u64 = 1 << 16;
/// Bits of a fraction that a row keeps until the columns are summed.
const KEPT: u32 = 6;
/// Weights of a pixel of the result have this sum.
const WHOLE: u32 = 1 << 14;

/// For one pixel of the result: the first pixel that it is made of, and the weights.
#[derive(Debug, PartialEq)]
struct Taps {
    first: i64,
    weights: Vec<u32>,
}

/// Which pixels of a level `count` pixels of the result are made of, from the position `start` on
/// (in 1/65536 pixels of the level).
fn taps(start: u64, step: u64, count: u32) -> Vec<Taps> {
    (0..u64::from(count))
        .map(|index| {
            let from = start + index * step;
            if step >= ONE { covered(from, from + step) } else { between(from, step) }
        })
        .collect()
}

fn covered(from: u64, to: u64) -> Taps {
    let (first, last) = (from / ONE, to.div_ceil(ONE));
    let share = |pixel: u64| to.min((pixel + 1) * ONE) - from.max(pixel * ONE);
    settle(first as i64, (first..last).map(share).collect())
}

fn between(from: u64, step: u64) -> Taps {
    // Middles: of the result's pixel, and of the level's.
    let middle = (from + step / 2) as i64 - (ONE / 2) as i64;
    let first = middle.div_euclid(ONE as i64);
    let right = middle.rem_euclid(ONE as i64) as u64;
    settle(first, vec![ONE - right, right])
}

/// Weights of the sum [`WHOLE`]; what rounding leaves goes to the greatest.
fn settle(first: i64, shares: Vec<u64>) -> Taps {
    let sum: u64 = shares.iter().sum();
    let scaled = |share: &u64| (share * u64::from(WHOLE) / sum) as u32;
    let mut weights: Vec<u32> = shares.iter().map(scaled).collect();
    let missing = WHOLE - weights.iter().sum::<u32>();
    if let Some(greatest) = weights.iter_mut().max() {
        *greatest += missing;
    }
    Taps { first, weights }
}

/// How all pixels of the result along one side are made. Each has as many weights, so that loops over
/// them can be unrolled; where fewer are needed, some are zero.
#[derive(Debug)]
struct Side {
    /// Of each: the first pixel that it is made of, counted from the first of `source`.
    firsts: Vec<usize>,
    /// At most [`WHOLE`].
    weights: Vec<i16>,
    /// How many weights each has.
    each: usize,
    /// Of the level: the first pixel, and how many.
    source: (i64, u32),
}

impl Side {
    fn new(taps: &[Taps]) -> Self {
        let start = taps.first().map_or(0, |taps| taps.first);
        let end = taps.last().map_or(0, |taps| taps.first + taps.weights.len() as i64);
        let count = (end - start) as usize;
        let each = taps.iter().map(|taps| taps.weights.len()).max().unwrap_or(0);
        let mut firsts = Vec::with_capacity(taps.len());
        let mut weights = Vec::with_capacity(each * taps.len());
        for Taps { first, weights: own } in taps {
            let own = own.iter().map(|&weight| weight as i16);
            let first = (first - start) as usize;
            // No weight lies beyond the source: there the zeros come first.
            let before = first.saturating_sub(count - each);
            firsts.push(first - before);
            let after = each - before - own.len();
            weights.extend(iter::repeat_n(0, before).chain(own).chain(iter::repeat_n(0, after)));
        }
        Self { firsts, weights, each, source: (start, count as u32) }
    }

    /// The first pixel and the weights of each.
    fn kernels(&self) -> impl Iterator<Item = (usize, &[i16])> {
        self.firsts.iter().copied().zip(self.weights.chunks_exact(self.each))
    }

    /// Makes a row of the level shorter or longer, as 16 bits.
    fn row<const EACH: usize>(&self, row: &[[u8; 3]], out: &mut [[i16; 3]]) {
        let weights = self.weights.as_chunks::<EACH>().0;
        for ((&first, weights), out) in self.firsts.iter().zip(weights).zip(out) {
            let Some(pixels) = row[first..].first_chunk::<EACH>() else { return };
            *out = kept(pixels, weights);
        }
    }

    /// The same for any number of weights.
    fn any_row(&self, row: &[[u8; 3]], out: &mut [[i16; 3]]) {
        for ((first, weights), out) in self.kernels().zip(out) {
            *out = kept(&row[first..first + self.each], weights);
        }
    }

    /// Makes rows of so many values fewer or more, as 8 bits.
    fn rows(&self, rows: &[i16], width: usize, out: &mut [u8]) {
        const SHIFT: u32 = WHOLE.ilog2() + KEPT;
        let mut sums = vec![0; width];
        for ((first, weights), out) in self.kernels().zip(out.chunks_exact_mut(width)) {
            sums.fill(1 << (SHIFT - 1));
            let rows = rows[first * width..].chunks_exact(width);
            for (row, &weight) in rows.zip(weights).filter(|(_, weight)| **weight != 0) {
                for (sum, &value) in sums.iter_mut().zip(row) {
                    *sum += i32::from(value) * i32::from(weight);
                }
            }
            for (out, &sum) in out.iter_mut().zip(&sums) {
                *out = (sum >> SHIFT) as u8;
            }
        }
    }
}

/// The weighted sum of pixels, with as many bits as a row keeps.
#[inline]
fn kept(pixels: &[[u8; 3]], weights: &[i16]) -> [i16; 3] {
    const SHIFT: u32 = WHOLE.ilog2() - KEPT;
    let mut sums = [1 << (SHIFT - 1); 3];
    for (pixel, &weight) in pixels.iter().zip(weights) {
        for (sum, &value) in sums.iter_mut().zip(pixel) {
            *sum += i32::from(value) * i32::from(weight);
        }
    }
    sums.map(|sum| (sum >> SHIFT) as i16)
}

/// Where a window of the result lies in the level, and how its pixels are made.
#[derive(Debug)]
pub(crate) struct Window {
    across: Side,
    down: Side,
    /// Pixels of the level: left, top, width, height.
    pub(crate) source: (i64, i64, u32, u32),
}

impl Window {
    /// The window of `width` x `height` pixels whose upper left corner is `x`, `y`, in pixels of
    /// the result.
    pub(crate) fn new(x: u64, y: u64, width: u32, height: u32, step: u64) -> Self {
        let side = |at: u64, count: u32| Side::new(&taps(at * step, step, count));
        let (across, down) = (side(x, width), side(y, height));
        let ((left, columns), (top, rows)) = (across.source, down.source);
        Self { across, down, source: (left, top, columns, rows) }
    }

    /// Makes the window from the pixels of [`Self::source`].
    pub(crate) fn resample(&self, source: &Raster) -> Raster {
        let (.., columns, rows) = self.source;
        debug_assert_eq!((source.width, source.height), (columns, rows));
        let (width, height) = (self.across.firsts.len(), self.down.firsts.len());
        let mut narrow = vec![[0; 3]; width * rows as usize];
        for (y, out) in (0..rows).zip(narrow.chunks_exact_mut(width.max(1))) {
            let row = source.row(y).as_chunks().0;
            // Halving, and what is near it.
            match self.across.each {
                2 => self.across.row::<2>(row, out),
                3 => self.across.row::<3>(row, out),
                _ => self.across.any_row(row, out),
            }
        }
        let mut rgb = vec![0; 3 * width * height];
        self.down.rows(narrow.as_flattened(), 3 * width, &mut rgb);
        Raster { width: width as u32, height: height as u32, rgb }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_shares_and_sum_to_one() {
        let made = taps(0, 5 * ONE / 2, 2);
        assert_eq!(made[0], Taps { first: 0, weights: vec![6553, 6555, 3276] });
        assert_eq!(made[1].first, 2);
        for step in [ONE, ONE + 1, 3 * ONE / 2, 4 * ONE - 1, ONE / 2, ONE / 3] {
            for Taps { weights, .. } in taps(12_345, step, 50) {
                assert_eq!(weights.iter().sum::<u32>(), WHOLE, "{step}");
            }
        }
    }

    #[test]
    fn a_plain_colour_stays_itself_and_one_to_one_is_a_copy() {
        for step in [ONE / 2, ONE, ONE + 777, 3 * ONE] {
            let window = Window::new(3, 5, 7, 4, step);
            let (.., width, height) = window.source;
            let rgb = [255, 1, 128].repeat((width * height) as usize);
            let made = window.resample(&Raster { width, height, rgb });
            assert_eq!(made.rgb, [255, 1, 128].repeat(28), "{step}");
        }
        let window = Window::new(3, 5, 7, 4, ONE);
        assert_eq!(window.source, (3, 5, 7, 4));
        let rgb: Vec<u8> = (0..84).map(|i| i * 3).collect();
        let source = Raster { width: 7, height: 4, rgb };
        assert_eq!(window.resample(&source), source);
    }

    #[test]
    fn halving_takes_the_mean_of_four() {
        let window = Window::new(0, 0, 1, 1, 2 * ONE);
        let rgb = vec![0, 0, 0, 10, 20, 30, 20, 40, 60, 31, 61, 91];
        let made = window.resample(&Raster { width: 2, height: 2, rgb });
        // 61 / 4, 121 / 4 and 181 / 4.
        assert_eq!(made.rgb, [15, 30, 45]);
    }
}
