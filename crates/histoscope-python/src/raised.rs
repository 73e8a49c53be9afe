//! Errors of the core as Python's exceptions, with code, remedy and fault.

use std::panic::{AssertUnwindSafe, catch_unwind};

use histoscope_files::{Error, Result};
use pyo3::prelude::*;

/// The exception that says `error`: a class of `histoscope.errors`.
pub(crate) fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let made = || {
        let (code, remedy) = (error.code(), error.remedy());
        let values = (code, error.to_string(), remedy, error.fault().to_string());
        py.import("histoscope.errors")?.call_method1("of_core", values)
    };
    made().map_or_else(|error| error, PyErr::from_value)
}

/// Runs without Python's lock. A bug in a decoder must cost one image and not the interpreter.
pub(crate) fn detached<T: Send>(
    py: Python<'_>,
    run: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    py.detach(|| {
        catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
            Err(histoscope::Error::Internal { detail: "a panic, see above".into() }.into())
        })
    })
    .map_err(|error| exception(py, &error))
}
