//! Finds the layers of a network whose activations are quantised as they run, as ONNX Runtime's
//! `quantize_dynamic` writes it.
//!
//! ```text
//! x ── DynamicQuantizeLinear ─┬─ ConvInteger ── Cast ─┬─ Mul ── Add (bias) | nothing ── Clip | Relu | nothing
//!                             └─ Mul (weights' scale) ┘
//! a, b ── Add ── Clip | Relu | nothing                       of maps that such layers make
//! map ── ReduceMean over H, W ── ... ── DynamicQuantizeLinear ── MatMulInteger ── Cast ── Mul ── Add | nothing
//! ```
//!
//! Between these layers lie real numbers, NHWC as the bytes of the others.

use super::matcher::{Matcher, is_known, is_mean};
use super::pooled::{MOST_BETWEEN, SAME_ORDER};
use super::{Found, Read, TO_NCHW};
use crate::kernels::{InputQuant, Real, accumulator_fits};
use crate::onnx::graph::NodeExt;
use crate::onnx::proto::{DataType, NodeProto};
use crate::program::layer::{DynamicPooledSpec, DynamicSpec, LayerSpec};
use crate::program::packed::subtract;

/// A product of integers that is made real.
struct IntegerProduct<'a> {
    /// The ConvInteger or MatMulInteger.
    node: &'a NodeProto,
    /// What is quantised for it.
    x: &'a str,
    /// Name of the scale of its weights.
    scale: &'a str,
    /// Name of what is added to it.
    bias: Option<&'a str>,
}

impl<'a> Matcher<'_, 'a> {
    /// The layer whose real numbers `node` makes.
    pub(super) fn dynamic(&mut self, node: &'a NodeProto) -> Option<Found<'a>> {
        let made = node.output.first()?.as_str();
        if self.goes_on(made) {
            return None;
        }
        let (real, low, high) = self.clipped(made)?;
        let clip = [low, high];
        let map = self.dynamic_conv(real, clip).or_else(|| self.real_sum(real, clip));
        if map.is_some() {
            self.real_maps.insert(made);
        }
        let found = map.or_else(|| (real == made).then(|| self.dynamic_pooled(real)).flatten())?;
        let outputs = if found.spec.is_head() { vec!["", made] } else { vec![made] };
        Some(Found { outputs, ..found })
    }

    /// Whether nothing reads `real` but the next node of the same layer.
    fn goes_on(&self, real: &str) -> bool {
        let &[reader] = self.graph.consumers(real) else { return false };
        let node = &self.graph.nodes[reader];
        let is_constant = |name: &String| {
            name != real
                && (self.graph.shape(name).is_some() || self.producer(name, "Reshape").is_some())
        };
        let is_next = match node.onnx_type() {
            "Clip" | "Relu" => node.output.first().is_some_and(|made| self.clipped(made).is_some()),
            "Add" => node.input.iter().any(is_constant),
            _ => false,
        };
        is_next && is_known(node) && !self.graph.is_output(real)
    }

    fn dynamic_conv(&self, real: &'a str, clip: [f32; 2]) -> Option<Found<'a>> {
        let product = self.integer_product(real, "ConvInteger")?;
        let conv = product.node;
        let weights_name = conv.input_at(1)?;
        let (cout, depthwise, shape) = self.geometry(conv, &self.graph.shape(weights_name)?)?;
        let mut values = self.graph.bytes(weights_name)?;
        self.take_weights(values.len())?;
        let weight_zeros = self.zeros(conv.input_at(3), cout)?;
        subtract(&mut values, &weight_zeros);
        let any_byte = InputQuant::new(0, u8::MAX).ok()?;
        if !accumulator_fits(&values, &vec![0; cout], any_byte) {
            return None;
        }
        let scale = self.by_channel(product.scale, cout, 2)?;
        let bias = match product.bias {
            Some(name) => self.by_channel(name, cout, 2)?,
            None => vec![0.0; cout],
        };
        let real = Real { scale, bias, clip };
        let spec = LayerSpec::Dynamic(DynamicSpec { depthwise, shape, weight_zeros, real });
        Some(self.found(spec, vec![self.real_map(product.x)], vec![weights_name]))
    }

    /// The sum of two maps that other layers make.
    fn real_sum(&self, real: &'a str, clip: [f32; 2]) -> Option<Found<'a>> {
        let sum = self.producer(real, "Add")?;
        let maps = [sum.input_at(0)?, sum.input_at(1)?];
        let are_maps = maps.iter().all(|map| self.real_maps.contains(map));
        let inputs = maps.map(|tensor| Read { tensor, is_nhwc: false }).to_vec();
        are_maps.then(|| self.found(LayerSpec::RealAdd(clip), inputs, vec![]))
    }

    /// The classifier behind the mean of a map that another layer makes.
    fn dynamic_pooled(&self, real: &'a str) -> Option<Found<'a>> {
        let product = self.integer_product(real, "MatMulInteger")?;
        let map = self.map_of_mean(product.x)?;
        let name = product.node.input_at(1)?;
        let &[depth, classes] = self.graph.shape(name)?.as_slice() else { return None };
        let columns = self.graph.bytes(name)?;
        self.take_weights(columns.len())?;
        let rows =
            (0..classes).flat_map(|class| (0..depth).map(move |step| step * classes + class));
        let mut weights: Vec<i16> = rows.map(|at| columns[at]).collect();
        if weights.is_empty() {
            return None;
        }
        subtract(&mut weights, &self.zeros(product.node.input_at(3), classes)?);
        let scale = self.by_channel(product.scale, classes, 0)?;
        let bias = match product.bias {
            Some(name) => self.by_channel(name, classes, 0)?,
            None => vec![0.0; classes],
        };
        let spec = LayerSpec::DynamicPooled(DynamicPooledSpec { weights, scale, bias });
        Some(self.found(spec, vec![Read { tensor: map, is_nhwc: false }], vec![]))
    }

    /// The map that another layer makes and whose mean `vector` is.
    fn map_of_mean(&self, vector: &'a str) -> Option<&'a str> {
        let mut tensor = vector;
        for _ in 0..MOST_BETWEEN {
            let node = &self.graph.nodes[self.graph.producer_index(tensor)?];
            tensor = node.input_at(0).filter(|_| is_known(node))?;
            if is_mean(self.graph, node) {
                return Some(tensor).filter(|map| self.real_maps.contains(map));
            }
            if !SAME_ORDER.contains(&node.onnx_type()) {
                return None;
            }
        }
        None
    }

    fn found(&self, spec: LayerSpec, inputs: Vec<Read<'a>>, constants: Vec<&'a str>) -> Found<'a> {
        Found { spec, inputs, constants, outputs: vec![], quantised: None }
    }

    /// `tensor` as a layer reads it, perhaps before the Transpose behind an NHWC input.
    fn real_map(&self, tensor: &'a str) -> Read<'a> {
        let turned = self.producer(tensor, "Transpose");
        let turned = turned.filter(|node| node.ints("perm") == Some(&TO_NCHW));
        match turned.and_then(|node| node.input_at(0)) {
            Some(tensor) => Read { tensor, is_nhwc: true },
            None => Read { tensor, is_nhwc: false },
        }
    }

    /// What makes `real` of a product of integers.
    fn integer_product(&self, real: &'a str, onnx_type: &str) -> Option<IntegerProduct<'a>> {
        if let Some(product) = self.scaled_product(real, onnx_type, None) {
            return Some(product);
        }
        let sum = self.producer(real, "Add")?;
        let [a, b] = [sum.input_at(0)?, sum.input_at(1)?];
        let with_bias = |real, bias| self.scaled_product(real, onnx_type, Some(bias));
        with_bias(a, b).or_else(|| with_bias(b, a))
    }

    /// The same without what is added to it, the `bias`.
    fn scaled_product(
        &self,
        real: &'a str,
        onnx_type: &str,
        bias: Option<&'a str>,
    ) -> Option<IntegerProduct<'a>> {
        let scaled = self.producer(real, "Mul")?;
        let [a, b] = [scaled.input_at(0)?, scaled.input_at(1)?];
        let (cast, steps) = match self.producer(a, "Cast") {
            Some(cast) => (cast, b),
            None => (self.producer(b, "Cast")?, a),
        };
        let is_real = cast.int("to") == Some(DataType::Float as i64);
        let node = self.producer(cast.input_at(0)?, onnx_type).filter(|_| is_real)?;
        let quantised = self.producer(node.input_at(0)?, "DynamicQuantizeLinear")?;
        let [bytes, step, zero] = quantised.output.as_slice() else { return None };
        let is_whole = node.input_at(0) == Some(bytes) && node.input_at(2) == Some(zero);
        let steps = self.producer(steps, "Mul").filter(|_| is_whole)?;
        let scale = match [steps.input_at(0)?, steps.input_at(1)?] {
            [a, b] if a == step => b,
            [a, b] if b == step => a,
            _ => return None,
        };
        Some(IntegerProduct { node, x: quantised.input_at(0)?, scale, bias })
    }

    /// A constant of one number for all of `channels` or of one for each, with so many axes behind that
    /// of the channels; perhaps behind the Reshape that gives it those.
    fn by_channel(&self, name: &str, channels: usize, behind: usize) -> Option<Vec<f32>> {
        let (name, shape) = match self.producer(name, "Reshape") {
            Some(reshape) => {
                let target = self.graph.values::<i64>(reshape.input_at(1)?)?;
                let side = |&side: &i64| if side == -1 { channels as i64 } else { side };
                (reshape.input_at(0)?, target.iter().map(side).collect())
            }
            None => {
                let shape = self.graph.shape(name)?;
                (name, shape.iter().map(|&side| side as i64).collect::<Vec<_>>())
            }
        };
        let values: Vec<f32> = self.graph.values(name)?;
        if let &[value] = values.as_slice() {
            return value.is_finite().then(|| vec![value; channels]);
        }
        let axis = shape.len().checked_sub(behind + 1)?;
        let is_flat = shape.iter().enumerate().all(|(at, &side)| at == axis || side == 1);
        let fits = is_flat && shape[axis] == channels as i64 && values.len() == channels;
        (fits && values.iter().all(|value| value.is_finite())).then_some(values)
    }
}
