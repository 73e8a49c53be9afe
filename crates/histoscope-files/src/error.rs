//! What can go wrong with files and folders, the core's own errors among it.

use histoscope::error::Fault;
use histoscope::manifest::ManifestProblem;
use histoscope::report::Failure;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. As [`histoscope::Error`] it has a code, a fault and a remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum Error {
    #[error(transparent)]
    Core(#[from] histoscope::Error),
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
    #[error("the model's manifest {file} cannot be used: {problem}")]
    ManifestUnusable { file: String, problem: ManifestProblem },
    /// `lacks`: what is missing, as clauses.
    #[error("neither {file} nor a configuration beside it tells {lacks}")]
    ManifestIncomplete { file: String, lacks: String },
    #[error("the model {model} (SHA-256 {sha256}) is needed, and lies in none of {folders}")]
    ModelNotAtHand { model: String, sha256: String, folders: String },
    #[error("{file} is the int8 variant, which --no-quantization does not run")]
    ModelQuantised { file: String },
    #[error("{file} cannot be read: {detail}")]
    TextUnreadable { file: String, detail: String },
}

impl Error {
    /// As [`histoscope::Error::code`].
    pub fn code(&self) -> &'static str {
        match self {
            Self::Core(error) => error.code(),
            Self::FileUnreadable { .. } => "file_unreadable",
            Self::FileNotRegular { .. } => "file_not_regular",
            Self::FolderUnreadable { .. } => "folder_unreadable",
            Self::FolderWithoutImages { .. } => "folder_without_images",
            Self::ModelMissing { .. } => "model_missing",
            Self::ModelTooLarge { .. } => "model_too_large",
            Self::ManifestMissing { .. } => "manifest_missing",
            Self::ManifestUnusable { .. } => "manifest_invalid",
            Self::ManifestIncomplete { .. } => "manifest_incomplete",
            Self::ModelNotAtHand { .. } => "model_not_at_hand",
            Self::ModelQuantised { .. } => "model_quantised",
            Self::TextUnreadable { .. } => "text_unreadable",
        }
    }

    /// As [`histoscope::Error::fault`].
    pub fn fault(&self) -> Fault {
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
            | Self::ManifestMissing { .. }
            | Self::ManifestUnusable { .. }
            | Self::ManifestIncomplete { .. }
            | Self::ModelNotAtHand { .. } => Fault::Model,
        }
    }

    /// As [`histoscope::Error::remedy`].
    pub fn remedy(&self) -> &'static str {
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
                "Put the manifest or the config.json that came with the model beside it \
                 (docs/own-model.md)."
            }
            Self::ManifestUnusable { .. } => {
                "Use the manifest that came with the model, or take this one away; the message names the \
                 field."
            }
            Self::ManifestIncomplete { .. } => {
                "Write a manifest that says it (docs/own-model.md), or drop the model on the page, \
                 which asks."
            }
            Self::ModelNotAtHand { .. } => {
                "Put its file and those beside it (models/ of the project has them) into one of these \
                 folders, have HISTOSCOPE_MODELS name theirs, or name the file itself (--model)."
            }
            Self::ModelQuantised { .. } => {
                "Name the model's f32 file, or leave --no-quantization out."
            }
            Self::TextUnreadable { .. } => "Check the path, and that the file is the right one.",
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code().into(),
            message: error.to_string(),
            remedy: error.remedy().into(),
            fault: error.fault().to_string(),
            cause: None,
        }
    }
}
