//! Forms of other quantisers, put into the one that [`super::matcher`] knows.
//!
//! Activations of `int8` become `uint8`: their bytes and zero points are greater by 128, so that the
//! real numbers are the same. A real bias of a quantised convolution becomes whole steps of its
//! accumulator, which moves it by half a step at most; the accumulator's own rounding is as coarse.

use std::collections::{HashMap, HashSet};

use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::{
    AttributeProto, AttributeType, DataType, GraphProto, NodeProto, TensorProto,
};

/// Rewrites `graph`; what it computes changes by no more than its roundings.
pub(crate) fn rewrite(graph: &mut GraphProto) {
    let view = Graph::new(graph);
    let mut changes = Changes { names: Names::new(graph), ..Changes::default() };
    for (index, node) in graph.node.iter().enumerate() {
        match node.onnx_type() {
            "QuantizeLinear" => changes.unsign(&view, index, node),
            "Conv" => changes.count_bias(&view, index, node),
            _ => {}
        }
    }
    changes.apply(graph);
}

/// What a graph is to have in the place of what it has.
#[derive(Default)]
struct Changes {
    names: Names,
    /// New names of inputs, by node and place.
    inputs: Vec<(usize, usize, String)>,
    /// Nodes in front of the one with that index.
    nodes: HashMap<usize, NodeProto>,
    constants: Vec<TensorProto>,
}

impl Changes {
    /// Shifts the signed tensor that `node` makes, if all that read it make real numbers of it.
    fn unsign(&mut self, view: &Graph<'_>, index: usize, node: &NodeProto) {
        let zero = |node: &NodeProto| view.scalar::<i8>(node.input_at(2)?);
        let (Some(own), Some(made)) = (zero(node), node.output.first()) else { return };
        let readers: Vec<(usize, i8)> = view
            .consumers(made)
            .iter()
            .map_while(|&reader| {
                let node = &view.nodes[reader];
                let reads = node.onnx_type() == "DequantizeLinear"
                    && node.input_at(0) == Some(made)
                    && node.input.iter().filter(|name| *name == made).count() == 1;
                Some((reader, zero(node).filter(|_| reads)?))
            })
            .collect();
        // The type is that of the zero point, and nothing else may say it.
        let is_plain = node.int_is("output_dtype", &[0]);
        if !is_plain || view.is_output(made) || readers.len() != view.consumers(made).len() {
            return;
        }
        for (node, zero) in readers.into_iter().chain([(index, own)]) {
            let name = self.zero_point((i16::from(zero) + 128) as u8);
            self.inputs.push((node, 2, name));
        }
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
        let axis = AttributeProto {
            name: "axis".into(),
            r#type: AttributeType::Int.into(),
            ..AttributeProto::default()
        };
        let node = NodeProto {
            name: real.clone(),
            op_type: "DequantizeLinear".into(),
            input: vec![bias, scale],
            output: vec![real.clone()],
            attribute: vec![axis],
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
        self.constants.push(TensorProto {
            name: name.clone(),
            dims,
            data_type: data_type as i32,
            raw_data,
            ..TensorProto::default()
        });
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

/// Names that no tensor of a graph has.
#[derive(Default)]
struct Names {
    prefix: String,
    given: usize,
}

impl Names {
    fn new(graph: &GraphProto) -> Self {
        let mut prefix = "rewritten".to_owned();
        let nodes = graph.node.iter().flat_map(|node| node.output.iter());
        let inputs = graph.input.iter().map(|input| &input.name);
        let constants = graph.initializer.iter().map(|tensor| &tensor.name);
        let taken: HashSet<&str> =
            nodes.chain(inputs).chain(constants).map(String::as_str).collect();
        while taken.iter().any(|name| name.starts_with(&prefix)) {
            prefix.push('\'');
        }
        Self { prefix, given: 0 }
    }

    fn next(&mut self) -> String {
        self.given += 1;
        format!("{}{}", self.prefix, self.given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::ValueInfoProto;

    fn constant(name: &str, data_type: DataType, dims: &[i64], raw_data: Vec<u8>) -> TensorProto {
        let (name, dims) = (name.into(), dims.into());
        TensorProto { name, data_type: data_type as i32, dims, raw_data, ..TensorProto::default() }
    }

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
                constant("scale", DataType::Float, &[], reals(&[0.5])),
                constant("zero", DataType::Int8, &[], vec![0xfe]),
                constant("weights", DataType::Int8, &[2, 1, 1, 1], vec![1, 2]),
                constant("scales", DataType::Float, &[2], reals(&[0.25, 0.5])),
                constant("bias", DataType::Float, &[2], reals(&[1.0, -0.6])),
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
        rewrite(&mut graph);
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
        great.initializer[4] = constant("bias", DataType::Float, &[2], reals(&[1e30, 0.0]));
        assert_eq!(rewritten(great).node.last().unwrap().input[2], "bias");
        let mut taken = graph();
        taken.node[3].output[0] = "rewritten1".into();
        let names = rewritten(taken).initializer.into_iter().map(|tensor| tensor.name);
        assert_eq!(names.filter(|name| name.starts_with("rewritten'")).count(), 3);
    }
}
