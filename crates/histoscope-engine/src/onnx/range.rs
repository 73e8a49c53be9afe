//! The range of numbers that a network takes for pixels, as far as its first operators tell.

use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::NodeProto;

/// Operators that hand their first input on, in another layout, type or size.
const HAND_ON: [&str; 6] = ["Cast", "Identity", "Reshape", "Resize", "Transpose", "Upsample"];

/// Least and greatest of what `input` takes, both finite; `None` where nothing tells. A quantiser
/// saw pictures and wrote what they reach; a network that scales pixels itself takes them as they
/// are, 0 to 255, or from 0 to 1.
pub(crate) fn expected(view: &Graph<'_>, input: &str) -> Option<[f32; 2]> {
    let mut tensor = input;
    // Each step leads on in the graph, which has no circles; a file may say otherwise.
    for _ in 0..=HAND_ON.len() {
        let [reader] = view.consumers(tensor) else { return None };
        let node = &view.nodes[*reader];
        let op_type = node.onnx_type();
        if HAND_ON.contains(&op_type) && node.input_at(0) == Some(tensor) {
            tensor = node.output.first()?;
            continue;
        }
        return match op_type {
            "QuantizeLinear" => quantised(view, node),
            "Div" => scaled(numbers(view, node, tensor, 1)?, |by| by),
            "Mul" => scaled(numbers(view, node, tensor, 0)?, f32::recip),
            "Sub" => centred(&numbers(view, node, tensor, 1)?),
            _ => None,
        };
    }
    None
}

/// What the bytes of a QuantizeLinear reach.
fn quantised(view: &Graph<'_>, node: &NodeProto) -> Option<[f32; 2]> {
    let scale: f32 = view.scalar(node.input_at(1)?)?;
    let (zero, least, greatest) = match node.input_at(2) {
        None => (0.0, 0.0, 255.0),
        Some(name) => match view.scalar::<u8>(name) {
            Some(zero) => (f32::from(zero), 0.0, 255.0),
            None => (f32::from(view.scalar::<i8>(name)?), -128.0, 127.0),
        },
    };
    let range = [least, greatest].map(|byte: f32| (byte - zero) * scale);
    range.iter().all(|end| end.is_finite()).then_some(range)
}

/// The other operand of `node`, which reads `tensor` and has the other one at `place`, or at either
/// where that is 0.
fn numbers(view: &Graph<'_>, node: &NodeProto, tensor: &str, place: usize) -> Option<Vec<f32>> {
    let other = match (node.input_at(0)?, node.input_at(1)?) {
        (first, second) if first == tensor => second,
        (first, _) if place == 0 => first,
        _ => return None,
    };
    view.values(other)
}

/// Of pixels that are divided by some 255, or by the deviation of pixels from 0 to 255.
fn scaled(by: Vec<f32>, divisor: fn(f32) -> f32) -> Option<[f32; 2]> {
    let is_wide = |&by: &f32| (20.0..=512.0).contains(&divisor(by));
    (!by.is_empty() && by.iter().all(is_wide)).then_some([0.0, 255.0])
}

/// Of pixels whose mean is taken away first.
fn centred(mean: &[f32]) -> Option<[f32; 2]> {
    let within = |least: f32, most: f32| {
        !mean.is_empty() && mean.iter().all(|mean| (least..=most).contains(mean))
    };
    if within(0.2, 0.9) {
        Some([0.0, 1.0])
    } else if within(50.0, 230.0) {
        Some([0.0, 255.0])
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::{DataType, GraphProto, TensorProto};

    fn constant(name: &str, data_type: DataType, raw_data: Vec<u8>) -> TensorProto {
        TensorProto::constant(name, data_type, &[raw_data.len() as i64], raw_data)
    }

    fn reals(name: &str, values: &[f32]) -> TensorProto {
        TensorProto::floats(name, &[values.len() as i64], values.iter().copied())
    }

    fn node(op_type: &str, input: &[&str], output: &str) -> NodeProto {
        let input = input.iter().map(|&name| name.into()).collect();
        let (op_type, output) = (op_type.into(), vec![output.into()]);
        NodeProto { op_type, input, output, ..NodeProto::default() }
    }

    fn range(node: Vec<NodeProto>, initializer: Vec<TensorProto>) -> Option<[f32; 2]> {
        let graph = GraphProto { node, initializer, ..GraphProto::default() };
        expected(&Graph::new(&graph), "x")
    }

    #[test]
    fn a_quantiser_wrote_what_pictures_reach() {
        let quantise = || vec![node("QuantizeLinear", &["x", "s", "z"], "q")];
        let scale = || reals("s", &[0.5]);
        let unsigned = constant("z", DataType::Uint8, vec![55]);
        assert_eq!(range(quantise(), vec![scale(), unsigned.clone()]), Some([-27.5, 100.0]));
        let signed = constant("z", DataType::Int8, vec![0]);
        assert_eq!(range(quantise(), vec![scale(), signed]), Some([-64.0, 63.5]));
        let turned =
            vec![node("Transpose", &["x"], "t"), node("QuantizeLinear", &["t", "s", "z"], "q")];
        assert_eq!(range(turned, vec![scale(), unsigned]), Some([-27.5, 100.0]));
        let infinite = constant("z", DataType::Uint8, vec![1]);
        assert_eq!(range(quantise(), vec![reals("s", &[f32::MAX]), infinite]), None);
    }

    #[test]
    fn a_network_that_scales_pixels_itself_takes_them_as_they_are() {
        for (op_type, by, expected) in [
            ("Div", &[255.0][..], Some([0.0, 255.0])),
            ("Mul", &[1.0 / 255.0], Some([0.0, 255.0])),
            ("Div", &[58.4, 57.1, 57.4], Some([0.0, 255.0])),
            ("Sub", &[0.485, 0.456, 0.406], Some([0.0, 1.0])),
            ("Sub", &[123.7, 116.3, 103.5], Some([0.0, 255.0])),
            ("Sub", &[127.5], Some([0.0, 255.0])),
            ("Sub", &[-1.0], None),
            ("Div", &[0.229, 0.224, 0.225], None),
            ("Mul", &[0.5], None),
            ("Add", &[1.0], None),
            ("Div", &[], None),
        ] {
            assert_eq!(
                range(vec![node(op_type, &["x", "by"], "y")], vec![reals("by", by)]),
                expected
            );
        }
        // One over the pixels says nothing of them; a product reads either way.
        let turned = |op_type| vec![node(op_type, &["by", "x"], "y")];
        assert_eq!(range(turned("Div"), vec![reals("by", &[255.0])]), None);
        assert_eq!(range(turned("Mul"), vec![reals("by", &[1.0 / 255.0])]), Some([0.0, 255.0]));
        let circle = vec![node("Identity", &["x"], "x")];
        assert_eq!(range(circle, vec![]), None);
        let twice = ["a", "b"].map(|made| node("Div", &["x", "by"], made)).to_vec();
        assert_eq!(range(twice, vec![reals("by", &[255.0])]), None);
    }
}
