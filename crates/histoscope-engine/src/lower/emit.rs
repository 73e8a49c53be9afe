//! Writes the lowered graph: what is needed, in graph order, with a Transpose between two layouts.

use std::collections::{HashMap, HashSet};

use super::{Island, TO_NCHW, TO_NHWC};
use crate::onnx::graph::Graph;
use crate::onnx::proto::{GraphProto, NodeProto};
use crate::program::layer::{self, LayerSpec};

/// The nodes of the lowered graph.
pub(super) fn nodes(
    view: &Graph,
    islands: &HashMap<usize, Island>,
    graph: &GraphProto,
) -> Vec<NodeProto> {
    let names = Names::new(graph);

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
            nodes.push(transpose(&input.name, &names.nhwc(&input.name), TO_NHWC));
        }
    }
    for (index, node) in view.nodes.iter().enumerate() {
        if live_nodes.contains(&index) {
            nodes.push(node.clone());
        }
        if live_islands.contains(&index) {
            nodes.push(fused_node(&islands[&index], &names));
        }
        for output in node.output.iter().map(String::as_str) {
            let other = names.nhwc(output);
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

/// Names of the tensors that the file does not have.
struct Names {
    /// What is appended to the name of a tensor for that of its NHWC form.
    suffix: String,
}

impl Names {
    /// Chosen so that no name of the file ends like those made here.
    fn new(graph: &GraphProto) -> Self {
        let nodes = graph.node.iter().flat_map(|node| &node.output);
        let inputs = graph.input.iter().map(|input| &input.name);
        let constants = graph.initializer.iter().map(|tensor| &tensor.name);
        let taken: Vec<&String> = nodes.chain(inputs).chain(constants).collect();
        let mut suffix = "/nhwc".to_owned();
        while taken.iter().any(|name| name.ends_with(&suffix)) {
            suffix.push('\'');
        }
        Self { suffix }
    }

    fn nhwc(&self, tensor: &str) -> String {
        format!("{tensor}{}", self.suffix)
    }
}

/// The fused node of an island.
fn fused_node(island: &Island, names: &Names) -> NodeProto {
    let inputs = island
        .inputs
        .iter()
        .map(|q| if q.is_nhwc { q.tensor.to_owned() } else { names.nhwc(q.tensor) });
    let inputs = inputs.chain(island.constants.iter().map(|&name| name.to_owned())).collect();
    let outputs = match (&island.spec, island.outputs.as_slice()) {
        // tract counts only outputs that have a name, so the map gets one even if nobody reads it.
        (LayerSpec::Head(_), &["", logits]) => vec![names.nhwc(logits), logits.into()],
        (LayerSpec::Head(_), outputs) => outputs.iter().map(|&name| name.into()).collect(),
        (_, outputs) => outputs.iter().map(|name| names.nhwc(name)).collect(),
    };
    island.spec.to_node(inputs, outputs)
}

fn transpose(from: &str, to: &str, perm: [i64; 4]) -> NodeProto {
    NodeProto {
        op_type: "Transpose".into(),
        name: to.into(),
        input: vec![from.into()],
        output: vec![to.into()],
        attribute: vec![layer::ints("perm", perm.to_vec())],
        ..NodeProto::default()
    }
}
