//! Sums over the positions of an activation, channel by channel: what means and spreads are made of.

use crate::kernels::MapSize;

/// An activation that is looked at beside the outputs, and what its bytes mean: `scale * (byte - zero_point)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Tap {
    /// Its name in the file.
    pub tensor: String,
    /// How many channels it has.
    pub channels: usize,
    /// Rows of the map.
    pub height: usize,
    /// Columns of the map.
    pub width: usize,
    /// Finite and above 0.
    pub scale: f32,
    /// The byte that stands for 0.
    pub zero_point: u8,
}

/// Exact sums of the bytes of one activation, those of one picture behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Of the bytes, `[n, channels]`; no more than 255 times [`Tap::positions`].
    pub plain: Vec<u64>,
    /// Of their squares, `[n, channels]`.
    pub squares: Vec<u64>,
}

/// Channels that are summed together: their sums stay in registers.
const LANES: usize = 16;
/// So many squares of a byte fit 32 bits.
const BLOCK: usize = (u32::MAX / (255 * 255)) as usize;

impl Sums {
    /// Appends the sums of `map`, which is `[positions][channels]`.
    pub(crate) fn append(&mut self, map: &[u8], channels: usize) {
        let start = self.plain.len();
        self.plain.resize(start + channels, 0);
        self.squares.resize(start + channels, 0);
        let (plain, squares) = (&mut self.plain[start..], &mut self.squares[start..]);
        for block in map.chunks(BLOCK * channels) {
            let mut first = 0;
            while first + LANES <= channels {
                let (q, qq) = lanes::<LANES>(block, channels, first);
                add(&mut plain[first..], q);
                add(&mut squares[first..], qq);
                first += LANES;
            }
            for first in first..channels {
                let (q, qq) = lanes::<1>(block, channels, first);
                add(&mut plain[first..], q);
                add(&mut squares[first..], qq);
            }
        }
    }
}

/// Sums of `N` channels from `first` on, and of their squares. Plain code, and integers: the compiler
/// makes vectors of it, and every backend has the same bits.
#[inline]
fn lanes<const N: usize>(block: &[u8], channels: usize, first: usize) -> ([u32; N], [u32; N]) {
    let (mut plain, mut squares) = ([0; N], [0; N]);
    for pixel in block.chunks_exact(channels) {
        let Some(pixel) = pixel.get(first..).and_then(|rest| rest.first_chunk::<N>()) else {
            continue;
        };
        for ((plain, square), &byte) in plain.iter_mut().zip(&mut squares).zip(pixel) {
            // 255 * 255 fits 16 bits, of which a vector multiplies twice as many.
            let byte = u16::from(byte);
            *plain += u32::from(byte);
            *square += u32::from(byte * byte);
        }
    }
    (plain, squares)
}

fn add<const N: usize>(to: &mut [u64], sums: [u32; N]) {
    for (to, sum) in to.iter_mut().zip(sums) {
        *to += u64::from(sum);
    }
}

impl Tap {
    pub(crate) fn new(tensor: &str, size: MapSize, scale: f32, zero_point: u8) -> Self {
        let (channels, height, width) = (size.channels(), size.height(), size.width());
        Self { tensor: tensor.into(), channels, height, width, scale, zero_point }
    }

    /// Pixels of the map: each sum is of so many bytes.
    pub fn positions(&self) -> usize {
        self.height * self.width
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As the definition reads.
    fn plainly(map: &[u8], channels: usize) -> (Vec<u64>, Vec<u64>) {
        let sum = |value: &dyn Fn(u8) -> u64| {
            (0..channels)
                .map(|channel| map.iter().skip(channel).step_by(channels).map(|&q| value(q)).sum())
                .collect()
        };
        (sum(&|q| q.into()), sum(&|q| u64::from(q) * u64::from(q)))
    }

    proptest! {
        #[test]
        fn sums_are_what_a_plain_loop_says(
            channels in 1..70_usize, positions in 1..40_usize, seed in any::<u32>(),
        ) {
            let mut state = seed | 1;
            let map: Vec<u8> = (0..channels * positions).map(|_| {
                state = state.wrapping_mul(0x915f_77f5).wrapping_add(1);
                (state >> 24) as u8
            }).collect();
            let mut sums = Sums::default();
            sums.append(&map, channels);
            sums.append(&map, channels);
            let (plain, squares) = plainly(&map, channels);
            prop_assert_eq!(sums.plain, [plain.clone(), plain].concat());
            prop_assert_eq!(sums.squares, [squares.clone(), squares].concat());
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "two million bytes take Miri an hour")]
    fn the_greatest_map_does_not_overflow() {
        let positions = BLOCK * 2 + 7;
        let mut sums = Sums::default();
        sums.append(&vec![255; positions * 17], 17);
        assert_eq!(sums.plain, vec![255 * positions as u64; 17]);
        assert_eq!(sums.squares, vec![65_025 * positions as u64; 17]);
    }
}
