//! Lays the lowered graph out: what is needed, in graph order, transposed where two layouts meet.

use std::collections::{HashMap, HashSet};

use super::{Found, Layer, Made, Node, TO_NCHW, TO_NHWC};
use crate::onnx::graph::Graph;
use crate::onnx::names::Names;
use crate::onnx::proto::GraphProto;

/// The nodes of the lowered graph; `islands` by the index of the node that they replace.
pub(super) fn nodes<'a>(
    view: &Graph<'a>,
    islands: &HashMap<usize, Found<'a>>,
    graph: &'a GraphProto,
) -> Vec<Node<'a>> {
    let names = Renamed { end: Names::of(graph).fresh_end("/nhwc") };

    // Which island makes a tensor. The map and the logits of a head keep their layout.
    let mut fused: HashMap<&str, usize> = HashMap::new();
    for (&index, island) in islands {
        for &output in island.outputs.iter().filter(|name| !name.is_empty()) {
            fused.insert(output, index);
        }
    }
    let makes_nhwc =
        |tensor: &str| fused.get(tensor).is_some_and(|index| !islands[index].spec.is_head());

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
                todo.extend(island.inputs.iter().map(|read| (read.tensor, !read.is_nhwc)));
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
            nodes.push(transposed(&input.name, &names.nhwc(&input.name), TO_NHWC));
        }
    }
    for (index, node) in view.nodes.iter().enumerate() {
        if live_nodes.contains(&index) {
            nodes.push(Node::Kept(node));
        }
        if live_islands.contains(&index) {
            nodes.push(Node::Layer(layer(&islands[&index], &names)));
        }
        for output in node.output.iter().map(String::as_str) {
            let other = names.nhwc(output);
            if makes_nhwc(output) {
                if as_is.contains(output) {
                    nodes.push(transposed(&other, output, TO_NCHW));
                }
            } else if nhwc.contains(output) {
                nodes.push(transposed(output, &other, TO_NHWC));
            }
        }
    }
    nodes
}

/// Names of tensors in NHWC.
struct Renamed {
    /// What is appended to a tensor's name in the file; no name there ends so.
    end: String,
}

impl Renamed {
    fn nhwc(&self, tensor: &str) -> String {
        format!("{tensor}{}", self.end)
    }
}

/// The layer of an island.
fn layer<'a>(found: &Found<'a>, names: &Renamed) -> Layer<'a> {
    let inputs = found
        .inputs
        .iter()
        .map(|read| if read.is_nhwc { read.tensor.to_owned() } else { names.nhwc(read.tensor) })
        .collect();
    let outputs = match (found.spec.is_head(), found.outputs.as_slice()) {
        // tract counts only outputs that have a name, so the map gets one even if nobody reads it.
        (true, &["", logits]) => vec![names.nhwc(logits), logits.into()],
        (true, outputs) => outputs.iter().map(|&name| name.into()).collect(),
        (false, outputs) => outputs.iter().map(|name| names.nhwc(name)).collect(),
    };
    let made = found.quantised.zip(found.outputs.first());
    let made = made.map(|((scale, zero_point), &tensor)| Made {
        tensor: tensor.into(),
        scale,
        zero_point,
    });
    Layer { spec: found.spec.clone(), inputs, constants: found.constants.clone(), outputs, made }
}

fn transposed<'a>(from: &str, to: &str, perm: [i64; 4]) -> Node<'a> {
    Node::Transposed { from: from.into(), to: to.into(), perm }
}
