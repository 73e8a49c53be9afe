//! WebAssembly SIMD kernels, 128 bits wide, generic over how a word is multiplied ([`Dot128`]).
//!
//! # The epilogue
//!
//! `convert`, `mul`, then rounding without `f32x4.nearest` and without a float-to-int conversion,
//! which in WebAssembly saturates and costs six instructions: adding 1.5 * 2^23 leaves no bit for a
//! fraction, so the addition itself rounds half to even and the integer sits in the low bits of the
//! sum. [`Epilogue::exact_isa`] has made sure that the product is small enough.

mod depthwise;
mod tile;

use core::arch::wasm32::*;
use std::array::from_fn;

use super::super::epilogue::Epilogue;
use super::super::layout::{PANEL, Shuffle, TILE_ROWS, Word};
use super::super::quant::{OutputQuant, Terms};
use super::super::rows::Rows;
use super::backend::{Backend, Multiplier};
use super::panels::Panels;
use super::row::{self, Row};
use super::tiles::{Tiles, pack_tails, pack_tiles};
use tile::{for_each_tall, for_each_wide};

/// Multiplies words in 128 bits and adds each lane's products to its accumulator.
pub(crate) trait Dot128: Multiplier {
    /// Four words of activations.
    ///
    /// # Safety
    /// Their bytes must be readable from `x`: four times [`Word::steps`].
    unsafe fn load_words(x: *const u8) -> v128;

    /// `acc + dot(weights, activations)` for each of four lanes of one word.
    fn add(self, acc: v128, weights: v128, activations: v128) -> v128;

    /// `acc` and the dots of two words, whose weights are eased where
    /// [`Multiplier::ADDS_IN_16_BITS`].
    #[inline(always)]
    fn add_two(self, acc: v128, weights: [v128; 2], activations: [v128; 2]) -> v128 {
        let acc = self.add(acc, weights[0], activations[0]);
        self.add(acc, weights[1], activations[1])
    }

    /// The bytes of `x` in the order of `shuffle`, where [`Multiplier::ADDS_IN_16_BITS`].
    fn shuffle(x: v128, _shuffle: v128) -> v128 {
        x
    }

    /// The words of 16 channels from their bytes under each tap: lane `l` of vector `v` holds the
    /// taps of channel `4 * v + l`. `tap(i)` loads tap `i` of the word.
    fn interleave(tap: impl Fn(usize) -> v128) -> [v128; 4];
}

/// Two 16-bit steps a word: `i32x4.dot_i16x8_s`. Exact for all bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pairs;

impl Multiplier for Pairs {
    const NAME: &'static str = "simd128_pairs";
    const WORD: Word = Word::Pair;
    const ADDS_IN_16_BITS: bool = false;
}

impl Dot128 for Pairs {
    #[inline(always)]
    unsafe fn load_words(x: *const u8) -> v128 {
        // SAFETY: the caller's promise: eight bytes.
        unsafe { u16x8_load_extend_u8x8(x) }
    }

    #[inline(always)]
    fn add(self, acc: v128, weights: v128, activations: v128) -> v128 {
        i32x4_add(acc, i32x4_dot_i16x8(weights, activations))
    }

    #[inline(always)]
    fn interleave(tap: impl Fn(usize) -> v128) -> [v128; 4] {
        let [low, high] = interleave_bytes(tap(0), tap(1));
        [
            u16x8_extend_low_u8x16(low),
            u16x8_extend_high_u8x16(low),
            u16x8_extend_low_u8x16(high),
            u16x8_extend_high_u8x16(high),
        ]
    }
}

/// `[a0 b0 a1 b1 ...]` of the low and of the high halves.
#[inline(always)]
pub(super) fn interleave_bytes(a: v128, b: v128) -> [v128; 2] {
    [
        i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(a, b),
        i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(a, b),
    ]
}

impl<D: Dot128> Backend for D {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn word(&self) -> Word {
        D::WORD
    }

    fn eased_lanes(&self) -> Option<usize> {
        D::ADDS_IN_16_BITS.then_some(LANES)
    }

    fn shuffles(&self, part_len: usize) -> bool {
        D::ADDS_IN_16_BITS && part_len >= size_of::<Shuffle>()
    }

    fn pack(&self, rows: &Rows, shuffles: &[Shuffle], words: &mut [i32]) {
        if rows.part_len() >= 4 * D::WORD.steps() {
            pack_words::<D>(rows, shuffles, words);
            pack_tails(D::WORD, rows, words);
        } else {
            pack_tiles(D::WORD, rows, words);
        }
    }

    fn gemm_requantised(
        &self,
        tiles: &Tiles,
        panels: &Panels,
        epilogue: &Epilogue,
        out: &mut [u8],
    ) {
        let channels = epilogue.channels;
        assert_eq!(tiles.rows().checked_mul(channels), Some(out.len()));
        assert_eq!(epilogue.multiplier.len(), panels.bias().len());
        assert_eq!(panels.bias().len(), channels.next_multiple_of(PANEL));
        let range = ToBytes128::new(&epilogue.output);
        let out = out.as_mut_ptr();
        // Two panels at a time, as long as all channels of both exist.
        let wide = if D::ADDS_IN_16_BITS { channels / (2 * PANEL) * 2 } else { 0 };
        for_each_wide(*self, tiles, panels, 0..wide, |panel, row, tile| {
            let first = panel * PANEL;
            // SAFETY: there is a multiplier for each channel of each panel, asserted above.
            let multiplier = unsafe { load::<4, f32>(epilogue.multiplier.as_ptr().add(first)) };
            let [m0, m1, m2, m3] = multiplier;
            let at = row * channels + first;
            for (index, [a, b, c, d]) in tile.into_iter().enumerate() {
                let [low, high] = [range.scale([a, b], [m0, m1]), range.scale([c, d], [m2, m3])];
                // SAFETY: the row and all channels of both panels exist: the bytes lie in `out`,
                // whose length is asserted above.
                unsafe {
                    v128_store(out.add(at + index * channels).cast(), range.clamp(low, high));
                }
            }
        });
        let narrow = wide..panels.bias().len() / PANEL;
        for_each_tall(*self, tiles, panels, narrow, |panel, row, tile| {
            let first = panel * PANEL;
            // SAFETY: there is a multiplier for each channel of each panel, asserted above.
            let multiplier = unsafe { load::<2, f32>(epilogue.multiplier.as_ptr().add(first)) };
            let [r0, r1, r2, r3] = tile.map(|halves| range.scale(halves, multiplier));
            let [top, bottom] = [range.clamp(r0, r1), range.clamp(r2, r3)];
            let at = row * channels + first;
            if first + PANEL <= channels {
                // SAFETY: `for_each_tall` gives the first of four rows, and the panel's channels
                // exist: the eight bytes of each row lie in `out`, whose length is asserted above.
                unsafe {
                    v128_store64_lane::<0>(top, out.add(at).cast());
                    v128_store64_lane::<1>(top, out.add(at + channels).cast());
                    v128_store64_lane::<0>(bottom, out.add(at + 2 * channels).cast());
                    v128_store64_lane::<1>(bottom, out.add(at + 3 * channels).cast());
                }
            } else {
                let rows = [
                    u64x2_extract_lane::<0>(top),
                    u64x2_extract_lane::<1>(top),
                    u64x2_extract_lane::<0>(bottom),
                    u64x2_extract_lane::<1>(bottom),
                ];
                for (index, bytes) in rows.into_iter().enumerate() {
                    for (channel, byte) in (0..channels - first).zip(bytes.to_le_bytes()) {
                        // SAFETY: one of the four rows and an existing channel.
                        unsafe { *out.add(at + index * channels + channel) = byte };
                    }
                }
            }
        });
    }

    fn gemm_accumulators(&self, tiles: &Tiles, panels: &Panels, sums: &mut [i32]) {
        let stride = panels.bias().len();
        assert_eq!(tiles.rows().checked_mul(stride), Some(sums.len()));
        for_each_tall(*self, tiles, panels, 0..stride / PANEL, |panel, row, tile| {
            for (index, halves) in tile.into_iter().enumerate() {
                let sums = &mut sums[(row + index) * stride + panel * PANEL..][..PANEL];
                for (half, sums) in halves.into_iter().zip(sums.chunks_exact_mut(4)) {
                    // SAFETY: the chunk has room for four `i32`.
                    unsafe { v128_store(sums.as_mut_ptr().cast(), half) };
                }
            }
        });
    }

    fn depthwise(&self, row: &Row, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]) {
        // SAFETY: a module with SIMD instructions in it is refused where they are missing.
        unsafe { row::run(*self, row, panels, epilogue, epilogue.channels, out) }
    }

    fn depthwise_sums(&self, row: &Row, panels: &Panels, channels: usize, sums: &mut [i32]) {
        // SAFETY: a module with SIMD instructions in it is refused where they are missing.
        unsafe { row::run(*self, row, panels, row::Accumulators, channels, sums) }
    }

    fn add(
        &self,
        terms: &Terms,
        output: &OutputQuant,
        a: &[u8],
        b: &[u8],
        out: &mut [u8],
    ) -> usize {
        let range = ToBytes128::new(output);
        let zeros = terms.zeros.map(|zero| i16x8_splat(i16::from(zero)));
        let ratio = terms.ratio.map(|ratio| f32x4_splat(ratio));
        let (a, _) = a.as_chunks::<16>();
        let (b, _) = b.as_chunks::<16>();
        let (out, _) = out.as_chunks_mut::<16>();
        for ((a, b), out) in a.iter().zip(b).zip(out.iter_mut()) {
            // SAFETY: sixteen bytes each.
            unsafe {
                let [a, b] = [a, b].map(|x| v128_load(x.as_ptr().cast()));
                let a = [u16x8_extend_low_u8x16(a), u16x8_extend_high_u8x16(a)];
                let b = [u16x8_extend_low_u8x16(b), u16x8_extend_high_u8x16(b)];
                let [low, high] = from_fn(|half| {
                    let a = i16x8_sub(a[half], zeros[0]);
                    let b = i16x8_sub(b[half], zeros[1]);
                    let sum = |a, b| {
                        let a = f32x4_mul(f32x4_convert_i32x4(a), ratio[0]);
                        f32x4_add(a, f32x4_mul(f32x4_convert_i32x4(b), ratio[1]))
                    };
                    range.round(
                        sum(i32x4_extend_low_i16x8(a), i32x4_extend_low_i16x8(b)),
                        sum(i32x4_extend_high_i16x8(a), i32x4_extend_high_i16x8(b)),
                    )
                });
                v128_store(out.as_mut_ptr().cast(), range.clamp(low, high));
            }
        }
        out.len() * 16
    }
}

/// Packs the whole words of each part, of which there are four or more: four words of four rows at
/// once, transposed.
fn pack_words<D: Dot128>(rows: &Rows, shuffles: &[Shuffle], words: &mut [i32]) {
    let steps = D::WORD.steps();
    let whole = rows.part_len() / steps;
    let depth = rows.depth(D::WORD);
    let loads = whole.div_ceil(4);
    assert!(whole >= 4 && rows.count() >= TILE_ROWS);
    assert_eq!(rows.data().len(), rows.span(rows.count()));
    assert_eq!(words.len(), Tiles::len(rows.count(), depth));
    assert!(!D::ADDS_IN_16_BITS || shuffles.len() == rows.parts() * loads);
    for (start, tile) in Tiles::starts(rows.count()).zip(words.chunks_exact_mut(depth * TILE_ROWS))
    {
        for part in 0..rows.parts() {
            for load in 0..loads {
                // The last four words end with the part: what the load before has packed is left
                // out.
                let first = (4 * load).min(whole - 4);
                let packed = 4 * load - first;
                let at = start * rows.step() + part * rows.part_step() + first * steps;
                // SAFETY: words `first..first + 4` of the part exist in rows `start..start + 4`,
                // whose span is asserted above, and in the tile. There is a shuffle for each load.
                unsafe {
                    let from = rows.data().as_ptr().add(at);
                    let mut x: [v128; 4] =
                        from_fn(|row| D::load_words(from.add(row * rows.step())));
                    if D::ADDS_IN_16_BITS {
                        let shuffle = shuffles.as_ptr().add(part * loads + load);
                        let shuffle = v128_load(shuffle.cast());
                        x = x.map(|x| D::shuffle(x, shuffle));
                    }
                    let [a, b, c, d] = x;
                    let (ab, cd) = (interleave_words(a, b), interleave_words(c, d));
                    let [w0, w1] = interleave_halves(ab[0], cd[0]);
                    let [w2, w3] = interleave_halves(ab[1], cd[1]);
                    let to = tile.as_mut_ptr().add((part * whole + first) * TILE_ROWS);
                    for (index, word) in [w0, w1, w2, w3].into_iter().enumerate() {
                        if index >= packed {
                            v128_store(to.add(index * TILE_ROWS).cast(), word);
                        }
                    }
                }
            }
        }
    }
}

/// `[a0 b0 a1 b1]` and `[a2 b2 a3 b3]`.
#[inline(always)]
fn interleave_words(a: v128, b: v128) -> [v128; 2] {
    [i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<2, 6, 3, 7>(a, b)]
}

/// The low halves of `a` and `b`, and the high ones.
#[inline(always)]
fn interleave_halves(a: v128, b: v128) -> [v128; 2] {
    [i64x2_shuffle::<0, 2>(a, b), i64x2_shuffle::<1, 3>(a, b)]
}

/// Channels of a vector.
const LANES: usize = 4;

/// From numbers in output steps to bytes: the constants of the epilogue in registers.
#[derive(Clone, Copy)]
struct ToBytes128 {
    rounder: v128,
    zero_point: v128,
    min: v128,
    max: v128,
}

/// Bytes are clamped as `i8`, this much lower than their values: see [`ToBytes128::clamp`].
const SIGNED: i16 = 128;

impl ToBytes128 {
    fn new(output: &OutputQuant) -> Self {
        let signed = |byte: u8| i16::from(byte) - SIGNED;
        ToBytes128 {
            rounder: f32x4_splat(output.rounder()),
            zero_point: i16x8_splat(signed(output.zero_point())),
            min: i8x16_splat(signed(output.min()) as i8),
            max: i8x16_splat(signed(output.max()) as i8),
        }
    }

    /// `round(acc * multiplier) + zero_point` of eight channels, in 16 bits.
    #[inline(always)]
    fn scale(self, [low, high]: [v128; 2], [m_low, m_high]: [v128; 2]) -> v128 {
        let low = f32x4_mul(f32x4_convert_i32x4(low), m_low);
        let high = f32x4_mul(f32x4_convert_i32x4(high), m_high);
        self.round(low, high)
    }

    /// Rounds eight numbers and adds the zero point, in 16 bits.
    ///
    /// Narrowing and addition saturate, far outside of any range that [`ToBytes128::clamp`] may cut
    /// to.
    #[inline(always)]
    fn round(self, low: v128, high: v128) -> v128 {
        let round = |steps| i32x4_sub(f32x4_add(steps, self.rounder), self.rounder);
        i16x8_add_sat(i16x8_narrow_i32x4(round(low), round(high)), self.zero_point)
    }

    /// Narrows and clamps to the output's range.
    ///
    /// LLVM keeps a narrowing instruction only if it is a signed one and nothing but intrinsics
    /// surrounds it; otherwise it computes the saturation and the truncation apart, in three times
    /// the instructions. Hence the offset of 128, and the saturating addition in
    /// [`ToBytes128::round`] between two narrowings.
    #[inline(always)]
    fn clamp(self, low: v128, high: v128) -> v128 {
        let bytes = i8x16_narrow_i16x8(low, high);
        let clamped = i8x16_min(i8x16_max(bytes, self.min), self.max);
        v128_xor(clamped, i8x16_splat(i8::MIN))
    }
}

/// `N` vectors from consecutive elements of four bytes.
///
/// # Safety
/// `4 * N` elements must be readable.
#[inline(always)]
unsafe fn load<const N: usize, T>(from: *const T) -> [v128; N] {
    const { assert!(size_of::<T>() == 4) };
    // SAFETY: the caller's promise; loads need no alignment.
    from_fn(|i| unsafe { v128_load(from.add(4 * i).cast()) })
}
