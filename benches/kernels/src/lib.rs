//! Micro-benchmark of the int8 kernels: every layer of EfficientNet-Lite0 alone, the whole network,
//! and the dot instruction alone. `run.mjs` drives the wasm builds in Chromium, `main.rs` the
//! native one.

#[path = "../../../crates/histoscope-engine/src/kernels/mod.rs"]
pub mod kernels;
pub mod network;

#[cfg(target_family = "wasm")]
mod wasm;
