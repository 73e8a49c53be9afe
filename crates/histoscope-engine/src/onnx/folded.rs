//! Folds quantised convolutions and sums, so that another runtime makes the bytes that the engine makes.
//!
//! In QDQ form a runtime may multiply the real numbers that bytes stand for, whose sums round now and
//! then to the neighbouring byte. Folded, it multiplies bytes, and the steps of the result are the
//! engine's own numbers:
//!
//! ```text
//! Dequantize, Conv, Clip, Quantize      ->  QLinearConv, Clip of bytes
//! Dequantize (both), Add, Clip, Quantize ->  Dequantize in steps of the sum, Add, Quantize, Clip of bytes
//! ```
//!
//! Scales of a QLinearConv enter as their product, `scale of x * scale of w / scale of y`; the bytes
//! that it makes mean what they meant. What has another form stays as it is.

use super::graph::{Graph, NodeExt};
use super::head::node;
use super::names::Names;
use crate::onnx::proto::{DataType, GraphProto, NodeProto, TensorProto};

/// The greatest byte of which two products with weights fit 16 bits, in which some processors add them.
const SEVEN_BITS: u8 = 127;

/// Folds what can be folded in `graph`; nodes that nobody reads any more are left in it.
pub(super) fn fold(graph: &mut GraphProto) {
    let mut names = Names::of(graph);
    let view = Graph::new(graph);
    let one = names.fresh("one");
    let mut folding = Folding { view: &view, names: &mut names, one, constants: vec![] };
    let mut nodes = Vec::with_capacity(graph.node.len());
    for each in &graph.node {
        match (each.onnx_type() == "QuantizeLinear").then(|| folding.quantised(each)).flatten() {
            Some(folded) => nodes.extend(folded),
            None => nodes.push(each.clone()),
        }
    }
    let Folding { one, mut constants, .. } = folding;
    constants.push(TensorProto::floats(one, &[], [1.0]));
    graph.node = nodes;
    graph.initializer.extend(constants);
}

struct Folding<'g, 'a> {
    view: &'g Graph<'a>,
    names: &'g mut Names,
    /// The scale of what is in steps already.
    one: String,
    constants: Vec<TensorProto>,
}

/// A tensor of bytes with what they mean, as one of the graph's nodes makes it real.
struct Bytes<'a> {
    name: &'a str,
    scale: f32,
    zero_point: &'a str,
}

impl<'a> Folding<'_, 'a> {
    /// The nodes that make what `quantise` makes, where a convolution or a sum is behind it.
    fn quantised(&mut self, quantise: &'a NodeProto) -> Option<Vec<NodeProto>> {
        let scale: f32 = self.view.scalar(quantise.input_at(1)?)?;
        let zero_point = quantise.input_at(2)?;
        let zero: u8 = self.view.scalar(zero_point)?;
        let clip = self.view.producer(quantise.input_at(0)?, "Clip")?;
        let bound = |input| Some(byte_of(self.view.scalar(clip.input_at(input)?)?, scale, zero));
        let bounds: [u8; 2] = [bound(1)?, bound(2)?];
        let real = clip.input_at(0)?;
        let made = self.names.fresh(&format!("{real}_steps"));
        let mut nodes = match self.view.producer(real, "Conv") {
            Some(conv) => self.convolution(conv, scale, zero_point, &made)?,
            None => self.sum(self.view.producer(real, "Add")?, scale, zero_point, &made)?,
        };
        let [least, most] = bounds.map(|bound| self.byte(&format!("{real}_bound"), bound));
        let output = quantise.output.first()?;
        nodes.push(node("Clip", vec![made, least, most], output, None));
        Some(nodes)
    }

    fn convolution(
        &mut self,
        conv: &'a NodeProto,
        scale: f32,
        zero_point: &str,
        made: &str,
    ) -> Option<Vec<NodeProto>> {
        let mut nodes = vec![];
        let input = conv.input_at(0)?;
        let transposed = self.view.producer(input, "Transpose");
        let x = self.bytes(transposed.map_or(Some(input), |node| node.input_at(0))?)?;
        let [weights, bias] = [1, 2].map(|at| {
            let node = self.view.producer(conv.input_at(at)?, "DequantizeLinear")?;
            Some((node.input_at(0)?, node.input_at(1)?, node.input_at(2)?))
        });
        let ((weights, weight_scales, weight_zeros), (bias, ..)) = (weights?, bias?);
        let values: Vec<i8> = self.view.values(weights)?;
        let scales: Vec<f32> = self.view.values(weight_scales)?;
        let step =
            |&weight: &f32| (f64::from(x.scale) * f64::from(weight) / f64::from(scale)) as f32;
        let steps: Vec<f32> = scales.iter().map(step).collect();
        let dims = [steps.len() as i64];
        let steps = self.constant("steps", |name| TensorProto::floats(name, &dims, steps));

        let mut from = x.name.to_owned();
        if let Some(transpose) = transposed {
            from = self.names.fresh(&format!("{input}_bytes"));
            let turned = NodeProto {
                input: vec![x.name.into()],
                output: vec![from.clone()],
                ..transpose.clone()
            };
            nodes.push(turned);
        }
        let (mut weights, mut weight_zeros) = (weights.to_owned(), weight_zeros.to_owned());
        if self.greatest(x.name) > SEVEN_BITS {
            // Products of two unsigned bytes are added in 32 bits everywhere.
            let dims_of_weights: Vec<i64> =
                self.view.shape(&weights)?.into_iter().map(|length| length as i64).collect();
            let raised = values.iter().map(|&value| (i16::from(value) + 128) as u8).collect();
            let zeros = vec![128; scales.len()];
            let named = format!("{weights}_raised");
            weights = self.constant(&named, |name| bytes(name, &dims_of_weights, raised));
            weight_zeros = self.constant("raised_zero", |name| bytes(name, &dims, zeros));
        }
        let one = || self.one.clone();
        let inputs = vec![
            from,
            one(),
            x.zero_point.into(),
            weights,
            steps,
            weight_zeros,
            one(),
            zero_point.into(),
            bias.into(),
        ];
        let attribute = conv.attribute.clone();
        nodes.push(NodeProto { attribute, ..node("QLinearConv", inputs, made, None) });
        Some(nodes)
    }

    fn sum(
        &mut self,
        add: &'a NodeProto,
        scale: f32,
        zero_point: &str,
        made: &str,
    ) -> Option<Vec<NodeProto>> {
        let mut nodes = vec![];
        let mut terms = vec![];
        for at in [0, 1] {
            let term = self.bytes(add.input_at(at)?)?;
            let ratio =
                self.constant("ratio", |name| TensorProto::floats(name, &[], [term.scale / scale]));
            let real = self.names.fresh(&format!("{made}_term"));
            let inputs = vec![term.name.into(), ratio, term.zero_point.into()];
            nodes.push(node("DequantizeLinear", inputs, &real, None));
            terms.push(real);
        }
        let sum = self.names.fresh(&format!("{made}_sum"));
        nodes.push(node("Add", terms, &sum, None));
        let inputs = vec![sum, self.one.clone(), zero_point.into()];
        nodes.push(node("QuantizeLinear", inputs, made, None));
        Some(nodes)
    }

    /// The bytes that `real` is made of.
    fn bytes(&self, real: &str) -> Option<Bytes<'a>> {
        let node = self.view.producer(real, "DequantizeLinear")?;
        let [name, scale, zero_point] = [0, 1, 2].map(|at| node.input_at(at));
        let _: u8 = self.view.scalar(zero_point?)?;
        Some(Bytes { name: name?, scale: self.view.scalar(scale?)?, zero_point: zero_point? })
    }

    /// The greatest byte that a tensor may hold, as far as a Clip before its QuantizeLinear says so.
    fn greatest(&self, name: &str) -> u8 {
        let bound = || {
            let quantise = self.view.producer(name, "QuantizeLinear")?;
            let scale: f32 = self.view.scalar(quantise.input_at(1)?)?;
            let zero: u8 = self.view.scalar(quantise.input_at(2)?)?;
            let clip = self.view.producer(quantise.input_at(0)?, "Clip")?;
            Some(byte_of(self.view.scalar(clip.input_at(2)?)?, scale, zero))
        };
        bound().unwrap_or(u8::MAX)
    }

    fn byte(&mut self, name: &str, value: u8) -> String {
        self.constant(name, |name| bytes(name, &[], vec![value]))
    }

    fn constant(&mut self, name: &str, make: impl FnOnce(String) -> TensorProto) -> String {
        let name = self.names.fresh(name);
        self.constants.push(make(name.clone()));
        name
    }
}

/// What QuantizeLinear makes of a real number.
fn byte_of(real: f32, scale: f32, zero_point: u8) -> u8 {
    ((real / scale).round_ties_even() + f32::from(zero_point)).clamp(0.0, 255.0) as u8
}

fn bytes(name: String, dims: &[i64], raw_data: Vec<u8>) -> TensorProto {
    TensorProto::constant(name, DataType::Uint8, dims, raw_data)
}
