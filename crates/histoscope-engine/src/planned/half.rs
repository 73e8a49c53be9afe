//! Half precision as single: constants, casts and ports of a graph in `float16` or `bfloat16` become
//! `float32`.
//!
//! No kernel of ours or tract's computes faster in halves, exporters mix both types in ways that
//! tract's operators do not, and pixels come as `float32`. Every half is a single, so nothing is
//! lost; what is computed between is rounded less often than where halves are written to memory.

use tract_onnx::pb::{GraphProto, TensorProto, ValueInfoProto, type_proto};
use tract_onnx::tract_core::internal::f16;

const FLOAT: i32 = 1;
const FLOAT16: i32 = 10;
const BFLOAT16: i32 = 16;

/// Attributes whose number is a type.
const TYPES: [&str; 3] = ["dtype", "output_dtype", "to"];

/// Makes `graph` one of single precision, if it has halves.
pub(super) fn widen(graph: &mut GraphProto) {
    graph.initializer.iter_mut().for_each(widen_tensor);
    for node in &mut graph.node {
        for attribute in &mut node.attribute {
            attribute.t.iter_mut().chain(&mut attribute.tensors).for_each(widen_tensor);
            let is_half = [FLOAT16, BFLOAT16].map(i64::from).contains(&attribute.i);
            if TYPES.contains(&attribute.name.as_str()) && is_half {
                attribute.i = i64::from(FLOAT);
            }
        }
    }
    graph.input.iter_mut().chain(&mut graph.output).for_each(widen_port);
}

fn widen_tensor(tensor: &mut TensorProto) {
    let single = match tensor.data_type {
        FLOAT16 => |bits: u16| f16::from_bits(bits).to_f32(),
        // The upper half of a single.
        BFLOAT16 => |bits: u16| f32::from_bits(u32::from(bits) << 16),
        _ => return,
    };
    let raw = tensor.raw_data.as_chunks().0.iter().map(|&bytes| u16::from_le_bytes(bytes));
    let listed = tensor.int32_data.iter().map(|&bits| bits as u16);
    let singles = raw.chain(listed).flat_map(|bits| single(bits).to_le_bytes());
    tensor.raw_data = singles.collect();
    tensor.int32_data.clear();
    tensor.data_type = FLOAT;
}

fn widen_port(port: &mut ValueInfoProto) {
    if let Some(type_proto::Value::TensorType(tensor)) =
        port.r#type.as_mut().and_then(|r#type| r#type.value.as_mut())
        && [FLOAT16, BFLOAT16].contains(&tensor.elem_type)
    {
        tensor.elem_type = FLOAT;
    }
}

#[cfg(test)]
mod tests {
    use tract_onnx::pb::{AttributeProto, NodeProto, TypeProto};

    use super::*;

    #[test]
    fn halves_are_singles_wherever_they_stand() {
        become_singles(FLOAT16, [0x3e00, 0xb400, 0x7bff], [1.5, -0.25, 65504.0]);
        become_singles(BFLOAT16, [0x3fc0, 0xbe80, 0x7f7f], [1.5, -0.25, 3.389_531_4e38]);
    }

    fn become_singles(data_type: i32, halves: [u16; 3], singles: [f32; 3]) {
        let raw = TensorProto {
            data_type,
            dims: vec![3],
            raw_data: halves.iter().flat_map(|half| half.to_le_bytes()).collect(),
            ..TensorProto::default()
        };
        let listed = TensorProto {
            raw_data: vec![],
            int32_data: halves.iter().map(|&half| i32::from(half)).collect(),
            ..raw.clone()
        };
        let attribute = |name: &str, i, t| AttributeProto {
            name: name.into(),
            i,
            t,
            ..AttributeProto::default()
        };
        let attributes = vec![
            attribute("to", data_type.into(), None),
            attribute("axis", data_type.into(), None),
            attribute("value", 0, Some(listed)),
        ];
        let tensor_type =
            type_proto::Tensor { elem_type: data_type, ..type_proto::Tensor::default() };
        let port = ValueInfoProto {
            r#type: Some(TypeProto {
                value: Some(type_proto::Value::TensorType(tensor_type)),
                ..TypeProto::default()
            }),
            ..ValueInfoProto::default()
        };
        let mut graph = GraphProto {
            initializer: vec![raw],
            node: vec![NodeProto { attribute: attributes, ..NodeProto::default() }],
            input: vec![port],
            ..GraphProto::default()
        };
        widen(&mut graph);
        let singles: Vec<u8> = singles.iter().flat_map(|single| single.to_le_bytes()).collect();
        let [to, axis, value] = &graph.node[0].attribute[..] else { panic!("three attributes") };
        for tensor in [&graph.initializer[0], value.t.as_ref().unwrap()] {
            assert_eq!((tensor.data_type, &tensor.raw_data), (FLOAT, &singles));
            assert!(tensor.int32_data.is_empty());
        }
        assert_eq!((to.i, axis.i), (1, data_type.into()));
        let port = graph.input[0].r#type.as_ref().unwrap().value.as_ref().unwrap();
        let type_proto::Value::TensorType(tensor) = port;
        assert_eq!(tensor.elem_type, FLOAT);
    }
}
