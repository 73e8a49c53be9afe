//! Biases that are added behind their convolution become part of it.
//!
//! PaddlePaddle writes each convolution so: `Conv`, then `Add` of a constant `[1, channels, 1, 1]`. tract makes a bias
//! of it by itself, and with some geometries loses the shape that a bias has to have.

use std::collections::{BTreeMap, HashMap, HashSet};

use tract_onnx::pb::{GraphProto, NodeProto, TensorProto};

use crate::onnx::names::Names;

const FLOAT: i32 = 1;

/// Joins each such sum of `graph` with its convolution.
pub(super) fn join(graph: &mut GraphProto) {
    let mut biases = Biases::of(graph);
    let found: Vec<Joint> =
        graph.node.iter().enumerate().filter_map(|at| biases.joint(graph, at)).collect();
    let mut sums: HashSet<usize> = HashSet::new();
    for Joint { conv, sum, bias } in found {
        let made = graph.node[sum].output[0].clone();
        let conv = &mut graph.node[conv];
        conv.input.push(bias);
        conv.output[0] = made;
        sums.insert(sum);
    }
    let nodes = std::mem::take(&mut graph.node).into_iter().enumerate();
    graph.node = nodes.filter(|(index, _)| !sums.contains(index)).map(|(_, node)| node).collect();
    graph.initializer.extend(biases.flat.into_values());
}

/// A convolution and the sum behind it, by their places, and the bias by its new name.
struct Joint {
    conv: usize,
    sum: usize,
    bias: String,
}

struct Biases {
    /// How often each tensor is read, outputs of the graph among the readers.
    reads: HashMap<String, usize>,
    /// Convolutions of constant weights without a bias, by what they make, with their channels.
    convs: HashMap<String, (usize, i64)>,
    constants: HashMap<String, usize>,
    /// Constants in one axis, by their old names: any number of sums may share them. In an order that is the
    /// same each time, as they go into the graph.
    flat: BTreeMap<String, TensorProto>,
    names: Names,
}

impl Biases {
    fn of(graph: &GraphProto) -> Self {
        let mut reads: HashMap<String, usize> = HashMap::new();
        let inputs = graph.node.iter().flat_map(|node| &node.input);
        for name in inputs.chain(graph.output.iter().map(|output| &output.name)) {
            *reads.entry(name.clone()).or_default() += 1;
        }
        let constants: HashMap<String, usize> = (graph.initializer.iter().enumerate())
            .map(|(index, constant)| (constant.name.clone(), index))
            .collect();
        let conv = |(index, node): (usize, &NodeProto)| {
            let weights = &graph.initializer[*constants.get(node.input.get(1)?)?];
            let is_bare = is_onnx(node, "Conv") && node.input.len() == 2 && weights.dims.len() == 4;
            let made = node.output.first().filter(|_| is_bare)?;
            Some((made.clone(), (index, weights.dims[0])))
        };
        let convs = graph.node.iter().enumerate().filter_map(conv).collect();
        let nodes = graph.node.iter().flat_map(|node| node.input.iter().chain(&node.output));
        let inputs = graph.input.iter().map(|input| &input.name);
        let names = Names::but(nodes.chain(constants.keys()).chain(inputs).cloned());
        Self { reads, convs, constants, flat: BTreeMap::new(), names }
    }

    fn joint(&mut self, graph: &GraphProto, (sum, node): (usize, &NodeProto)) -> Option<Joint> {
        let [a, b] = node.input.as_slice() else { return None };
        if !is_onnx(node, "Add") || node.output.len() != 1 {
            return None;
        }
        let (conv, constant) = if self.convs.contains_key(a) { (a, b) } else { (b, a) };
        let &(index, channels) = self.convs.get(conv)?;
        let bias = &graph.initializer[*self.constants.get(constant)?];
        let is_bias = bias.data_type == FLOAT && bias.dims == [1, channels, 1, 1];
        if !is_bias || self.reads.get(conv) != Some(&1) {
            return None;
        }
        if !self.flat.contains_key(constant) {
            let name = self.names.fresh(&format!("{constant}/flat"));
            let flat = TensorProto { name, dims: vec![channels], ..bias.clone() };
            self.flat.insert(constant.clone(), flat);
        }
        Some(Joint { conv: index, sum, bias: self.flat[constant].name.clone() })
    }
}

fn is_onnx(node: &NodeProto, op_type: &str) -> bool {
    matches!(node.domain.as_str(), "" | "ai.onnx") && node.op_type == op_type
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(op_type: &str, input: &[&str], output: &str) -> NodeProto {
        NodeProto {
            op_type: op_type.into(),
            input: input.iter().map(|&name| name.into()).collect(),
            output: vec![output.into()],
            ..NodeProto::default()
        }
    }

    fn constant(name: &str, dims: &[i64]) -> TensorProto {
        let float_data = vec![0.5; dims.iter().product::<i64>() as usize];
        let (name, dims) = (name.into(), dims.into());
        TensorProto { name, dims, float_data, data_type: FLOAT, ..TensorProto::default() }
    }

    /// A convolution of two channels and what is added to it, in either order.
    fn graph(bias: &[i64], inputs: [&str; 2]) -> GraphProto {
        GraphProto {
            initializer: vec![constant("weights", &[2, 3, 1, 1]), constant("bias", bias)],
            node: vec![
                node("Conv", &["x", "weights"], "sums"),
                node("Add", &inputs, "y"),
                node("Relu", &["y"], "z"),
            ],
            ..GraphProto::default()
        }
    }

    #[test]
    fn a_constant_for_each_channel_becomes_a_bias() {
        for inputs in [["sums", "bias"], ["bias", "sums"]] {
            let mut graph = graph(&[1, 2, 1, 1], inputs);
            join(&mut graph);
            let bias = graph.initializer.last().unwrap();
            assert_eq!((&*bias.dims, &*bias.float_data), (&[2][..], &[0.5, 0.5][..]));
            assert_eq!(graph.node[0].input, ["x", "weights", &bias.name]);
            assert_eq!(graph.node[0].output, ["y"]);
            assert_eq!(graph.node.len(), 2);
        }
    }

    #[test]
    fn a_bias_has_a_name_that_not_even_an_input_has() {
        let mut graph = graph(&[1, 2, 1, 1], ["sums", "bias"]);
        graph.node[0].input[0] = "bias/flat".into();
        join(&mut graph);
        assert_eq!(graph.node[0].input, ["bias/flat", "weights", "bias/flat_"]);
    }

    #[test]
    fn the_same_graph_is_made_each_time() {
        let mut many = GraphProto::default();
        for number in 0..20 {
            let bias = format!("bias {number}");
            let mut one = graph(&[1, 2, 1, 1], ["sums", "bias"]);
            one.node[1].input[1] = bias.clone();
            one.initializer[1].name = bias;
            for node in &mut one.node {
                node.output[0] += &number.to_string();
            }
            one.node[1].input[0] += &number.to_string();
            many.initializer.extend(one.initializer);
            many.node.extend(one.node);
        }
        let [a, b] = [(); 2].map(|()| {
            let mut joined = many.clone();
            join(&mut joined);
            joined
        });
        assert_eq!(a.node.len(), 40);
        assert_eq!(a, b);
    }

    #[test]
    fn what_is_another_sum_stays() {
        let mut read_twice = graph(&[1, 2, 1, 1], ["sums", "bias"]);
        read_twice.node.push(node("Relu", &["sums"], "other"));
        let mut has_bias = graph(&[1, 2, 1, 1], ["sums", "bias"]);
        has_bias.node[0].input.push("other".into());
        let of_columns = graph(&[1, 1, 1, 2], ["sums", "bias"]);
        let of_itself = graph(&[1, 2, 1, 1], ["sums", "sums"]);
        for before in [read_twice, has_bias, of_columns, of_itself] {
            let mut after = before.clone();
            join(&mut after);
            assert_eq!(after, before);
        }
    }
}
