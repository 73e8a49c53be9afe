//! Finds the islands: which nodes of the graph make one fused layer together.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::{Found, Quantised, Read, TO_NCHW, TO_NHWC};
use crate::kernels::{ConvShape, InputQuant, OutputQuant, Requant, accumulator_fits};
use crate::onnx::MAX_MODEL_BYTES;
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::{AttributeType, DataType, NodeProto};
use crate::program::entry::Steps;
use crate::program::layer::{AddSpec, ConvSpec, HeadSpec, LayerSpec};
use crate::program::packed::subtract;

/// Names and types.
type KnownAttributes = &'static [(&'static str, AttributeType)];

/// What a node may have to be matched: at most so many inputs, and these attributes. Whatever else it
/// has may mean that it computes something else.
const KNOWN: [(&str, usize, KnownAttributes); 20] = {
    use AttributeType::{Float, Int, Ints, String};
    // Those of later operator sets have to have the values under which nothing is changed.
    const QUANTISATION: KnownAttributes = &[
        ("axis", Int),
        ("block_size", Int),
        ("output_dtype", Int),
        ("saturate", Int),
        ("precision", Int),
    ];
    const CONVOLUTION: KnownAttributes = &[
        ("auto_pad", String),
        ("dilations", Ints),
        ("group", Int),
        ("kernel_shape", Ints),
        ("pads", Ints),
        ("strides", Ints),
    ];
    [
        ("QuantizeLinear", 3, QUANTISATION),
        ("DequantizeLinear", 3, QUANTISATION),
        ("Conv", 3, CONVOLUTION),
        ("ConvInteger", 4, CONVOLUTION),
        ("MatMulInteger", 4, &[]),
        (
            "MaxPool",
            1,
            &[
                ("auto_pad", String),
                ("ceil_mode", Int),
                ("dilations", Ints),
                ("kernel_shape", Ints),
                ("pads", Ints),
                ("storage_order", Int),
                ("strides", Ints),
            ],
        ),
        ("DynamicQuantizeLinear", 1, &[]),
        ("Cast", 1, &[("to", Int), ("saturate", Int)]),
        ("Mul", 2, &[]),
        ("Add", 2, &[]),
        ("Relu", 1, &[]),
        // Before opset 11 the bounds were attributes; those models keep tract's operators.
        ("Clip", 3, &[]),
        ("Transpose", 1, &[("perm", Ints)]),
        ("ReduceMean", 2, &[("axes", Ints), ("keepdims", Int), ("noop_with_empty_axes", Int)]),
        ("GlobalAveragePool", 1, &[]),
        ("Gemm", 3, &[("alpha", Float), ("beta", Float), ("transA", Int), ("transB", Int)]),
        ("MatMul", 2, &[]),
        ("Flatten", 1, &[("axis", Int)]),
        ("Reshape", 2, &[("allowzero", Int)]),
        ("Squeeze", 2, &[("axes", Ints)]),
    ]
};

/// Most weights of all layers together. A file has fewer, unless layers share them.
const MAX_WEIGHTS: usize = 2 * MAX_MODEL_BYTES;

/// Whether `node` has no more than [`KNOWN`] says.
pub(super) fn is_known(node: &NodeProto) -> bool {
    let known = KNOWN.iter().find(|(op_type, ..)| *op_type == node.onnx_type());
    known.is_some_and(|(op_type, inputs, attributes)| {
        // Bytes, their scale, their zero point.
        let outputs = if *op_type == "DynamicQuantizeLinear" { 3 } else { 1 };
        node.input.len() <= *inputs && node.output.len() == outputs && node.has_only(attributes)
    })
}

pub(super) struct Matcher<'g, 'a> {
    pub(super) graph: &'g Graph<'a>,
    /// Weights that may still be read: any number of layers may name the same, and each would have
    /// its own packed form.
    weights_left: Cell<usize>,
    /// Greatest value of a quantised tensor, where it is known to be below 255.
    greatest: HashMap<&'a str, u8>,
    /// Scales and zero points of the bytes that layers make.
    quantised: HashMap<&'a str, Steps>,
    /// Maps of real numbers that layers make.
    pub(super) real_maps: HashSet<&'a str>,
}

/// Islands of `graph` by the index of the node that they replace.
pub(super) fn islands<'a>(graph: &Graph<'a>) -> HashMap<usize, Found<'a>> {
    islands_within(graph, MAX_WEIGHTS)
}

/// As [`islands`], with at most so many weights together.
fn islands_within<'a>(graph: &Graph<'a>, max_weights: usize) -> HashMap<usize, Found<'a>> {
    let weights_left = Cell::new(max_weights);
    let mut matcher = Matcher {
        graph,
        weights_left,
        greatest: HashMap::new(),
        quantised: HashMap::new(),
        real_maps: HashSet::new(),
    };
    let mut islands = HashMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        let island = match node.onnx_type() {
            _ if !is_known(node) => None,
            "QuantizeLinear" => matcher.quantised_island(node),
            "Conv" => matcher.head(node),
            "MaxPool" => matcher.pooling_of_bytes(node),
            "DequantizeLinear" | "Gemm" | "MatMul" => matcher.pooled(node),
            "Add" => matcher.pooled(node).or_else(|| matcher.dynamic(node)),
            "Clip" | "Mul" | "Relu" => matcher.dynamic(node),
            _ => None,
        };
        if let Some(island) = island {
            islands.insert(index, island);
        }
    }
    islands
}

impl<'a> Matcher<'_, 'a> {
    /// The node that makes `tensor`, if it is an `op_type` and has nothing that is not known.
    pub(super) fn producer(&self, tensor: &str, op_type: &str) -> Option<&'a NodeProto> {
        self.graph.producer(tensor, op_type).filter(|node| is_known(node))
    }

    /// `float` as a dequantised tensor, perhaps through the Transpose behind an NHWC input.
    pub(super) fn dequantised(&self, float: &'a str) -> Option<Quantised<'a>> {
        let (float, is_nhwc) = match self.producer(float, "Transpose") {
            Some(transpose) if transpose.ints("perm") == Some(&TO_NCHW) => {
                (transpose.input_at(0)?, true)
            }
            _ => (float, false),
        };
        let node = self.producer(float, "DequantizeLinear")?;
        let (scale, zero_point) = parameters(self.graph, node)?;
        let tensor = node.input_at(0)?;
        // Without a zero point the type is the tensor's own, which only its maker tells; the
        // graph's input is always uint8. What is constant has no maker that could lay it out anew.
        let is_uint8 = node.input_at(2).is_some()
            || self.graph.producer_index(tensor).is_none()
            || self
                .producer(tensor, "QuantizeLinear")
                .and_then(|q| parameters(self.graph, q))
                .is_some();
        if !is_uint8 || self.graph.shape(tensor).is_some() {
            return None;
        }
        // Pads have the value of the zero point, which no Clip bounds.
        let max = self.greatest.get(tensor).copied().unwrap_or(u8::MAX).max(zero_point);
        let quant = InputQuant::new(zero_point, max).ok()?;
        Some(Quantised { read: Read { tensor, is_nhwc }, scale, quant })
    }

    fn quantised_island(&mut self, quantize: &'a NodeProto) -> Option<Found<'a>> {
        let (scale, zero_point) = parameters(self.graph, quantize)?;
        let output = quantize.output.first()?.as_str();
        let (float, low, high) = self.clipped(quantize.input_at(0)?)?;
        // What a real bound is as a quantised value; infinite bounds end at 0 and 255. QuantizeLinear
        // rounds before it adds the zero point.
        let bound = |real: f32| {
            ((real / scale).round_ties_even() + f32::from(zero_point)).clamp(0.0, 255.0) as u8
        };
        let range = OutputQuant::new(zero_point, bound(low), bound(high)).ok()?;
        if let Some(found) = self.pooling(float, (scale, zero_point)) {
            return self.pooled_bytes(found, output);
        }
        // Whether or not the node is fused, its output obeys the Clip.
        self.greatest.insert(output, range.max());
        let island = if let Some(conv) = self.producer(float, "Conv") {
            self.conv(conv, scale, range)
        } else {
            self.add(self.producer(float, "Add")?, scale, range)
        }?;
        self.quantised.insert(output, (scale, zero_point));
        Some(Found { outputs: vec![output], quantised: Some((scale, zero_point)), ..island })
    }

    /// The map under the MaxPool that makes `float`, if it is quantised to `steps`, and its windows.
    fn pooling(&self, float: &str, steps: Steps) -> Option<(Quantised<'a>, ConvShape)> {
        let pool = self.producer(float, "MaxPool")?;
        let map = self.dequantised(pool.input_at(0)?)?;
        let is_same = (map.scale, map.quant.zero_point()) == steps;
        Some((map, self.windows(pool).filter(|_| is_same)?))
    }

    /// A pooling of bytes that a layer makes.
    fn pooling_of_bytes(&mut self, node: &'a NodeProto) -> Option<Found<'a>> {
        let tensor = node.input_at(0)?;
        let &(scale, zero_point) = self.quantised.get(tensor)?;
        let quant = InputQuant::new(zero_point, u8::MAX).ok()?;
        let map = Quantised { read: Read { tensor, is_nhwc: false }, scale, quant };
        self.pooled_bytes((map, self.windows(node)?), node.output.first()?)
    }

    /// The bytes `output` of a pooling, which are among those of its map.
    fn pooled_bytes(
        &mut self,
        (map, shape): (Quantised<'a>, ConvShape),
        output: &'a str,
    ) -> Option<Found<'a>> {
        if let Some(&most) = self.greatest.get(map.read.tensor) {
            self.greatest.insert(output, most);
        }
        let steps = (map.scale, map.quant.zero_point());
        self.quantised.insert(output, steps);
        Some(Found {
            spec: LayerSpec::MaxPool(shape),
            inputs: vec![map.read],
            constants: vec![],
            outputs: vec![output],
            quantised: Some(steps),
        })
    }

    /// The windows of a MaxPool.
    fn windows(&self, pool: &NodeProto) -> Option<ConvShape> {
        let &[rows, columns] = pool.ints("kernel_shape")? else { return None };
        let kernel = [usize::try_from(rows).ok()?, usize::try_from(columns).ok()?];
        let is_plain = pool.int_is("ceil_mode", &[0]) && pool.int_is("storage_order", &[0]);
        geometry(pool, kernel).filter(|_| is_plain)
    }

    /// The tensor before a Clip or Relu, with the real bounds; without one, unbounded.
    pub(super) fn clipped(&self, float: &'a str) -> Option<(&'a str, f32, f32)> {
        if let Some(relu) = self.producer(float, "Relu") {
            return Some((relu.input_at(0)?, 0.0, f32::INFINITY));
        }
        let Some(clip) = self.producer(float, "Clip") else {
            return Some((float, f32::NEG_INFINITY, f32::INFINITY));
        };
        let bound = |input: usize, absent: f32| match clip.input_at(input) {
            Some(name) => self.graph.scalar(name),
            None => Some(absent),
        };
        let (low, high) = (bound(1, f32::NEG_INFINITY)?, bound(2, f32::INFINITY)?);
        (low <= high).then_some((clip.input_at(0)?, low, high))
    }

    fn conv(&self, conv: &'a NodeProto, scale: f32, output: OutputQuant) -> Option<Found<'a>> {
        let Convolution { input, depthwise, shape, weight_zeros, steps, constants } =
            self.convolution(conv)?;
        let multiplier = steps.iter().map(|step| (step / f64::from(scale)) as f32).collect();
        let requant = Requant::new(multiplier, output).ok()?;
        let input_quant = input.quant;
        let spec = ConvSpec { depthwise, shape, input: input_quant, weight_zeros, requant };
        Some(Found {
            spec: LayerSpec::Conv(spec),
            inputs: vec![input.read],
            constants,
            outputs: vec![],
            quantised: None,
        })
    }

    /// Counts so many weights more, if they are not too many.
    pub(super) fn take_weights(&self, weights: usize) -> Option<()> {
        self.weights_left.set(self.weights_left.get().checked_sub(weights)?);
        Some(())
    }

    /// What every quantised convolution has.
    fn convolution(&self, conv: &'a NodeProto) -> Option<Convolution<'a>> {
        let input = self.dequantised(conv.input_at(0)?)?;
        let weights = self.producer(conv.input_at(1)?, "DequantizeLinear")?;
        let weights_name = weights.input_at(0)?;
        let (cout, depthwise, shape) = self.geometry(conv, &self.graph.shape(weights_name)?)?;
        let mut values = self.graph.bytes(weights_name)?;
        self.take_weights(values.len())?;
        let weight_scales = self.scales(weights, cout)?;
        let weight_zeros = self.zeros(weights.input_at(2), cout)?;
        subtract(&mut values, &weight_zeros);
        let steps: Vec<f64> =
            weight_scales.iter().map(|&w| f64::from(input.scale) * f64::from(w)).collect();

        let mut constants = vec![weights_name];
        let mut bias = vec![0; cout];
        if let Some(name) = conv.input_at(2) {
            let node = self.producer(name, "DequantizeLinear")?;
            let bias_scales = self.scales(node, cout)?;
            self.is_symmetric(node).then_some(())?;
            // The accumulator has one scale: a bias in another one cannot be added to it.
            let close = |(&b, step): (&f32, &f64)| (f64::from(b) / step - 1.0).abs() < 1e-4;
            if !bias_scales.iter().zip(&steps).all(close) {
                return None;
            }
            let name = node.input_at(0)?;
            bias = self.graph.values::<i32>(name)?;
            constants.push(name);
        }
        if bias.len() != cout || !accumulator_fits(&values, &bias, input.quant) {
            return None;
        }

        Some(Convolution { input, depthwise, shape, weight_zeros, steps, constants })
    }

    /// Output channels of a convolution, whether it is depthwise, and its geometry, with weights of
    /// this shape.
    pub(super) fn geometry(
        &self,
        conv: &NodeProto,
        weights: &[usize],
    ) -> Option<(usize, bool, ConvShape)> {
        let &[cout, cin_per_group, kh, kw] = weights else { return None };
        let group = usize::try_from(conv.int("group").unwrap_or(1)).ok()?;
        let dense = group == 1;
        let depthwise = group == cout && cin_per_group == 1;
        if !dense && !depthwise || weights.contains(&0) {
            return None;
        }
        let shape = geometry(conv, [kh, kw])?;
        Some((cout, depthwise && !dense, shape))
    }

    /// Scales of a DequantizeLinear along axis 0, one for each of `channels`.
    fn scales(&self, node: &'a NodeProto, channels: usize) -> Option<Vec<f32>> {
        if !is_ordinary(node, DataType::Float as i64) {
            return None;
        }
        let name = node.input_at(1)?;
        let shape = self.graph.shape(name)?;
        let scales: Vec<f32> = self.graph.values(name)?;
        let scales = match shape.as_slice() {
            [] | [1] => vec![*scales.first()?; channels],
            // Along another axis the scales would belong to the input channels.
            [n] if *n == channels && node.int("axis").unwrap_or(1) == 0 => scales,
            _ => return None,
        };
        scales.iter().all(|s| s.is_finite() && *s > 0.0).then_some(scales)
    }

    /// The zero points of weights that `name` says: one for each of `channels`, or none where all are 0.
    pub(super) fn zeros(&self, name: Option<&str>, channels: usize) -> Option<Vec<i16>> {
        let Some(name) = name else { return Some(vec![]) };
        let zeros = self.graph.bytes(name)?;
        match *zeros {
            _ if !is_flat(&self.graph.shape(name)?) => None,
            _ if zeros.iter().all(|&zero| zero == 0) => Some(vec![]),
            [zero] => Some(vec![zero; channels]),
            _ => (zeros.len() == channels).then_some(zeros),
        }
    }

    /// Whether a DequantizeLinear of `int32` has no zero point but 0.
    fn is_symmetric(&self, node: &'a NodeProto) -> bool {
        let is_zero = |name| {
            let zeros: Option<Vec<i32>> = self.graph.values(name);
            zeros.is_some_and(|zeros| zeros.iter().all(|&zero| zero == 0))
                && self.graph.shape(name).is_some_and(|shape| is_flat(&shape))
        };
        node.input_at(2).is_none_or(is_zero)
    }

    fn add(&self, add: &'a NodeProto, scale: f32, output: OutputQuant) -> Option<Found<'a>> {
        let a = self.dequantised(add.input_at(0)?)?;
        let b = self.dequantised(add.input_at(1)?)?;
        // What no layer makes may be no map at all, but tokens, which have no rows and columns.
        let is_of_maps = [&a, &b].iter().any(|sum| self.quantised.contains_key(sum.read.tensor));
        if a.read.is_nhwc || b.read.is_nhwc || !is_of_maps {
            return None;
        }
        let summand = |q: &Quantised| (q.quant.zero_point(), q.scale);
        Some(Found {
            spec: LayerSpec::Add(AddSpec { a: summand(&a), b: summand(&b), scale, output }),
            inputs: vec![a.read, b.read],
            constants: vec![],
            outputs: vec![],
            quantised: None,
        })
    }

    /// A classifier whose convolution is read by nothing but the map and the logits.
    fn head(&self, conv: &'a NodeProto) -> Option<Found<'a>> {
        let float = conv.output.first()?.as_str();
        let (mut map, mut logits) = ("", "");
        if self.graph.is_output(float) {
            return None;
        }
        for &consumer in self.graph.consumers(float) {
            let node = &self.graph.nodes[consumer];
            let output = node.output.first()?.as_str();
            match node.onnx_type() {
                _ if !is_known(node) => return None,
                "Transpose" if map.is_empty() && node.ints("perm") == Some(&TO_NHWC) => {
                    map = output;
                }
                "ReduceMean"
                    if logits.is_empty()
                        && node.int("keepdims") == Some(0)
                        && is_mean(self.graph, node) =>
                {
                    logits = output;
                }
                _ => return None,
            }
        }
        if logits.is_empty() {
            return None;
        }
        let Convolution { input, depthwise, shape, weight_zeros, steps, constants } =
            self.convolution(conv)?;
        if depthwise || !shape.is_pointwise() {
            return None;
        }
        let scale = steps.iter().map(|&step| step as f32).collect();
        Some(Found {
            spec: LayerSpec::Head(HeadSpec { input: input.quant, weight_zeros, scale }),
            inputs: vec![input.read],
            constants,
            outputs: vec![map, logits],
            quantised: None,
        })
    }
}

/// Whether a QuantizeLinear or DequantizeLinear is what it was before operator set 21: without
/// blocks, and between float32 and the type of its zero point.
pub(super) fn is_ordinary(node: &NodeProto, output_dtype: i64) -> bool {
    node.int_is("block_size", &[0])
        && node.int_is("output_dtype", &[0, output_dtype])
        && node.int_is("saturate", &[1])
        && node.int_is("precision", &[0, DataType::Float as i64])
}

/// Scale and zero point of a per-tensor `uint8` QuantizeLinear or DequantizeLinear that is known.
pub(super) fn parameters(graph: &Graph<'_>, node: &NodeProto) -> Option<Steps> {
    let output = match node.onnx_type() {
        "QuantizeLinear" => DataType::Uint8,
        _ => DataType::Float,
    };
    if !is_ordinary(node, output as i64) {
        return None;
    }
    let scale: f32 = graph.scalar(node.input_at(1)?)?;
    let zero_point = match node.input_at(2) {
        Some(name) => graph.scalar(name)?,
        None => 0,
    };
    (scale.is_finite() && scale > 0.0).then_some((scale, zero_point))
}

/// Scale and zero point of a per-tensor `uint8` QuantizeLinear, if that is all that `node` is.
pub(crate) fn steps(graph: &Graph<'_>, node: &NodeProto) -> Option<Steps> {
    is_known(node).then(|| parameters(graph, node)).flatten()
}

/// The windows of a convolution or pooling with this `kernel`, if the kernels take them; else tract's
/// operators may.
fn geometry(node: &NodeProto, kernel: [usize; 2]) -> Option<ConvShape> {
    let pair = |name: &str, absent: [usize; 2]| match node.ints(name) {
        None => Some(absent),
        Some(&[a, b]) => Some([usize::try_from(a).ok()?, usize::try_from(b).ok()?]),
        Some(_) => None,
    };
    let pads = match node.ints("pads") {
        None => [0; 4],
        Some(&[top, left, bottom, right]) => {
            let mut pads = [0; 4];
            for (pad, value) in pads.iter_mut().zip([top, left, bottom, right]) {
                *pad = usize::try_from(value).ok()?;
            }
            pads
        }
        Some(_) => return None,
    };
    let shape = ConvShape::new(kernel, pair("strides", [1, 1])?, pads).ok()?;
    let explicit = node.attribute.iter().all(|a| a.name != "auto_pad" || a.s == b"NOTSET");
    let is_plain = pair("dilations", [1, 1])? == [1, 1] && pair("kernel_shape", kernel)? == kernel;
    (explicit && is_plain).then_some(shape)
}

/// Whether `node`, which is known, makes the mean of each channel of a map.
pub(super) fn is_mean(graph: &Graph<'_>, node: &NodeProto) -> bool {
    let axes = || match node.input_at(1) {
        Some(name) => graph.values::<i64>(name),
        None => node.ints("axes").map(<[i64]>::to_vec),
    };
    match node.onnx_type() {
        "GlobalAveragePool" => true,
        "ReduceMean" => {
            // From the end or from the beginning, in any order.
            let mut axes = axes().unwrap_or_default();
            axes.iter_mut().for_each(|axis| *axis += if *axis < 0 { 4 } else { 0 });
            axes.sort_unstable();
            node.int_is("noop_with_empty_axes", &[0]) && axes == [2, 3]
        }
        _ => false,
    }
}

/// Whether a constant has one axis at most.
fn is_flat(shape: &[usize]) -> bool {
    shape.len() <= 1
}

/// A quantised convolution without what follows it.
struct Convolution<'a> {
    input: Quantised<'a>,
    depthwise: bool,
    shape: ConvShape,
    /// As in a [`ConvSpec`].
    weight_zeros: Vec<i16>,
    /// The real value of one step of each output channel's accumulator.
    steps: Vec<f64>,
    /// Names of the integer weights and bias.
    constants: Vec<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{GraphProto, TensorProto};

    const WEIGHTS: usize = 2 * 3;

    fn node(op_type: &str, input: &[&str], output: &str) -> NodeProto {
        let input = input.iter().map(|&name| name.into()).collect();
        let (op_type, output) = (op_type.into(), vec![output.into()]);
        NodeProto { op_type, input, output, ..NodeProto::default() }
    }

    /// So many convolutions of the same picture with the same weights.
    fn shared(layers: usize) -> GraphProto {
        let mut graph = GraphProto {
            initializer: vec![
                TensorProto::floats("scale", &[], [0.5]),
                TensorProto::constant("zero", DataType::Uint8, &[], vec![0]),
                TensorProto::constant("weights", DataType::Int8, &[2, 3, 1, 1], vec![1; WEIGHTS]),
            ],
            node: vec![
                node("DequantizeLinear", &["image", "scale", "zero"], "real"),
                node("DequantizeLinear", &["weights", "scale"], "kernel"),
            ],
            ..GraphProto::default()
        };
        for layer in 0..layers {
            let [sums, output] = ["sums", "output"].map(|name| format!("{name}{layer}"));
            graph.node.push(node("Conv", &["real", "kernel"], &sums));
            graph.node.push(node("QuantizeLinear", &[&sums, "scale", "zero"], &output));
        }
        graph
    }

    /// A file of a few bytes asks for any number of weights where layers share them.
    #[test]
    fn weights_count_for_each_layer_that_shares_them() {
        let graph = shared(5);
        let view = Graph::new(&graph);
        assert_eq!(islands(&view).len(), 5);
        for layers in 0..=5 {
            for left in [0, WEIGHTS - 1] {
                let most = layers * WEIGHTS + left;
                assert_eq!(islands_within(&view, most).len(), layers.min(5), "{most}");
            }
        }
    }
}
