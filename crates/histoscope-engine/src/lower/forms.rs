//! Forms of other quantisers, put into the one that [`super::matcher`] knows.
//!
//! Activations of `int8` become `uint8`: their bytes and zero points are greater by 128, so that the
//! real numbers are the same; those that a Relu or a Clip keeps at 0 and above are the same bytes
//! already, in seven bits. A Relu or Clip between two quantisations to the same steps moves in front of
//! the first, which is left out: rounding keeps the order of numbers, so that the same bytes come out. A
//! real bias of a quantised convolution becomes whole steps of its accumulator, which moves it by half a
//! step at most; the accumulator's own rounding is as coarse.

use std::collections::HashMap;

#[cfg(feature = "tract")]
use super::products;
use super::{operators, weights};
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::names::Names;
use crate::onnx::proto::{
    AttributeProto, AttributeType, DataType, GraphProto, NodeProto, TensorProto,
};

/// The operator set whose Clip has its bounds as inputs.
const CLIP_OF_INPUTS: i64 = 11;

/// Rewrites `graph`, whose operators are those of `opset`; what it computes changes by no more than its
/// roundings.
pub(crate) fn rewrite(graph: &mut GraphProto, opset: Option<i64>) {
    prepare(graph, opset);
    // What is around such a product is tract's.
    #[cfg(feature = "tract")]
    products::as_convolutions(graph);
    change(graph, "Conv", Changes::count_bias);
}

/// As [`rewrite`], and leaves the products of tokens what they are.
#[cfg(feature = "tract")]
pub(crate) fn rewrite_but_products(graph: &mut GraphProto, opset: Option<i64>) {
    prepare(graph, opset);
    change(graph, "Conv", Changes::count_bias);
}

/// What comes in front of the products of tokens, which are then in one form.
fn prepare(graph: &mut GraphProto, opset: Option<i64>) {
    weights::quantise(graph);
    operators::unfold(graph);
    let has_clip = opset.is_some_and(|opset| opset >= CLIP_OF_INPUTS);
    change(graph, "QuantizeLinear", |changes, view, index, node| {
        changes.quantised(view, index, node, has_clip);
    });
}

/// Has `note` say what is to change for each node of `graph` that is an `op_type`.
fn change(
    graph: &mut GraphProto,
    op_type: &str,
    note: impl Fn(&mut Changes, &Graph<'_>, usize, &NodeProto),
) {
    let view = Graph::new(graph);
    let mut changes = Changes::new(graph);
    for (index, node) in graph.node.iter().enumerate() {
        if node.onnx_type() == op_type {
            note(&mut changes, &view, index, node);
        }
    }
    changes.apply(graph);
}

/// What a graph is to have in the place of what it has.
struct Changes {
    names: Names,
    /// New names of inputs, by node and place.
    inputs: Vec<(usize, usize, String)>,
    /// Nodes in front of the one with that index.
    nodes: HashMap<usize, NodeProto>,
    constants: Vec<TensorProto>,
}

impl Changes {
    fn new(graph: &GraphProto) -> Self {
        let (inputs, nodes, constants) = (vec![], HashMap::new(), vec![]);
        Self { names: Names::of(graph), inputs, nodes, constants }
    }

    /// Settles what the QuantizeLinear `node` reads, and the type of what it makes.
    fn quantised(&mut self, view: &Graph<'_>, index: usize, node: &NodeProto, has_clip: bool) {
        let signed = signed(view, index, node);
        let activation = Activation::before(view, node);
        let scale = node.input_at(1).and_then(|name| view.scalar::<f32>(name));
        let scale = scale.filter(|scale| scale.is_finite() && *scale > 0.0);
        // Bytes of 0 to 127 are the same with and without a sign.
        let narrowed = activation.as_ref().zip(scale).filter(|(activation, _)| {
            let is_symmetric = |all: &[(usize, i8)]| all.iter().all(|&(_, zero)| zero == 0);
            has_clip && activation.low >= 0.0 && signed.as_deref().is_some_and(is_symmetric)
        });
        for &(node, zero) in signed.iter().flatten() {
            let shift = if narrowed.is_some() { 0 } else { 128 };
            let name = self.zero_point((i16::from(zero) + shift) as u8);
            self.inputs.push((node, 2, name));
        }
        let activated = match (activation.as_ref(), narrowed) {
            (Some(activation), Some((_, scale))) => {
                let high = activation.high.min(scale * f32::from(i8::MAX));
                let [low, high] = [activation.low, high].map(|bound| {
                    self.constant(DataType::Float, vec![], bound.to_le_bytes().into())
                });
                let input = vec![activation.source.into(), low, high];
                NodeProto { op_type: "Clip".into(), input, ..NodeProto::default() }
            }
            (Some(activation), None) if activation.is_moved => {
                let mut node = activation.node.clone();
                node.input[0] = activation.source.into();
                node
            }
            _ => return,
        };
        let made = self.names.next();
        self.inputs.push((index, 0, made.clone()));
        self.nodes.insert(index, NodeProto { name: made.clone(), output: vec![made], ..activated });
    }

    /// Makes a real bias one of whole steps, where input and weights are quantised.
    fn count_bias(&mut self, view: &Graph<'_>, index: usize, conv: &NodeProto) {
        let Some((counts, steps)) = counted(view, conv) else { return };
        let channels = counts.len() as i64;
        let bytes = counts.iter().flat_map(|&count| (count as i32).to_le_bytes()).collect();
        let bias = self.constant(DataType::Int32, vec![channels], bytes);
        let bytes = steps.iter().flat_map(|step| step.to_le_bytes()).collect();
        let scale = self.constant(DataType::Float, vec![channels], bytes);
        let real = self.names.next();
        let node = NodeProto {
            name: real.clone(),
            op_type: "DequantizeLinear".into(),
            input: vec![bias, scale],
            output: vec![real.clone()],
            attribute: vec![AttributeProto::int("axis", 0)],
            ..NodeProto::default()
        };
        self.nodes.insert(index, node);
        self.inputs.push((index, 2, real));
    }

    /// The name of a constant zero point.
    fn zero_point(&mut self, zero: u8) -> String {
        let known = self.constants.iter().find(|constant| {
            constant.data_type == DataType::Uint8 as i32 && constant.raw_data == [zero]
        });
        match known {
            Some(constant) => constant.name.clone(),
            None => self.constant(DataType::Uint8, vec![], vec![zero]),
        }
    }

    fn constant(&mut self, data_type: DataType, dims: Vec<i64>, raw_data: Vec<u8>) -> String {
        let name = self.names.next();
        self.constants.push(TensorProto::constant(&*name, data_type, &dims, raw_data));
        name
    }

    fn apply(mut self, graph: &mut GraphProto) {
        for (node, place, name) in self.inputs {
            graph.node[node].input[place] = name;
        }
        let nodes = std::mem::take(&mut graph.node).into_iter().enumerate();
        graph.node = nodes
            .flat_map(|(index, node)| self.nodes.remove(&index).into_iter().chain([node]))
            .collect();
        graph.initializer.extend(self.constants);
    }
}

/// If `node`, the QuantizeLinear of that index, makes a signed tensor and all that read it make real
/// numbers of it: it and these, each with its zero point.
fn signed(view: &Graph<'_>, index: usize, node: &NodeProto) -> Option<Vec<(usize, i8)>> {
    let zero = |node: &NodeProto| view.scalar::<i8>(node.input_at(2)?);
    let (own, made) = (zero(node)?, node.output.first()?);
    // The type is that of the zero point, and nothing else may say it.
    if !node.int_is("output_dtype", &[0]) || view.is_output(made) {
        return None;
    }
    let reader = |&reader: &usize| {
        let node = &view.nodes[reader];
        let reads = node.onnx_type() == "DequantizeLinear"
            && node.input_at(0) == Some(made)
            && node.input.iter().filter(|name| *name == made).count() == 1;
        Some((reader, zero(node).filter(|_| reads)?))
    };
    [Some((index, own))].into_iter().chain(view.consumers(made).iter().map(reader)).collect()
}

/// A Relu or a Clip that nothing but a QuantizeLinear reads.
struct Activation<'a> {
    node: &'a NodeProto,
    low: f32,
    high: f32,
    /// What it reads; where a quantisation to the same steps lies between, what that reads.
    source: &'a str,
    is_moved: bool,
}

impl<'a> Activation<'a> {
    fn before(view: &Graph<'a>, quantise: &NodeProto) -> Option<Self> {
        let float = quantise.input_at(0)?;
        let node = view.producer(float, "Relu").or_else(|| view.producer(float, "Clip"))?;
        let alone = |name: &str| view.consumers(name).len() == 1 && !view.is_output(name);
        // Before opset 11 the bounds were attributes.
        let is_relu = node.op_type == "Relu";
        let most = if is_relu { 1 } else { 3 };
        if !alone(float) || !node.attribute.is_empty() || node.input.len() > most {
            return None;
        }
        let bound = |input: usize, absent: f32| match node.input_at(input) {
            Some(name) => view.scalar::<f32>(name),
            None => Some(absent),
        };
        let low = bound(1, if is_relu { 0.0 } else { f32::NEG_INFINITY })?;
        let high = bound(2, f32::INFINITY)?;
        let own = node.input_at(0)?;
        let before = || {
            let real = view.producer(own, "DequantizeLinear")?;
            let first = view.producer(real.input_at(0)?, "QuantizeLinear")?;
            let [own_steps, between, earlier] =
                [quantise, real, first].map(|node| steps(view, node));
            let is_same = own_steps.is_some() && own_steps == between && between == earlier;
            (is_same && alone(own) && alone(real.input_at(0)?)).then_some(first.input_at(0)?)
        };
        let moved = before();
        let (source, is_moved) = (moved.unwrap_or(own), moved.is_some());
        (low <= high).then_some(Self { node, low, high, source, is_moved })
    }
}

/// Scale and zero point of a tensor that has one of each.
#[derive(PartialEq)]
struct TensorSteps {
    scale: f32,
    /// As an unsigned and as a signed byte.
    zero: (Option<u8>, Option<i8>),
}

/// Those of a QuantizeLinear or DequantizeLinear that says nothing else.
fn steps(view: &Graph<'_>, node: &NodeProto) -> Option<TensorSteps> {
    let zero = node.input_at(2)?;
    let is_plain = node.has_only(&[("axis", AttributeType::Int)]) && node.input.len() == 3;
    let zero = (view.scalar(zero), view.scalar(zero));
    is_plain.then_some(TensorSteps { scale: view.scalar(node.input_at(1)?)?, zero })
}

/// The real bias of a convolution of quantised tensors in steps of its accumulator, and the step of
/// each channel; `None` where it is none, or past what the accumulator holds.
fn counted(view: &Graph<'_>, conv: &NodeProto) -> Option<(Vec<f32>, Vec<f32>)> {
    const MOST: f32 = (i32::MAX / 2) as f32;
    let bias: Vec<f32> = view.values(conv.input_at(2)?)?;
    let scales = |input: usize| -> Option<Vec<f32>> {
        let name = conv.input_at(input)?;
        // Behind an NHWC input.
        let turned = view.producer(name, "Transpose").and_then(|node| node.input_at(0));
        let real = view.producer(turned.unwrap_or(name), "DequantizeLinear")?;
        view.values(real.input_at(1)?)
    };
    let [input] = scales(0)?[..] else { return None };
    let mut weights = scales(1)?;
    if weights.len() == 1 {
        weights.resize(bias.len(), weights[0]);
    }
    let steps: Vec<f32> = weights.iter().map(|weight| input * weight).collect();
    let counts: Vec<f32> =
        bias.iter().zip(&steps).map(|(bias, step)| (bias / step).round_ties_even()).collect();
    let fits = steps.len() == bias.len() && counts.iter().all(|count| count.abs() < MOST);
    fits.then_some((counts, steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::ValueInfoProto;

    fn node(op_type: &str, input: &[&str], output: &str) -> NodeProto {
        let input = input.iter().map(|&name| name.into()).collect();
        let (op_type, output) = (op_type.into(), vec![output.into()]);
        NodeProto { op_type, input, output, ..NodeProto::default() }
    }

    fn reals(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// A signed tensor that is read once, and a convolution of it with a real bias.
    fn graph() -> GraphProto {
        GraphProto {
            initializer: vec![
                TensorProto::floats("scale", &[], [0.5]),
                TensorProto::constant("zero", DataType::Int8, &[], vec![0xfe]),
                TensorProto::constant("weights", DataType::Int8, &[2, 1, 1, 1], vec![1, 2]),
                TensorProto::floats("scales", &[2], [0.25, 0.5]),
                TensorProto::floats("bias", &[2], [1.0, -0.6]),
            ],
            node: vec![
                node("QuantizeLinear", &["x", "scale", "zero"], "q"),
                node("DequantizeLinear", &["q", "scale", "zero"], "real"),
                node("DequantizeLinear", &["weights", "scales"], "kernel"),
                node("Conv", &["real", "kernel", "bias"], "y"),
            ],
            ..GraphProto::default()
        }
    }

    fn rewritten(mut graph: GraphProto) -> GraphProto {
        rewrite(&mut graph, Some(13));
        graph
    }

    #[test]
    fn signed_bytes_and_their_zero_points_move_together() {
        let graph = rewritten(graph());
        let view = Graph::new(&graph);
        for node in [&graph.node[0], &graph.node[1]] {
            assert_eq!(view.scalar::<u8>(&node.input[2]), Some(126));
        }
    }

    #[test]
    fn a_real_bias_is_counted_in_steps_of_the_accumulator() {
        let graph = rewritten(graph());
        let view = Graph::new(&graph);
        let conv = graph.node.last().unwrap();
        let bias = view.producer(&conv.input[2], "DequantizeLinear").unwrap();
        assert_eq!(view.values::<i32>(&bias.input[0]), Some(vec![8, -2]));
        assert_eq!(view.values::<f32>(&bias.input[1]), Some(vec![0.125, 0.25]));
        assert_eq!(bias.int("axis"), Some(0));
    }

    /// A convolution, perhaps quantised, a Relu, and what quantises that.
    fn activated(zero: DataType, between: bool) -> GraphProto {
        let mut graph = GraphProto {
            initializer: vec![
                TensorProto::floats("scale", &[], [0.5]),
                TensorProto::floats("same", &[], [0.5]),
                TensorProto::constant("zero", zero, &[], vec![0]),
            ],
            node: vec![node("Conv", &["x", "kernel"], "y")],
            ..GraphProto::default()
        };
        let mut last = "y";
        if between {
            graph.node.push(node("QuantizeLinear", &["y", "scale", "zero"], "q"));
            graph.node.push(node("DequantizeLinear", &["q", "same", "zero"], "real"));
            last = "real";
        }
        graph.node.push(node("Relu", &[last], "relu"));
        graph.node.push(node("QuantizeLinear", &["relu", "same", "zero"], "made"));
        graph.node.push(node("DequantizeLinear", &["made", "scale", "zero"], "read"));
        graph
    }

    /// What makes the tensor that the last QuantizeLinear of a rewritten graph reads.
    fn before_the_last(graph: &GraphProto) -> (&NodeProto, &NodeProto) {
        let last = graph.node.iter().rfind(|node| node.op_type == "QuantizeLinear").unwrap();
        let maker = graph.node.iter().find(|node| node.output[0] == last.input[0]);
        (maker.unwrap(), last)
    }

    #[test]
    fn an_activation_moves_in_front_of_a_quantisation_to_the_same_steps() {
        let graph = rewritten(activated(DataType::Uint8, true));
        let (relu, last) = before_the_last(&graph);
        assert_eq!((relu.op_type.as_str(), &*relu.input), ("Relu", &["y".to_owned()][..]));
        assert_eq!(last.input[2], "zero");

        let mut other = activated(DataType::Uint8, true);
        other.initializer[1].raw_data = reals(&[0.25]);
        let mut read_twice = activated(DataType::Uint8, true);
        read_twice.node.push(node("Sigmoid", &["real"], "other"));
        for kept in [other, read_twice, activated(DataType::Uint8, false)] {
            assert_eq!(rewritten(kept.clone()), kept);
        }
    }

    #[test]
    fn signed_bytes_that_are_never_below_zero_have_seven_bits() {
        for between in [false, true] {
            let graph = rewritten(activated(DataType::Int8, between));
            let view = Graph::new(&graph);
            let (clip, last) = before_the_last(&graph);
            assert_eq!((clip.op_type.as_str(), &*clip.input[0]), ("Clip", "y"));
            let bounds = [1, 2].map(|bound| view.scalar::<f32>(&clip.input[bound]));
            assert_eq!(bounds, [Some(0.0), Some(63.5)]);
            assert_eq!(view.scalar::<u8>(&last.input[2]), Some(0));
            let read = graph.node.last().unwrap();
            assert_eq!(view.scalar::<u8>(&read.input[2]), Some(0));
        }
        // Before opset 11 a Clip has other bounds.
        let mut early = activated(DataType::Int8, false);
        rewrite(&mut early, Some(10));
        let view = Graph::new(&early);
        assert_eq!(view.scalar::<u8>(&before_the_last(&early).1.input[2]), Some(128));
    }

    #[test]
    fn what_is_read_in_other_ways_stays_signed() {
        let mut read_twice = graph();
        read_twice.node.push(node("Relu", &["q"], "other"));
        let mut handed_out = graph();
        handed_out.output.push(ValueInfoProto { name: "q".into(), ..ValueInfoProto::default() });
        let mut without_zero = graph();
        without_zero.node[1].input.pop();
        for before in [read_twice, handed_out, without_zero] {
            let after = rewritten(before.clone());
            assert_eq!(after.node[0], before.node[0]);
            assert_eq!(after.node[1], before.node[1]);
        }
    }

    #[test]
    fn a_bias_past_the_accumulator_stays_real_and_names_are_new() {
        let mut great = graph();
        great.initializer[4] = TensorProto::floats("bias", &[2], [1e30, 0.0]);
        assert_eq!(rewritten(great).node.last().unwrap().input[2], "bias");
        let mut taken = graph();
        taken.node[3].output[0] = "rewritten1".into();
        let names = rewritten(taken).initializer.into_iter().map(|tensor| tensor.name);
        let given: Vec<String> = names.filter(|name| name.starts_with("rewritten")).collect();
        assert!(given.len() == 3 && !given.contains(&"rewritten1".into()), "{given:?}");
    }
}
