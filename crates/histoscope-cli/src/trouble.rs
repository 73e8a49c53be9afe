//! What can go wrong around the core: files, folders, wrong usage and output.

use std::io;

use histoscope::Error;
use histoscope::error::Fault;
use histoscope::report::Failure;

/// What went wrong, with the core's own errors among it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Core(#[from] Error),
    #[error("the file cannot be read: {detail}")]
    FileUnreadable { detail: String },
    #[error("this is no regular file but {kind}")]
    FileNotRegular { kind: &'static str },
    #[error("the folder cannot be listed: {detail}")]
    FolderUnreadable { detail: String },
    #[error("the folder {folder} holds no image ({extensions})")]
    FolderWithoutImages { folder: String, extensions: String },
    #[error("the model's file {file} is missing: {detail}")]
    ModelMissing { file: String, detail: String },
    #[error("the model's file {file} has more than {max_bytes} bytes")]
    ModelTooLarge { file: String, max_bytes: u64 },
    #[error("no manifest (.json) in the folder of {file} names it as a variant")]
    ManifestMissing { file: String },
    #[error("{file} is the int8 variant, which --no-quantization does not run")]
    ModelQuantised { file: String },
    #[error("{file} cannot be read: {detail}")]
    TextUnreadable { file: String, detail: String },
    #[error("the results cannot be written: {detail}")]
    OutputFailed { detail: String },
    #[cfg(feature = "serve")]
    #[error("the server cannot listen at {address}: {detail}")]
    NoListening { address: String, detail: String },
    #[cfg(feature = "serve")]
    #[error("{option}: {detail}")]
    ServerOption { option: &'static str, detail: String },
}

impl Trouble {
    /// As [`Error::code`].
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Core(error) => error.code(),
            Self::FileUnreadable { .. } => "file_unreadable",
            Self::FileNotRegular { .. } => "file_not_regular",
            Self::FolderUnreadable { .. } => "folder_unreadable",
            Self::FolderWithoutImages { .. } => "folder_without_images",
            Self::ModelMissing { .. } => "model_missing",
            Self::ModelTooLarge { .. } => "model_too_large",
            Self::ManifestMissing { .. } => "manifest_missing",
            Self::ModelQuantised { .. } => "model_quantised",
            Self::TextUnreadable { .. } => "text_unreadable",
            Self::OutputFailed { .. } => "output_failed",
            #[cfg(feature = "serve")]
            Self::NoListening { .. } => "no_listening",
            #[cfg(feature = "serve")]
            Self::ServerOption { .. } => "options_invalid",
        }
    }

    /// As [`Error::fault`].
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Core(error) => error.fault(),
            Self::FileUnreadable { .. }
            | Self::FileNotRegular { .. }
            | Self::FolderUnreadable { .. } => Fault::Image,
            Self::FolderWithoutImages { .. }
            | Self::ModelQuantised { .. }
            | Self::TextUnreadable { .. } => Fault::Options,
            Self::ModelMissing { .. }
            | Self::ModelTooLarge { .. }
            | Self::ManifestMissing { .. } => Fault::Model,
            Self::OutputFailed { .. } => Fault::Limits,
            #[cfg(feature = "serve")]
            Self::NoListening { .. } | Self::ServerOption { .. } => Fault::Options,
        }
    }

    /// As [`Error::remedy`].
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Core(error) => error.remedy(),
            Self::FileUnreadable { .. } => {
                "Check that the path exists and that you may read the file."
            }
            Self::FileNotRegular { .. } => "Save the image as a file and name that.",
            Self::FolderUnreadable { .. } => {
                "Check that you may read the folder; what lies in it is missing from the result."
            }
            Self::FolderWithoutImages { .. } => {
                "Name a folder with images, or an image by itself, whatever its extension."
            }
            Self::ModelMissing { .. } => "Check the path, and keep the manifest beside the model.",
            Self::ModelTooLarge { .. } => {
                "Export a smaller network, or the same with half the precision or quantised."
            }
            Self::ManifestMissing { .. } => {
                "Put the manifest that came with the model beside it (docs/own-model.md)."
            }
            Self::ModelQuantised { .. } => {
                "Name the model's f32 file, or leave --no-quantization out."
            }
            Self::TextUnreadable { .. } => "Check the path, and that the file is the right one.",
            Self::OutputFailed { .. } => {
                "Free some space, or send the output elsewhere, and run it again."
            }
            #[cfg(feature = "serve")]
            Self::NoListening { .. } => {
                "Choose another --port, or another address of this machine."
            }
            #[cfg(feature = "serve")]
            Self::ServerOption { .. } => {
                "Correct the option; the message says what is wrong with it."
            }
        }
    }
}

impl From<&Trouble> for Failure {
    fn from(trouble: &Trouble) -> Self {
        Self {
            code: trouble.code().into(),
            message: trouble.to_string(),
            remedy: trouble.remedy().into(),
            fault: trouble.fault().to_string(),
        }
    }
}

impl From<io::Error> for Trouble {
    /// From what went wrong with writing.
    fn from(error: io::Error) -> Self {
        Self::OutputFailed { detail: error.to_string() }
    }
}
