//! Forms of nodes that ONNX allows and tract reads as something else, or stumbles over, put into
//! those that it reads.

use std::collections::HashMap;

use tract_onnx::pb::{AttributeProto, GraphProto, NodeProto, TensorProto, attribute_proto};
use tract_onnx::tract_core::internal::*;

use crate::onnx::MICROSOFT;
use crate::planned::{attention, biases, composed, half};

/// The operator set in which Resize has scales alone and no attribute that says how it rounds.
const FIRST_RESIZE: i64 = 10;

/// Rewrites the nodes of `graph`, whose operators are those of `opset`.
///
/// # Errors
/// For a node that no other form says the same of.
pub(crate) fn rewrite(graph: &mut GraphProto, opset: i64) -> TractResult<()> {
    for node in &mut graph.node {
        // An optional input at the end that is left out may have an empty name, or none.
        while node.input.last().is_some_and(String::is_empty) {
            node.input.pop();
        }
    }
    half::widen(graph);
    composed::compose(graph, MICROSOFT);
    attention::compose(graph);
    biases::join(graph);
    if opset == FIRST_RESIZE {
        round_as_first_resize(graph)?;
    }
    Ok(())
}

/// Says of each Resize how it rounds: ONNX Runtime takes the pixel below where it enlarges and the
/// one above where it shrinks. By itself tract would take the nearest.
fn round_as_first_resize(graph: &mut GraphProto) -> TractResult<()> {
    let constants = graph
        .node
        .iter()
        .filter(|node| node.op_type == "Constant")
        .filter_map(|node| {
            Some((node.output.first()?.as_str(), node.attribute.first()?.t.as_ref()?))
        })
        .chain(graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)));
    let constants: HashMap<&str, &TensorProto> = constants.collect();
    let mut modes = vec![];
    for (index, node) in graph.node.iter().enumerate() {
        if node.op_type != "Resize" {
            continue;
        }
        let scales = node.input.get(1).and_then(|name| constants.get(name.as_str()).copied());
        let mode = scales.and_then(|scales| rounding(&floats(scales))).with_context(|| {
            format!(
                "node {:?} is a Resize of opset {FIRST_RESIZE} that enlarges one side and shrinks \
                 another, or by a factor that is not constant; export it with opset 11 or later",
                node.name
            )
        })?;
        modes.push((index, mode));
    }
    for (index, mode) in modes {
        say(&mut graph.node[index], "nearest_mode", mode);
    }
    Ok(())
}

/// How that Resize rounds by these factors.
fn rounding(scales: &[f32]) -> Option<&'static str> {
    if scales.is_empty() {
        None
    } else if scales.iter().all(|&scale| scale >= 1.0) {
        Some("floor")
    } else if scales.iter().all(|&scale| scale > 0.0 && scale <= 1.0) {
        Some("ceil")
    } else {
        None
    }
}

/// The elements of a `float32` tensor.
fn floats(tensor: &TensorProto) -> Vec<f32> {
    let raw = tensor.raw_data.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes));
    raw.chain(tensor.float_data.iter().copied()).collect()
}

/// Gives `node` a text attribute in place of what it has under that name.
fn say(node: &mut NodeProto, name: &str, text: &str) {
    node.attribute.retain(|attribute| attribute.name != name);
    node.attribute.push(AttributeProto {
        name: name.into(),
        s: text.into(),
        r#type: attribute_proto::AttributeType::String as i32,
        ..AttributeProto::default()
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_that_are_left_out_at_the_end_go() {
        let node = |inputs: &[&str]| NodeProto {
            op_type: "Conv".into(),
            input: inputs.iter().map(|&name| name.into()).collect(),
            ..NodeProto::default()
        };
        let mut graph = GraphProto {
            node: vec![node(&["x", "weights", ""]), node(&["x", "", "most", "", ""]), node(&[""])],
            ..GraphProto::default()
        };
        rewrite(&mut graph, 13).unwrap();
        let left: Vec<Vec<String>> = graph.node.into_iter().map(|node| node.input).collect();
        assert_eq!(left, [vec!["x", "weights"], vec!["x", "", "most"], vec![]]);
    }

    #[test]
    fn the_first_resize_rounds_by_its_factors() {
        assert_eq!(rounding(&[1.0, 1.0, 2.0, 2.5]), Some("floor"));
        assert_eq!(rounding(&[1.0, 1.0, 0.5, 0.3]), Some("ceil"));
        for odd in [&[1.0, 1.0, 2.0, 0.5][..], &[1.0, 0.0], &[f32::NAN], &[]] {
            assert_eq!(rounding(odd), None, "{odd:?}");
        }
    }
}
