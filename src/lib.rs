//! Histoscope: bytes of a breast micrograph in, a report with benign or malignant out.
//!
//! ```text
//! bytes -> decode -> grid (patches, even sampling) -> screen (tissue, stain, focus)
//!       -> engine (int8 CNN, batches) -> aggregate (softmax, mean) -> report
//! ```
//!
//! The same core runs in the browser (one wasm instance in each worker of a pool), in the command
//! line and in the tests. It prints nothing, reads no files and no clock. [`pipeline::Classifier`]
//! is the way in.
//!
//! For research use only; not a medical device.
#![deny(unsafe_code)]
#![warn(missing_debug_implementations)]

pub mod aggregate;
pub mod decode;
pub mod engine;
pub mod error;
pub mod grid;
pub mod kernels;
pub mod manifest;
pub mod options;
pub mod pipeline;
pub mod report;
pub mod screen;
#[cfg(target_family = "wasm")]
mod wasm;

pub use error::{Error, Result};
