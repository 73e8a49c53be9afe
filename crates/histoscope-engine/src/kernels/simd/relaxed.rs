//! WebAssembly relaxed SIMD: four 8-bit steps a word, and which of two equal forms this machine
//! runs faster.
//!
//! `relaxed_dot_i8x16_i7x16` multiplies i8 by i7. With weights as the first operand and activations
//! in `0..=127` as the second the specification leaves nothing open: no pair of products leaves 16
//! bits (`2 * 127 * 128 = 32,512`), so every engine returns the same sums.
//!
//! There are two ways to 32 bits. The fused form (`_add`) is a single instruction on ARM (`sdot`)
//! and on x86-64 with AVX-VNNI (`vpdpbusd`). On other x86-64 engines expand it to five
//! instructions, one of which makes a vector of ones anew each time; the split form, which widens
//! with a dot product by ones of its own, is three. Nobody tells a module where it runs, but an
//! operand outside seven bits does, see [`choose`].
use core::arch::wasm32::*;
use std::hint::black_box;

use super::super::layout::Word;
use super::backend::{Backend, Multiplier};
use super::simd128::{Dot128, interleave_bytes};

/// One fused instruction: best where the machine has it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FusedDot;

/// Dot product to 16 bits, then to 32: best where `vpmaddubsw` is all there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct SplitDot {
    /// One in every lane; a variable because engines build a constant vector anew at each use.
    ones: v128,
}

static FUSED: FusedDot = FusedDot;
static SPLIT: SplitDot = SplitDot { ones: i16x8(1, 1, 1, 1, 1, 1, 1, 1) };

impl Multiplier for FusedDot {
    const NAME: &'static str = "relaxed_quads";
    const WORD: Word = Word::Quad;
    const ADDS_IN_16_BITS: bool = false;
}

impl Dot128 for FusedDot {
    #[inline(always)]
    unsafe fn load_words(x: *const u8) -> v128 {
        // SAFETY: the caller's promise: sixteen bytes.
        unsafe { v128_load(x.cast()) }
    }

    #[inline(always)]
    fn add(self, acc: v128, weights: v128, activations: v128) -> v128 {
        i32x4_relaxed_dot_i8x16_i7x16_add(weights, activations, acc)
    }

    #[inline(always)]
    fn interleave(tap: impl Fn(usize) -> v128) -> [v128; 4] {
        interleave_quads(tap)
    }
}

impl Multiplier for SplitDot {
    const NAME: &'static str = "relaxed_quads";
    const WORD: Word = Word::Quad;
    const ADDS_IN_16_BITS: bool = true;
}

impl Dot128 for SplitDot {
    #[inline(always)]
    unsafe fn load_words(x: *const u8) -> v128 {
        // SAFETY: the caller's promise: sixteen bytes.
        unsafe { v128_load(x.cast()) }
    }

    #[inline(always)]
    fn add(self, acc: v128, weights: v128, activations: v128) -> v128 {
        let pairs = i16x8_relaxed_dot_i8x16_i7x16(weights, activations);
        i32x4_add(acc, i32x4_dot_i16x8(pairs, self.ones))
    }

    #[inline(always)]
    fn add_two(self, acc: v128, weights: [v128; 2], activations: [v128; 2]) -> v128 {
        let first = i16x8_relaxed_dot_i8x16_i7x16(weights[0], activations[0]);
        let second = i16x8_relaxed_dot_i8x16_i7x16(weights[1], activations[1]);
        i32x4_add(acc, i32x4_dot_i16x8(i16x8_add(first, second), self.ones))
    }

    #[inline(always)]
    fn shuffle(x: v128, shuffle: v128) -> v128 {
        // Indices are below 16, where all engines agree.
        i8x16_relaxed_swizzle(x, shuffle)
    }

    #[inline(always)]
    fn interleave(tap: impl Fn(usize) -> v128) -> [v128; 4] {
        interleave_quads(tap)
    }
}

/// `[a0 b0 c0 d0 a1 ...]`: bytes first, then pairs of bytes.
#[inline(always)]
fn interleave_quads(tap: impl Fn(usize) -> v128) -> [v128; 4] {
    let [ab_low, ab_high] = interleave_bytes(tap(0), tap(1));
    let [cd_low, cd_high] = interleave_bytes(tap(2), tap(3));
    let [x0, x1] = interleave_pairs(ab_low, cd_low);
    let [x2, x3] = interleave_pairs(ab_high, cd_high);
    [x0, x1, x2, x3]
}

#[inline(always)]
fn interleave_pairs(a: v128, b: v128) -> [v128; 2] {
    [
        i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b),
        i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b),
    ]
}

/// The faster form on this machine; both give the same sums.
///
/// An operand of 255 is outside the seven bits, and its treatment gives the instruction away:
/// `vpmaddubsw` takes it as unsigned and saturates each pair of products to 32,767, which no other
/// lowering does (`vpdpbusd` does not saturate, `sdot` takes it as -1).
pub(super) fn choose() -> &'static dyn Backend {
    let sum = FusedDot.add(i32x4_splat(0), i8x16_splat(black_box(127)), i8x16_splat(black_box(-1)));
    if i32x4_extract_lane::<0>(sum) == 2 * i32::from(i16::MAX) { &SPLIT } else { &FUSED }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only one form runs on a machine; the property tests reach that one, this the other.
    #[wasm_bindgen_test::wasm_bindgen_test]
    fn both_forms_give_the_same_sums() {
        for weight in [i8::MIN, -127, -1, 0, 1, 100, i8::MAX] {
            for activation in [0_i8, 1, 63, 126, 127] {
                let (w, x) = (i8x16_splat(weight), i8x16_splat(activation));
                let acc = i32x4(-5, 0, 7, i32::MAX - 70_000);
                let sums = [FusedDot.add(acc, w, x), SPLIT.add(acc, w, x)];
                let product = 4 * i32::from(weight) * i32::from(activation);
                let expected = i32x4_add(acc, i32x4_splat(product));
                for sum in sums {
                    assert!(i32x4_all_true(i32x4_eq(sum, expected)), "{weight} {activation}");
                }
            }
        }
    }
}
