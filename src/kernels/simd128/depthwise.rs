//! Depthwise convolution, sixteen channels at a time.
//!
//! A word holds several taps of one channel, so the taps' bytes are interleaved first; then four dots do the
//! work of a word of taps for the sixteen channels, and the accumulators come out in the order of the channels.
//!
//! Interleaving costs two thirds of the dots. In the middle of a row the kernels of 3x3 and 5x5 taps do two
//! outputs at once ([`two`]): a column that both of them see is interleaved once,
//!
//! ```text
//!   columns          0   1   2   3          3x3, stride 1
//!   left output     k0  k1  k2              k = weights of the kernel's column
//!   right output        k0  k1  k2
//! ```
//!
//! and so are the loads of the weights and the loop around it all shared. Everything else takes one output
//! at a time ([`one`]): outputs at the border, where padding has no neighbours, and other kernels.

use super::super::backend::{GROUP, MAX_TAPS, Square, Tap, Taps, column_words, group_start};
use super::super::pack::Panels;
use super::super::requant::Epilogue;
use super::{Dot, Range, load};
use core::arch::wasm32::*;
use std::array::from_fn;

/// See [`Backend::depthwise`](super::Backend::depthwise).
pub fn run<D: Dot>(dot: D, taps: &Taps, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]) {
    let channels = epilogue.channels;
    let groups = panels.bias.len() / GROUP;
    let outputs = out.len() / channels;
    assert!(channels >= GROUP && outputs * channels == out.len());
    assert!(epilogue.multiplier.len() >= channels);
    assert_eq!(panels.bias.len(), groups * GROUP);
    assert_eq!(panels.words.len(), groups * GROUP * panels.depth);
    assert!(taps.taps.len() == panels.depth * D::WORD.steps() && taps.taps.len() <= MAX_TAPS);
    let Some(last) = outputs.checked_sub(1) else {
        return;
    };
    for tap in taps.taps {
        assert!(tap.bytes.len() >= last * tap.step + channels);
    }
    let square = taps.square.filter(|square| outputs >= 2 && are_adjacent::<D>(taps.taps, *square));
    // SAFETY: the lengths are asserted above; taps of a square are adjacent, and there are two outputs.
    unsafe {
        match square {
            Some(Square { side: 3, stride: 1 }) => {
                two::<D, 3, 1>(dot, taps.taps, panels, epilogue, out)
            }
            Some(Square { side: 3, stride: 2 }) => {
                two::<D, 3, 2>(dot, taps.taps, panels, epilogue, out)
            }
            Some(Square { side: 5, stride: 1 }) => {
                two::<D, 5, 1>(dot, taps.taps, panels, epilogue, out)
            }
            Some(Square { side: 5, stride: 2 }) => {
                two::<D, 5, 2>(dot, taps.taps, panels, epilogue, out)
            }
            _ => one(dot, taps.taps, panels, epilogue, out),
        }
    }
}

/// Index in the order of the words of the tap in `row` and `column` of a kernel of `side` columns.
const fn index<D: Dot>(side: usize, row: usize, column: usize) -> usize {
    let steps = D::WORD.steps();
    let bands = column_words(D::WORD, side);
    if row < bands * steps {
        (row / steps * side + column) * steps + row % steps
    } else {
        let words = bands * side + (row - bands * steps) * side.div_ceil(steps);
        words * steps + column
    }
}

/// Whether the taps of each row lie side by side and move on together, in the picture or in the padding.
fn are_adjacent<D: Dot>(taps: &[Tap], square: Square) -> bool {
    let Square { side, stride } = square;
    (0..side).all(|row| {
        let first = taps[index::<D>(side, row, 0)];
        (0..side).all(|column| {
            let tap = taps[index::<D>(side, row, column)];
            let at = first.bytes.as_ptr().wrapping_add(column * (first.step / stride));
            tap.bytes.as_ptr() == at && tap.step == first.step && first.step.is_multiple_of(stride)
        })
    })
}

/// One output at a time, for any kernel.
///
/// # Safety
/// What [`run`] asserts.
unsafe fn one<D: Dot>(dot: D, taps: &[Tap], panels: &Panels, epilogue: &Epilogue, out: &mut [u8]) {
    let channels = epilogue.channels;
    let steps = D::WORD.steps();
    let range = Range::new(&epilogue.output);
    let mut at = [std::ptr::null(); MAX_TAPS];
    for output in 0..out.len() / channels {
        for (at, tap) in at.iter_mut().zip(taps) {
            // SAFETY: the tap has `channels` bytes from here on.
            *at = unsafe { tap.bytes.as_ptr().add(output * tap.step) };
        }
        for group in 0..panels.bias.len() / GROUP {
            let start = group_start(group, channels);
            // SAFETY: a group has GROUP biases and GROUP words of each depth in the panels; its channels end
            // within `channels`, and so do its loads from each tap and its output.
            unsafe {
                let mut acc = load(panels.bias.as_ptr().add(group * GROUP));
                let weights = panels.words.as_ptr().add(group * GROUP * panels.depth);
                for word in 0..panels.depth {
                    let x =
                        D::interleave(|tap| v128_load(at[word * steps + tap].add(start).cast()));
                    acc = add(dot, acc, weights.add(word * GROUP), x);
                }
                let to = out.as_mut_ptr().add(output * channels + start);
                store(acc, range, epilogue.multiplier.as_ptr().add(start), to);
            }
        }
    }
}

/// Runs `$body` for `$i` = 0, 1, ... below `$limit`, which must be a constant of 7 at most, without a loop.
macro_rules! unrolled {
    ($i:ident < $limit:expr => $body:block) => {
        unrolled!(@ $i < $limit => $body; 0 1 2 3 4 5 6)
    };
    (@ $i:ident < $limit:expr => $body:block; $($n:literal)*) => {$(
        if $n < $limit {
            let $i: usize = $n;
            $body
        }
    )*};
}

/// Two outputs at a time for `K` x `K` taps with a step of `S` columns.
///
/// # Safety
/// What [`run`] asserts, [`are_adjacent`], and two outputs or more.
unsafe fn two<D: Dot, const K: usize, const S: usize>(
    dot: D,
    taps: &[Tap],
    panels: &Panels,
    epilogue: &Epilogue,
    out: &mut [u8],
) {
    let channels = epilogue.channels;
    let outputs = out.len() / channels;
    let steps = D::WORD.steps();
    let bands = const { column_words(D::WORD, K) };
    let range = Range::new(&epilogue.output);
    let rows: [Tap; K] = from_fn(|row| taps[index::<D>(K, row, 0)]);
    let pixel = rows.map(|row| row.step / S);
    for output in (0..outputs).step_by(2) {
        let output = output.min(outputs - 2);
        for group in 0..panels.bias.len() / GROUP {
            let start = group_start(group, channels);
            // SAFETY: as in `one`; and as taps are adjacent, column `K + S - 1` of the left output is the
            // last column of the right one.
            unsafe {
                let at: [*const u8; K] =
                    from_fn(|row| rows[row].bytes.as_ptr().add(output * rows[row].step + start));
                let tap = |row: usize, column: usize| {
                    // A row that the kernel lacks has no weight: any will do.
                    let row = if row < K { row } else { K - 1 };
                    v128_load(at[row].add(column * pixel[row]).cast())
                };
                let bias = load(panels.bias.as_ptr().add(group * GROUP));
                let (mut left, mut right) = (bias, bias);
                let mut weights = panels.words.as_ptr().add(group * GROUP * panels.depth);
                for band in 0..bands {
                    unrolled!(column < K + S => {
                        let x = D::interleave(|step| tap(band * steps + step, column));
                        if column < K {
                            left = add(dot, left, weights.add(column * GROUP), x);
                        }
                        if column >= S {
                            right = add(dot, right, weights.add((column - S) * GROUP), x);
                        }
                    });
                    weights = weights.add(K * GROUP);
                }
                for row in bands * steps..K {
                    unrolled!(word < K.div_ceil(D::WORD.steps()) => {
                        let column = |step: usize| (word * steps + step).min(K - 1);
                        let x = D::interleave(|step| tap(row, column(step)));
                        left = add(dot, left, weights.add(word * GROUP), x);
                        let x = D::interleave(|step| tap(row, column(step) + S));
                        right = add(dot, right, weights.add(word * GROUP), x);
                    });
                }
                let multiplier = epilogue.multiplier.as_ptr().add(start);
                let to = out.as_mut_ptr().add(output * channels + start);
                store(left, range, multiplier, to);
                store(right, range, multiplier, to.add(channels));
            }
        }
    }
}

/// Adds the dots of a word of taps for sixteen channels.
///
/// # Safety
/// `GROUP` words must be readable from `weights`.
#[inline(always)]
unsafe fn add<D: Dot>(dot: D, acc: [v128; 4], weights: *const i32, x: [v128; 4]) -> [v128; 4] {
    // SAFETY: the caller's promise.
    let w: [v128; 4] = unsafe { load(weights) };
    from_fn(|i| dot.add(acc[i], w[i], x[i]))
}

/// Requantises and stores sixteen channels.
///
/// # Safety
/// `GROUP` multipliers must be readable and `GROUP` bytes of `to` writable.
#[inline(always)]
unsafe fn store(acc: [v128; 4], range: Range, multiplier: *const f32, to: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe {
        let [m0, m1, m2, m3] = load(multiplier);
        let low = range.scale([acc[0], acc[1]], [m0, m1]);
        let high = range.scale([acc[2], acc[3]], [m2, m3]);
        v128_store(to.cast(), range.clamp(low, high));
    }
}
