//! What a network reads: the type, layout, channels, size and range of its one input.

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
    /// Names the field and what it may be.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=Self::MAX_PATCH_SIZE).contains(&self.patch_size) {
            return Err(format!(
                "input.patch_size {} is not in 1..={}",
                self.patch_size,
                Self::MAX_PATCH_SIZE
            ));
        }
        match (self.dtype, &self.normalisation) {
            (Dtype::Uint8, None) => Ok(()),
            (Dtype::Uint8, Some(_)) => {
                Err("input.normalisation: a uint8 input takes raw pixels; leave it out".into())
            }
            (Dtype::Float32, None) => Err("input.normalisation is missing: a float32 input needs \
                                           its mean and std, as the model was trained with"
                .into()),
            (Dtype::Float32, Some(Normalisation { divisor, mean, std })) => {
                let positive = |value: &f64| value.is_finite() && *value > 0.0;
                if !positive(divisor) {
                    Err(format!("input.normalisation.divisor {divisor} is not above 0"))
                } else if !mean.iter().all(|mean| mean.is_finite()) {
                    Err(format!("input.normalisation.mean {mean:?} is not finite"))
                } else if !std.iter().all(positive) {
                    Err(format!("input.normalisation.std {std:?} is not above 0"))
                } else {
                    Ok(())
                }
            }
        }
    }
}
