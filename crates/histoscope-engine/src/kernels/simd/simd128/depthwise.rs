//! What WebAssembly SIMD does for a row of a depthwise convolution.
use core::arch::wasm32::*;

use super::super::super::layout::{GROUP, Word};
use super::super::row::{BLOCK, RowSteps, Store, Stretch, ToBytes, ToSums};
use super::{Dot128, ToBytes128, load};

impl<D: Dot128> RowSteps for D {
    const WORD: Word = D::WORD;

    #[inline(always)]
    unsafe fn interleave(self, taps: [*const u8; 4], to: *mut i32) {
        // SAFETY: the caller's promise.
        unsafe {
            let words = D::interleave(|step| v128_load(taps[step].cast()));
            for (index, words) in words.into_iter().enumerate() {
                v128_store(to.add(4 * index).cast(), words);
            }
        }
    }

    #[inline(always)]
    unsafe fn outputs(self, stretch: &Stretch, to: ToBytes) {
        let ending = Requantised { range: ToBytes128::new(to.quant), to };
        // SAFETY: the caller's promise.
        unsafe { each_block(self, stretch, ending) }
    }

    #[inline(always)]
    unsafe fn sums(self, stretch: &Stretch, to: ToSums) {
        // SAFETY: the caller's promise.
        unsafe { each_block(self, stretch, to) }
    }
}

/// Accumulators become bytes.
struct Requantised<'a> {
    to: ToBytes<'a>,
    range: ToBytes128,
}

impl Store<v128> for Requantised<'_> {
    #[inline(always)]
    unsafe fn store<const N: usize>(&mut self, channel: usize, output: usize, acc: [v128; N]) {
        // SAFETY: the caller's promise: multipliers come in groups, and so do channels.
        unsafe {
            let Self { to: ToBytes { multiplier, channels, out, .. }, range } = self;
            let [multiplier] = load(multiplier.as_ptr().add(channel));
            let to = out.as_mut_ptr().add(output * *channels + channel);
            requantise(acc, multiplier, *range, *channels, to);
        }
    }
}

impl Store<v128> for ToSums<'_> {
    #[inline(always)]
    unsafe fn store<const N: usize>(&mut self, channel: usize, output: usize, acc: [v128; N]) {
        for (index, acc) in acc.into_iter().enumerate() {
            let at = (output + index) * self.channels + channel;
            // SAFETY: the caller's promise: four sums from there on exist.
            unsafe { v128_store(self.sums.as_mut_ptr().add(at).cast(), acc) };
        }
    }
}

/// Accumulates the stretch in blocks that fit the registers.
///
/// # Safety
/// As [`RowSteps::outputs`], for what `ending` stores.
#[inline(always)]
unsafe fn each_block<D: Dot128>(dot: D, stretch: &Stretch, ending: impl Store<v128>) {
    const ONE: usize = GROUP;
    const TWO: usize = 2 * GROUP;
    // SAFETY: the caller's promise.
    unsafe {
        match stretch.step {
            _ if stretch.outputs < BLOCK => blocks::<D, 1>(dot, stretch, stretch.step, ending),
            // With a step that is known, addresses are a base and a constant.
            ONE => blocks::<D, BLOCK>(dot, stretch, ONE, ending),
            TWO => blocks::<D, BLOCK>(dot, stretch, TWO, ending),
            step => blocks::<D, BLOCK>(dot, stretch, step, ending),
        }
    }
}

/// Four channels at a time, `N` outputs at a time. The last block ends with the last output and may
/// compute some again.
///
/// # Safety
/// As [`RowSteps::outputs`], with `N` outputs or more and `step` the stretch's.
#[inline(always)]
unsafe fn blocks<D: Dot128, const N: usize>(
    dot: D,
    stretch: &Stretch,
    step: usize,
    mut ending: impl Store<v128>,
) {
    for channel in (0..GROUP).step_by(4) {
        // SAFETY: biases and words of weights and activations come in groups; the rest is the
        // caller's promise.
        unsafe {
            let [bias] = load(stretch.bias.as_ptr().add(channel));
            let columns = stretch.columns.as_ptr().add(channel);
            for output in (0..stretch.outputs).step_by(N) {
                let output = output.min(stretch.outputs - N);
                let columns = columns.add(output * step);
                let mut acc = [bias; N];
                let mut weights = stretch.weights.as_ptr().add(channel);
                for offset in stretch.offsets {
                    let [w] = load(weights);
                    let x = columns.add(*offset);
                    for (index, acc) in acc.iter_mut().enumerate() {
                        *acc = dot.add(*acc, w, v128_load(x.add(index * step).cast()));
                    }
                    weights = weights.add(GROUP);
                }
                ending.store(channel, output, acc);
            }
        }
    }
}

/// Requantises and stores four channels of `N` outputs, which are `channels` bytes apart.
///
/// # Safety
/// Four bytes must be writable from `to` and from each of the `N - 1` places `channels` bytes on.
#[inline(always)]
unsafe fn requantise<const N: usize>(
    acc: [v128; N],
    multiplier: v128,
    range: ToBytes128,
    channels: usize,
    to: *mut u8,
) {
    // What fills up the last four is not stored.
    let steps = |output: usize| f32x4_mul(f32x4_convert_i32x4(acc[output.min(N - 1)]), multiplier);
    for first in (0..N).step_by(4) {
        let bytes = range.clamp(
            range.round(steps(first), steps(first + 1)),
            range.round(steps(first + 2), steps(first + 3)),
        );
        let at = |output: usize| to.wrapping_add((first + output) * channels).cast();
        // SAFETY: the caller's promise.
        unsafe {
            v128_store32_lane::<0>(bytes, at(0));
            if first + 1 < N {
                v128_store32_lane::<1>(bytes, at(1));
            }
            if first + 2 < N {
                v128_store32_lane::<2>(bytes, at(2));
            }
            if first + 3 < N {
                v128_store32_lane::<3>(bytes, at(3));
            }
        }
    }
}
