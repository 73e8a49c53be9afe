//! Products of quantised activations with quantised weights, as transformers and ConvNeXt have them for each token or
//! pixel, put into the form of a 1x1 convolution, which [`super::matcher`] knows.
//!
//! ```text
//! DequantizeLinear(x [.., depth]) ─┐
//! DequantizeLinear(w [depth, n])  ─┴─ MatMul ── Add of a constant | nothing ── QuantizeLinear
//! ```
//!
//! becomes
//!
//! ```text
//! x ── Reshape [1, 1, tokens, depth] ── DequantizeLinear ── Transpose to NCHW ─┐
//! DequantizeLinear(w [n, depth, 1, 1]) ─────────────────────────────────────── Conv ── QuantizeLinear
//!     ── Transpose to NHWC ── Reshape [.., n]
//! ```
//!
//! The layer reads and makes NHWC, so that nothing is moved. How many axes there are before the last one only the
//! shapes tell, which are not known here; the last Reshape asks for them.

use std::collections::HashMap;

use super::matcher::{is_known, is_mean, is_ordinary, parameters};
use super::operators::plain;
use super::pooled::{MOST_BETWEEN, SAME_ORDER};
use super::{TO_NCHW, TO_NHWC};
use crate::onnx::graph::{Graph, NodeExt};
use crate::onnx::names::Names;
use crate::onnx::proto::{AttributeProto, DataType, GraphProto, NodeProto, TensorProto};

/// Most products that become convolutions: each takes some more nodes, and what tract plans takes a time that grows
/// with their square. ViT-H/14 has 128.
const MOST: usize = 1000;

/// Puts a convolution in the place of each such product of `graph`; what was there is read by nothing any more.
pub(super) fn as_convolutions(graph: &mut GraphProto) {
    let view = Graph::new(graph);
    let mut additions = Additions::of(graph);
    let found: HashMap<usize, Vec<NodeProto>> = (graph.node.iter().enumerate())
        .filter_map(|(index, node)| Some((index, additions.convolution(&view, node)?)))
        .take(MOST)
        .collect();
    replace(graph, found);
    graph.initializer.extend(additions.constants);
}

/// Puts `found` in the place of the nodes with these indices.
fn replace(graph: &mut GraphProto, mut found: HashMap<usize, Vec<NodeProto>>) {
    let nodes = std::mem::take(&mut graph.node).into_iter().enumerate();
    graph.node = nodes
        .flat_map(|(index, node)| found.remove(&index).unwrap_or_else(|| vec![node]))
        .collect();
}

/// What a graph is to have beside what it has.
struct Additions {
    names: Names,
    constants: Vec<TensorProto>,
    /// Names of weights that are laid out anew, by their old ones: any number of products may share them.
    weights: HashMap<String, String>,
}

impl Additions {
    fn of(graph: &GraphProto) -> Self {
        Self { names: Names::of(graph), constants: vec![], weights: HashMap::new() }
    }

    /// The nodes in the place of the QuantizeLinear `quantize`, if it rounds such a product.
    fn convolution(&mut self, view: &Graph<'_>, quantize: &NodeProto) -> Option<Vec<NodeProto>> {
        let product = RoundedProduct::before(view, quantize)?;
        let RoundedProduct { real, kernel, bias, depth, classes } = product;
        let tokens = real.input_at(0)?;
        let shape = self.integers(&[1, 1, -1, depth as i64]);
        let [bytes, reals, nchw, weights, sums, rounded, nhwc] =
            [(); 7].map(|()| self.names.next());
        let laid_out = self.laid_out(view, kernel.input_at(0)?, [depth, classes])?;
        let steps = |from: &NodeProto, of: &str| -> Vec<String> {
            [of.to_owned()].into_iter().chain(from.input[1..].iter().cloned()).collect()
        };
        let turned = |from: String, perm: [i64; 4], to: &str| NodeProto {
            attribute: vec![AttributeProto::ints("perm", perm.into())],
            ..plain("Transpose", vec![from], to)
        };
        let first_axis =
            |node| NodeProto { attribute: vec![AttributeProto::int("axis", 0)], ..node };
        let conv = [&nchw, &weights].into_iter().cloned().chain(bias.map(Into::into)).collect();
        let mut nodes = vec![
            plain("Reshape", vec![tokens.into(), shape], &bytes),
            plain("DequantizeLinear", steps(real, &bytes), &reals),
            turned(reals, TO_NCHW, &nchw),
            first_axis(plain("DequantizeLinear", steps(kernel, &laid_out), &weights)),
            plain("Conv", conv, &sums),
            plain("QuantizeLinear", steps(quantize, &sums), &rounded),
            turned(rounded, TO_NHWC, &nhwc),
        ];
        // The axes of what was read, but the last one.
        let [all, others, made] = [(); 3].map(|()| self.names.next());
        let (first, last) = (self.integers(&[0]), self.integers(&[-1]));
        let channels = self.integers(&[classes as i64]);
        nodes.extend([
            plain("Shape", vec![tokens.into()], &all),
            plain("Slice", vec![all, first, last], &others),
            first_axis(plain("Concat", vec![others, channels], &made)),
            plain("Reshape", vec![nhwc, made], quantize.output.first()?),
        ]);
        Some(nodes)
    }

    /// The name of the constant `weights`, `[depth, classes]`, as those of a convolution,
    /// `[classes, depth, 1, 1]`.
    fn laid_out(
        &mut self,
        view: &Graph<'_>,
        weights: &str,
        [depth, classes]: [usize; 2],
    ) -> Option<String> {
        if let Some(name) = self.weights.get(weights) {
            return Some(name.clone());
        }
        let is_signed = view.values::<i8>(weights).is_some();
        let data_type = if is_signed { DataType::Int8 } else { DataType::Uint8 };
        let values = view.bytes(weights)?;
        let columns = (0..classes).flat_map(|class| (0..depth).map(move |at| at * classes + class));
        let bytes = columns.map(|at| values[at] as u8).collect();
        let dims = [classes as i64, depth as i64, 1, 1];
        let name = self.names.next();
        self.constants.push(TensorProto::constant(&*name, data_type, &dims, bytes));
        self.weights.insert(weights.into(), name.clone());
        Some(name)
    }

    /// The name of constant whole numbers.
    fn integers(&mut self, values: &[i64]) -> String {
        let raw_data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let is_same = |constant: &&TensorProto| {
            constant.data_type == DataType::Int64 as i32 && constant.raw_data == raw_data
        };
        if let Some(known) = self.constants.iter().find(is_same) {
            return known.name.clone();
        }
        let name = self.names.next();
        let dims = [values.len() as i64];
        self.constants.push(TensorProto::constant(&*name, DataType::Int64, &dims, raw_data));
        name
    }
}

/// A product whose result is rounded.
struct RoundedProduct<'a> {
    /// What makes the activation real.
    real: &'a NodeProto,
    /// What makes the weights real.
    kernel: &'a NodeProto,
    /// One real number for each class.
    bias: Option<&'a str>,
    depth: usize,
    classes: usize,
}

impl<'a> RoundedProduct<'a> {
    fn before(view: &Graph<'a>, quantize: &NodeProto) -> Option<Self> {
        if quantize.onnx_type() != "QuantizeLinear" || !is_known(quantize) {
            return None;
        }
        parameters(view, quantize)?;
        let sums = alone(view, quantize.input_at(0)?)?;
        let (product, bias) = match view.producer(sums, "MatMul") {
            Some(product) => (product, None),
            None => {
                let sum = view.producer(sums, "Add").filter(|node| is_known(node))?;
                let [a, b] = [sum.input_at(0)?, sum.input_at(1)?];
                let of = |name| view.producer(alone(view, name)?, "MatMul");
                of(a).map(|product| (product, Some(b))).or_else(|| Some((of(b)?, Some(a))))?
            }
        };
        let of_reals = |name: &str| view.producer(name, "DequantizeLinear").filter(|n| is_known(n));
        let (real, kernel) = (of_reals(product.input_at(0)?)?, of_reals(product.input_at(1)?)?);
        // Without a zero point the type is that of the bytes, which are reshaped here.
        let is_plain = is_known(product)
            && parameters(view, real).is_some()
            && real.input_at(2).is_some()
            && is_ordinary(kernel, DataType::Float as i64);
        let tokens = real.input_at(0)?;
        if !is_plain || view.shape(tokens).is_some() || is_mean_of_map(view, tokens) {
            return None;
        }
        let &[depth, classes] = view.shape(kernel.input_at(0)?)?.as_slice() else { return None };
        // By columns, which become the output's channels.
        let by_columns = matches!(kernel.int("axis").unwrap_or(1), 1 | -1);
        let fits = |count: usize| count == 1 || count == classes && by_columns;
        let scales: Vec<f32> = view.values(kernel.input_at(1)?)?;
        let zeros = kernel.input_at(2).map_or(Some(1), |name| Some(view.bytes(name)?.len()))?;
        let is_bias = |name: &str| {
            view.values::<f32>(name).is_some() && view.shape(name).as_deref() == Some(&[classes])
        };
        let fits = depth > 0 && classes > 0 && fits(scales.len()) && fits(zeros);
        (fits && bias.is_none_or(is_bias)).then_some(Self { real, kernel, bias, depth, classes })
    }
}

/// `tensor`, if one node reads it and nobody else.
fn alone<'a>(view: &Graph<'_>, tensor: &'a str) -> Option<&'a str> {
    (view.consumers(tensor).len() == 1 && !view.is_output(tensor)).then_some(tensor)
}

/// Whether `tensor` is the rounded mean of a map: its classifier is a layer of its own ([`super::pooled`]).
fn is_mean_of_map(view: &Graph<'_>, tensor: &str) -> bool {
    let mut tensor = tensor;
    for _ in 0..MOST_BETWEEN {
        let Some(index) = view.producer_index(tensor) else { return false };
        let node = &view.nodes[index];
        if is_mean(view, node) {
            return true;
        }
        let op_type = node.onnx_type();
        let is_rounding = matches!(op_type, "QuantizeLinear" | "DequantizeLinear");
        let Some(before) = node.input_at(0) else { return false };
        if !is_rounding && !SAME_ORDER.contains(&op_type) {
            return false;
        }
        tensor = before;
    }
    false
}
