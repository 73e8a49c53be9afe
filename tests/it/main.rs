//! What is tested natively alone, in one program: each more would link all of tract again.
#![cfg(not(target_family = "wasm"))]

#[path = "../common/mod.rs"]
mod common;
mod decode;
#[cfg(feature = "tract")]
mod engine;
#[cfg(feature = "tract")]
mod exporters;
#[cfg(feature = "tract")]
mod field_models;
#[path = "../common/onnx.rs"]
mod onnx;
#[cfg(feature = "tract")]
mod own_model;
mod passed_over;
mod pipeline;
#[cfg(feature = "tract")]
mod scaling;
mod slide;
mod taught;
mod tiles;
