//! DICOM: whole slides in one file or a folder of instances, and plain pictures.
//!
//! ```text
//! file -> elements (where the values lie) -> instance (size, tiles, scale) -> levels of one series
//! ```
//!
//! Read are little-endian files, uncompressed or with JPEG, JPEG 2000 or run-length frames. What is
//! said of the patient is never looked at, and instances of the label or the glass are no levels.

use self::elements::{Elements, tag};
use self::frames::Frames;
use crate::error::{Error, Result};
use crate::level::Level;
use crate::slide::{Format, Found};
use crate::source::{Bytes, Source};
use crate::warning::Warning;

mod elements;
mod frames;

fn damaged(detail: impl Into<String>) -> Error {
    Error::Damaged { format: "DICOM", detail: detail.into() }
}

fn unsupported(reason: impl Into<String>) -> Error {
    Error::Unsupported { format: "DICOM", reason: reason.into() }
}

/// Whether a file begins like DICOM.
pub(crate) fn is_dicom(head: &[u8]) -> bool {
    head.get(128..132) == Some(b"DICM")
}

/// SOP class of the instances of whole slides (PS3.4, B.5: VL Whole Slide Microscopy Image Storage).
const WHOLE_SLIDE: &str = "1.2.840.10008.5.1.4.1.1.77.1.6";

/// The series (`SeriesInstanceUID`) of a file that is an instance of a whole slide: instances of one
/// series are one slide. `None` of a capture, which is a picture of its own, and of anything else.
pub fn whole_slide_series(source: Box<dyn Source>) -> Option<String> {
    let file = Bytes::new(source);
    let head = file.read(0, file.size().min(132)).ok()?;
    if !is_dicom(&head) {
        return None;
    }
    let elements = Elements::of_head(&file).ok()?;
    let series = elements.text(&file, tag::SERIES);
    (elements.text(&file, tag::SOP_CLASS) == WHOLE_SLIDE && !series.is_empty()).then_some(series)
}

struct Instance {
    frames: Frames,
    series: String,
    um_per_pixel: Option<f64>,
    objective: Option<f64>,
}

/// Finds the levels among the files; those that are no DICOM are passed over.
pub(crate) fn open(files: &mut [Bytes]) -> Result<Found> {
    let mut found = Found::new(Format::Dicom);
    let mut instances = Vec::new();
    let mut refusal = None;
    for (place, file) in files.iter().enumerate() {
        let is_dicom = file.read(0, file.size().min(132)).is_ok_and(|head| is_dicom(&head));
        if !is_dicom {
            continue;
        }
        match instance(file, place) {
            Ok(Some(instance)) => instances.push(instance),
            // A label or a picture of the glass.
            Ok(None) => {}
            Err(error) => {
                found.warnings.push(Warning::InstanceUnreadable { detail: error.to_string() });
                refusal.get_or_insert(error);
            }
        }
    }
    instances.sort_by_key(|instance| std::cmp::Reverse(instance.frames.width));
    let Some(finest) = instances.first() else {
        return Err(refusal.unwrap_or_else(|| damaged("it holds no picture of tissue")));
    };
    let series = finest.series.clone();
    (found.um_per_pixel, found.objective) = (finest.um_per_pixel, finest.objective);
    let before = instances.len();
    instances.retain(|instance| instance.series == series);
    if instances.len() < before {
        found.warnings.push(Warning::SeveralSeries);
    }
    let aspect = |frames: &Frames| f64::from(frames.width) / f64::from(frames.height);
    let shape = aspect(&instances[0].frames);
    let mut last = u32::MAX;
    for Instance { frames, .. } in instances {
        let rounding = 2.0 / f64::from(frames.width.min(frames.height));
        let fits = (aspect(&frames) / shape - 1.0).abs() <= 0.02 + rounding;
        if fits && frames.width < last {
            last = frames.width;
            let (size, tile) =
                ((frames.width, frames.height), (frames.tile_width, frames.tile_height));
            found.levels.push(Level::new(size, tile, Box::new(frames)));
        }
    }
    Ok(found)
}

fn instance(file: &Bytes, place: usize) -> Result<Option<Instance>> {
    let elements = Elements::read(file)?;
    let kind = elements.text(file, tag::IMAGE_TYPE);
    let is_aside = |part: &str| matches!(part.trim(), "LABEL" | "OVERVIEW" | "LOCALIZER");
    if kind.split('\\').any(is_aside) {
        return Ok(None);
    }
    let frames = Frames::read(file, &elements, place)?;
    // Millimetres, down and across.
    let spacing = elements.reals(file, tag::PIXEL_SPACING).first().copied();
    let volume = || {
        let width = elements.float(file, tag::VOLUME_WIDTH)?;
        (width > 0.0).then(|| width / f64::from(frames.width))
    };
    let um_per_pixel = spacing.filter(|mm| *mm > 0.0).or_else(volume).map(|mm| mm * 1e3);
    let objective = elements.reals(file, tag::OBJECTIVE).first().copied();
    let series = elements.text(file, tag::SERIES);
    Ok(Some(Instance { frames, series, um_per_pixel, objective }))
}
