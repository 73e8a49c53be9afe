//! What can go wrong around the core: files and folders, wrong usage and output.

use std::fmt::Display;
use std::io;
use std::path::Path;

use histoscope::error::Fault;
use histoscope::report::Failure;

/// What went wrong, with the errors of files and of the core among it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error(transparent)]
    Files(#[from] histoscope_files::Error),
    #[error(transparent)]
    Slide(#[from] histoscope_slide::Error),
    #[error("{option} is for one image, and there are {found}")]
    OneOnly { option: &'static str, found: usize },
    #[error("{option} is for slides, and this is none")]
    SlidesOnly { option: &'static str },
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
    /// As [`histoscope::Error::code`].
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Files(error) => error.code(),
            Self::Slide(error) => error.code(),
            Self::OneOnly { .. } | Self::SlidesOnly { .. } => "options_invalid",
            Self::OutputFailed { .. } => "output_failed",
            #[cfg(feature = "serve")]
            Self::NoListening { .. } => "no_listening",
            #[cfg(feature = "serve")]
            Self::ServerOption { .. } => "options_invalid",
        }
    }

    /// As [`histoscope::Error::fault`].
    pub(crate) fn fault(&self) -> Fault {
        match self {
            Self::Files(error) => error.fault(),
            Self::Slide(error) => match error.fault() {
                "limits" => Fault::Limits,
                "options" => Fault::Options,
                _ => Fault::Image,
            },
            Self::OneOnly { .. } | Self::SlidesOnly { .. } => Fault::Options,
            Self::OutputFailed { .. } => Fault::Limits,
            #[cfg(feature = "serve")]
            Self::NoListening { .. } | Self::ServerOption { .. } => Fault::Options,
        }
    }

    /// As [`histoscope::Error::remedy`].
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Files(error) => error.remedy(),
            Self::Slide(error) => error.remedy(),
            Self::OneOnly { .. } => "Name one image or slide.",
            Self::SlidesOnly { .. } => {
                "Leave the option out; a field is judged whole, at its own scale."
            }
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
            cause: None,
        }
    }
}

impl Trouble {
    /// A file that could not be written.
    pub(crate) fn of_file(file: &Path, detail: impl Display) -> Self {
        Self::OutputFailed { detail: format!("{}: {detail}", file.display()) }
    }
}

impl From<histoscope::Error> for Trouble {
    fn from(error: histoscope::Error) -> Self {
        Self::Files(error.into())
    }
}

impl From<io::Error> for Trouble {
    /// From what went wrong with writing.
    fn from(error: io::Error) -> Self {
        Self::OutputFailed { detail: error.to_string() }
    }
}
