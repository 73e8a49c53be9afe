//! What each row of depthwise outputs sees of a map: whole rows of it, sixteen channels or more.
//!
//! The backends take [`GROUP`] channels at a time. A map of fewer is copied, row by row, to pixels of
//! as many bytes: the first are the pixel's own, the others whatever lies there, and have no weights.
use super::super::layout::GROUP;
use super::super::scratch;
use super::super::shape::{ConvShape, MapSize};
use super::super::simd::row::{self, MAX_TAPS, Row};

/// Calls `work(index, row)` for each row of outputs that `shape` makes of `x`, a map of size
/// `input`; the pixels of the rows have [`channels_under`] bytes.
pub(super) fn each_row(
    x: &[u8],
    input: MapSize,
    shape: ConvShape,
    output: MapSize,
    zero_point: u8,
    mut work: impl FnMut(usize, &Row),
) {
    let channels = channels_under(input.channels());
    let is_copied = channels > input.channels();
    let padding = row::padding_len(&shape, output.width(), channels);
    let line = input.width() * channels;
    let [taps, _] = shape.kernel();
    let copied = if is_copied { taps * line } else { 0 };
    scratch::with(&scratch::LINES, copied, |lines| {
        scratch::with(&scratch::PADDING, padding, |padding| {
            padding.fill(zero_point);
            // Of the lines that are seen, those before it are copied: each to a place that no other
            // line under the same row of outputs has.
            let mut next = 0;
            for index in 0..output.height() {
                let under = |tap: usize| shape.under_tap(0, index, tap, input.height());
                if is_copied {
                    for y in (0..taps).filter_map(under) {
                        if y < next {
                            continue;
                        }
                        let from = &x[y * input.width() * input.channels()..];
                        widen(from, input.channels(), &mut lines[y % taps * line..][..line]);
                        next = y + 1;
                    }
                }
                let seen: [_; MAX_TAPS] = std::array::from_fn(|tap| {
                    let y = (tap < taps).then(|| under(tap)).flatten()?;
                    Some(if is_copied {
                        &lines[y % taps * line..][..line]
                    } else {
                        &x[y * line..][..line]
                    })
                });
                let seen = &seen[..taps];
                work(index, &Row { seen, padding, width: input.width(), shape });
            }
        });
    });
}

/// Bytes of a pixel as a backend sees one of so many channels.
pub(super) fn channels_under(channels: usize) -> usize {
    channels.max(GROUP)
}

/// Copies pixels of `channels` bytes, fewer than [`GROUP`], to the beginning of as many as `to` has
/// groups.
fn widen(from: &[u8], channels: usize, to: &mut [u8]) {
    for (column, to) in to.as_chunks_mut::<GROUP>().0.iter_mut().enumerate() {
        let from = &from[column * channels..];
        match from.first_chunk() {
            Some(bytes) => *to = *bytes,
            None => to[..channels].copy_from_slice(&from[..channels]),
        }
    }
}

/// Copies the first `channels` bytes of each group of `from`, fewer than [`GROUP`], to the beginning
/// of `to`, and whatever fits behind the last one.
pub(super) fn narrow(from: &[u8], channels: usize, to: &mut [u8]) {
    for (column, from) in from.as_chunks::<GROUP>().0.iter().enumerate() {
        let to = &mut to[column * channels..];
        match to.first_chunk_mut() {
            Some(bytes) => *bytes = *from,
            None => to[..channels].copy_from_slice(&from[..channels]),
        }
    }
}
