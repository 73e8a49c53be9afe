//! What stands in the way of a network, in words and as a kind for whoever says it in words of their own.

use std::fmt;

use serde::Serialize;

/// Why a network cannot run here, in a sentence without a full stop, and as a kind with its values
/// for whoever says it in words of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum Problem {
    Inputs {
        count: usize,
    },
    InputType {
        port: String,
    },
    InputShape {
        port: String,
        most: u64,
    },
    InputBatch {
        port: String,
        batch: u64,
    },
    /// Of operators and their version.
    Other {
        detail: String,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inputs { count } => {
                write!(f, "it has {count} inputs; it must have one, the patches")
            }
            Self::InputType { port } => write!(
                f,
                "its input is {port}; it must be uint8 or float32 pictures [N, 3, side, side] or \
                 [N, side, side, 3]"
            ),
            Self::InputShape { port, most } => write!(
                f,
                "its input is {port}; it must be uint8 or float32 pictures [N, 3, side, side] or \
                 [N, side, side, 3], with three colours and a side of at most {most} pixels"
            ),
            Self::InputBatch { port, batch } => write!(
                f,
                "its input is {port}, for {batch} pictures at once; export it for 1, or for any \
                 number"
            ),
            Self::Other { detail } => f.write_str(detail),
        }
    }
}
