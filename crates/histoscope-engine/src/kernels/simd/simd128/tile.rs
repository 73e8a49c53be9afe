//! The tile of the matrix product: eight vectors of four `i32` accumulators, from the bias to the
//! last product.
//!
//! Lanes are channels, so the epilogue works on whole vectors and the bytes of a pixel are stored
//! together. The tall tile is four rows (pixels) by one panel of eight channels, and takes for each
//! word of the depth
//!
//! ```text
//!   weights      w0 = channels 0..4, w1 = channels 4..8     two loads, used by all four rows
//!   activations  x  = the row's word, in every lane         one load and four shuffles
//!   acc[row][0] += dot(w0, x);  acc[row][1] += dot(w1, x)
//! ```
//!
//! A [`Dot128`] that adds products in 16 bits takes two words at once, and widens one sum instead
//! of two products. Eight accumulators, four weights and a constant then leave two of the fifteen
//! registers that V8 has on x86-64: a load32_splat for each row and word is faster than shuffles of
//! what would have to be kept. An engine computes the address of each of them anew, though, so the
//! wide tile, two rows by two panels, with half as many, is faster still. The two are written
//! apart: of one that is generic over rows and panels LLVM makes code that spills more.
//!
//! The last tile ends with the last row and may compute some rows again; there is no other code for
//! the rest. Missing channels of the last panel have zero weights and are cut off when stored.
use core::arch::wasm32::*;
use std::array::from_fn;
use std::ops::Range;

use super::super::super::layout::{PANEL, TILE_ROWS};
use super::super::panels::{Excess, Panels};
use super::super::tiles::Tiles;
use super::{Dot128, load};

/// Accumulators of four rows and one panel: `[row][half of the panel]`.
pub(super) type Tall = [[v128; 2]; TILE_ROWS];
/// Accumulators of two rows and two panels: `[row][half of a panel]`.
pub(super) type Wide = [[v128; 4]; 2];

/// Runs `work(panel, first row, accumulators)` for all rows and the panels of `which`.
#[inline(always)]
pub(super) fn for_each_tall<D: Dot128>(
    dot: D,
    tiles: &Tiles,
    panels: &Panels,
    which: Range<usize>,
    mut work: impl FnMut(usize, usize, Tall),
) {
    check(tiles, panels, &which);
    let depth = panels.depth();
    for panel in which {
        let excess = [0, 1].map(|half| panels.excess(2 * panel + half));
        for (index, row) in Tiles::starts(tiles.rows()).enumerate() {
            // SAFETY: tile and panel exist, as `check` has found, and the excess is the panel's.
            let tile = unsafe {
                let activations = tiles.words().as_ptr().add(index * TILE_ROWS * depth);
                let weights = panels.words().as_ptr().add(panel * PANEL * depth);
                let bias = load(panels.bias().as_ptr().add(panel * PANEL));
                tall(dot, activations, weights, bias, depth, excess)
            };
            work(panel, row, tile);
        }
    }
}

/// Runs `work(first panel, first row, accumulators)` for all rows and the panels of `which`, an
/// even number of them.
#[inline(always)]
pub(super) fn for_each_wide<D: Dot128>(
    dot: D,
    tiles: &Tiles,
    panels: &Panels,
    which: Range<usize>,
    mut work: impl FnMut(usize, usize, Wide),
) {
    check(tiles, panels, &which);
    assert!(which.len().is_multiple_of(2));
    let depth = panels.depth();
    for panel in which.step_by(2) {
        let excess = [0, 1, 2, 3].map(|half| panels.excess(2 * panel + half));
        for (index, start) in Tiles::starts(tiles.rows()).enumerate() {
            for half in 0..2 {
                let row = 2 * half;
                // SAFETY: as in `for_each_tall`; a tile has two rows from `row` on, and there is
                // another panel.
                let tile = unsafe {
                    let activations = tiles.words().as_ptr().add(index * TILE_ROWS * depth + row);
                    wide(dot, activations, panels, panel, excess)
                };
                work(panel, start + row, tile);
            }
        }
    }
}

/// Lengths are what the tiles read.
fn check(tiles: &Tiles, panels: &Panels, which: &Range<usize>) {
    let depth = panels.depth();
    assert_eq!(tiles.depth(), depth);
    assert_eq!(panels.words().len(), panels.bias().len() * depth);
    assert!(which.end * PANEL <= panels.bias().len());
}

/// Four rows and one panel.
///
/// # Safety
/// A packed tile, `TILE_ROWS * depth` words, must be readable from `activations`, `PANEL * depth`
/// words from `weights`, and the words of `excess` must be below `depth`.
#[inline(always)]
unsafe fn tall<D: Dot128>(
    dot: D,
    activations: *const i32,
    weights: *const i32,
    bias: [v128; 2],
    depth: usize,
    excess: [&[Excess]; 2],
) -> Tall {
    // SAFETY: the caller's promise: the pointers advance `depth` times.
    unsafe {
        let mut acc: Tall = [bias; TILE_ROWS];
        let (mut words, mut weights) = (activations, weights);
        let mut left = depth;
        if D::ADDS_IN_16_BITS {
            for _ in 0..depth / 2 {
                let [w0, w1, v0, v1] = load::<4, i32>(weights);
                for (row, acc) in acc.iter_mut().enumerate() {
                    let x = two_words(words.add(row));
                    *acc = [dot.add_two(acc[0], [w0, v0], x), dot.add_two(acc[1], [w1, v1], x)];
                }
                words = words.add(2 * TILE_ROWS);
                weights = weights.add(2 * PANEL);
            }
            left = depth % 2;
        }
        for _ in 0..left {
            add_word(dot, &mut acc, words, load(weights));
            words = words.add(TILE_ROWS);
            weights = weights.add(PANEL);
        }
        for (half, excess) in excess.into_iter().enumerate() {
            for over in excess {
                debug_assert!(over.word() < depth);
                let [weights] = load(over.weights().as_ptr());
                for (acc, x) in acc.iter_mut().zip(splat(activations.add(over.word() * TILE_ROWS)))
                {
                    acc[half] = dot.add(acc[half], weights, x);
                }
            }
        }
        acc
    }
}

/// Two words of a row, each in every lane.
///
/// # Safety
/// `TILE_ROWS + 1` words must be readable from `words`, of which these are the ends.
#[inline(always)]
unsafe fn two_words(words: *const i32) -> [v128; 2] {
    // SAFETY: the caller's promise.
    unsafe { [v128_load32_splat(words.cast()), v128_load32_splat(words.add(TILE_ROWS).cast())] }
}

/// Adds the dots of one word of each of four rows.
///
/// # Safety
/// `TILE_ROWS` words must be readable from `activations`.
#[inline(always)]
unsafe fn add_word<D: Dot128>(
    dot: D,
    acc: &mut Tall,
    activations: *const i32,
    [w0, w1]: [v128; 2],
) {
    // SAFETY: the caller's promise.
    let x = unsafe { splat(activations) };
    for (acc, x) in acc.iter_mut().zip(x) {
        *acc = [dot.add(acc[0], w0, x), dot.add(acc[1], w1, x)];
    }
}

/// One word of each of four rows, in every lane.
///
/// # Safety
/// `TILE_ROWS` words must be readable from `words`.
#[inline(always)]
unsafe fn splat(words: *const i32) -> [v128; TILE_ROWS] {
    // SAFETY: the caller's promise.
    let x = unsafe { v128_load(words.cast()) };
    [
        i32x4_shuffle::<0, 0, 0, 0>(x, x),
        i32x4_shuffle::<1, 1, 1, 1>(x, x),
        i32x4_shuffle::<2, 2, 2, 2>(x, x),
        i32x4_shuffle::<3, 3, 3, 3>(x, x),
    ]
}

/// Two rows and the panels `panel` and `panel + 1`.
///
/// Each panel has a pointer of its own: computed from the other's, LLVM's order of instructions
/// makes V8 spill more.
///
/// # Safety
/// All but the last two of a packed tile's `TILE_ROWS * depth` words must be readable from
/// `activations`, with `depth` that of the panels; both panels must exist, in `words` and in
/// `bias`, and the words of `excess` must be below `depth`.
#[inline(always)]
unsafe fn wide<D: Dot128>(
    dot: D,
    activations: *const i32,
    panels: &Panels,
    panel: usize,
    excess: [&[Excess]; 4],
) -> Wide {
    // SAFETY: the caller's promise: the pointers advance `depth` times.
    unsafe {
        let depth = panels.depth();
        let mut acc = [load::<4, i32>(panels.bias().as_ptr().add(panel * PANEL)); 2];
        let mut words = activations;
        let mut a = panels.words().as_ptr().add(panel * PANEL * depth);
        let mut b = a.add(PANEL * depth);
        for _ in 0..depth / 2 {
            let x: [_; 2] = from_fn(|row| two_words(words.add(row)));
            for (half, weights) in [a, a.add(4), b, b.add(4)].into_iter().enumerate() {
                let [first] = load(weights);
                let [second] = load(weights.add(PANEL));
                for row in 0..2 {
                    acc[row][half] = dot.add_two(acc[row][half], [first, second], x[row]);
                }
            }
            words = words.add(2 * TILE_ROWS);
            a = a.add(2 * PANEL);
            b = b.add(2 * PANEL);
        }
        if depth % 2 == 1 {
            let weights: [[v128; 2]; 2] = [load(a), load(b)];
            for (row, acc) in acc.iter_mut().enumerate() {
                let x = v128_load32_splat(words.add(row).cast());
                for half in 0..4 {
                    acc[half] = dot.add(acc[half], weights[half / 2][half % 2], x);
                }
            }
        }
        for (half, excess) in excess.into_iter().enumerate() {
            for over in excess {
                debug_assert!(over.word() < depth);
                let [weights] = load(over.weights().as_ptr());
                let words = activations.add(over.word() * TILE_ROWS);
                for (row, acc) in acc.iter_mut().enumerate() {
                    let x = v128_load32_splat(words.add(row).cast());
                    acc[half] = dot.add(acc[half], weights, x);
                }
            }
        }
        acc
    }
}
