//! Files around the core, which reads none: images and folders, the built-in model and models with
//! their manifests, lessons, tables of labels. What the command line and the Python package share.
#![forbid(unsafe_code)]

pub mod bounded;
mod error;
pub mod inputs;
pub mod known;
pub mod labelled;
pub mod model;

pub use error::{Error, Result};
