//! Int8 convolution kernels: a safe API over portable kernels and SIMD backends.
//!
//! # Numbers
//!
//! Activations are `u8`, channels last: a picture is `[height][width][channels]`, and for the
//! kernels that see every pixel alone `[pixels][channels]`. Weights are bytes less a zero point, so
//! of nine bits, scaled per output channel. Accumulators are `i32`. For an output channel `c`
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
//! A [`Dynamic`] convolution reads and makes real numbers. It quantises what it reads in steps that the
//! numbers themselves tell ([`Range`]), and of an accumulator it makes, with three roundings to `f32`,
//!
//! ```text
//! clamp(acc as f32 * (range.scale * scale[c]) + bias[c], low, high)
//! ```
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
//! The 7-bit instructions are exact only for activations in `0..=127`; [`InputQuant::max`] says
//! whether they are. Layers with wider inputs (the stem reads raw pixels) or weights that are no
//! `i8` take the 16-bit form of the backend.
//!
//! # Words
//!
//! All SIMD kernels multiply *words*: 32 bits that hold four 8-bit steps of the depth or two 16-bit
//! ones. The *depth* of a layer is what one output is a sum over.
//!
//! A 1x1 convolution, a dense one and the classifier are a matrix product, rows (pixels) by
//! channels:
//!
//! ```text
//!           panel 0  panel 1  panel 2      panel   eight output channels: their weights, word after
//!          ┌────────┬────────┬────────┐             word, in the order in which they are read
//!    row 0 │        │                 │     tile    four rows, packed likewise: a word of each,
//!        1 │  tall  │      wide       │             then the next word of each
//!        2 │        ├────────┬────────┤     block   the tiles that fit the first-level cache
//!        3 │        │        │        │
//!          ├────────┼────────┼────────┤     tall    4 rows x 1 panel   the sums that stay in
//!    row 4 │        │        │        │     wide    2 rows x 2 panels  registers, whichever fits
//!          ┆        ┆        ┆        ┆
//! ```
//!
//! What does not fit into registers *spills*, which is what the shapes of tall and wide avoid.
//! Where the products of two words are added in 16 bits, panels are *eased*: weights that are too
//! much together are taken out and multiplied on their own, the *excess*. Before that the depth is
//! *settled*, put into an order that leaves little excess, and what packs the activations shuffles
//! them into the same order.
//!
//! A depthwise convolution has no matrix. Of a row of outputs a *stretch* of up to 56 is computed
//! at a time, for a *group* of sixteen channels:
//!
//! ```text
//!     rows of the map under           plane: for each column of the stretch the word of
//!     three rows of the kernel        the bytes under the kernel's column, interleaved
//!
//!      a0 a1 a2 a3 a4 ...
//!      b0 b1 b2 b3 b4 ...      ->      a0b0c0  a1b1c1  a2b2c2  a3b3c3  a4b4c4 ...
//!      c0 c1 c2 c3 c4 ...              └─── output 0 ────────┘
//!                                              └─── output 1 ────────┘
//! ```
//!
//! A kernel with more rows than a word has steps has more planes, see `simd::row`.
//!
//! # Layers of the code
//!
//! ```text
//!   layers     add, conv, depthwise, dynamic, head, max_pool, pointwise: check sizes, cut up the work
//!   simd       dispatch: which backend a layer gets      scalar   the definitions, as they read
//!              relaxed, simd128, x86: the backends
//!              backend: what each offers, safe to call
//!              panels, settle, tiles, row: how weights and activations are laid out
//!   epilogue, weights, rows                              what kernels read
//!   quant, range, shape, error, limits                   what a file may bring, checked
//!   layout, isa, aligned, reals, scratch                 units, instruction sets, memory
//! ```
//!
//! Each line knows those below it. Only `reals`, `simd::row`, `simd128`, `relaxed` and `x86` contain
//! unsafe code; what a backend offers is safe, for it checks lengths, and `limits` says why none of them
//! overflows.
#![deny(clippy::undocumented_unsafe_blocks, unsafe_op_in_unsafe_fn)]
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
mod range;
pub(crate) mod reals;
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
pub use layers::{Add, Conv, Depthwise, Dynamic, Head, MaxPool, Pointwise, Real};
#[cfg(feature = "tract")]
pub(crate) use quant::ROUNDER;
pub use quant::{InputQuant, OutputQuant, Requant};
pub use range::Range;
pub use shape::{ConvShape, MapSize};
pub use weights::{Weights, accumulator_fits};
