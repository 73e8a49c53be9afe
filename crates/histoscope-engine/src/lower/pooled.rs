//! Finds classifiers behind the mean of a quantised map, whose weights are quantised, too.
//!
//! ```text
//! DequantizeLinear(x) ── ReduceMean | GlobalAveragePool ── (Reshape | Flatten | Squeeze | rounded)*
//!     ── Gemm | MatMul | MatMul, Add ── rounded | nothing
//!
//! rounded: QuantizeLinear, perhaps such as change the shape, then DequantizeLinear from the same steps
//! ```
//!
//! All of it is one layer: with so few numbers, what it takes to call an operator for each step counts.

use super::matcher::{Matcher, is_known, is_mean, is_ordinary, parameters};
use super::weights::ChannelOf;
use super::{Found, Quantised};
use crate::onnx::graph::NodeExt;
use crate::onnx::proto::{DataType, NodeProto};
use crate::program::entry::Steps;
use crate::program::layer::{LayerSpec, PooledSpec};

/// Operators that leave the order of a vector's elements as it is.
pub(super) const SAME_ORDER: [&str; 3] = ["Flatten", "Reshape", "Squeeze"];
/// Most nodes between the mean and the product.
pub(super) const MOST_BETWEEN: usize = 8;

/// A product of a vector with constants.
struct ConstantProduct<'a> {
    vector: &'a str,
    /// `[classes][depth]`.
    weights: Vec<f32>,
    /// `[classes]`.
    bias: Vec<f32>,
}

impl<'a> Matcher<'_, 'a> {
    /// The classifier whose scores `node` makes.
    pub(super) fn pooled(&self, node: &'a NodeProto) -> Option<Found<'a>> {
        let scores = node.output.first()?.as_str();
        let (sums, output) = match self.rounded(scores) {
            Some((sums, steps)) => (sums, Some(steps)),
            None => (scores, None),
        };
        let product = self.product(sums)?;
        let (map, mean) = self.mean(product.vector)?;
        let input = (map.scale, map.quant.zero_point());
        let ConstantProduct { weights, bias, .. } = product;
        Some(Found {
            spec: LayerSpec::Pooled(PooledSpec { input, mean, weights, bias, output }),
            inputs: vec![map.read],
            constants: vec![],
            outputs: vec!["", scores],
            quantised: None,
        })
    }

    /// What `tensor` is, rounded to the steps that are returned.
    fn rounded(&self, tensor: &str) -> Option<(&'a str, Steps)> {
        let real = self.producer(tensor, "DequantizeLinear")?;
        let steps = parameters(self.graph, real)?;
        let quantised = self.producer(self.before_shapes(real.input_at(0)?)?, "QuantizeLinear")?;
        let is_same = parameters(self.graph, quantised)? == steps;
        quantised.input_at(0).filter(|_| is_same).map(|source| (source, steps))
    }

    /// What `tensor` was before its shape was changed.
    fn before_shapes(&self, tensor: &'a str) -> Option<&'a str> {
        let mut tensor = tensor;
        for _ in 0..MOST_BETWEEN {
            let node = &self.graph.nodes[self.graph.producer_index(tensor)?];
            if !is_known(node) || !SAME_ORDER.contains(&node.onnx_type()) {
                break;
            }
            tensor = node.input_at(0)?;
        }
        Some(tensor)
    }

    /// The map whose mean `vector` is, and to what that is rounded, if it is.
    fn mean(&self, vector: &'a str) -> Option<(Quantised<'a>, Option<Steps>)> {
        let (mut tensor, mut mean) = (vector, None);
        for _ in 0..MOST_BETWEEN {
            if let Some((source, steps)) = self.rounded(tensor) {
                // Rounded to other steps, too, it would be neither.
                if mean.is_some_and(|mean| mean != steps) {
                    return None;
                }
                (tensor, mean) = (source, Some(steps));
                continue;
            }
            let node = &self.graph.nodes[self.graph.producer_index(tensor)?];
            if !is_known(node) {
                return None;
            }
            tensor = node.input_at(0)?;
            if is_mean(self.graph, node) {
                return Some((self.dequantised(tensor)?, mean));
            }
            SAME_ORDER.contains(&node.onnx_type()).then_some(())?;
        }
        None
    }

    /// The product with quantised weights that makes `tensor`.
    fn product(&self, tensor: &'a str) -> Option<ConstantProduct<'a>> {
        if let Some(gemm) = self.producer(tensor, "Gemm") {
            let bias = gemm.input_at(2);
            let is_plain = gemm.int_is("transA", &[0])
                && gemm.float_is("alpha", 1.0)
                && (bias.is_none() || gemm.float_is("beta", 1.0));
            let by_rows = gemm.int("transB").unwrap_or(0) != 0;
            return if is_plain { self.product_of(gemm, by_rows, bias) } else { None };
        }
        if let Some(product) = self.producer(tensor, "MatMul") {
            return self.product_of(product, false, None);
        }
        let sum = self.producer(tensor, "Add")?;
        let [a, b] = [sum.input_at(0)?, sum.input_at(1)?];
        let (product, bias) = match self.producer(a, "MatMul") {
            Some(product) => (product, b),
            None => (self.producer(b, "MatMul")?, a),
        };
        self.product_of(product, false, Some(bias))
    }

    /// `node` with its second input as weights, of which a class has a row or a column.
    fn product_of(
        &self,
        node: &'a NodeProto,
        by_rows: bool,
        bias: Option<&'a str>,
    ) -> Option<ConstantProduct<'a>> {
        let weights = self.producer(node.input_at(1)?, "DequantizeLinear")?;
        let name = weights.input_at(0)?;
        let &[rows, columns] = self.graph.shape(name)?.as_slice() else { return None };
        let (classes, depth) = if by_rows { (rows, columns) } else { (columns, rows) };
        // A tensor of no numbers may claim any number of classes.
        if classes == 0 || depth == 0 {
            return None;
        }
        let values = self.made_real(weights, |name| self.graph.bytes(name))?;
        self.take_weights(values.len())?;
        let at = |class, step| if by_rows { class * depth + step } else { step * classes + class };
        let weights = (0..classes).flat_map(|class| (0..depth).map(move |step| at(class, step)));
        let weights = weights.map(|at| values[at]).collect();
        let bias = match bias {
            None => vec![0.0; classes],
            Some(name) => {
                let values = self.graph.values(name).or_else(|| {
                    let node = self.producer(name, "DequantizeLinear")?;
                    self.made_real(node, |name| self.graph.values::<i32>(name))
                })?;
                match values.as_slice() {
                    &[value] => vec![value; classes],
                    _ => values,
                }
            }
        };
        (bias.len() == classes).then_some(ConstantProduct {
            vector: node.input_at(0)?,
            weights,
            bias,
        })
    }

    /// The constant that the DequantizeLinear `node` makes of integers.
    fn made_real<T: Copy + Into<i64>>(
        &self,
        node: &'a NodeProto,
        integers: impl Fn(&str) -> Option<Vec<T>>,
    ) -> Option<Vec<f32>> {
        if !is_ordinary(node, DataType::Float as i64) {
            return None;
        }
        let values = integers(node.input_at(0)?)?;
        let scales: Vec<f32> = self.graph.values(node.input_at(1)?)?;
        let zeros: Vec<i64> = match node.input_at(2) {
            Some(name) => integers(name)?.into_iter().map(Into::into).collect(),
            None => vec![0],
        };
        let shape = self.graph.shape(node.input_at(0)?)?;
        let channels = ChannelOf::new(&shape, node, scales.len(), zeros.len())?;
        let real = |(index, value): (usize, T)| {
            (value.into() - channels.of(&zeros, index)) as f32 * channels.of(&scales, index)
        };
        let values: Vec<f32> = values.into_iter().enumerate().map(real).collect();
        values.iter().all(|value| value.is_finite()).then_some(values)
    }
}
