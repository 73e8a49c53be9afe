//! What can go wrong with a network, sorted by what helps.

use crate::onnx::foreign::Foreign;

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What is wrong with a network or with what it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The file is no network that this engine can run; another file helps.
    Invalid {
        /// What is wrong with it, a sentence without a full stop.
        detail: String,
    },
    /// The file is of another kind.
    NotOnnx {
        /// Which.
        kind: Foreign,
    },
    /// Weights lie in another file, which did not come with the network.
    DataMissing {
        /// Its name, without folders.
        file: String,
    },
    /// Only from a build without the feature `tract`: the network is not fused from end to end, and
    /// a build with it may run it.
    NeedsTract {
        /// The first thing that is not fused.
        detail: String,
    },
    /// Sums of this tensor cannot be taken.
    NoTap {
        /// As it was asked for.
        tensor: String,
        /// A sentence without a full stop.
        why: &'static str,
    },
    /// The network made the engine panic: it cannot be used, and the engine should have said why.
    /// Where panics abort, on wasm32 say, nobody gets to see this.
    Panicked {
        /// What the panic says.
        detail: String,
    },
    /// The pixels are no whole number of pictures.
    Pixels {
        /// How many there are.
        bytes: usize,
        /// Side of a picture that the network reads, in pixels.
        side: usize,
    },
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid { detail } => write!(f, "the network cannot be used: {detail}"),
            Self::NotOnnx { kind } => write!(f, "it is not an ONNX file but {kind}"),
            Self::DataMissing { file } => {
                write!(f, "its weights lie in {file:?}, which is not here")
            }
            Self::NeedsTract { detail } => write!(
                f,
                "the network is not fused from end to end, which this build needs: {detail}"
            ),
            Self::NoTap { tensor, why } => {
                write!(f, "there are no sums of the tensor {tensor:?}: {why}")
            }
            Self::Panicked { detail } => write!(f, "it made the engine fail: {detail}"),
            Self::Pixels { bytes, side } => {
                write!(f, "{bytes} bytes are no whole number of {side}x{side} RGB pictures")
            }
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    pub(crate) fn invalid(detail: impl std::fmt::Display) -> Self {
        Self::Invalid { detail: detail.to_string() }
    }
}
