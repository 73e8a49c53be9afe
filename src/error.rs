//! Everything that can go wrong, sorted by whose fault it is, each with a stable code and a remedy.

use std::fmt;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Who can do something about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The picture: another file, or a re-export of this one, helps.
    Image,
    /// A limit of ours: a smaller picture helps.
    Limits,
    /// What the caller asked for.
    Options,
    /// The model's files.
    Model,
    /// A bug of ours.
    Internal,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Image => "image",
            Self::Limits => "limits",
            Self::Options => "options",
            Self::Model => "model",
            Self::Internal => "internal",
        })
    }
}

/// What went wrong with one image, the options or the model.
///
/// [`Error::code`] is stable and meant for programs, `Display` names the problem for people, and
/// [`Error::remedy`] says what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("the file is empty (0 bytes)")]
    ImageEmpty,
    #[error("the file is not an image that can be recognised by its content")]
    ImageNotRecognised,
    #[error("{format} is not supported: {reason}")]
    ImageUnsupportedFormat { format: &'static str, reason: String },
    #[error("the {format} file is truncated or corrupt: {detail}")]
    ImageCorrupt { format: &'static str, detail: String },
    #[error("the image is {width}x{height} pixels; the model needs at least {least}x{least}")]
    ImageTooSmall { width: u32, height: u32, least: u32 },
    #[error(
        "the image claims {width}x{height} pixels; the limits are {max_side} pixels a side and \
         {max_megapixels} megapixels"
    )]
    ImageTooLarge { width: u32, height: u32, max_side: u32, max_megapixels: u32 },
    #[error("decoding the {format} image would take more than {max_mib} MiB of memory")]
    ImageTooMuchMemory { format: &'static str, max_mib: u64 },
    #[error("the file has {bytes} bytes; the limit is {max_bytes}")]
    FileTooLarge { bytes: u64, max_bytes: u64 },
    #[error("the file cannot be read: {detail}")]
    FileUnreadable { detail: String },
    #[error("{option}: {problem}")]
    OptionsInvalid { option: &'static str, problem: String },
    #[error("the model's file {file} is missing: {detail}")]
    ModelMissing { file: String, detail: String },
    #[error("the model's bytes have SHA-256 {found}, but the manifest says {expected}")]
    ModelHashMismatch { expected: String, found: String },
    #[error("the model cannot be used: {detail}")]
    ModelInvalid { detail: String },
    /// Only from a build without the feature `tract`: one with it may run the model.
    #[error(
        "the model is not fused from end to end, which this build of the engine needs: {detail}"
    )]
    ModelNeedsTract { detail: String },
    #[error("the model's manifest cannot be used: {detail}")]
    ManifestInvalid { detail: String },
    #[error("internal error: {detail}")]
    Internal { detail: String },
}

impl Error {
    /// Stable identifier, `snake_case`; the same in Rust, TypeScript and the report.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ImageEmpty => "image_empty",
            Self::ImageNotRecognised => "image_not_recognised",
            Self::ImageUnsupportedFormat { .. } => "image_unsupported_format",
            Self::ImageCorrupt { .. } => "image_truncated_or_corrupt",
            Self::ImageTooSmall { .. } => "image_too_small",
            Self::ImageTooLarge { .. } | Self::ImageTooMuchMemory { .. } => "image_too_large",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::FileUnreadable { .. } => "file_unreadable",
            Self::OptionsInvalid { .. } => "options_invalid",
            Self::ModelMissing { .. } => "model_missing",
            Self::ModelHashMismatch { .. } => "model_hash_mismatch",
            Self::ModelInvalid { .. } => "model_invalid",
            Self::ModelNeedsTract { .. } => "model_needs_tract",
            Self::ManifestInvalid { .. } => "manifest_invalid",
            Self::Internal { .. } => "internal",
        }
    }

    /// Who can do something about it.
    pub fn fault(&self) -> Fault {
        match self {
            Self::ImageEmpty
            | Self::ImageNotRecognised
            | Self::ImageUnsupportedFormat { .. }
            | Self::ImageCorrupt { .. }
            | Self::ImageTooSmall { .. }
            | Self::FileUnreadable { .. } => Fault::Image,
            Self::ImageTooLarge { .. }
            | Self::ImageTooMuchMemory { .. }
            | Self::FileTooLarge { .. } => Fault::Limits,
            Self::OptionsInvalid { .. } => Fault::Options,
            Self::ModelMissing { .. }
            | Self::ModelHashMismatch { .. }
            | Self::ModelInvalid { .. }
            | Self::ModelNeedsTract { .. }
            | Self::ManifestInvalid { .. } => Fault::Model,
            Self::Internal { .. } => Fault::Internal,
        }
    }

    /// One sentence that says what the user can do.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::ImageEmpty => "Export or copy the image again; the file holds nothing.",
            Self::ImageNotRecognised => {
                "Use a PNG, JPEG, TIFF, BMP or WebP file; its content decides, not its name."
            }
            Self::ImageUnsupportedFormat { .. } => {
                "Convert it to an 8-bit RGB PNG, TIFF or JPEG and try again."
            }
            Self::ImageCorrupt { .. } => {
                "Copy or export the file again; if it opens elsewhere, re-save it as PNG."
            }
            Self::ImageTooSmall { .. } => {
                "Use the micrograph at its original resolution, not a thumbnail."
            }
            Self::ImageTooLarge { .. } | Self::ImageTooMuchMemory { .. } => {
                "Crop the field of interest or export it at a lower resolution."
            }
            Self::FileTooLarge { .. } => "Crop the field of interest, or save it as JPEG or WebP.",
            Self::FileUnreadable { .. } => {
                "Check that the path exists and that you may read the file."
            }
            Self::OptionsInvalid { .. } => "Correct the option; the message says what is allowed.",
            Self::ModelMissing { .. } => "Check the path, and keep the manifest beside the model.",
            Self::ModelHashMismatch { .. } => {
                "Download the model and its manifest again; one of them was changed or cut short."
            }
            Self::ModelInvalid { .. } => {
                "Use an ONNX classifier with pictures as its one input and the scores of two classes \
                 as output (docs/own-model.md)."
            }
            Self::ModelNeedsTract { .. } => "Load the general edition of the engine.",
            Self::ManifestInvalid { .. } => {
                "Use the manifest that came with the model; the message names the field."
            }
            Self::Internal { .. } => "Please report this with the message; try another image.",
        }
    }

    pub(crate) fn internal(detail: impl fmt::Display) -> Self {
        Self::Internal { detail: detail.to_string() }
    }

    pub(crate) fn model(detail: impl fmt::Display) -> Self {
        Self::ModelInvalid { detail: detail.to_string() }
    }
}

impl From<histoscope_engine::Error> for Error {
    fn from(error: histoscope_engine::Error) -> Self {
        use histoscope_engine::Error as Engine;
        match error {
            Engine::Invalid { detail } => Self::ModelInvalid { detail },
            Engine::NeedsTract { detail } => Self::ModelNeedsTract { detail },
            other => Self::internal(other),
        }
    }
}
