//! The windows under each row of outputs of a dense convolution.
use super::super::rows::Rows;
use super::super::scratch;
use super::super::shape::{ConvShape, MapSize};
use super::super::simd::panels::reorder;

/// `weights`, `[cout][cin][kh][kw]`, as `[cout][kh][kw][cin]`: the order in which a map has them.
pub(super) fn order(weights: &[i16], cin: usize, taps: usize) -> Vec<i16> {
    let order = (0..cin * taps).map(|at| Some(at % cin * taps + at / cin));
    reorder(weights, cin * taps, order)
}

/// Bytes of the lines under a row of `outputs` outputs.
pub(super) fn lines_len(shape: &ConvShape, outputs: usize, channels: usize) -> u64 {
    let [rows, _] = shape.kernel();
    rows as u64 * (shape.columns_under(outputs) * channels) as u64
}

/// Calls `work(index, windows)` for each row of outputs that `shape` makes of `x`, a map of size
/// `input`.
///
/// The lines of the map under the row are copied, with the padding beside them, and the windows lie
/// in the copy.
pub(super) fn each_row(
    x: &[u8],
    input: MapSize,
    shape: ConvShape,
    output: MapSize,
    zero_point: u8,
    mut work: impl FnMut(usize, &Rows),
) {
    let (h, w, cin) = (input.height(), input.width(), input.channels());
    let [kh, kw] = shape.kernel();
    let stride = shape.stride()[1];
    // Columns that a row of outputs sees, and those of the map among them.
    let columns = shape.columns_under(output.width());
    let left = shape.pad()[1].min(columns);
    let inside = left * cin..(left + w.min(columns - left)) * cin;
    let line = columns * cin;
    scratch::with(&scratch::LINES, kh * line, |lines| {
        lines.fill(zero_point);
        for index in 0..output.height() {
            for (ky, line) in lines.chunks_exact_mut(line).enumerate() {
                let line = &mut line[inside.clone()];
                match shape.under_tap(0, index, ky, h) {
                    Some(y) => line.copy_from_slice(&x[y * w * cin..][..line.len()]),
                    None => line.fill(zero_point),
                }
            }
            work(index, &Rows::windows(lines, output.width(), stride * cin, kh, kw * cin));
        }
    });
}
