//! Rewrites quantised islands of an ONNX graph into fused int8 layers.
//!
//! # What is an island
//!
//! ```text
//! DequantizeLinear(x) ─┐
//! DequantizeLinear(w) ─┼─ Conv ── Clip | Relu | nothing ── QuantizeLinear      -> Int8Conv
//! DequantizeLinear(b) ─┘
//! DequantizeLinear(a) ─┬─ Add ─── Clip | Relu | nothing ── QuantizeLinear      -> Int8Add
//! DequantizeLinear(b) ─┘
//! DequantizeLinear(x, w, b) ─ Conv 1x1 ─┬─ Transpose to NHWC   (the map)       -> Int8Head
//!                                       └─ ReduceMean over H, W (the logits)
//! ```
//!
//! An island becomes one node of [`DOMAIN`], which reads and writes `uint8` NHWC tensors. It is
//! exact in integers where the island was approximate in floats: `acc * (sx * sw / sy)` instead of
//! products of floats, so it may differ from another engine by one step at a rounding boundary.
//!
//! # How
//!
//! 1. [`matcher`]: in graph order, match an island at each QuantizeLinear and at each classifier.
//! 2. [`emit`]: walk back from the outputs and note which tensors are needed, and in which layout:
//!    a layer needs its inputs in NHWC, every other node needs the layout that the file has.
//! 3. [`emit`]: write what is needed, in graph order, with a Transpose wherever a tensor is made in one layout
//!    and read in the other. Between two layers there is none.
//!
//! What does not match stays as it is and runs in tract's own operators. What only tract finds out,
//! such as the shapes of two summands, is not asked here: where it refuses the lowered graph,
//! the engine takes the graph as the file has it.

use crate::kernels::InputQuant;
use crate::onnx::graph::Graph;
use crate::onnx::proto::GraphProto;
use crate::program::layer::LayerSpec;

mod emit;
mod matcher;

const TO_NHWC: [i64; 4] = [0, 2, 3, 1];
const TO_NCHW: [i64; 4] = [0, 3, 1, 2];

/// A quantised tensor as a layer reads it.
#[derive(Clone)]
struct Quantised<'a> {
    tensor: &'a str,
    /// Whether the file already has it in NHWC.
    is_nhwc: bool,
    scale: f32,
    quant: InputQuant,
}

/// A matched island: the layer, what it reads, and the names of what it makes.
struct Island<'a> {
    spec: LayerSpec,
    inputs: Vec<Quantised<'a>>,
    /// Constants appended to the inputs.
    constants: Vec<&'a str>,
    /// Int8Conv and Int8Add: the quantised tensor. Int8Head: map and logits, "" if unused.
    outputs: Vec<&'a str>,
}

/// Rewrites `graph` in place; returns how many layers were fused.
pub(crate) fn lower(graph: &mut GraphProto) -> usize {
    let view = Graph::new(graph);
    let islands = matcher::islands(&view);
    if islands.is_empty() {
        return 0;
    }
    let emitted = emit::nodes(&view, &islands, graph);
    let count = emitted.iter().filter(|node| node.domain == crate::program::layer::DOMAIN).count();
    graph.node = emitted;
    // Tensors changed their layouts: what the file says of their shapes no longer holds.
    graph.value_info.clear();
    count
}
