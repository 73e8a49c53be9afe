//! A small picture of the whole slide.

use crate::error::Result;
use crate::limits::check;
use crate::raster::Raster;
use crate::resample::{ONE, Window};
use crate::slide::Slide;

/// Side of the pieces of the thumbnail that are made at once, at most.
const PIECE: u64 = 32;
/// And of what a piece is made from, in pixels of the level.
const SOURCE: u64 = 3072;
/// Most pixels that a thumbnail is made from: a slide of 260,000 pixels a side without smaller levels.
const MAX_PIXELS: u64 = 1 << 36;

/// The slide within `side` x `side` pixels.
pub(crate) fn of(slide: &Slide, side: u32) -> Result<Raster> {
    let levels = slide.levels();
    let longest = |index: usize| levels[index].width.max(levels[index].height);
    let level = (0..levels.len()).rev().find(|&index| longest(index) >= side).unwrap_or(0);
    let of = &levels[level];
    // All of this level is read: a file of a few bytes may claim one that takes hours.
    check(
        "the pixels of the coarsest level",
        u64::from(of.width) * u64::from(of.height),
        MAX_PIXELS,
    )?;
    let step = (u64::from(longest(level)) * ONE).div_ceil(side.into()).max(ONE);
    let fit = |length: u32| ((u64::from(length) * ONE / step) as u32).clamp(1, side);
    let (width, height) = (fit(of.width), fit(of.height));
    let mut out = Raster::white(width, height);
    let piece = (SOURCE * ONE / step).clamp(1, PIECE) as u32;
    for y in (0..height).step_by(piece as usize) {
        for x in (0..width).step_by(piece as usize) {
            let (columns, rows) = (piece.min(width - x), piece.min(height - y));
            let window = Window::new(x.into(), y.into(), columns, rows, step);
            let (left, top, across, down) = window.source;
            let piece = window.resample(&slide.region(level, left, top, across, down)?);
            out.paste(&piece, x.into(), y.into());
        }
    }
    Ok(out)
}
