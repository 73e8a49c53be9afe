//! Why a picture is not read, in words and as a kind for whoever says it in words of their own.

use serde::Serialize;

/// Why a sound picture is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum Unsupported {
    #[error("it is animated, and a micrograph is one still picture")]
    Animated,
    #[error("this program has no decoder for it")]
    NoDecoder,
    #[error("its 256 colours are too few for a stain")]
    Palette,
    #[error("it is a document; export the picture from it")]
    Document,
    #[error("it is a drawing, not a micrograph")]
    Drawing,
    #[error("it is coded arithmetically")]
    Arithmetic,
    #[error("it is stored as lossless JPEG")]
    Lossless,
    #[error("it is stored as hierarchical JPEG")]
    Hierarchical,
    #[error("it has more than 8 bits a sample")]
    Deep,
    #[error("it has neither 1, 3 nor 4 colour components")]
    Components,
    #[error("its colours are stored one after the other")]
    Separate,
    #[error("its colours are sampled in a way that this program does not know")]
    Sampling,
    #[error("its samples are floating point numbers without a defined white")]
    Floats,
    #[error("its samples are whole numbers without a defined white")]
    Integers,
    #[error("its samples are numbers with a sign")]
    Signed,
    #[error("its samples are of a kind that this program does not know")]
    Samples,
    #[error("its colours are of a kind that this program does not know")]
    Colours,
    #[error("its YCbCr colours are stored in another way than JPEG's")]
    YCbCr,
    #[error("its colours are CIE L*a*b*")]
    Lab,
    #[error("it holds the raw values of a camera")]
    Sensor,
    #[error("its colours are stored as grey pages, one for each channel")]
    Channels,
    #[error("its channels are grey, and nothing says which colours they are")]
    Stains,
    #[error("its first page is a small copy of another one")]
    Copy,
    #[error("its bits are stored in reverse")]
    Bits,
    #[error("it is compressed as a fax, in black and white")]
    Fax,
    #[error("it is compressed with the JPEG of before 1995")]
    OldJpeg,
    #[error("it is compressed with the LZW of before TIFF 6.0")]
    OldLzw,
    #[error("it is compressed with method {code}")]
    Method { code: u64 },
    #[error("it is compressed with {name}")]
    Compression { name: &'static str },
    /// In the words of a decoder.
    #[error("{detail}")]
    Decoder { detail: String },
}

/// What of a picture is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum Damage {
    #[error("its headers are damaged")]
    Headers,
    #[error("it ends before its picture begins")]
    Empty,
    #[error("a part of its picture between restarts is missing")]
    Interval,
    #[error("its last scans are missing")]
    Scans,
    #[error("its compressed bytes do not fit its size")]
    Bytes,
    #[error("its directory is damaged")]
    Directory,
    #[error("its strips or tiles are missing")]
    Chunks,
    #[error("a strip or tile is cut short")]
    CutShort,
    /// In the words of a decoder.
    #[error("{detail}")]
    Decoder { detail: String },
}
