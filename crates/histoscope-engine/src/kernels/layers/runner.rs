//! What a layer with weights runs on.

use super::super::isa::Isa;
use super::super::layout::{GROUP, group_start};
use super::super::quant::InputQuant;
use super::super::shape::ConvShape;
use super::super::simd::backend::Backend;
use super::super::simd::dispatch::choose;
use super::super::simd::panels::{Panels, reorder};
use super::super::simd::row;
use super::super::weights::Weights;

/// The portable kernels, or a backend.
#[derive(Clone, Debug)]
pub(super) enum Runner {
    Scalar { weights: Vec<i16>, bias: Vec<i32>, input: InputQuant },
    Simd { backend: &'static dyn Backend, panels: Panels },
}

impl Runner {
    /// For a depthwise convolution of this shape: the backend of `isa`, if it takes such a kernel. `in_quads`
    /// says whether its inputs and weights fit the seven-bit products.
    pub(super) fn depthwise(isa: Isa, weights: Weights, shape: ConvShape, in_quads: bool) -> Self {
        let backend =
            choose(isa, in_quads).filter(|backend| row::takes(backend.word(), shape.kernel()));
        let Some(backend) = backend else { return Self::scalar(weights) };
        let channels = weights.channels();
        let starts: Vec<usize> = (0..channels.div_ceil(GROUP))
            .map(|group| group_start(group, channels.max(GROUP)))
            .collect();
        let word = backend.word();
        let order = row::tap_order(word, shape.kernel());
        let ordered = reorder(weights.values(), shape.taps(), order.iter().copied());
        let zero_point = weights.input().zero_point();
        let panels = Panels::new(word, &ordered, weights.bias(), zero_point, &starts, GROUP);
        Self::Simd { backend, panels }
    }

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
