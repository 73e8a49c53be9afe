//! The compiled part of the Python package: converts, calls the core without Python's lock, converts.
//!
//! Reports go over as the JSON that the command line prints, so that both are the same to the digit.
//! What there is for people stands in `python/histoscope`.

use pyo3::prelude::*;

mod colours;
mod engine;
mod raised;
mod sharing;

/// What `histoscope` is made of; not for others.
#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::colours::colour;
    #[pymodule_export]
    use crate::engine::{Engine, Judged, decode, labels_of, read_lesson};
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    #[pymodule_export]
    const EXTENSIONS: [&str; 10] = histoscope_files::inputs::EXTENSIONS;
    #[pymodule_export]
    const MAX_FILE_BYTES: u64 = histoscope::decode::MAX_FILE_BYTES;
}
