//! Small ONNX networks in the forms that quantisers write, with weights from a fixed sequence.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub(crate) use histoscope_engine::proto::{AttributeProto, DataType};
use histoscope_engine::proto::{
    AttributeType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, ValueInfoProto,
};
use prost::Message;

/// How a convolution ends, before its output is quantised.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Activation {
    /// To 0..=6, in 7 bits with scale 6/127.
    Relu6,
    /// To 0 and above, in 8 bits.
    Relu,
    /// Any real number, in 7 bits around a zero point of 60.
    Linear,
}

/// A convolution; padded so that stride 1 keeps the size.
#[derive(Clone, Copy)]
pub(crate) struct Conv {
    pub cout: usize,
    pub kernel: usize,
    pub stride: usize,
    pub depthwise: bool,
    pub activation: Activation,
    /// One scale of the weights for each output channel, else one for all.
    pub per_channel: bool,
    /// Zero point of the weights; symmetric is 0.
    pub weight_zero: i8,
    pub dilation: usize,
}

impl Conv {
    pub(crate) fn new(cout: usize, kernel: usize, stride: usize, activation: Activation) -> Self {
        Self {
            cout,
            kernel,
            stride,
            depthwise: false,
            activation,
            per_channel: true,
            weight_zero: 0,
            dilation: 1,
        }
    }

    pub(crate) fn depthwise(channels: usize, kernel: usize, stride: usize) -> Self {
        Self { depthwise: true, ..Self::new(channels, kernel, stride, Activation::Relu6) }
    }
}

/// A tensor of the network, quantised or not.
#[derive(Clone)]
pub(crate) struct Value {
    pub name: String,
    pub channels: usize,
    pub scale: f32,
    pub zero_point: u8,
    quantised: bool,
}

impl Value {
    /// The tensor `name`, which is quantised like this one.
    pub(crate) fn like(&self, name: String) -> Self {
        Self { name, ..self.clone() }
    }

    /// Real numbers that some node made.
    pub(crate) fn real(name: String, channels: usize) -> Self {
        Self { name, channels, scale: 0.0, zero_point: 0, quantised: false }
    }
}

/// A fixed sequence of bytes, a linear congruential generator's high ones.
#[derive(Default, Clone)]
struct Sequence(u32);

impl Sequence {
    fn next(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 24) as u8
    }
}

/// A graph under construction.
#[derive(Default, Clone)]
pub(crate) struct Network {
    graph: GraphProto,
    sequence: Sequence,
    names: usize,
}

impl Network {
    /// The network's input, `uint8 [N, side, side, 3]`, dequantised as our exporter does it and
    /// transposed to NCHW.
    pub(crate) fn new(side: usize) -> (Self, Value) {
        let mut network = Self { sequence: Sequence(1), ..Self::default() };
        network.graph.input.push(declared("image", DataType::Uint8, &[0, side, side, 3]));
        let (scale, zero) = (network.f32(&[], &[1.0 / 128.0]), network.u8(&[127]));
        let nhwc = network.node("DequantizeLinear", &["image", &scale, &zero], vec![]);
        let name = network.node("Transpose", &[&nhwc], vec![ints("perm", &[0, 3, 1, 2])]);
        (network, Value::real(name, 3))
    }

    /// Another input of this type and shape, where 0 is any size; its name is "image".
    pub(crate) fn with_input(data_type: DataType, shape: &[usize]) -> Self {
        let mut network = Self { sequence: Sequence(1), ..Self::default() };
        network.graph.input.push(declared("image", data_type, shape));
        network
    }

    /// `weights`, `[columns, 3]`, times the mean of each channel of a float NCHW picture, plus
    /// `bias`: the name of `[N, columns]`.
    pub(crate) fn linear_of_mean(&mut self, nchw: &str, weights: &[f32], bias: &[f32]) -> String {
        let mean = self.node("GlobalAveragePool", &[nchw], vec![]);
        let flat = self.node("Flatten", &[&mean], vec![int("axis", 1)]);
        let weights = self.f32(&[bias.len(), 3], weights);
        let bias = self.f32(&[bias.len()], bias);
        self.node("Gemm", &[&flat, &weights, &bias], vec![int("transB", 1)])
    }

    /// The same with its constants as nodes, which some exporters prefer to initialisers.
    pub(crate) fn with_constant_nodes(mut self) -> Self {
        let constants = self.graph.initializer.drain(..).map(|tensor| NodeProto {
            op_type: "Constant".into(),
            output: vec![tensor.name.clone()],
            attribute: vec![AttributeProto {
                name: "value".into(),
                r#type: AttributeType::Tensor.into(),
                t: Some(tensor),
                ..AttributeProto::default()
            }],
            ..NodeProto::default()
        });
        self.graph.node = constants.chain(std::mem::take(&mut self.graph.node)).collect();
        self
    }

    /// Writes the domain of every node.
    pub(crate) fn in_domain(mut self, domain: &str) -> Self {
        self.graph.node.iter_mut().for_each(|node| node.domain = domain.into());
        self
    }

    /// Gives a tensor another name, wherever it is made or read.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        for node in &mut self.graph.node {
            for name in node.input.iter_mut().chain(&mut node.output).filter(|name| *name == from) {
                *name = to.into();
            }
        }
    }

    /// The graph itself, to be spoilt.
    pub(crate) fn graph(&mut self) -> &mut GraphProto {
        &mut self.graph
    }

    /// A constant number.
    pub(crate) fn number(&mut self, value: f32) -> String {
        self.f32(&[], &[value])
    }

    /// A constant that is quantised: one number for each channel, `[1, channels, 1, 1]`.
    pub(crate) fn quantised_constant(&mut self, channels: usize) -> Value {
        let values = (0..channels).map(|_| self.next() / 2).collect();
        let name = self.constant(DataType::Uint8, &[1, channels, 1, 1], values);
        Value { name, channels, scale: 0.05, zero_point: 60, quantised: true }
    }

    /// The ONNX file.
    pub(crate) fn finish(self) -> Vec<u8> {
        let version = OperatorSetIdProto { version: 13, ..OperatorSetIdProto::default() };
        let model = ModelProto {
            ir_version: 8,
            graph: Some(self.graph),
            opset_import: vec![version],
            ..ModelProto::default()
        };
        model.encode_to_vec()
    }

    /// Adds a node and returns the name of its output.
    pub(crate) fn node(
        &mut self,
        op_type: &str,
        input: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let name = self.name(op_type);
        self.graph.node.push(NodeProto {
            name: name.clone(),
            op_type: op_type.into(),
            input: input.iter().map(|&input| input.into()).collect(),
            output: vec![name.clone()],
            attribute,
            ..NodeProto::default()
        });
        name
    }

    /// Adds a node of an operator that ONNX Runtime adds, and returns the name of its output.
    pub(crate) fn of_microsoft(
        &mut self,
        op_type: &str,
        input: &[&str],
        attribute: Vec<AttributeProto>,
    ) -> String {
        let name = self.node(op_type, input, attribute);
        self.graph.node.last_mut().expect("it was just added").domain = "com.microsoft".into();
        name
    }

    /// The same network with its numbers in half precision; they must be halves.
    pub(crate) fn in_halves(self) -> Self {
        self.in_type(DataType::Float16, half)
    }

    /// The same network with its numbers in `bfloat16`, the upper half of a single.
    pub(crate) fn in_brain_halves(self) -> Self {
        self.in_type(DataType::Bfloat16, |[_, _, low, high]| [low, high])
    }

    fn in_type(mut self, data_type: DataType, short: fn([u8; 4]) -> [u8; 2]) -> Self {
        for tensor in &mut self.graph.initializer {
            if tensor.data_type == DataType::Float as i32 {
                let singles = tensor.raw_data.as_chunks::<4>().0;
                tensor.raw_data = singles.iter().flat_map(|&bytes| short(bytes)).collect();
                tensor.data_type = data_type as i32;
            }
        }
        let ports = self.graph.input.iter_mut().chain(&mut self.graph.output);
        let tensors = ports.filter_map(|port| port.r#type.as_mut()?.tensor_type.as_mut());
        for tensor in tensors.filter(|tensor| tensor.elem_type == DataType::Float as i32) {
            tensor.elem_type = data_type as i32;
        }
        self
    }

    pub(crate) fn output(&mut self, name: &str) {
        self.graph.output.push(ValueInfoProto { name: name.into(), ..ValueInfoProto::default() });
    }

    /// An output whose type and shape the file declares.
    pub(crate) fn declared_output(&mut self, name: &str, data_type: DataType, shape: &[usize]) {
        self.graph.output.push(declared(name, data_type, shape));
    }

    /// Constant integers.
    pub(crate) fn integers(&mut self, values: &[i64]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(DataType::Int64, &[values.len()], raw)
    }

    /// Constant numbers of 32 bits.
    pub(crate) fn whole_numbers(&mut self, values: &[i32]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(DataType::Int32, &[values.len()], raw)
    }

    /// Constant bytes of this shape from the fixed sequence.
    pub(crate) fn bytes(&mut self, shape: &[usize]) -> String {
        let values = (0..shape.iter().product()).map(|_| self.next()).collect();
        self.constant(DataType::Uint8, shape, values)
    }

    /// These constant bytes.
    pub(crate) fn bytes_of(&mut self, values: &[u8]) -> String {
        self.constant(DataType::Uint8, &[values.len()], values.to_vec())
    }

    /// Constant signed bytes of this shape from the fixed sequence.
    pub(crate) fn signed_bytes(&mut self, shape: &[usize]) -> String {
        let values = (0..shape.iter().product()).map(|_| self.next()).collect();
        self.constant(DataType::Int8, shape, values)
    }

    /// A constant number of one signed byte.
    pub(crate) fn scalar_i8(&mut self, value: i8) -> String {
        self.constant(DataType::Int8, &[], vec![value as u8])
    }

    /// A constant number of one byte, a zero point say.
    pub(crate) fn scalar_u8(&mut self, value: u8) -> String {
        self.u8(&[value])
    }

    /// A constant whole number.
    pub(crate) fn integer(&mut self, value: i64) -> String {
        self.constant(DataType::Int64, &[], value.to_le_bytes().into())
    }

    /// Constant numbers.
    pub(crate) fn numbers(&mut self, values: &[f32]) -> String {
        self.f32(&[values.len()], values)
    }

    /// Constant numbers of this shape from the fixed sequence, -1 to 1.
    pub(crate) fn weights(&mut self, shape: &[usize]) -> String {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| f32::from(self.next() as i8) / 128.0).collect();
        self.f32(shape, &values)
    }

    /// `value` as real numbers: dequantised, if it is quantised.
    pub(crate) fn real(&mut self, value: &Value) -> String {
        if !value.quantised {
            return value.name.clone();
        }
        let (scale, zero) = (self.f32(&[], &[value.scale]), self.u8(&[value.zero_point]));
        self.node("DequantizeLinear", &[&value.name, &scale, &zero], vec![])
    }

    /// `real` quantised.
    pub(crate) fn quantise(
        &mut self,
        real: &str,
        channels: usize,
        scale: f32,
        zero_point: u8,
    ) -> Value {
        let (s, z) = (self.f32(&[], &[scale]), self.u8(&[zero_point]));
        let name = self.node("QuantizeLinear", &[real, &s, &z], vec![]);
        Value { name, channels, scale, zero_point, quantised: true }
    }

    /// The activated real numbers, and these quantised.
    fn activate(&mut self, real: &str, channels: usize, activation: Activation) -> (String, Value) {
        let (clipped, scale, zero_point) = match activation {
            Activation::Relu6 => {
                let (low, high) = (self.f32(&[], &[0.0]), self.f32(&[], &[6.0]));
                (self.node("Clip", &[real, &low, &high], vec![]), 6.0 / 127.0, 0)
            }
            Activation::Relu => (self.node("Relu", &[real], vec![]), 0.03, 0),
            Activation::Linear => {
                let scale = 0.05;
                let bounds = [(0.0 - 60.0) * scale, (127.0 - 60.0) * scale];
                let [low, high] = bounds.map(|bound| self.f32(&[], &[bound]));
                (self.node("Clip", &[real, &low, &high], vec![]), scale, 60)
            }
        };
        let quantised = self.quantise(&clipped, channels, scale, zero_point);
        (clipped, quantised)
    }

    /// A quantised convolution.
    pub(crate) fn conv(&mut self, x: &Value, conv: Conv) -> Value {
        self.conv_and_real(x, conv).1
    }

    /// A quantised convolution, and before it what it is quantised from.
    pub(crate) fn conv_and_real(&mut self, x: &Value, conv: Conv) -> (String, Value) {
        let real = self.conv_of_integers(x, conv);
        self.activate(&real, conv.cout, conv.activation)
    }

    /// A classifier on every pixel and its mean, which is an output: what is a head when it is fused.
    pub(crate) fn head(&mut self, x: &Value, classes: usize) {
        let real = self.conv_of_integers(x, Conv::new(classes, 1, 1, Activation::Linear));
        let mean =
            self.node("ReduceMean", &[&real], vec![ints("axes", &[2, 3]), int("keepdims", 0)]);
        self.output(&mean);
    }

    /// A convolution of dequantised integers; the real output, without an activation.
    fn conv_of_integers(&mut self, x: &Value, conv: Conv) -> String {
        let scale_in = if x.quantised { x.scale } else { 1.0 / 128.0 };
        let cin = if conv.depthwise { 1 } else { x.channels };
        let taps = cin * conv.kernel * conv.kernel;
        let weights: Vec<i8> = (0..conv.cout * taps).map(|_| self.next() as i8).collect();
        // About unit gain, whatever the number of taps.
        let step = 0.02 / (taps as f32).sqrt();
        let scales: Vec<f32> = (0..if conv.per_channel { conv.cout } else { 1 })
            .map(|channel| step * (1.0 + channel as f32 / 16.0))
            .collect();
        let bias: Vec<i32> = (0..conv.cout)
            .map(|_| (f64::from(self.next() as i8) / 128.0 / f64::from(scale_in * step)) as i32)
            .collect();
        let bias_scales: Vec<f32> = scales.iter().map(|scale| scale * scale_in).collect();

        let shape = [conv.cout, cin, conv.kernel, conv.kernel];
        let dims = if conv.per_channel { vec![conv.cout] } else { vec![] };
        let raw: Vec<u8> = weights.iter().map(|&weight| weight as u8).collect();
        let weights = self.constant(DataType::Int8, &shape, raw);
        let weight_scale = self.f32(&dims, &scales);
        let zeros = vec![conv.weight_zero as u8; scales.len()];
        let weight_zero = self.constant(DataType::Int8, &dims, zeros);
        let axis = || vec![int("axis", 0)];
        let weights =
            self.node("DequantizeLinear", &[&weights, &weight_scale, &weight_zero], axis());
        let raw = bias.iter().flat_map(|bias| bias.to_le_bytes()).collect();
        let bias = self.constant(DataType::Int32, &[conv.cout], raw);
        let bias_scale = self.f32(&dims, &bias_scales);
        let raw = vec![0; 4 * scales.len()];
        let bias_zero = self.constant(DataType::Int32, &dims, raw);
        let bias = self.node("DequantizeLinear", &[&bias, &bias_scale, &bias_zero], axis());

        let x_real = self.real(x);
        let pad = (conv.dilation * (conv.kernel - 1) / 2) as i64;
        let group = if conv.depthwise { x.channels } else { 1 };
        let (stride, dilation) = (conv.stride as i64, conv.dilation as i64);
        self.node(
            "Conv",
            &[&x_real, &weights, &bias],
            vec![
                ints("kernel_shape", &[conv.kernel as i64; 2]),
                ints("strides", &[stride; 2]),
                ints("pads", &[pad; 4]),
                ints("dilations", &[dilation; 2]),
                int("group", group as i64),
            ],
        )
    }

    /// A residual sum.
    pub(crate) fn add(&mut self, a: &Value, b: &Value, activation: Activation) -> Value {
        let (a_real, b_real) = (self.real(a), self.real(b));
        let real = self.node("Add", &[&a_real, &b_real], vec![]);
        self.activate(&real, a.channels, activation).1
    }

    /// Global mean and a float linear layer, as most exporters write a classifier; the output.
    pub(crate) fn float_head(&mut self, x: &Value) {
        let real = self.real(x);
        let mean = self.node("GlobalAveragePool", &[&real], vec![]);
        let flat = self.node("Flatten", &[&mean], vec![int("axis", 1)]);
        let weights: Vec<f32> =
            (0..2 * x.channels).map(|_| f32::from(self.next() as i8) / 64.0).collect();
        let (weights, bias) = (self.f32(&[2, x.channels], &weights), self.f32(&[2], &[0.1, -0.2]));
        let logits = self.node("Gemm", &[&flat, &weights, &bias], vec![int("transB", 1)]);
        self.output(&logits);
    }

    /// A float convolution with bias; the real output.
    pub(crate) fn float_conv(&mut self, x: &str, cin: usize, cout: usize, kernel: usize) -> String {
        let taps = cin * kernel * kernel;
        let gain = 1.0 / (64.0 * (taps as f32).sqrt());
        let weights: Vec<f32> =
            (0..cout * taps).map(|_| f32::from(self.next() as i8) * gain).collect();
        let weights = self.f32(&[cout, cin, kernel, kernel], &weights);
        let bias: Vec<f32> = (0..cout).map(|_| f32::from(self.next() as i8) / 256.0).collect();
        let bias = self.f32(&[cout], &bias);
        let pad = (kernel / 2) as i64;
        self.node("Conv", &[x, &weights, &bias], vec![ints("pads", &[pad; 4])])
    }

    fn name(&mut self, what: &str) -> String {
        self.names += 1;
        format!("{what}_{}", self.names)
    }

    fn constant(&mut self, data_type: DataType, shape: &[usize], raw_data: Vec<u8>) -> String {
        let name = self.name("constant");
        self.graph.initializer.push(TensorProto {
            name: name.clone(),
            dims: shape.iter().map(|&dim| dim as i64).collect(),
            data_type: data_type as i32,
            raw_data,
            ..TensorProto::default()
        });
        name
    }

    fn f32(&mut self, shape: &[usize], values: &[f32]) -> String {
        let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(DataType::Float, shape, raw)
    }

    fn u8(&mut self, values: &[u8]) -> String {
        self.constant(DataType::Uint8, &[], values.to_vec())
    }

    fn next(&mut self) -> u8 {
        self.sequence.next()
    }
}

/// The bytes of a single that is a half, as that.
fn half(single: [u8; 4]) -> [u8; 2] {
    let bits = u32::from_le_bytes(single);
    if bits << 1 == 0 {
        return [0, (bits >> 24) as u8];
    }
    assert!(bits & 0x1fff == 0, "{} is no half", f32::from_bits(bits));
    // The exponent is counted from 127 in a single, from 15 in a half.
    let exponent = ((bits >> 23) & 0xff) - (127 - 15);
    let half = ((bits >> 16) & 0x8000) | (exponent << 10) | ((bits >> 13) & 0x3ff);
    (half as u16).to_le_bytes()
}

/// Pixels of `patches` patches from a fixed sequence.
pub(crate) fn pixels(patches: usize, side: usize, seed: u32) -> Vec<u8> {
    let mut sequence = Sequence(seed);
    (0..patches * side * side * 3).map(|_| sequence.next()).collect()
}

fn declared(name: &str, data_type: DataType, shape: &[usize]) -> ValueInfoProto {
    let dim = |&size: &usize| match size {
        0 => Dimension { dim_value: None, dim_param: Some("N".into()) },
        size => Dimension { dim_value: Some(size as i64), dim_param: None },
    };
    let shape = TensorShapeProto { dim: shape.iter().map(dim).collect() };
    let tensor_type = Some(TensorTypeProto { elem_type: data_type as i32, shape: Some(shape) });
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

pub(crate) fn int(name: &str, i: i64) -> AttributeProto {
    let r#type = AttributeType::Int.into();
    AttributeProto { name: name.into(), i, r#type, ..AttributeProto::default() }
}

pub(crate) fn float(name: &str, f: f32) -> AttributeProto {
    let r#type = AttributeType::Float.into();
    AttributeProto { name: name.into(), f, r#type, ..AttributeProto::default() }
}

pub(crate) fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    let (ints, r#type) = (ints.to_vec(), AttributeType::Ints.into());
    AttributeProto { name: name.into(), ints, r#type, ..AttributeProto::default() }
}

pub(crate) fn text(name: &str, text: &str) -> AttributeProto {
    let r#type = AttributeType::String.into();
    AttributeProto { name: name.into(), s: text.into(), r#type, ..AttributeProto::default() }
}
