//! Histoscope: bytes of a breast micrograph in, a report with benign or malignant out.
//!
//! ```text
//! bytes -> decode -> grid (patches, even sampling) -> screen (tissue, stain, focus)
//!       -> engine (int8 CNN) -> aggregate (softmax, mean) -> report
//! ```
//!
//! The same core runs in the browser (one wasm instance in each worker of a pool), in the command
//! line and in the tests. It prints nothing, reads no files and no clock. [`pipeline::Classifier`]
//! is the way in.
//!
//! For research use only; not a medical device.
#![forbid(unsafe_code)]

pub mod aggregate;
pub mod class;
pub mod configs;
pub mod decode;
pub mod error;
pub mod evaluate;
pub mod familiarity;
pub mod features;
pub mod grid;
pub mod inspection;
pub mod labels;
pub mod lesson;
pub mod manifest;
pub mod model;
pub mod options;
pub mod patients;
pub mod pipeline;
pub mod report;
pub mod scale;
pub mod scaling;
mod scores;
pub mod screen;
pub mod shown;
pub mod teach;
pub mod tiles;
pub mod warning;

pub use error::{Error, Result};
pub use histoscope_colours as colours;
pub use histoscope_engine as engine;
