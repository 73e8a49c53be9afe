//! Damage to an ONNX graph that leaves it a graph: attributes, shapes, constants, edges, operators.

use fastrand::Rng;
use histoscope_engine::proto::{AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto};
use prost::Message;

use super::{extreme, times};

/// Operators and attributes that a graph may have and the seeds have not.
const OPERATORS: [&str; 28] = [
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "DequantizeLinear",
    "Expand",
    "Gather",
    "Gemm",
    "MatMul",
    "MaxPool",
    "Mul",
    "Pad",
    "QuantizeLinear",
    "Range",
    "ReduceMean",
    "Relu",
    "Reshape",
    "Resize",
    "Slice",
    "Softmax",
    "Squeeze",
    "Tile",
    "Transpose",
];
const ATTRIBUTES: [&str; 22] = [
    "alpha",
    "auto_pad",
    "axes",
    "axis",
    "block_size",
    "ceil_mode",
    "dilations",
    "group",
    "keepdims",
    "kernel_shape",
    "mode",
    "noop_with_empty_axes",
    "output_dtype",
    "output_shape",
    "pads",
    "perm",
    "precision",
    "saturate",
    "shape",
    "strides",
    "to",
    "value",
];
/// Domains of an operator, most often its own.
const DOMAINS: [&str; 5] = ["", "ai.onnx", "com.microsoft", "histoscope", "com.example"];

pub(super) fn spoil(start: &[u8], other: &[u8], random: &mut Rng) -> Vec<u8> {
    let (Ok(mut model), Ok(other)) = (ModelProto::decode(start), ModelProto::decode(other)) else {
        return start.to_vec();
    };
    if let (Some(graph), Some(other)) = (&mut model.graph, &other.graph) {
        for _ in 0..times(random) {
            once(graph, other, random);
        }
    }
    if random.u8(..) < 8 {
        for import in &mut model.opset_import {
            import.version = random.i64(-1..30);
        }
    }
    model.encode_to_vec()
}

fn once(graph: &mut GraphProto, other: &GraphProto, random: &mut Rng) {
    match random.u8(..10) {
        0..=2 => {
            if let Some(at) = index(graph.node.len(), random) {
                attribute(&mut graph.node[at], random);
            }
        }
        3 | 4 => {
            if let Some(at) = index(graph.initializer.len(), random) {
                tensor(&mut graph.initializer[at], random);
            }
        }
        5 | 6 => edges(graph, random),
        7 => {
            if let Some(at) = index(graph.node.len(), random) {
                operator(&mut graph.node[at], random);
            }
        }
        8 => nodes(graph, other, random),
        _ => {
            let ports = if random.bool() { &mut graph.input } else { &mut graph.output };
            let Some(at) = index(ports.len(), random) else { return };
            let Some(r#type) = &mut ports[at].r#type else { return };
            let Some(tensor) = &mut r#type.tensor_type else { return };
            if random.u8(..4) == 0 {
                tensor.elem_type = random.i32(0..20);
            } else if let Some(shape) = &mut tensor.shape
                && let Some(at) = index(shape.dim.len(), random)
            {
                shape.dim[at].dim_value = Some(extreme(random));
            }
        }
    }
}

fn index(length: usize, random: &mut Rng) -> Option<usize> {
    (length > 0).then(|| random.usize(..length))
}

fn attribute(node: &mut NodeProto, random: &mut Rng) {
    let Some(at) = index(node.attribute.len(), random).filter(|_| random.u8(..4) > 0) else {
        let name = ATTRIBUTES[random.usize(..ATTRIBUTES.len())].into();
        let count = random.usize(..5);
        let ints = (0..count).map(|_| extreme(random)).collect();
        let r#type = [0, 1, 2, 3, 4, 6, 7][random.usize(..7)];
        let (i, f) = (extreme(random), f32::from_bits(random.u32(..)));
        node.attribute.push(AttributeProto { name, ints, i, f, r#type, ..Default::default() });
        return;
    };
    match random.u8(..6) {
        0 => drop(node.attribute.remove(at)),
        1 => {
            let twin = node.attribute[at].clone();
            node.attribute.push(twin);
        }
        2 => node.attribute[at].ints.push(extreme(random)),
        3 => drop(node.attribute[at].ints.pop()),
        _ => {
            let attribute = &mut node.attribute[at];
            attribute.i = extreme(random);
            if let Some(at) = index(attribute.ints.len(), random) {
                attribute.ints[at] = extreme(random);
            }
            if let Some(value) = &mut attribute.t {
                tensor(value, random);
            }
        }
    }
}

fn tensor(tensor: &mut TensorProto, random: &mut Rng) {
    match random.u8(..8) {
        0 => {
            if let Some(at) = index(tensor.dims.len(), random) {
                tensor.dims[at] = extreme(random);
            }
        }
        1 => tensor.dims.insert(0, extreme(random)),
        2 => drop(tensor.dims.pop()),
        3 => tensor.data_type = random.i32(0..20),
        4 => {
            let length = random.usize(..=tensor.raw_data.len());
            tensor.raw_data.truncate(length);
        }
        // Real numbers at which things go wrong, and integers as well.
        5 | 6 => {
            let numbers = [0.0, -0.0, 1.0, -1.0, 1e-30, 1e30, f32::NAN, f32::INFINITY];
            let number = numbers[random.usize(..numbers.len())].to_le_bytes();
            let words = tensor.raw_data.len() / 4;
            if let Some(at) = index(words, random) {
                tensor.raw_data[4 * at..4 * at + 4].copy_from_slice(&number);
            }
        }
        _ => {
            if let Some(at) = index(tensor.raw_data.len(), random) {
                tensor.raw_data[at] = random.u8(..);
            }
        }
    }
}

/// A node reads, or the graph hands out, another tensor.
fn edges(graph: &mut GraphProto, random: &mut Rng) {
    let constants = graph.initializer.iter().map(|tensor| tensor.name.clone());
    let made = graph.node.iter().flat_map(|node| node.output.iter().cloned());
    let names: Vec<String> = constants.chain(made).chain(["image".into(), String::new()]).collect();
    let Some(name) = random.choice(&names).cloned() else { return };
    let Some(at) = index(graph.node.len(), random) else { return };
    let node = &mut graph.node[at];
    match random.u8(..6) {
        0 => {
            if let Some(at) = index(node.input.len(), random) {
                node.input.remove(at);
            }
        }
        1 => node.input.push(name),
        2 => {
            if let Some(at) = index(node.output.len(), random) {
                node.output[at] = name;
            }
        }
        3 => {
            if let Some(at) = index(graph.output.len(), random) {
                graph.output[at].name = name;
            }
        }
        _ => {
            if let Some(at) = index(node.input.len(), random) {
                node.input[at] = name;
            }
        }
    }
}

fn operator(node: &mut NodeProto, random: &mut Rng) {
    if random.u8(..4) == 0 {
        node.domain = DOMAINS[random.usize(..DOMAINS.len())].into();
    } else {
        node.op_type = OPERATORS[random.usize(..OPERATORS.len())].into();
    }
}

/// Nodes are removed, doubled, moved or taken from the other graph.
fn nodes(graph: &mut GraphProto, other: &GraphProto, random: &mut Rng) {
    let Some(at) = index(graph.node.len(), random) else { return };
    match random.u8(..4) {
        0 => drop(graph.node.remove(at)),
        1 => {
            let mut twin = graph.node[at].clone();
            if random.bool() {
                twin.output.iter_mut().for_each(|name| name.push('2'));
            }
            graph.node.push(twin);
        }
        2 => {
            let to = random.usize(..graph.node.len());
            graph.node.swap(at, to);
        }
        _ => {
            if let Some(from) = index(other.node.len(), random) {
                graph.node.insert(at, other.node[from].clone());
                graph.initializer.extend(other.initializer.iter().cloned());
            }
        }
    }
}
