//! Constants that stand in another form than they are used in. Weights that a file has as real numbers and quantises
//! whenever it runs, as trainers with simulated quantisation write them, are quantised here, once. What a quantiser wrote
//! as integers for a BatchNormalization, which reads real numbers, becomes real.

use std::collections::HashSet;

use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::proto::{AttributeType, DataType, GraphProto, NodeProto, TensorProto};

/// Most readers of a constant that are looked at, those behind Identities among them: TorchScript writes these for
/// parameters that are alike. Any number of them may name each other.
const MOST_READERS: usize = 1024;

/// Puts a constant in the place of each QuantizeLinear of a constant in `graph`.
pub(super) fn quantise(graph: &mut GraphProto) {
    fold(graph, quantised);
}

/// Puts a constant in the place of each DequantizeLinear of one in `graph` that BatchNormalizations alone read. Whether
/// there was one.
pub(crate) fn make_real(graph: &mut GraphProto) -> bool {
    fold(graph, normaliser)
}

/// Puts what `made` makes of nodes into their place. Whether it made anything.
fn fold(graph: &mut GraphProto, made: fn(&Graph<'_>, &NodeProto) -> Option<TensorProto>) -> bool {
    let view = Graph::new(graph);
    let made = graph.node.iter().filter_map(|node| made(&view, node));
    let constants: Vec<TensorProto> = made.collect();
    let folded: HashSet<&str> = constants.iter().map(|constant| constant.name.as_str()).collect();
    graph.node.retain(|node| node.output.iter().all(|name| !folded.contains(name.as_str())));
    let is_changed = !constants.is_empty();
    graph.initializer.extend(constants);
    is_changed
}

/// What `node` makes, if it quantises a constant to bytes.
fn quantised(view: &Graph<'_>, node: &NodeProto) -> Option<TensorProto> {
    let real = operand(view, node, "QuantizeLinear")?;
    let scales: Vec<f32> = view.values(node.input_at(1)?)?;
    let (zeros, is_signed) = match node.input_at(2) {
        None => (vec![0], false),
        Some(zero) => (view.bytes(zero)?, view.values::<i8>(zero).is_some()),
    };
    let of_channel = Channels::new(&view.shape(real)?, node, scales.len(), zeros.len())?;
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
    let data_type = if is_signed { DataType::Int8 } else { DataType::Uint8 };
    Some(like(view, node, data_type, values.iter().enumerate().map(byte).collect()))
}

/// What `node` makes, if it dequantises a constant for BatchNormalizations.
fn normaliser(view: &Graph<'_>, node: &NodeProto) -> Option<TensorProto> {
    let whole = operand(view, node, "DequantizeLinear")?;
    if !is_for_normalisers(view, node.output.first()?) {
        return None;
    }
    let scales: Vec<f32> = view.values(node.input_at(1)?)?;
    let integers = |name| {
        let bytes = || Some(view.bytes(name)?.into_iter().map(i32::from).collect::<Vec<i32>>());
        bytes().or_else(|| view.values(name))
    };
    let zeros = node.input_at(2).map_or(Some(vec![0]), integers)?;
    let of_channel = Channels::new(&view.shape(whole)?, node, scales.len(), zeros.len())?;
    let real = |(index, value): (usize, i32)| {
        let steps = i64::from(value) - i64::from(of_channel.of(&zeros, index));
        steps as f32 * of_channel.of(&scales, index)
    };
    let values: Vec<f32> = integers(whole)?.into_iter().enumerate().map(real).collect();
    // As of a file's own numbers, infinite ones are none.
    let bytes = || values.iter().flat_map(|value| value.to_le_bytes()).collect();
    values.iter().all(|value| value.is_finite()).then(|| like(view, node, DataType::Float, bytes()))
}

/// Whether BatchNormalizations alone read `tensor`, themselves or behind Identities.
fn is_for_normalisers(view: &Graph<'_>, tensor: &str) -> bool {
    let mut todo = vec![tensor];
    let mut left = MOST_READERS;
    while let Some(tensor) = todo.pop() {
        let readers = view.consumers(tensor);
        if readers.is_empty() || readers.len() > left || view.is_output(tensor) {
            return false;
        }
        left -= readers.len();
        for &reader in readers {
            let node = &view.nodes[reader];
            match (node.onnx_type(), node.output.first()) {
                ("BatchNormalization", _) => {}
                ("Identity", Some(made)) => todo.push(made),
                _ => return false,
            }
        }
    }
    true
}

/// The first input of `node`, if it is of this type, has nothing unknown, and is no output of the graph.
fn operand<'a>(view: &Graph<'_>, node: &'a NodeProto, onnx_type: &str) -> Option<&'a str> {
    let is_plain = node.onnx_type() == onnx_type
        && node.input.len() <= 3
        && node.has_only(&[("axis", AttributeType::Int), ("saturate", AttributeType::Int)]);
    let is_inner = !view.is_output(node.output.first()?);
    node.input_at(0).filter(|_| is_plain && is_inner)
}

/// A constant of what `node` makes, in the shape of its first input.
fn like(view: &Graph<'_>, node: &NodeProto, data_type: DataType, raw_data: Vec<u8>) -> TensorProto {
    let shape = node.input_at(0).and_then(|name| view.shape(name)).unwrap_or_default();
    let dims: Vec<i64> = shape.iter().map(|&side| side as i64).collect();
    let name = node.output.first().cloned().unwrap_or_default();
    TensorProto::constant(name, data_type, &dims, raw_data)
}

/// Which channel an element belongs to.
pub(super) struct Channels {
    count: usize,
    /// Elements from one channel to the next.
    inner: usize,
}

impl Channels {
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

    fn node(op_type: &str, input: &[&str], output: &str) -> NodeProto {
        let input = input.iter().map(|&name| name.into()).collect();
        let (op_type, output) = (op_type.into(), vec![output.into()]);
        NodeProto { op_type, input, output, ..NodeProto::default() }
    }

    /// A BatchNormalization whose `numbers` of this type are dequantised for it.
    fn normalised(data_type: DataType, numbers: Vec<u8>) -> GraphProto {
        GraphProto {
            initializer: vec![
                TensorProto::constant("whole", data_type, &[2], numbers),
                TensorProto::floats("step", &[], [0.5]),
            ],
            node: vec![
                node("DequantizeLinear", &["whole", "step"], "real"),
                node("BatchNormalization", &["x", "real", "real", "real", "real"], "y"),
            ],
            ..GraphProto::default()
        }
    }

    #[test]
    fn what_a_batch_normalization_reads_is_real() {
        let words = [7_i32, -300].iter().flat_map(|word| word.to_le_bytes()).collect();
        for (data_type, numbers, expected) in [
            (DataType::Uint8, vec![3, 250], [1.5, 125.0]),
            (DataType::Int8, vec![3, 250], [1.5, -3.0]),
            (DataType::Int32, words, [3.5, -150.0]),
        ] {
            let mut graph = normalised(data_type, numbers);
            // As TorchScript writes parameters that are alike.
            graph.node[1].input[2] = "alike".into();
            graph.node.insert(1, node("Identity", &["real"], "alike"));
            assert!(make_real(&mut graph));
            assert_eq!(graph.node.len(), 2);
            assert_eq!(Graph::new(&graph).values::<f32>("real").unwrap(), expected);
        }
    }

    #[test]
    fn what_others_read_too_stays_as_it_is() {
        let mut added = normalised(DataType::Uint8, vec![3, 250]);
        added.node.push(node("Add", &["y", "real"], "z"));
        let mut handed_on = normalised(DataType::Uint8, vec![3, 250]);
        handed_on.node.push(node("Identity", &["real"], "alike"));
        let mut endless = handed_on.clone();
        endless.node.push(node("Identity", &["alike"], "alike"));
        for before in [added, handed_on, endless] {
            let mut after = before.clone();
            assert!(!make_real(&mut after));
            assert_eq!(after, before);
        }
    }
}
