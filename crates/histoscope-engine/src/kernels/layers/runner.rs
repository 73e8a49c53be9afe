//! What a layer with weights runs on.

use super::super::quant::InputQuant;
use super::super::simd::backend::Backend;
use super::super::simd::panels::Panels;
use super::super::weights::Weights;

/// The portable kernels, or a backend.
#[derive(Clone, Debug)]
pub(super) enum Runner {
    Scalar { weights: Vec<i16>, bias: Vec<i32>, input: InputQuant },
    Simd { backend: &'static dyn Backend, panels: Panels },
}

impl Runner {
    /// The portable kernels with these weights.
    pub(super) fn scalar(weights: Weights) -> Self {
        let (values, bias) = (weights.values().to_vec(), weights.bias().to_vec());
        Self::Scalar { weights: values, bias, input: weights.input() }
    }

    /// Name for reports.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Scalar { .. } => "scalar",
            Self::Simd { backend, .. } => backend.name(),
        }
    }
}
