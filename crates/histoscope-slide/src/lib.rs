//! Whole slides of scanners, from files that are never read as a whole.
//!
//! ```text
//! Source (bytes by position) -> directories -> levels -> tiles (RGB8) -> region
//!   -> thumbnail -> tissue \
//!   -> regions of a person  > plan (patches at the model's scale) -> patches (RGB8)
//! what a model says of patches -> a picture that lies over the slide
//! ```
//!
//! Everything that is read from a file is checked before anything is allocated for it. A damaged
//! tile is white and noted; a damaged level is left out; both leave the rest of the slide as it is.
//! Numbers that decide which pixels a patch has are integers, so every build gives the same patches.
#![forbid(unsafe_code)]

mod cache;
mod codec;
mod dicom;
mod error;
mod foreign;
mod level;
mod limits;
mod map;
mod mosaic;
mod plan;
mod raster;
mod regions;
mod resample;
mod slide;
mod source;
mod strokes;
mod thumbnail;
mod tiff;
mod tissue;
mod warning;

pub use dicom::whole_slide_series;
pub use error::{Error, Fault, Result};
pub use level::Level;
pub use map::{MapFormat, MapSource, Square, write_map};
pub use plan::{Plan, PlanOptions, PlanRegion};
pub use raster::Raster;
pub use regions::{MAX_REGION_BYTES, Polygon, Region, Ring, annotations};
pub use slide::{Description, Format, SCALES, Slide};
pub use source::{FileSource, Source};
pub use strokes::Stroke;
pub use tissue::Tissue;
pub use warning::Warning;
