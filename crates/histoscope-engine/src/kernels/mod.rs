//! Int8 convolution kernels: a safe API over portable kernels and SIMD backends.
//!
//! # Numbers
//!
//! Activations are `u8`, channels last: a picture is `[height][width][channels]`, and for the
//! kernels that see every pixel alone `[pixels][channels]`. Weights are `i8`, symmetric, scaled per
//! output channel. Accumulators are `i32`. For an output channel `c`
//!
//! ```text
//! acc = bias[c] + sum over taps and input channels of weight * (x - input.zero_point)
//! q   = clamp(round_half_even(acc as f32 * multiplier[c]) + zero_point, min, max)
//! ```
//!
//! with one `f32` product and no fused multiply-add. Every backend returns exactly these bytes, so
//! the same picture gives the same report on every machine. `tests/kernels.rs` has the definitions
//! written down as plainly as possible and holds every backend to them, the portable one too.
//!
//! # Backends
//!
//! | [`Isa`] | needs | inner step |
//! |---|---|---|
//! | `Scalar` | nothing | one product at a time |
//! | `Simd128` | wasm `simd128` | `i32x4.dot_i16x8_s` on widened operands |
//! | `Relaxed` | wasm `relaxed-simd` | relaxed dot of i8 weights and 7-bit activations |
//! | `Avx2` | x86-64 with AVX2, found at run time | `vpmaddubsw`, `vpmaddwd` |
//!
//! A layer is made of three parts: its own module checks shapes and cuts the work into pieces,
//! `pack` and `tiles` lay out weights and activations, `row` does what all backends share of a
//! depthwise row, and a `Backend` computes a piece. Only `row`, `simd128`, `relaxed` and `x86`
//! contain unsafe code; what a backend offers is safe.
//!
//! The 7-bit instructions are exact only for activations in `0..=127`; [`InputQuant::max`] says
//! whether they are. Layers with wider inputs (the stem reads raw pixels) take the 16-bit form of
//! the backend.
#![allow(
    unsafe_code,
    reason = "SIMD loads and stores through raw pointers; this module is the only one that may"
)]

pub(crate) mod scratch;

mod aligned;
mod epilogue;
mod error;
mod isa;
mod layers;
mod layout;
mod limits;
mod quant;
mod rows;
mod scalar;
mod shape;
#[cfg_attr(
    not(target_feature = "relaxed-simd"),
    allow(dead_code, reason = "each backend uses a part; only the relaxed build has them all")
)]
mod simd;
mod weights;

pub use error::LayerError;
pub use isa::Isa;
pub use layers::{Add, Conv, Depthwise, Head, Pointwise};
pub use quant::{InputQuant, OutputQuant, Requant};
pub use shape::{ConvShape, MapSize};
pub use weights::{Weights, accumulator_fits};
