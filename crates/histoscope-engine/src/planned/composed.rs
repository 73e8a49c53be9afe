//! Quantised operators that ONNX Runtime adds, composed of ONNX's own: tract knows none of them.
//!
//! Each reads and writes quantised tensors, as `(x, scale, zero point)`. What it computes between is
//! an operator of ONNX on real numbers.

use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, attribute_proto};

/// The operators, all of them in ONNX Runtime's domain, and how many quantised tensors each reads.
pub(super) const COMPOSED: [(&str, usize); 6] = [
    ("QGemm", 2),
    ("QLinearAdd", 2),
    ("QLinearGlobalAveragePool", 1),
    ("QLinearLeakyRelu", 1),
    ("QLinearMul", 2),
    ("QLinearSigmoid", 1),
];

/// Replaces these operators in `graph`, whose nodes have the inputs that they need.
pub(super) fn compose(graph: &mut GraphProto, domain: &str) {
    let nodes = std::mem::take(&mut graph.node);
    for node in nodes {
        let tensors = COMPOSED.iter().find(|(op_type, _)| *op_type == node.op_type);
        match tensors {
            Some(&(_, tensors)) if node.domain == domain => {
                graph.node.extend(parts(&node, tensors));
            }
            _ => graph.node.push(node),
        }
    }
}

fn parts(node: &NodeProto, tensors: usize) -> Vec<NodeProto> {
    let output = node.output.first().map_or("", String::as_str);
    let input = |index: usize| node.input.get(index).map_or("", String::as_str);
    let name = |part: &str| format!("{output}/{part}");
    let mut parts = vec![];
    let mut real = vec![];
    for tensor in 0..tensors {
        let made = name(&format!("real{tensor}"));
        let mut part =
            plain("DequantizeLinear", [0, 1, 2].map(|part| input(3 * tensor + part)), &made);
        if node.op_type == "QGemm" && tensor == 1 {
            // A scale may belong to each column of the product.
            let transposed = node.attribute.iter().any(|a| a.name == "transB" && a.i != 0);
            part.attribute.push(int("axis", i64::from(!transposed)));
        }
        parts.push(part);
        real.push(made);
    }
    let mut next = 3 * tensors;
    if node.op_type == "QGemm" {
        if !input(next).is_empty() {
            // The sums of products have the product of both scales, and the bias with them.
            let [float, scaled, bias] = ["float", "scaled", "bias"].map(name);
            let mut cast = plain("Cast", [input(next)], &float);
            cast.attribute.push(int("to", 1));
            parts.push(cast);
            parts.push(plain("Mul", [&*float, input(1)], &scaled));
            parts.push(plain("Mul", [&*scaled, input(4)], &bias));
            real.push(bias);
        }
        next += 1;
    }
    let is_quantised = !input(next).is_empty();
    let made = if is_quantised { name("sum") } else { output.into() };
    let own = node.op_type.trim_start_matches("QLinear").trim_start_matches('Q');
    let mut part = plain(own, real.iter().map(String::as_str), &made);
    let kept = node.attribute.iter().filter(|a| a.name != "channels_last");
    part.attribute.extend(kept.cloned());
    parts.push(part);
    if is_quantised {
        parts.push(plain("QuantizeLinear", [&*made, input(next), input(next + 1)], output));
    }
    parts
}

/// A node of ONNX's own domain; inputs at its end that are left out are none.
fn plain<'a>(op_type: &str, inputs: impl IntoIterator<Item = &'a str>, output: &str) -> NodeProto {
    let mut input: Vec<String> = inputs.into_iter().map(Into::into).collect();
    while input.last().is_some_and(String::is_empty) {
        input.pop();
    }
    let (name, op_type, output) = (output.into(), op_type.into(), vec![output.into()]);
    NodeProto { name, op_type, input, output, ..NodeProto::default() }
}

fn int(name: &str, i: i64) -> AttributeProto {
    let r#type = attribute_proto::AttributeType::Int as i32;
    AttributeProto { name: name.into(), i, r#type, ..AttributeProto::default() }
}
