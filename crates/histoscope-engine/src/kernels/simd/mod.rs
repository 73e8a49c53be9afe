//! SIMD kernels: how weights and activations are packed, what a backend does with them, and which
//! backend a layer gets.
//!
//! [`panels`], [`settle`] and [`tiles`] lay out the matrix product, [`row`] does what all backends
//! share of a depthwise row, [`backend`] says what an instruction set has to offer, `simd128`,
//! `relaxed` and `x86` offer it, and [`dispatch`] knows all of them.

pub(super) mod backend;
pub(super) mod dispatch;
pub(super) mod panels;
#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
mod relaxed;
pub(super) mod row;
pub(super) mod settle;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
pub(super) mod tiles;
#[cfg(target_arch = "x86_64")]
mod x86;
