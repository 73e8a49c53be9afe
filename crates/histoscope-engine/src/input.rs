//! What a network reads: the type, layout, channels, size and range of its one input.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Type of the elements of the model's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Raw pixels, 0 to 255; whatever normalisation there is, is part of the graph.
    Uint8,
    /// Pixels after [`Normalisation`].
    Float32,
}

impl Dtype {
    /// As ONNX names it, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Uint8 => "uint8",
            Self::Float32 => "float32",
        }
    }
}

/// Order of the input's axes: `[N, side, side, 3]` or `[N, 3, side, side]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// Channels last.
    #[serde(rename = "NHWC")]
    Nhwc,
    /// Channels first.
    #[serde(rename = "NCHW")]
    Nchw,
}

/// Order of the colour channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Channels {
    /// Red, green, blue.
    #[serde(rename = "RGB")]
    Rgb,
    /// As OpenCV reads pictures.
    #[serde(rename = "BGR")]
    Bgr,
}

/// A pixel `p`, 0 to 255, enters the network as `(p / divisor - mean) / std`.
///
/// `mean` and `std` have a value for each channel, in the order of [`Input::channels`].
/// torchvision's for ImageNet are mean 0.485, 0.456, 0.406 and std 0.229, 0.224, 0.225, with the
/// divisor 255.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Normalisation {
    /// 255 for a mean and std in units of 0..1, 1 for units of 0..255.
    #[serde(default = "Normalisation::full_scale")]
    pub divisor: f64,
    /// Finite.
    pub mean: [f64; 3],
    /// Above 0.
    pub std: [f64; 3],
}

impl Normalisation {
    fn full_scale() -> f64 {
        255.0
    }

    /// What each byte of a pixel becomes, for each channel: worked out in `f64` and rounded once.
    pub(crate) fn levels(&self) -> [[f32; 256]; 3] {
        let Self { divisor, mean, std } = *self;
        std::array::from_fn(|channel| {
            std::array::from_fn(|byte| {
                ((byte as f64 / divisor - mean[channel]) / std[channel]) as f32
            })
        })
    }
}

/// The model's input: one RGB or BGR picture of `patch_size` pixels a side for each patch.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Input {
    /// Type of its elements.
    pub dtype: Dtype,
    /// Order of its axes.
    pub layout: Layout,
    /// Order of its colours.
    pub channels: Channels,
    /// Side of a patch in pixels.
    pub patch_size: u32,
    /// There for `float32` alone.
    pub normalisation: Option<Normalisation>,
}

impl Input {
    /// The greatest side of a patch, in pixels.
    pub const MAX_PATCH_SIZE: u32 = 1024;

    /// `uint8 [N, patch_size, patch_size, 3]`, RGB: what the shipped model reads.
    pub fn raw(patch_size: u32) -> Self {
        Self {
            dtype: Dtype::Uint8,
            layout: Layout::Nhwc,
            channels: Channels::Rgb,
            patch_size,
            normalisation: None,
        }
    }

    /// Shape of the input for `patches` patches.
    pub fn shape(&self, patches: usize) -> [usize; 4] {
        let side = self.patch_size as usize;
        match self.layout {
            Layout::Nhwc => [patches, side, side, 3],
            Layout::Nchw => [patches, 3, side, side],
        }
    }

    /// Whether the fields are in their ranges and fit each other.
    ///
    /// # Errors
    /// [`InputProblem`] that names the field.
    pub fn check(&self) -> Result<(), InputProblem> {
        if !(1..=Self::MAX_PATCH_SIZE).contains(&self.patch_size) {
            return Err(InputProblem::PatchSize {
                found: self.patch_size,
                most: Self::MAX_PATCH_SIZE,
            });
        }
        match (self.dtype, &self.normalisation) {
            (Dtype::Uint8, None) => Ok(()),
            (Dtype::Uint8, Some(_)) => Err(InputProblem::NormalisationUnused),
            (Dtype::Float32, None) => Err(InputProblem::NormalisationMissing),
            (Dtype::Float32, Some(Normalisation { divisor, mean, std })) => {
                positive("divisor", *divisor)?;
                mean.iter().try_for_each(|&mean| finite("mean", mean))?;
                std.iter().try_for_each(|&std| positive("std", std))
            }
        }
    }
}

/// Why an [`Input`] is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[non_exhaustive]
pub enum InputProblem {
    /// A side of no pixels, or of more than [`Input::MAX_PATCH_SIZE`].
    PatchSize {
        /// The side in pixels.
        found: u32,
        /// The largest that may be.
        most: u32,
    },
    /// `float32` without a [`Normalisation`].
    NormalisationMissing,
    /// `uint8` with one.
    NormalisationUnused,
    /// An infinity or no number.
    NotFinite {
        /// "divisor", "mean" or "std".
        field: &'static str,
        /// As it is written.
        found: String,
    },
    /// A number that something is divided by.
    NotPositive {
        /// "divisor" or "std".
        field: &'static str,
        /// As it is written.
        found: String,
    },
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PatchSize { found, most } => {
                write!(f, "input.patch_size is {found}, which is not in 1..={most}")
            }
            Self::NormalisationMissing => f.write_str(
                "input.normalisation is missing: a float32 input needs its mean and std, as the \
                 model was trained with",
            ),
            Self::NormalisationUnused => {
                f.write_str("input.normalisation: a uint8 input takes raw pixels; leave it out")
            }
            Self::NotFinite { field, found } => {
                write!(f, "input.normalisation.{field} is {found}, which is not finite")
            }
            Self::NotPositive { field, found } => {
                write!(f, "input.normalisation.{field} is {found}, which is not above 0")
            }
        }
    }
}

impl std::error::Error for InputProblem {}

fn finite(field: &'static str, value: f64) -> Result<(), InputProblem> {
    if value.is_finite() {
        return Ok(());
    }
    Err(InputProblem::NotFinite { field, found: value.to_string() })
}

fn positive(field: &'static str, value: f64) -> Result<(), InputProblem> {
    finite(field, value)?;
    if value > 0.0 {
        return Ok(());
    }
    Err(InputProblem::NotPositive { field, found: value.to_string() })
}
