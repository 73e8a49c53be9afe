//! HTTP API of Histoscope: what the Python server offered, the same names and status codes, from
//! one binary that holds engine, model and page.
//!
//! ```text
//! connection -> (token, cross-origin) -> upload, in memory under limits -> pool of threads, which
//!            take turns batch by batch -> report as the command line writes it
//! ```
//!
//! No file is written and no file name or pixel is logged. For research use only; not a medical
//! device.
#![forbid(unsafe_code)]

mod access;
mod answer;
mod docs;
mod lessons;
mod limits;
mod metrics;
mod parameters;
mod pool;
mod routes;
mod serve;
mod upload;

pub use axum::http::HeaderValue;
pub use lessons::Lessons;
pub use limits::Limits;
pub use routes::{Service, Settings, router};
pub use serve::serve;
