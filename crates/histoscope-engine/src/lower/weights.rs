//! Weights that a file has as real numbers and quantises whenever it runs, as trainers with simulated quantisation write
//! them, are quantised here, once.

use std::collections::HashSet;

use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::{AttributeType, DataType, GraphProto, NodeProto, TensorProto};

/// Puts a constant in the place of each QuantizeLinear of a constant in `graph`.
pub(super) fn quantise(graph: &mut GraphProto) {
    let view = Graph::new(graph);
    let made = graph.node.iter().filter_map(|node| quantised(&view, node));
    let constants: Vec<TensorProto> = made.collect();
    let folded: HashSet<&str> = constants.iter().map(|constant| constant.name.as_str()).collect();
    graph.node.retain(|node| node.output.iter().all(|name| !folded.contains(name.as_str())));
    graph.initializer.extend(constants);
}

/// What `node` makes, if it quantises a constant to bytes.
fn quantised(view: &Graph<'_>, node: &NodeProto) -> Option<TensorProto> {
    let real = operand(view, node)?;
    let scales: Vec<f32> = view.values(node.input_at(1)?)?;
    let (zeros, is_signed) = match node.input_at(2) {
        None => (vec![0], false),
        Some(zero) => (view.bytes(zero)?, view.values::<i8>(zero).is_some()),
    };
    let shape = view.shape(real)?;
    let of_channel = ChannelOf::new(&shape, node, scales.len(), zeros.len())?;
    if !scales.iter().all(|scale| *scale > 0.0) {
        return None;
    }
    let (least, most) = if is_signed { (-128.0, 127.0) } else { (0.0, 255.0) };
    let byte = |(index, value): (usize, &f32)| {
        let steps = (value / of_channel.of(&scales, index)).round_ties_even();
        let step = (steps + f32::from(of_channel.of(&zeros, index))).clamp(least, most);
        step as i16 as u8
    };
    let values: Vec<f32> = view.values(real)?;
    let bytes = values.iter().enumerate().map(byte).collect();
    let data_type = if is_signed { DataType::Int8 } else { DataType::Uint8 };
    let dims: Vec<i64> = shape.iter().map(|&side| side as i64).collect();
    Some(TensorProto::constant(node.output.first()?.clone(), data_type, &dims, bytes))
}

/// What the QuantizeLinear `node` reads, if it has nothing unknown and is no output of the graph.
fn operand<'a>(view: &Graph<'_>, node: &'a NodeProto) -> Option<&'a str> {
    let is_plain = node.onnx_type() == "QuantizeLinear"
        && node.input.len() <= 3
        && node.has_only(&[("axis", AttributeType::Int), ("saturate", AttributeType::Int)]);
    let is_inner = !view.is_output(node.output.first()?);
    node.input_at(0).filter(|_| is_plain && is_inner)
}

/// Which channel an element belongs to.
pub(super) struct ChannelOf {
    count: usize,
    /// Elements from one channel to the next.
    inner: usize,
}

impl ChannelOf {
    /// Along the axis of `node`, of a tensor of `shape`; `None` if so many scales or zero points do not fit.
    pub(super) fn new(
        shape: &[usize],
        node: &NodeProto,
        scales: usize,
        zeros: usize,
    ) -> Option<Self> {
        let axis = node.int("axis").unwrap_or(1);
        let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
        let axis = usize::try_from(axis).ok()?;
        let count = shape.get(axis).copied().unwrap_or(1);
        let inner = shape.iter().skip(axis + 1).product::<usize>().max(1);
        let fits = |values: usize| values == 1 || values == count;
        (fits(scales) && fits(zeros)).then_some(Self { count: count.max(1), inner })
    }

    /// The value, of one for all or of one for each channel, of the element `index`.
    pub(super) fn of<T: Copy>(&self, values: &[T], index: usize) -> T {
        values[if values.len() == 1 { 0 } else { index / self.inner % self.count }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::AttributeProto;

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
                TensorProto::floats("real", &[2, 2], [1.0, -0.25, 1.0, 900.0]),
                TensorProto::floats("scale", &[2], [0.5, 0.25]),
                TensorProto::constant("zero", data_type, &[zeros.len() as i64], zeros),
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
            quantise(&mut signed);
            assert!(signed.node.is_empty());
            let view = Graph::new(&signed);
            assert_eq!(view.values::<i8>("bytes").unwrap(), expected);
            assert_eq!(view.shape("bytes").unwrap(), [2, 2]);
        }
        let mut unsigned = graph(DataType::Uint8, vec![100], Some(0));
        quantise(&mut unsigned);
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
            quantise(&mut after);
            assert_eq!(after, kept);
        }
    }
}
