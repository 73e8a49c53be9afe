//! The range of real numbers, and the bytes that they become in it: ONNX's DynamicQuantizeLinear,
//! <https://onnx.ai/onnx/operators/onnx__DynamicQuantizeLinear.html>.

use super::quant::ROUNDER;

/// Steps of real numbers between 0 and the farthest of them on either side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    scale: f32,
    zero_point: u8,
}

/// Numbers that are looked at side by side, in registers.
const LANES: usize = 16;

impl Range {
    /// Of `reals`: `scale = (max - min) / 255` and `zero_point = round_half_even(-min / scale)`, with
    /// `min` at most 0 and `max` at least. Where all are 0 the scale is 1; where one is no finite
    /// number the scale is none either, so that this does not get lost.
    pub fn of(reals: &[f32]) -> Self {
        let (lanes, rest) = reals.as_chunks();
        let mut least = [0.0; LANES];
        let mut most = [0.0; LANES];
        let mut odd = [0.0; LANES];
        let mut see = |reals: &[f32; LANES]| {
            let ends = least.iter_mut().zip(&mut most);
            for ((&real, (least, most)), odd) in reals.iter().zip(ends).zip(&mut odd) {
                *least = if real < *least { real } else { *least };
                *most = if real > *most { real } else { *most };
                // Nothing, or no number.
                *odd += real * 0.0;
            }
        };
        lanes.iter().for_each(&mut see);
        let mut last = [0.0; LANES];
        last[..rest.len()].copy_from_slice(rest);
        see(&last);
        let (least, most) =
            (least.into_iter().fold(0.0, f32::min), most.into_iter().fold(0.0, f32::max));
        if odd.into_iter().sum::<f32>().is_nan() {
            return Self { scale: f32::NAN, zero_point: 0 };
        }
        if least == most {
            return Self { scale: 1.0, zero_point: 0 };
        }
        let scale = (most - least) / 255.0;
        Self { scale, zero_point: (-least / scale).round_ties_even().clamp(0.0, 255.0) as u8 }
    }

    /// The real value of a step; not finite where some number was not.
    pub fn scale(self) -> f32 {
        self.scale
    }

    /// The byte that stands for 0.
    pub fn zero_point(self) -> u8 {
        self.zero_point
    }

    /// Writes `reals` as bytes: `clamp(round_half_even(real / scale) + zero_point, 0, 255)`.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn quantise(self, reals: &[f32], bytes: &mut [u8]) {
        assert_eq!(reals.len(), bytes.len());
        // All numbers are within 256 steps, where the addition itself rounds; what is no number
        // becomes any byte.
        let first = ROUNDER.to_bits() as i32 - i32::from(self.zero_point);
        for (byte, real) in bytes.iter_mut().zip(reals) {
            let step = (real / self.scale + ROUNDER).to_bits() as i32;
            *byte = step.wrapping_sub(first).clamp(0, 255) as u8;
        }
    }
}
