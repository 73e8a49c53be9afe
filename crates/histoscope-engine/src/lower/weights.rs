//! Weights that a file has as real numbers and quantises whenever it runs, as trainers with simulated quantisation write
//! them: they are constant, so they are quantised here, once.

use std::collections::HashSet;

use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::{AttributeType, DataType, GraphProto, NodeProto, TensorProto};

/// Puts a constant in the place of each QuantizeLinear of a constant in `graph`.
pub(super) fn fold(graph: &mut GraphProto) {
    let view = Graph::new(graph);
    let constants: Vec<TensorProto> =
        graph.node.iter().filter_map(|node| quantised(&view, node)).collect();
    let folded: HashSet<&str> = constants.iter().map(|constant| constant.name.as_str()).collect();
    graph.node.retain(|node| node.output.iter().all(|name| !folded.contains(name.as_str())));
    graph.initializer.extend(constants);
}

/// What `node` makes, if it quantises a constant to bytes.
fn quantised(view: &Graph<'_>, node: &NodeProto) -> Option<TensorProto> {
    let is_plain = node.onnx_type() == "QuantizeLinear"
        && node.input.len() <= 3
        && node.has_only(&[("axis", AttributeType::Int), ("saturate", AttributeType::Int)]);
    let name = node.output.first()?;
    if !is_plain || view.is_output(name) {
        return None;
    }
    let real = node.input_at(0)?;
    let shape = view.shape(real)?;
    let scales: Vec<f32> = view.values(node.input_at(1)?)?;
    let (zeros, is_signed) = match node.input_at(2) {
        None => (vec![0], false),
        Some(zero) => (view.bytes(zero)?, view.values::<i8>(zero).is_some()),
    };
    let axis = node.int("axis").unwrap_or(1);
    let axis = usize::try_from(if axis < 0 { axis + shape.len() as i64 } else { axis }).ok()?;
    let channels = shape.get(axis).copied().unwrap_or(1);
    let fits = |count: usize| count == 1 || count == channels;
    if !fits(scales.len()) || !fits(zeros.len()) || !scales.iter().all(|s| *s > 0.0) {
        return None;
    }
    let inner = shape.iter().skip(axis + 1).product::<usize>().max(1);
    let (least, most) = if is_signed { (-128.0, 127.0) } else { (0.0, 255.0) };
    let byte = |(index, value): (usize, &f32)| {
        let channel = index / inner % channels.max(1);
        let of_channel = |count: usize| if count == 1 { 0 } else { channel };
        let steps = (value / scales[of_channel(scales.len())]).round_ties_even();
        let step = (steps + f32::from(zeros[of_channel(zeros.len())])).clamp(least, most);
        step as i16 as u8
    };
    let values: Vec<f32> = view.values(real)?;
    Some(TensorProto {
        name: name.clone(),
        dims: shape.iter().map(|&side| side as i64).collect(),
        data_type: if is_signed { DataType::Int8 } else { DataType::Uint8 } as i32,
        raw_data: values.iter().enumerate().map(byte).collect(),
        ..TensorProto::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::AttributeProto;

    fn constant(name: &str, data_type: DataType, dims: &[i64], raw_data: Vec<u8>) -> TensorProto {
        let (name, dims) = (name.into(), dims.into());
        TensorProto { name, data_type: data_type as i32, dims, raw_data, ..TensorProto::default() }
    }

    fn reals(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// Two channels of two weights, quantised to the zero points `zeros` of this type.
    fn graph(data_type: DataType, zeros: Vec<u8>, axis: Option<i64>) -> GraphProto {
        let attribute = axis.map(|i| AttributeProto {
            name: "axis".into(),
            i,
            r#type: AttributeType::Int.into(),
            ..AttributeProto::default()
        });
        GraphProto {
            initializer: vec![
                constant("real", DataType::Float, &[2, 2], reals(&[1.0, -0.25, 1.0, 900.0])),
                constant("scale", DataType::Float, &[2], reals(&[0.5, 0.25])),
                constant("zero", data_type, &[zeros.len() as i64], zeros),
            ],
            node: vec![NodeProto {
                op_type: "QuantizeLinear".into(),
                input: ["real", "scale", "zero"].map(Into::into).into(),
                output: vec!["bytes".into()],
                attribute: Vec::from_iter(attribute),
                ..NodeProto::default()
            }],
            ..GraphProto::default()
        }
    }

    #[test]
    fn weights_are_quantised_along_their_axis() {
        for (axis, expected) in
            [(Some(0), [2, 0, 4, 127]), (None, [2, -1, 2, 127]), (Some(-2), [2, 0, 4, 127])]
        {
            let mut signed = graph(DataType::Int8, vec![0, 0], axis);
            fold(&mut signed);
            assert!(signed.node.is_empty());
            let view = Graph::new(&signed);
            assert_eq!(view.values::<i8>("bytes").unwrap(), expected);
            assert_eq!(view.shape("bytes").unwrap(), [2, 2]);
        }
        let mut unsigned = graph(DataType::Uint8, vec![100], Some(0));
        fold(&mut unsigned);
        assert_eq!(Graph::new(&unsigned).values::<u8>("bytes").unwrap(), [102, 100, 104, 255]);
    }

    #[test]
    fn what_is_not_constant_or_odd_stays() {
        let mut made = graph(DataType::Int8, vec![0, 0], Some(0));
        made.initializer.remove(0);
        let odd_axis = graph(DataType::Int8, vec![0, 0], Some(7));
        let odd_zeros = graph(DataType::Int8, vec![0, 0, 0], Some(0));
        let mut odd_scale = graph(DataType::Int8, vec![0, 0], Some(0));
        odd_scale.initializer[1].raw_data = reals(&[0.5, f32::NAN]);
        for kept in [made, odd_axis, odd_zeros, odd_scale] {
            let mut after = kept.clone();
            fold(&mut after);
            assert_eq!(after, kept);
        }
    }
}
