//! Every operator against tract's own parser of it: graphs of one node, run through both.

use std::collections::HashSet;

use tract_onnx::Onnx;
use tract_onnx::pb::attribute_proto::AttributeType;
use tract_onnx::pb::tensor_proto::DataType;
use tract_onnx::pb::type_proto::{self, Tensor as TensorType};
use tract_onnx::pb::{
    AttributeProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TypeProto,
    ValueInfoProto,
};
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::InferenceModelExt;

/// A node with what it reads.
struct Case {
    node: NodeProto,
    set: i64,
    /// Inputs of the graph.
    data: Vec<Tensor>,
    /// Inputs that are constants, behind the others; `None` is left out.
    constants: Vec<Option<Tensor>>,
}

fn case(op_type: &str, data: Vec<Tensor>) -> Case {
    let node =
        NodeProto { op_type: op_type.into(), output: vec!["y".into()], ..NodeProto::default() };
    Case { node, set: 13, data, constants: vec![] }
}

impl Case {
    fn set(self, set: i64) -> Self {
        Self { set, ..self }
    }

    fn constant(mut self, value: Tensor) -> Self {
        self.constants.push(Some(value));
        self
    }

    fn left_out(mut self) -> Self {
        self.constants.push(None);
        self
    }

    fn outputs(mut self, count: usize) -> Self {
        self.node.output = (0..count).map(|index| format!("y{index}")).collect();
        self
    }

    fn attribute(mut self, name: &str, value: AttributeProto) -> Self {
        self.node.attribute.push(AttributeProto { name: name.into(), ..value });
        self
    }

    fn int(self, name: &str, i: i64) -> Self {
        let r#type = AttributeType::Int.into();
        self.attribute(name, AttributeProto { i, r#type, ..AttributeProto::default() })
    }

    fn float(self, name: &str, f: f32) -> Self {
        let r#type = AttributeType::Float.into();
        self.attribute(name, AttributeProto { f, r#type, ..AttributeProto::default() })
    }

    fn ints(self, name: &str, ints: &[i64]) -> Self {
        let (ints, r#type) = (ints.to_vec(), AttributeType::Ints.into());
        self.attribute(name, AttributeProto { ints, r#type, ..AttributeProto::default() })
    }

    fn text(self, name: &str, text: &str) -> Self {
        let (s, r#type) = (text.into(), AttributeType::String.into());
        self.attribute(name, AttributeProto { s, r#type, ..AttributeProto::default() })
    }

    fn tensor(self, name: &str, value: &Tensor) -> Self {
        let (t, r#type) = (Some(proto("", value)), AttributeType::Tensor.into());
        self.attribute(name, AttributeProto { t, r#type, ..AttributeProto::default() })
    }

    fn model(&self) -> ModelProto {
        let mut node = self.node.clone();
        node.input = (0..self.data.len()).map(|index| format!("x{index}")).collect();
        let mut initializer = vec![];
        for (index, constant) in self.constants.iter().enumerate() {
            let name = constant.as_ref().map_or(String::new(), |_| format!("c{index}"));
            initializer.extend(constant.as_ref().map(|value| proto(&name, value)));
            node.input.push(name);
        }
        let input = self
            .data
            .iter()
            .enumerate()
            .map(|(index, tensor)| ValueInfoProto {
                name: format!("x{index}"),
                r#type: Some(TypeProto {
                    value: Some(type_proto::Value::TensorType(TensorType {
                        elem_type: data_type(tensor).into(),
                        shape: None,
                    })),
                    ..TypeProto::default()
                }),
                ..ValueInfoProto::default()
            })
            .collect();
        let output = node
            .output
            .iter()
            .map(|name| ValueInfoProto { name: name.clone(), ..ValueInfoProto::default() })
            .collect();
        let version = OperatorSetIdProto { version: self.set, ..OperatorSetIdProto::default() };
        ModelProto {
            graph: Some(GraphProto {
                node: vec![node],
                initializer,
                input,
                output,
                ..GraphProto::default()
            }),
            opset_import: vec![version],
            ..ModelProto::default()
        }
    }

    fn run(&self, framework: &Onnx) -> TractResult<TVec<TValue>> {
        let mut model = framework.model_for_proto_model(&self.model())?;
        for (index, tensor) in self.data.iter().enumerate() {
            let fact = InferenceFact::dt_shape(tensor.datum_type(), tensor.shape());
            model = model.with_input_fact(index, fact)?;
        }
        let inputs = self.data.iter().map(|tensor| tensor.clone().into_tvalue()).collect();
        model.into_optimized()?.into_runnable()?.run(inputs)
    }
}

fn data_type(tensor: &Tensor) -> DataType {
    match tensor.datum_type() {
        DatumType::F32 => DataType::Float,
        DatumType::U8 => DataType::Uint8,
        DatumType::I8 => DataType::Int8,
        DatumType::I32 => DataType::Int32,
        DatumType::I64 => DataType::Int64,
        DatumType::Bool => DataType::Bool,
        other => panic!("no test has {other:?}"),
    }
}

fn proto(name: &str, tensor: &Tensor) -> TensorProto {
    TensorProto {
        name: name.into(),
        dims: tensor.shape().iter().map(|&dim| dim as i64).collect(),
        data_type: data_type(tensor).into(),
        raw_data: tensor.as_bytes().to_vec(),
        ..TensorProto::default()
    }
}

/// Numbers from -2 to 2 in no order, with an exact zero.
fn numbers(shape: &[usize]) -> Tensor {
    let len: usize = shape.iter().product();
    let values: Vec<f32> = (0..len).map(|i| ((i * 37 + 50) % 101) as f32 / 25.0 - 2.0).collect();
    Tensor::from_shape(shape, &values).unwrap()
}

fn positive(shape: &[usize]) -> Tensor {
    let len: usize = shape.iter().product();
    let values: Vec<f32> = (0..len).map(|i| ((i * 37) % 101) as f32 / 25.0 + 0.25).collect();
    Tensor::from_shape(shape, &values).unwrap()
}

fn i64s(values: &[i64]) -> Tensor {
    tensor1(values)
}

fn cases() -> Vec<Case> {
    let map = || vec![numbers(&[2, 3, 7, 6])];
    let mut cases = vec![];
    for name in ["Add", "Sub", "Mul", "Div", "Sum", "Max", "Min"] {
        cases.push(case(name, vec![numbers(&[2, 3, 4]), positive(&[2, 3, 4])]));
        cases.push(case(name, vec![numbers(&[2, 3, 4])]).constant(positive(&[3, 1])));
    }
    cases.push(case("Pow", vec![positive(&[2, 3])]).constant(tensor0(1.5f32)));
    for name in ["Abs", "Neg", "Exp", "Erf", "Floor", "Ceil", "Tanh", "Sigmoid", "HardSwish"] {
        cases.push(case(name, map()).set(14));
    }
    for name in ["Softplus", "Relu", "LeakyRelu", "Elu", "HardSigmoid", "Identity", "Dropout"] {
        cases.push(case(name, map()));
    }
    for name in ["Log", "Sqrt", "Reciprocal"] {
        cases.push(case(name, vec![positive(&[3, 5])]));
    }
    cases.extend([
        case("LeakyRelu", map()).float("alpha", 0.2),
        case("Elu", map()).float("alpha", 0.5),
        case("HardSigmoid", map()).float("alpha", 0.3).float("beta", 0.4),
        case("Clip", map()).set(6).float("min", -0.5).float("max", 1.0),
        case("Clip", map()).constant(tensor0(-0.5f32)).constant(tensor0(1f32)),
        case("Clip", map()).left_out().constant(tensor0(1f32)),
        case("Clip", map()).constant(tensor0(0f32)),
        case("Softmax", vec![numbers(&[2, 3, 4])]).set(11).int("axis", 1),
        case("Softmax", vec![numbers(&[2, 3, 4])]).int("axis", 1),
        case("Softmax", vec![numbers(&[2, 5])]),
        case("Dropout", map()).constant(tensor0(0.5f32)).constant(tensor0(false)),
        // Convolutions: plain, strided and padded, depthwise, grouped and dilated, automatic.
        case("Conv", map()).constant(numbers(&[4, 3, 3, 3])),
        case("Conv", map())
            .constant(numbers(&[4, 3, 3, 3]))
            .constant(numbers(&[4]))
            .ints("strides", &[2, 2])
            .ints("pads", &[0, 1, 2, 1])
            .ints("kernel_shape", &[3, 3]),
        case("Conv", map()).constant(numbers(&[3, 1, 3, 3])).int("group", 3),
        case("Conv", vec![numbers(&[1, 4, 8, 8])])
            .constant(numbers(&[6, 2, 3, 3]))
            .int("group", 2)
            .ints("dilations", &[2, 2]),
        case("Conv", map())
            .constant(numbers(&[4, 3, 3, 3]))
            .text("auto_pad", "SAME_UPPER")
            .ints("strides", &[2, 2]),
        case("Conv", map()).constant(numbers(&[4, 3, 2, 2])).text("auto_pad", "SAME_LOWER"),
        case("MatMul", vec![numbers(&[2, 3, 4]), numbers(&[2, 4, 5])]),
        case("MatMul", vec![numbers(&[3, 4])]).constant(numbers(&[4, 2])),
        case("Gemm", vec![numbers(&[3, 4])]).constant(numbers(&[4, 2])),
        case("Gemm", vec![numbers(&[4, 3])])
            .constant(numbers(&[2, 4]))
            .constant(numbers(&[2]))
            .int("transA", 1)
            .int("transB", 1)
            .float("alpha", 0.5)
            .float("beta", 2.0),
        case("BatchNormalization", map())
            .constant(numbers(&[3]))
            .constant(numbers(&[3]))
            .constant(numbers(&[3]))
            .constant(positive(&[3]))
            .float("epsilon", 1e-3),
        case("MaxPool", map()).ints("kernel_shape", &[3, 3]).ints("strides", &[2, 2]),
        case("MaxPool", map())
            .ints("kernel_shape", &[3, 3])
            .ints("strides", &[2, 2])
            .ints("pads", &[1, 1, 1, 1])
            .int("ceil_mode", 1),
        case("AveragePool", map()).ints("kernel_shape", &[2, 2]).ints("strides", &[2, 2]),
        case("AveragePool", map())
            .ints("kernel_shape", &[3, 3])
            .ints("pads", &[1, 1, 1, 1])
            .int("count_include_pad", 1),
        case("GlobalAveragePool", map()),
        case("GlobalMaxPool", map()),
        // Shapes.
        case("Constant", vec![]).tensor("value", &numbers(&[2, 3])),
        case("Constant", vec![]).float("value_float", 1.5),
        case("Constant", vec![]).ints("value_ints", &[1, 2, 3]),
        case("ConstantOfShape", vec![]).constant(i64s(&[2, 3])).tensor("value", &tensor1(&[7f32])),
        case("Cast", map()).int("to", DataType::Int32 as i64),
        case("Cast", vec![tensor1(&[1u8, 200])]).int("to", DataType::Float as i64),
        case("Shape", map()),
        case("Shape", map()).set(15).int("start", 1).int("end", -1),
        case("Reshape", map()).constant(i64s(&[2, -1, 6])),
        case("Reshape", map()).constant(i64s(&[0, 21, 6])),
        case("Flatten", map()),
        case("Flatten", map()).int("axis", 2),
        case("Transpose", map()),
        case("Transpose", map()).ints("perm", &[0, 2, 3, 1]),
        case("Squeeze", vec![numbers(&[2, 1, 3, 1])]).set(11).ints("axes", &[1]),
        case("Squeeze", vec![numbers(&[2, 1, 3, 1])]).constant(i64s(&[1, -1])),
        case("Squeeze", vec![numbers(&[2, 1, 3, 1])]),
        case("Unsqueeze", vec![numbers(&[2, 3])]).set(11).ints("axes", &[0, 3]),
        case("Unsqueeze", vec![numbers(&[2, 3])]).constant(i64s(&[-1])),
        case("Concat", vec![numbers(&[2, 3]), positive(&[2, 4])]).int("axis", 1),
        case("Expand", vec![numbers(&[3, 1])]).constant(i64s(&[2, 3, 4])),
        case("Gather", vec![numbers(&[4, 3])]).constant(i64s(&[2, 0])),
        case("Gather", vec![numbers(&[4, 3])]).constant(i64s(&[2, 0])).int("axis", 1),
        case("Slice", map())
            .constant(i64s(&[1, 0]))
            .constant(i64s(&[5, 4]))
            .constant(i64s(&[2, 3])),
        case("Slice", map())
            .constant(i64s(&[0]))
            .constant(i64s(&[i64::MAX]))
            .constant(i64s(&[3]))
            .constant(i64s(&[2])),
        case("Split", map()).set(11).int("axis", 2).ints("split", &[3, 4]).outputs(2),
        case("Split", map()).constant(i64s(&[1, 2])).int("axis", 1).outputs(2),
        case("Split", map()).int("axis", 3).outputs(3),
        case("Pad", map()).set(2).ints("pads", &[0, 0, 1, 2, 0, 0, 3, 4]).float("value", 0.5),
        case("Pad", map()).constant(i64s(&[0, 0, 1, 2, 0, 0, 3, 4])).constant(tensor0(0.5f32)),
        case("Pad", map()).constant(i64s(&[0, 0, 1, 2, 0, 0, 3, 4])).text("mode", "reflect"),
        case("Pad", map()).constant(i64s(&[0, 0, 1, 0, 0, 0, 0, 2])).text("mode", "edge"),
    ]);
    for name in ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"] {
        cases.push(case(name, map()).set(11).ints("axes", &[2, 3]).int("keepdims", 0));
        cases.push(case(name, map()).set(11));
        cases.push(case(name, map()).set(18).constant(i64s(&[-1])));
    }
    // Quantisation: of a tensor and along an axis, unsigned, signed and without a zero point.
    let u8s = || vec![Tensor::from_shape(&[2, 3], &[0u8, 1, 100, 128, 200, 255]).unwrap()];
    let i8s = || vec![Tensor::from_shape(&[2, 3], &[-128i8, -1, 0, 1, 100, 127]).unwrap()];
    let fine = || vec![numbers(&[2, 3])];
    cases.extend([
        case("QuantizeLinear", fine()).constant(tensor0(0.25f32)).constant(tensor0(7u8)),
        case("QuantizeLinear", fine()).constant(tensor0(0.5f32)).constant(tensor0(-7i8)),
        case("QuantizeLinear", fine()).constant(tensor0(0.5f32)),
        case("QuantizeLinear", fine())
            .constant(tensor1(&[0.5f32, 0.25, 2.0]))
            .constant(tensor1(&[1u8, 2, 3])),
        case("DequantizeLinear", u8s()).constant(tensor0(0.25f32)).constant(tensor0(7u8)),
        case("DequantizeLinear", u8s()).constant(tensor0(0.25f32)),
        case("DequantizeLinear", i8s())
            .constant(tensor1(&[0.5f32, 0.3]))
            .constant(tensor1(&[0i8, 0]))
            .int("axis", 0),
    ]);
    cases
}

#[test]
fn every_operator_does_what_tracts_own_does() {
    let ours = Onnx { op_register: super::register(), ..Onnx::default() };
    let theirs = tract_onnx::onnx();
    let mut left: HashSet<&String> = ours.op_register.0.keys().collect();
    for case in cases() {
        let what = format!("{:?}, set {}", case.node, case.set);
        let expected = case.run(&theirs).unwrap_or_else(|e| panic!("the yardstick: {e:?} {what}"));
        let got = case.run(&ours).unwrap_or_else(|e| panic!("{e:?} {what}"));
        assert_eq!(got.len(), expected.len(), "{what}");
        for (got, expected) in got.iter().zip(&expected) {
            assert_eq!(got.datum_type(), expected.datum_type(), "{what}");
            let close =
                got.close_enough(expected, tract_onnx::tract_core::internal::Approximation::Close);
            close.unwrap_or_else(|e| panic!("{e} {what}"));
        }
        left.remove(&case.node.op_type);
    }
    assert!(left.is_empty(), "these operators have no test: {left:?}");
}

#[test]
fn an_input_that_has_to_be_computed_is_named() {
    let ours = Onnx { op_register: super::register(), ..Onnx::default() };
    let error = case("Squeeze", vec![numbers(&[2, 1]), i64s(&[1])]).run(&ours).unwrap_err();
    let text = format!("{error:#}");
    assert!(text.contains("\"x1\", must be a constant"), "{text}");
}

#[test]
fn an_unknown_operator_is_named_with_those_that_are_known() {
    let graph = GraphProto {
        node: vec![
            case("Relu", vec![]).node,
            NodeProto { name: "fourier".into(), op_type: "DFT".into(), ..NodeProto::default() },
        ],
        ..GraphProto::default()
    };
    let text = super::check(&super::register(), &graph).unwrap_err().to_string();
    assert!(text.contains("seldom have, DFT; "), "{text}");
    assert!(text.contains("Conv, DequantizeLinear, "), "{text}");
}
