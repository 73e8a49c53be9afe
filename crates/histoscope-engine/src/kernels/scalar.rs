//! Portable kernels: each layer as its definition reads, one product at a time, nothing folded or
//! reordered.
//!
//! They run where no SIMD backend is available, and for degenerate layers that the SIMD epilogue
//! could not round exactly. Loops go over contiguous memory; beyond that, being obviously right is
//! worth more here.
use super::quant::{InputQuant, OutputQuant, Terms};
use super::rows::Rows;
use super::shape::{ConvShape, MapSize};

/// Accumulator of one output: `sum w * (x - zero_point)` over a run of input channels.
fn dot(x: &[u8], weights: &[i16], input: InputQuant) -> i32 {
    let zero = i32::from(input.zero_point());
    x.iter().zip(weights).map(|(&x, &w)| (i32::from(x) - zero) * i32::from(w)).sum()
}

/// Calls `store(row, channel, bias[channel] + dot(x[row], weights[channel]))`; `weights` is
/// `[channels][depth]`.
pub(super) fn gemm(
    x: &Rows,
    weights: &[i16],
    bias: &[i32],
    input: InputQuant,
    mut store: impl FnMut(usize, usize, i32),
) {
    let depth = weights.len() / bias.len();
    for row in 0..x.count() {
        for (channel, (weights, bias)) in weights.chunks_exact(depth).zip(bias).enumerate() {
            let parts = weights.chunks_exact(x.part_len()).enumerate();
            let products = parts.map(|(part, weights)| dot(x.part(row, part), weights, input));
            store(row, channel, bias + products.sum::<i32>());
        }
    }
}

/// A map and its size.
#[derive(Clone, Copy)]
pub(super) struct Map<'a> {
    pub data: &'a [u8],
    pub size: MapSize,
}

impl<'a> Map<'a> {
    /// The channels of the pixel under tap `(ky, kx)` of output `(oy, ox)`, or `None` in the
    /// padding.
    fn under_tap(
        self,
        shape: &ConvShape,
        [oy, ox]: [usize; 2],
        [ky, kx]: [usize; 2],
    ) -> Option<&'a [u8]> {
        let y = shape.under_tap(0, oy, ky, self.size.height())?;
        let x = shape.under_tap(1, ox, kx, self.size.width())?;
        let channels = self.size.channels();
        Some(&self.data[(y * self.size.width() + x) * channels..][..channels])
    }
}

/// Depthwise convolution: calls `store(index in the output, accumulator)`; `weights` is
/// `[channels][ky][kx]`.
pub(super) fn depthwise(
    map: Map,
    weights: &[i16],
    bias: &[i32],
    shape: &ConvShape,
    zero_point: u8,
    mut store: impl FnMut(usize, i32),
) {
    let [kh, kw] = shape.kernel();
    let output = shape.output(map.size, bias.len()).ok();
    let (pixels, width) = output.map_or((0, 0), |output| (output.pixels(), output.width()));
    for index in 0..pixels {
        let at = [index / width, index % width];
        for channel in 0..bias.len() {
            let mut acc = bias[channel];
            for tap in 0..kh * kw {
                if let Some(x) = map.under_tap(shape, at, [tap / kw, tap % kw]) {
                    let w = i32::from(weights[channel * kh * kw + tap]);
                    acc += w * (i32::from(x[channel]) - i32::from(zero_point));
                }
            }
            store(index * bias.len() + channel, acc);
        }
    }
}

/// Residual sum, as [`Add`](super::Add) defines it.
pub(super) fn add(terms: &Terms, output: &OutputQuant, a: &[u8], b: &[u8], out: &mut [u8]) {
    let steps = |value: u8, side: usize| {
        f32::from(i16::from(value) - i16::from(terms.zeros[side])) * terms.ratio[side]
    };
    for ((&a, &b), out) in a.iter().zip(b).zip(out) {
        *out = output.quantise(steps(a, 0) + steps(b, 1));
    }
}
