//! What can be wrong with a slide, each with a stable code and a remedy.

use serde::Serialize;
use serde_json::{Value, json};

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is wrong with a slide, or with what was asked of it.
///
/// A fault of one tile costs that tile, and one of a level that level; the rest of the slide goes on.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum Error {
    #[error("the file cannot be read: {detail}")]
    Unreadable { detail: String },
    #[error("the map cannot be written: {detail}")]
    Unwritable { detail: String },
    #[error("the file is no slide that can be recognised by its content")]
    NotRecognised,
    /// A format of scanners that this program does not read.
    #[error("{format} is not read")]
    Foreign {
        format: &'static str,
        #[serde(skip)]
        remedy: &'static str,
    },
    #[error("this {format} file is not supported: {reason}")]
    Unsupported { format: &'static str, reason: String },
    #[error("the {format} file is truncated or corrupt: {detail}")]
    Damaged { format: &'static str, detail: String },
    #[error("{what} is {found}; the limit is {most}")]
    TooLarge { what: &'static str, found: u64, most: u64 },
    #[error("{length} bytes from {offset} on lie outside the file, which has {size}")]
    Outside { offset: u64, length: u64, size: u64 },
    #[error("a tile cannot be decoded: {detail}")]
    Tile { detail: String },
    #[error("there is no level {level}, or no tile {column}, {row} in it")]
    NoTile { level: usize, column: u32, row: u32 },
    #[error("the slide does not tell how large a pixel is")]
    NoScale,
    #[error(
        "patches of {wanted} µm per pixel are too far from the {found} µm of the slide: \
         {least} to {most} of its pixels may lie along one of theirs"
    )]
    ScaleTooFar { wanted: f64, found: f64, least: f64, most: f64 },
    #[error("no patch has its middle in {place}")]
    NoPatches { place: &'static str },
    #[error("{option}: {problem}")]
    Options { option: &'static str, problem: String },
    #[error("the regions cannot be used: {problem}")]
    Regions { problem: String },
}

impl Error {
    /// Which variant it is in snake case, `kind`, with its values, `params`: what it takes to say it
    /// in other words.
    pub fn cause(&self) -> Value {
        serde_json::to_value(self).unwrap_or_else(|_| json!({ "kind": self.code() }))
    }

    /// Stable identifier, `snake_case`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "file_unreadable",
            Self::Unwritable { .. } => "map_unwritable",
            Self::NotRecognised => "slide_not_recognised",
            Self::Foreign { .. } => "slide_foreign_format",
            Self::Unsupported { .. } => "slide_unsupported",
            Self::Damaged { .. } => "slide_truncated_or_corrupt",
            Self::TooLarge { .. } => "slide_too_large",
            Self::Outside { .. } => "slide_outside_file",
            Self::Tile { .. } => "slide_tile_corrupt",
            Self::NoTile { .. } => "slide_no_tile",
            Self::NoScale => "slide_no_scale",
            Self::ScaleTooFar { .. } => "slide_scale_too_far",
            Self::NoPatches { .. } => "slide_no_patches",
            Self::Options { .. } => "options_invalid",
            Self::Regions { .. } => "regions_invalid",
        }
    }

    /// Who can do something about it, as the core sorts faults: "image", "limits" or "options".
    pub fn fault(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "limits",
            Self::NoTile { .. }
            | Self::NoScale
            | Self::ScaleTooFar { .. }
            | Self::Unwritable { .. }
            | Self::Options { .. }
            | Self::Regions { .. } => "options",
            _ => "image",
        }
    }

    /// One sentence that says what the user can do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "Check that the file is still there and may be read.",
            Self::Unwritable { .. } => "Choose another place, with room and the right to write.",
            Self::NotRecognised => {
                "Use an SVS, NDPI, SCN, pyramidal TIFF, OME-TIFF or DICOM file (docs/slides.md)."
            }
            Self::Foreign { remedy, .. } => remedy,
            Self::Unsupported { .. } => {
                "Export it as SVS, or as a pyramidal TIFF with JPEG tiles in RGB."
            }
            Self::Damaged { .. } | Self::Outside { .. } | Self::Tile { .. } => {
                "Copy the file again; if it opens elsewhere, export it as a pyramidal TIFF."
            }
            Self::TooLarge { .. } => "Export the slide with smaller tiles, or a part of it.",
            Self::NoTile { .. } => "Ask for what the slide describes.",
            Self::NoScale => "Say how many micrometres a pixel of the slide has.",
            Self::ScaleTooFar { .. } => {
                "Correct the scale of the slide, or take patches at a scale nearer to it."
            }
            Self::NoPatches { .. } => "Outline a region where tissue is, or choose a finer scale.",
            Self::Options { .. } => "Correct the option; the message says what is allowed.",
            Self::Regions { .. } => {
                "Use GeoJSON with polygons in pixels of the slide, as QuPath exports it."
            }
        }
    }
}

/// A fault of one tile, which is shown as background and not judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// [`Error::code`].
    pub code: &'static str,
    /// What is wrong, a sentence without a full stop.
    pub message: String,
    /// Of the tile.
    pub level: usize,
    /// Of the tile.
    pub column: u32,
    /// Of the tile.
    pub row: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_kinds_with_their_values() {
        assert_eq!(Error::NoScale.cause(), json!({ "kind": "no_scale" }));
        let foreign = Error::Foreign { format: "MRXS", remedy: "Convert it." };
        let expected = json!({ "kind": "foreign", "params": { "format": "MRXS" } });
        assert_eq!(foreign.cause(), expected);
        let far = Error::ScaleTooFar { wanted: 0.01, found: 0.5, least: 0.5, most: 64.0 };
        assert_eq!(far.cause()["params"]["wanted"], 0.01);
    }
}
