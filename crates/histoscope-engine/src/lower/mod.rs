//! Finds quantised islands in an ONNX graph and makes fused int8 layers of them.
//!
//! # What is an island
//!
//! ```text
//! DequantizeLinear(x) ─┐
//! DequantizeLinear(w) ─┼─ Conv ── Clip | Relu | nothing ── QuantizeLinear      -> a convolution
//! DequantizeLinear(b) ─┘
//! DequantizeLinear(a) ─┬─ Add ─── Clip | Relu | nothing ── QuantizeLinear      -> a sum
//! DequantizeLinear(b) ─┘
//! DequantizeLinear(x, w, b) ─ Conv 1x1 ─┬─ Transpose to NHWC   (the map)       -> a head
//!                                       └─ ReduceMean over H, W (the logits)
//! DequantizeLinear(x) ── ReduceMean over H, W ── ... ── Gemm                   -> a classifier
//! DynamicQuantizeLinear(x) ── ConvInteger ── Cast ── Mul ── Add ── Clip | ...  -> a convolution
//! ```
//!
//! An island becomes one layer, which reads and writes NHWC tensors, of `uint8` where the file says how
//! they are quantised. It is exact in integers
//! where the island was approximate in floats: `acc * (sx * sw / sy)` instead of products of floats,
//! so it may differ from another engine by one step at a rounding boundary.
//!
//! # How
//!
//! 1. [`weights`], [`operators`], [`forms`], `products`: weights that are quantised in the graph,
//!    operators of quantised tensors, signed activations, real biases, activations between two
//!    quantisations and products of tokens with weights become what our quantiser writes.
//! 2. [`matcher`], [`pooled`], [`dynamic`]: in graph order, match an island at each QuantizeLinear, at
//!    each classifier, and where the products of integers become real.
//! 3. [`layout`]: walk back from the outputs and note which tensors are needed, and in which layout:
//!    a layer needs its inputs in NHWC, every other node needs the layout that the file has. What is
//!    needed becomes the lowered graph, in graph order, with a transposition wherever a tensor is
//!    made in one layout and read in the other. Between two layers there is none.
//!
//! What does not match stays as it is and runs in tract's own operators. A node with an attribute, an
//! input or an output that the match does not know is no match. What only shapes tell, such as that
//! two summands are alike, is not asked here: whoever runs the lowered graph asks it.

use std::collections::HashMap;

use crate::kernels::InputQuant;
use crate::onnx::graph::Graph;
use crate::onnx::proto::{GraphProto, NodeProto};
use crate::program::layer::LayerSpec;

mod dynamic;
mod forms;
mod layout;
mod matcher;
mod operators;
mod pooled;
#[cfg(feature = "tract")]
mod products;
mod weights;

pub(crate) use forms::rewrite;
#[cfg(feature = "tract")]
pub(crate) use forms::rewrite_but_products;
pub(crate) use matcher::steps;

/// The permutation of axes to NHWC.
pub(crate) const TO_NHWC: [i64; 4] = [0, 2, 3, 1];
/// The permutation of axes from there.
pub(crate) const TO_NCHW: [i64; 4] = [0, 3, 1, 2];

/// A graph whose islands are layers, in an order in which it can run.
#[derive(Debug)]
pub(crate) struct Lowered<'a> {
    pub nodes: Vec<Node<'a>>,
}

/// A node of a lowered graph; tensors have names.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Layer(Layer<'a>),
    /// As the file has it.
    Kept(&'a NodeProto),
    /// The tensor `from` of the file in its other layout, as `to`.
    Transposed {
        from: String,
        to: String,
        perm: [i64; 4],
    },
}

/// A fused layer and what it reads and makes.
#[derive(Debug)]
pub(crate) struct Layer<'a> {
    pub spec: LayerSpec,
    /// Activations, NHWC.
    pub inputs: Vec<String>,
    /// Names of weights and bias in the file; none for a sum.
    pub constants: Vec<&'a str>,
    /// A convolution or a sum: the activation, NHWC. A head: map and logits.
    pub outputs: Vec<String>,
    /// The activation as the file has it; none for a head.
    pub made: Option<Made>,
}

/// A quantised tensor that a layer makes: `real = scale * (byte - zero_point)`.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// Its name in the file.
    pub tensor: String,
    /// Finite and above 0.
    pub scale: f32,
    pub zero_point: u8,
}

/// A tensor as a layer reads it.
#[derive(Clone, Copy)]
struct Read<'a> {
    tensor: &'a str,
    /// Whether the file already has it in NHWC.
    is_nhwc: bool,
}

/// A quantised tensor as a layer reads it.
#[derive(Clone)]
struct Quantised<'a> {
    read: Read<'a>,
    scale: f32,
    quant: InputQuant,
}

/// A matched island: the layer, what it reads, and the names of what it makes.
struct Found<'a> {
    spec: LayerSpec,
    inputs: Vec<Read<'a>>,
    constants: Vec<&'a str>,
    /// A convolution or a sum: the activation. A head or a classifier: map and logits, "" if unused.
    outputs: Vec<&'a str>,
    /// Scale and zero point of the activation; none where it is real.
    quantised: Option<(f32, u8)>,
}

/// The lowered form of `graph`; without an island it is the graph itself.
pub(crate) fn lower<'a>(graph: &'a GraphProto, view: &Graph<'a>) -> Lowered<'a> {
    let found = matcher::islands(view);
    if found.is_empty() {
        return Lowered { nodes: graph.node.iter().map(Node::Kept).collect() };
    }
    Lowered { nodes: layout::nodes(view, &found, graph) }
}

impl Lowered<'_> {
    /// How many layers were fused.
    pub(crate) fn fused(&self) -> usize {
        self.nodes.iter().filter(|node| matches!(node, Node::Layer(_))).count()
    }

    /// How many of a file's nodes no layer stands for: `file` has the operator of each and what it makes.
    pub(crate) fn left(&self, file: &[(String, Vec<String>)]) -> usize {
        let mut makers: HashMap<&str, &str> = HashMap::new();
        for node in &self.nodes {
            if let Node::Kept(node) = node {
                let made = node.output.iter().filter(|made| !made.is_empty());
                makers.extend(made.map(|made| (made.as_str(), node.op_type.as_str())));
            }
        }
        // A Reshape behind a layer of tokens makes what a QuantizeLinear of the file made.
        let is_left = |(op_type, made): &&(String, Vec<String>)| {
            let mut by = made.iter().filter_map(|made| makers.get(made.as_str()));
            by.any(|by| by == op_type || *by != "Reshape")
        };
        file.iter().filter(is_left).count()
    }
}
