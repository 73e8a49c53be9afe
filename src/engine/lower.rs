//! Rewrites quantised islands of an ONNX graph into fused int8 layers.
//!
//! # What is an island
//!
//! ```text
//! DequantizeLinear(x) ─┐
//! DequantizeLinear(w) ─┼─ Conv ── Clip | Relu | nothing ── QuantizeLinear      -> Int8Conv
//! DequantizeLinear(b) ─┘
//! DequantizeLinear(a) ─┬─ Add ─── Clip | Relu | nothing ── QuantizeLinear      -> Int8Add
//! DequantizeLinear(b) ─┘
//! DequantizeLinear(x, w, b) ─ Conv 1x1 ─┬─ Transpose to NHWC   (the map)       -> Int8Head
//!                                       └─ ReduceMean over H, W (the logits)
//! ```
//!
//! An island becomes one node of [`DOMAIN`], which reads and writes `uint8` NHWC tensors. It is
//! exact in integers where the island was approximate in floats: `acc * (sx * sw / sy)` instead of
//! products of floats, so it may differ from another engine by one step at a rounding boundary.
//!
//! # How
//!
//! 1. In graph order, match an island at each QuantizeLinear and at each classifier.
//! 2. Walk back from the outputs and note which tensors are needed, and in which layout: a layer
//!    needs its inputs in NHWC, every other node needs the layout that the file has.
//! 3. Emit what is needed, in graph order, with a Transpose wherever a tensor is made in one layout
//!    and read in the other. Between two layers there is none.
//!
//! What does not match stays as it is and runs in tract's own operators.

use std::collections::{HashMap, HashSet};

use tract_onnx::pb::{GraphProto, NodeProto};

use super::graph::{Graph, NodeExt};
use super::layer::{AddSpec, ConvSpec, HeadSpec, LayerSpec};
use crate::kernels::{InputQuant, accumulator_fits};

/// Suffix of the NHWC form of a tensor.
const NHWC: &str = "/nhwc";
const TO_NHWC: [i64; 4] = [0, 2, 3, 1];
const TO_NCHW: [i64; 4] = [0, 3, 1, 2];

/// A quantised tensor as a layer reads it.
#[derive(Clone)]
struct Quantised<'a> {
    tensor: &'a str,
    /// Whether the file already has it in NHWC.
    is_nhwc: bool,
    scale: f32,
    quant: InputQuant,
}

/// A matched island: the layer, what it reads, and the names of what it makes.
struct Island<'a> {
    spec: LayerSpec,
    inputs: Vec<Quantised<'a>>,
    /// Constants appended to the inputs.
    constants: Vec<&'a str>,
    /// Int8Conv and Int8Add: the quantised tensor. Int8Head: map and logits, "" if unused.
    outputs: Vec<&'a str>,
}

/// Rewrites `graph` in place; returns how many layers were fused.
pub(super) fn lower(graph: &mut GraphProto) -> usize {
    let view = Graph::new(graph);
    let islands = Matcher::new(&view).islands();
    if islands.is_empty() {
        return 0;
    }
    let emitted = emit(&view, &islands, graph);
    let count = emitted.iter().filter(|node| node.domain == super::layer::DOMAIN).count();
    graph.node = emitted;
    // Tensors changed their layouts: what the file says of their shapes no longer holds.
    graph.value_info.clear();
    count
}

struct Matcher<'g, 'a> {
    graph: &'g Graph<'a>,
    /// Greatest value of a quantised tensor, where it is known to be below 255.
    greatest: HashMap<&'a str, u8>,
}

impl<'g, 'a> Matcher<'g, 'a> {
    fn new(graph: &'g Graph<'a>) -> Self {
        Self { graph, greatest: HashMap::new() }
    }

    /// Islands by the index of the node that they replace.
    fn islands(mut self) -> HashMap<usize, Island<'a>> {
        let mut islands = HashMap::new();
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let island = match node.op_type.as_str() {
                "QuantizeLinear" => self.quantised_island(node),
                "Conv" => self.head(node),
                _ => None,
            };
            if let Some(island) = island {
                islands.insert(index, island);
            }
        }
        islands
    }

    /// Scale and zero point of a per-tensor `uint8` QuantizeLinear or DequantizeLinear.
    fn parameters(&self, node: &'a NodeProto) -> Option<(f32, u8)> {
        let scale: f32 = self.graph.scalar(node.input_at(1)?)?;
        let zero_point = match node.input_at(2) {
            Some(name) => self.graph.scalar(name)?,
            None => 0,
        };
        (scale.is_finite() && scale > 0.0).then_some((scale, zero_point))
    }

    /// `float` as a dequantised tensor, perhaps through the Transpose behind an NHWC input.
    fn dequantised(&self, float: &'a str) -> Option<Quantised<'a>> {
        let (float, is_nhwc) = match self.graph.producer(float, "Transpose") {
            Some(transpose) if transpose.ints("perm") == Some(&TO_NCHW) => {
                (transpose.input_at(0)?, true)
            }
            _ => (float, false),
        };
        let node = self.graph.producer(float, "DequantizeLinear")?;
        let (scale, zero_point) = self.parameters(node)?;
        let tensor = node.input_at(0)?;
        let max = self.greatest.get(tensor).copied().unwrap_or(u8::MAX);
        let quant = InputQuant { zero_point, max };
        Some(Quantised { tensor, is_nhwc, scale, quant })
    }

    fn quantised_island(&mut self, quantize: &'a NodeProto) -> Option<Island<'a>> {
        let (scale, zero_point) = self.parameters(quantize)?;
        let output = quantize.output.first()?.as_str();
        let (float, low, high) = self.clipped(quantize.input_at(0)?)?;
        // What a real bound is as a quantised value; infinite bounds end at 0 and 255.
        let bound = |real: f32| {
            (real / scale + f32::from(zero_point)).round_ties_even().clamp(0.0, 255.0) as u8
        };
        let range = (bound(low), bound(high));
        // Whether or not the node is fused, its output obeys the Clip.
        self.greatest.insert(output, range.1);
        let island = if let Some(conv) = self.graph.producer(float, "Conv") {
            self.conv(conv, scale, zero_point, range)
        } else {
            self.add(self.graph.producer(float, "Add")?, scale, zero_point, range)
        }?;
        Some(Island { outputs: vec![output], ..island })
    }

    /// The tensor before a Clip or Relu, with the real bounds; without one, unbounded.
    fn clipped(&self, float: &'a str) -> Option<(&'a str, f32, f32)> {
        if let Some(relu) = self.graph.producer(float, "Relu") {
            return Some((relu.input_at(0)?, 0.0, f32::INFINITY));
        }
        let Some(clip) = self.graph.producer(float, "Clip") else {
            return Some((float, f32::NEG_INFINITY, f32::INFINITY));
        };
        let bound = |input: usize, absent: f32| match clip.input_at(input) {
            Some(name) => self.graph.scalar(name),
            None => Some(absent),
        };
        let (low, high) = (bound(1, f32::NEG_INFINITY)?, bound(2, f32::INFINITY)?);
        // Before opset 11 the bounds were attributes; those models keep tract's operators.
        (clip.attribute.is_empty() && low <= high).then_some((clip.input_at(0)?, low, high))
    }

    fn conv(
        &self,
        conv: &'a NodeProto,
        scale: f32,
        zero_point: u8,
        (min, max): (u8, u8),
    ) -> Option<Island<'a>> {
        let (input, spec, scales, constants) = self.convolution(conv)?;
        let multiplier = scales.iter().map(|step| (step / f64::from(scale)) as f32).collect();
        Some(Island {
            spec: LayerSpec::Conv(ConvSpec { multiplier, zero_point, min, max, ..spec }),
            inputs: vec![input],
            constants,
            outputs: vec![],
        })
    }

    /// What every quantised convolution has: its input, geometry, the real value of one step of
    /// each output channel's accumulator, and the names of its integer constants.
    fn convolution(
        &self,
        conv: &'a NodeProto,
    ) -> Option<(Quantised<'a>, ConvSpec, Vec<f64>, Vec<&'a str>)> {
        let input = self.dequantised(conv.input_at(0)?)?;
        let weights = self.graph.producer(conv.input_at(1)?, "DequantizeLinear")?;
        let weights_name = weights.input_at(0)?;
        let shape = self.graph.shape(weights_name)?;
        let &[cout, cin_per_group, kh, kw] = shape.as_slice() else { return None };
        let group = usize::try_from(conv.int("group").unwrap_or(1)).ok()?;
        let dense = group == 1;
        let depthwise = group == cout && cin_per_group == 1;
        if !dense && !depthwise || cout == 0 || cin_per_group == 0 || kh * kw == 0 {
            return None;
        }
        let values: Vec<i8> = self.graph.values(weights_name)?;
        let weight_scales = self.symmetric_scales(weights, cout)?;
        let steps: Vec<f64> =
            weight_scales.iter().map(|&w| f64::from(input.scale) * f64::from(w)).collect();

        let mut constants = vec![weights_name];
        let mut bias = vec![0; cout];
        if let Some(name) = conv.input_at(2) {
            let node = self.graph.producer(name, "DequantizeLinear")?;
            let bias_scales = self.symmetric_scales(node, cout)?;
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

        let pair = |name: &str, absent: [usize; 2]| match conv.ints(name) {
            None => Some(absent),
            Some(&[a, b]) => Some([usize::try_from(a).ok()?, usize::try_from(b).ok()?]),
            Some(_) => None,
        };
        let pads = match conv.ints("pads") {
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
        let strides = pair("strides", [1, 1])?;
        let explicit = conv.attribute.iter().all(|a| a.name != "auto_pad" || a.s == b"NOTSET");
        // A pad as large as the kernel would make outputs that see nothing of the picture.
        let sensible = strides.iter().all(|&s| s > 0)
            && pads.iter().zip([kh, kw, kh, kw]).all(|(&pad, kernel)| pad < kernel);
        if pair("dilations", [1, 1])? != [1, 1] || !explicit || !sensible {
            return None;
        }
        let spec = ConvSpec {
            depthwise: depthwise && !dense,
            kernel: [kh, kw],
            strides,
            pads,
            input: input.quant,
            multiplier: vec![],
            zero_point: 0,
            min: 0,
            max: 0,
        };
        Some((input, spec, steps, constants))
    }

    /// Scales of a symmetric DequantizeLinear along axis 0, one for each of `channels`.
    fn symmetric_scales(&self, node: &'a NodeProto, channels: usize) -> Option<Vec<f32>> {
        if let Some(zero_point) = node.input_at(2) {
            let is_zero = self
                .graph
                .values::<i8>(zero_point)
                .map(|values| values.iter().all(|&v| v == 0))
                .or_else(|| Some(self.graph.values::<i32>(zero_point)?.iter().all(|&v| v == 0)))?;
            if !is_zero {
                return None;
            }
        }
        let scales: Vec<f32> = self.graph.values(node.input_at(1)?)?;
        let scales = match scales.len() {
            1 => vec![scales[0]; channels],
            // Along another axis the scales would belong to the input channels.
            n if n == channels && node.int("axis").unwrap_or(1) == 0 => scales,
            _ => return None,
        };
        scales.iter().all(|s| s.is_finite() && *s > 0.0).then_some(scales)
    }

    fn add(
        &self,
        add: &'a NodeProto,
        scale: f32,
        zero_point: u8,
        (min, max): (u8, u8),
    ) -> Option<Island<'a>> {
        let a = self.dequantised(add.input_at(0)?)?;
        let b = self.dequantised(add.input_at(1)?)?;
        if a.is_nhwc || b.is_nhwc {
            return None;
        }
        Some(Island {
            spec: LayerSpec::Add(AddSpec {
                a: (a.quant.zero_point, a.scale),
                b: (b.quant.zero_point, b.scale),
                scale,
                zero_point,
                min,
                max,
            }),
            inputs: vec![a, b],
            constants: vec![],
            outputs: vec![],
        })
    }

    /// A classifier whose convolution is read by nothing but the map and the logits.
    fn head(&self, conv: &'a NodeProto) -> Option<Island<'a>> {
        let float = conv.output.first()?.as_str();
        let (mut map, mut logits) = ("", "");
        if self.graph.is_output(float) {
            return None;
        }
        for &consumer in self.graph.consumers(float) {
            let node = &self.graph.nodes[consumer];
            let output = node.output.first()?.as_str();
            let axes = |node: &NodeProto| match node.input_at(1) {
                Some(name) => self.graph.values::<i64>(name),
                None => node.ints("axes").map(<[i64]>::to_vec),
            };
            match node.op_type.as_str() {
                "Transpose" if map.is_empty() && node.ints("perm") == Some(&TO_NHWC) => {
                    map = output;
                }
                "ReduceMean"
                    if logits.is_empty()
                        && node.int("keepdims") == Some(0)
                        && matches!(axes(node)?.as_slice(), [2, 3] | [-2, -1]) =>
                {
                    logits = output;
                }
                _ => return None,
            }
        }
        if logits.is_empty() {
            return None;
        }
        let (input, spec, scales, constants) = self.convolution(conv)?;
        if spec.depthwise || (spec.kernel, spec.strides, spec.pads) != ([1, 1], [1, 1], [0; 4]) {
            return None;
        }
        let scale = scales.iter().map(|&step| step as f32).collect();
        Some(Island {
            spec: LayerSpec::Head(HeadSpec { input: spec.input, scale }),
            inputs: vec![input],
            constants,
            outputs: vec![map, logits],
        })
    }
}

/// Steps 2 and 3: the nodes of the lowered graph.
fn emit(view: &Graph, islands: &HashMap<usize, Island>, graph: &GraphProto) -> Vec<NodeProto> {
    // Which island makes a tensor. The map and the logits of a head keep their layout.
    let mut fused: HashMap<&str, usize> = HashMap::new();
    for (&index, island) in islands {
        for &output in island.outputs.iter().filter(|name| !name.is_empty()) {
            fused.insert(output, index);
        }
    }
    let makes_nhwc = |tensor: &str| {
        fused.get(tensor).is_some_and(|index| !matches!(islands[index].spec, LayerSpec::Head(_)))
    };

    let mut as_is: HashSet<&str> = HashSet::new();
    let mut nhwc: HashSet<&str> = HashSet::new();
    let mut live_islands: HashSet<usize> = HashSet::new();
    let mut live_nodes: HashSet<usize> = HashSet::new();
    let mut todo: Vec<(&str, bool)> =
        graph.output.iter().map(|output| (output.name.as_str(), false)).collect();
    while let Some((tensor, as_nhwc)) = todo.pop() {
        let first_time = if as_nhwc { nhwc.insert(tensor) } else { as_is.insert(tensor) };
        if !first_time {
            continue;
        }
        if let Some(&index) = fused.get(tensor) {
            if live_islands.insert(index) {
                let island = &islands[&index];
                todo.extend(island.inputs.iter().map(|q| (q.tensor, !q.is_nhwc)));
                // Weights may be made by Constant nodes, which are to stay.
                todo.extend(island.constants.iter().map(|&name| (name, false)));
            }
        } else if as_nhwc {
            todo.push((tensor, false));
        } else if let Some(index) = view.producer_index(tensor)
            && live_nodes.insert(index)
        {
            todo.extend(view.nodes[index].input.iter().map(|name| (name.as_str(), false)));
        }
    }

    let mut nodes = Vec::new();
    for input in &graph.input {
        if nhwc.contains(input.name.as_str()) {
            nodes.push(transpose(&input.name, &format!("{}{NHWC}", input.name), TO_NHWC));
        }
    }
    for (index, node) in view.nodes.iter().enumerate() {
        if live_nodes.contains(&index) {
            nodes.push(node.clone());
        }
        if live_islands.contains(&index) {
            nodes.push(islands[&index].node());
        }
        for output in node.output.iter().map(String::as_str) {
            let other = format!("{output}{NHWC}");
            if makes_nhwc(output) {
                if as_is.contains(output) {
                    nodes.push(transpose(&other, output, TO_NCHW));
                }
            } else if nhwc.contains(output) {
                nodes.push(transpose(output, &other, TO_NHWC));
            }
        }
    }
    nodes
}

impl Island<'_> {
    fn node(&self) -> NodeProto {
        let inputs = self
            .inputs
            .iter()
            .map(|q| if q.is_nhwc { q.tensor.to_owned() } else { format!("{}{NHWC}", q.tensor) });
        let inputs = inputs.chain(self.constants.iter().map(|&name| name.to_owned())).collect();
        let outputs = match (&self.spec, self.outputs.as_slice()) {
            // tract counts only outputs that have a name, so the map gets one even if nobody reads it.
            (LayerSpec::Head(_), &["", logits]) => vec![format!("{logits}/map"), logits.into()],
            (LayerSpec::Head(_), outputs) => outputs.iter().map(|&name| name.into()).collect(),
            (_, outputs) => outputs.iter().map(|name| format!("{name}{NHWC}")).collect(),
        };
        self.spec.to_node(inputs, outputs)
    }
}

fn transpose(from: &str, to: &str, perm: [i64; 4]) -> NodeProto {
    NodeProto {
        op_type: "Transpose".into(),
        name: to.into(),
        input: vec![from.into()],
        output: vec![to.into()],
        attribute: vec![super::layer::ints("perm", perm.to_vec())],
        ..NodeProto::default()
    }
}
