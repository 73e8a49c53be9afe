//! The Attention of opset 23 as products of matrices and a Softmax.
//!
//! tract's own form is not built; nothing tells its shape before it runs, nor its cost. What it means:
//! <https://onnx.ai/onnx/operators/onnx__Attention.html>.
//!
//! ```text
//! Softmax(Q · scale · Kᵀ + mask) · V        Q, K, V: [N, heads, places, depth], or [N, places, heads · depth]
//! ```

use std::collections::HashMap;

use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

use crate::planned::composed::{input, int, output, part_of, plain};

/// The operator, which tract knows with features that are not built.
pub(super) const ATTENTION: &str = "Attention";

const FLOAT: i64 = 1;
const INT64: i32 = 7;
const BOOL: i64 = 9;

/// Operators that make truth values.
const LOGICAL: [&str; 11] = [
    "And",
    "Equal",
    "Greater",
    "GreaterOrEqual",
    "IsInf",
    "IsNaN",
    "Less",
    "LessOrEqual",
    "Not",
    "Or",
    "Xor",
];
/// Operators that make what their first input is, in another shape.
const MOVING: [&str; 11] = [
    "Concat",
    "Expand",
    "Flatten",
    "Gather",
    "Identity",
    "Reshape",
    "Slice",
    "Squeeze",
    "Tile",
    "Transpose",
    "Unsqueeze",
];

/// Most of those between what makes truth values and a mask: a graph may be no order of nodes.
const MOST_MOVES: usize = 64;

/// Replaces each Attention of `graph`; that it has what it needs and nothing that is not known here was
/// checked ([`crate::planned::refusal`]).
pub(super) fn compose(graph: &mut GraphProto) {
    let is_attention =
        |node: &NodeProto| node.op_type == ATTENTION && matches!(&*node.domain, "" | "ai.onnx");
    if !graph.node.iter().any(is_attention) {
        return;
    }
    let makers = Makers::of(graph);
    let mut parts = UnfoldedAttention::default();
    for node in &graph.node {
        if is_attention(node) {
            parts.attention(node, makers.is_logical(input(node, 3)));
        } else {
            parts.nodes.push(node.clone());
        }
    }
    graph.node = parts.nodes;
    graph.initializer.extend(parts.constants);
}

/// What the nodes of a graph become.
#[derive(Default)]
struct UnfoldedAttention {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl UnfoldedAttention {
    /// `(Q, K, V, mask)`, where the mask is of truth values or is added.
    fn attention(&mut self, node: &NodeProto, is_logical: bool) {
        // Tensors of three axes have the heads side by side, and their number as an attribute.
        let heads = ["q_num_heads", "kv_num_heads", "kv_num_heads"];
        let heads = heads.map(|name| node.attribute.iter().find(|a| a.name == name).map(|a| a.i));
        let [query, key, value] = [0, 1, 2].map(|at| match heads[at] {
            Some(heads) => self.split(node, at, heads),
            None => input(node, at).to_owned(),
        });
        let scale = self.scale(node, &query);
        let [scaled, products, masked, shares] =
            ["query", "products", "masked", "shares"].map(|name| part_of(node, name));
        self.nodes.push(plain("Mul", [&*query, &*scale], &scaled));
        let mut product = plain("FusedMatMul", [&*scaled, &*key], &products);
        product.attribute.push(int("transB", 1));
        self.nodes.push(product);
        let mut scores = products.clone();
        let mask = input(node, 3);
        if is_logical {
            let never = self.number(part_of(node, "never"), f32::NEG_INFINITY);
            self.nodes.push(plain("Where", [mask, &*products, &*never], &masked));
            scores = masked;
        } else if !mask.is_empty() {
            self.nodes.push(plain("Add", [&*products, mask], &masked));
            scores = masked;
        }
        let mut softmax = plain("Softmax", [&*scores], &shares);
        softmax.attribute.push(int("axis", -1));
        self.nodes.push(softmax);
        if heads[0].is_some() {
            let [mixed, turned] = ["mixed", "turned"].map(|name| part_of(node, name));
            self.nodes.push(plain("MatMul", [&*shares, &*value], &mixed));
            self.nodes.push(transposed(&mixed, &turned, &[0, 2, 1, 3]));
            let shape = self.shape(part_of(node, "joined"), &[0, 0, -1]);
            self.nodes.push(plain("Reshape", [&*turned, &*shape], output(node)));
        } else {
            self.nodes.push(plain("MatMul", [&*shares, &*value], output(node)));
        }
        // Nothing came before, so that all keys and values are these.
        for (other, made) in node.output.iter().skip(1).zip([key, value, products]) {
            if !other.is_empty() {
                self.nodes.push(plain("Identity", [&*made], other));
            }
        }
    }

    /// Input `at` as `[N, heads, places, depth]`; returns its name.
    fn split(&mut self, node: &NodeProto, at: usize, heads: i64) -> String {
        let [checked, split, turned] =
            ["three", "split", "heads"].map(|name| part_of(node, &format!("{name}{at}")));
        // Holds it to three axes, and changes nothing.
        self.nodes.push(transposed(input(node, at), &checked, &[0, 1, 2]));
        let shape = self.shape(format!("{split}/shape"), &[0, 0, heads, -1]);
        self.nodes.push(plain("Reshape", [&*checked, &*shape], &split));
        self.nodes.push(transposed(&split, &turned, &[0, 2, 1, 3]));
        turned
    }

    /// The factor of the products: the attribute, or one by the root of the depth. Returns its name.
    fn scale(&mut self, node: &NodeProto, query: &str) -> String {
        let name = part_of(node, "scale");
        if let Some(scale) = node.attribute.iter().find(|a| a.name == "scale") {
            return self.number(name, scale.f);
        }
        let [shape, depth, real, root, last] =
            ["shape", "depth", "real", "root", "last"].map(|name| part_of(node, name));
        let last = self.shape(last, &[3]);
        self.nodes.push(plain("Shape", [query], &shape));
        self.nodes.push(plain("Gather", [&*shape, &*last], &depth));
        let mut cast = plain("Cast", [&*depth], &real);
        cast.attribute.push(int("to", FLOAT));
        self.nodes.push(cast);
        self.nodes.push(plain("Sqrt", [&*real], &root));
        self.nodes.push(plain("Reciprocal", [&*root], &name));
        name
    }

    /// A constant of one number; returns its name.
    fn number(&mut self, name: String, value: f32) -> String {
        self.constants.push(TensorProto {
            name: name.clone(),
            data_type: FLOAT as i32,
            float_data: vec![value],
            ..TensorProto::default()
        });
        name
    }

    /// A constant of whole numbers; returns its name.
    fn shape(&mut self, name: String, values: &[i64]) -> String {
        self.constants.push(TensorProto {
            name: name.clone(),
            data_type: INT64,
            dims: vec![values.len() as i64],
            int64_data: values.to_vec(),
            ..TensorProto::default()
        });
        name
    }
}

fn transposed(from: &str, to: &str, axes: &[i64]) -> NodeProto {
    let mut node = plain("Transpose", [from], to);
    node.attribute.push(AttributeProto {
        name: "perm".into(),
        ints: axes.to_vec(),
        r#type: AttributeType::Ints as i32,
        ..AttributeProto::default()
    });
    node
}

/// What makes the tensors of a graph.
struct Makers<'a> {
    nodes: HashMap<&'a str, &'a NodeProto>,
    constants: HashMap<&'a str, &'a TensorProto>,
}

impl<'a> Makers<'a> {
    fn of(graph: &'a GraphProto) -> Self {
        let made = |node: &'a NodeProto| node.output.iter().map(move |name| (name.as_str(), node));
        let constants = graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor));
        Self { nodes: graph.node.iter().flat_map(made).collect(), constants: constants.collect() }
    }

    /// Whether `tensor` holds truth values, as far as the nodes that lead to it tell.
    fn is_logical(&self, mut tensor: &'a str) -> bool {
        let is_truth = |tensor: &TensorProto| i64::from(tensor.data_type) == BOOL;
        for _ in 0..MOST_MOVES {
            if let Some(constant) = self.constants.get(tensor) {
                return is_truth(constant);
            }
            let Some(node) = self.nodes.get(tensor) else { return false };
            let attribute = |name: &str| node.attribute.iter().find(|a| a.name == name);
            match node.op_type.as_str() {
                "Cast" => return attribute("to").is_some_and(|to| to.i == BOOL),
                "Constant" | "ConstantOfShape" => {
                    return attribute("value").and_then(|a| a.t.as_ref()).is_some_and(is_truth);
                }
                op_type if LOGICAL.contains(&op_type) => return true,
                op_type if MOVING.contains(&op_type) => tensor = input(node, 0),
                "Where" => tensor = input(node, 1),
                _ => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attention(inputs: &[&str], attribute: Vec<AttributeProto>, outputs: &[&str]) -> NodeProto {
        let output = outputs.iter().map(|&name| name.into()).collect();
        NodeProto { attribute, output, ..plain(ATTENTION, inputs.iter().copied(), "y") }
    }

    /// The operators that the nodes become, each with its inputs.
    fn composed(nodes: Vec<NodeProto>, constants: Vec<TensorProto>) -> Vec<String> {
        let mut graph = GraphProto { node: nodes, initializer: constants, ..GraphProto::default() };
        compose(&mut graph);
        let written = |node: &NodeProto| format!("{} {}", node.op_type, node.input.join(" "));
        graph.node.iter().map(written).collect()
    }

    fn with_scale() -> Vec<AttributeProto> {
        let r#type = AttributeType::Float as i32;
        vec![AttributeProto { name: "scale".into(), f: 0.5, r#type, ..AttributeProto::default() }]
    }

    #[test]
    fn heads_that_are_an_axis_are_multiplied_as_they_are() {
        let node = attention(&["q", "k", "v"], with_scale(), &["y"]);
        let expected =
            ["Mul q y/scale", "FusedMatMul y/query k", "Softmax y/products", "MatMul y/shares v"];
        assert_eq!(composed(vec![node], vec![]), expected);
    }

    #[test]
    fn the_depth_tells_the_scale_that_is_not_given() {
        let node = attention(&["q", "k", "v"], vec![], &["y", "", "present", ""]);
        let all = composed(vec![node], vec![]);
        let scale = ["Shape q", "Gather y/shape y/last", "Cast y/depth", "Sqrt y/real"];
        assert_eq!(all[..4], scale);
        assert_eq!(all[4..6], ["Reciprocal y/root", "Mul q y/scale"]);
        assert_eq!(all.last().unwrap(), "Identity v");
    }

    #[test]
    fn heads_side_by_side_are_split_and_joined_again() {
        let heads = vec![int("q_num_heads", 2), int("kv_num_heads", 2)];
        let node = attention(&["q", "k", "v"], [heads, with_scale()].concat(), &["y"]);
        let all = composed(vec![node], vec![]);
        let split = ["Transpose q", "Reshape y/three0 y/split0/shape", "Transpose y/split0"];
        assert_eq!(all[..3], split);
        assert_eq!(all[9..11], ["Mul y/heads0 y/scale", "FusedMatMul y/query y/heads1"]);
        assert_eq!(
            all[12..],
            ["MatMul y/shares y/heads2", "Transpose y/mixed", "Reshape y/turned y/joined"]
        );
    }

    #[test]
    fn a_mask_is_added_or_decides() {
        let with = |nodes: Vec<NodeProto>, constants| {
            let node = attention(&["q", "k", "v", "mask"], with_scale(), &["y"]);
            let all = composed([nodes, vec![node]].concat(), constants);
            all.into_iter().rev().nth(2).unwrap()
        };
        let constant = |data_type: i64| {
            let data_type = data_type as i32;
            vec![TensorProto { name: "mask".into(), data_type, ..TensorProto::default() }]
        };
        assert_eq!(with(vec![], constant(FLOAT)), "Add y/products mask");
        assert_eq!(with(vec![], constant(BOOL)), "Where mask y/products y/never");
        let made = vec![plain("Less", ["a", "b"], "less"), plain("Expand", ["less", "s"], "mask")];
        assert_eq!(with(made, vec![]), "Where mask y/products y/never");
        let endless = vec![plain("Identity", ["mask"], "mask")];
        assert_eq!(with(endless, vec![]), "Add y/products mask");
    }
}
