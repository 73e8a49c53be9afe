//! Forms in which optimisers, quantisers and converters write a network, each against the same network in plain
//! operators.

use std::collections::HashSet;

use crate::onnx::{Activation, Conv, DataType, Network, float, int, ints, pixels, text};
use histoscope::engine::Lowering;
use histoscope::engine::proto::{NodeProto, TensorProto};
use histoscope::manifest::{Channels, Dtype, Input, Layout, Normalisation, Outputs};
use histoscope::model::Model;

const SIDE: usize = 16;

fn input() -> Input {
    let normalisation = Normalisation { divisor: 255.0, mean: [0.5; 3], std: [0.5; 3] };
    Input {
        dtype: Dtype::Float32,
        layout: Layout::Nchw,
        channels: Channels::Rgb,
        patch_size: SIDE as u32,
        normalisation: Some(normalisation),
    }
}

/// The logits of a network that `body` makes of a float picture `[N, 3, SIDE, SIDE]`: it returns `[N, 3, h, w]`.
fn logits(body: impl FnOnce(&mut Network, &str) -> String) -> Vec<f32> {
    let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
    let made = body(&mut network, "image");
    let scores =
        network.linear_of_mean(&made, &[1.0, -2.0, 0.5, -0.25, 0.75, 3.0], &[0.125, -0.25]);
    network.output(&scores);
    run(&network.finish())
}

fn run(model: &[u8]) -> Vec<f32> {
    let model = Model::load(model, &input(), &Outputs::default()).unwrap();
    model.infer(&pixels(2, SIDE, 3)).unwrap().logits
}

/// A network that reads raw bytes.
fn load_raw(model: &[u8]) -> Model {
    Model::load(model, &Input::raw(SIDE as u32), &Outputs::default()).unwrap()
}

fn close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    let near = |(a, b): (&f32, &f32)| (a - b).abs() <= tolerance;
    assert!(found.iter().zip(expected).all(near), "{found:?}, not {expected:?}");
}

#[test]
fn a_network_of_halves_is_one_of_singles() {
    let linear = |cast: bool| {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let to = |network: &mut Network, x: &str, dtype: DataType| {
            network.node("Cast", &[x], vec![int("to", dtype as i64)])
        };
        let mut x = "image".to_owned();
        if cast {
            x = to(&mut network, &x, DataType::Float16);
        }
        let weights = [1.0, -2.0, 0.5, -0.25, 0.75, 3.0];
        let mut scores = network.linear_of_mean(&x, &weights, &[0.125, -0.25]);
        if cast {
            scores = to(&mut network, &scores, DataType::Float);
        }
        network.declared_output(&scores, DataType::Float, &[0, 2]);
        network
    };
    let expected = run(&linear(false).finish());
    // All of its numbers have few enough digits.
    assert_eq!(run(&linear(false).in_brain_halves().finish()), expected);
    // Weights in halves between casts, as converters leave them, and halves from end to end.
    let mut converted = linear(true).in_halves();
    let ports = converted.graph();
    for port in ports.input.iter_mut().chain(&mut ports.output) {
        let tensor = port.r#type.as_mut().unwrap().tensor_type.as_mut().unwrap();
        tensor.elem_type = DataType::Float as i32;
    }
    assert_eq!(run(&converted.finish()), expected);
    let whole = linear(false).in_halves().finish();
    let found = histoscope::inspection::inspect(&whole).unwrap();
    assert_eq!((found.problems, found.scores.unwrap().columns), (vec![], Some(2)));
    assert_eq!(run(&whole), expected);
}

#[test]
fn a_fused_convolution_is_a_convolution_a_sum_and_an_activation() {
    for activation in ["Relu", "Sigmoid", "Tanh", "LeakyRelu", "Clip"] {
        let plain = logits(|network, x| {
            let weights = network.weights(&[3, 3, 3, 3]);
            let sum = network.node("Conv", &[x, &weights], vec![ints("pads", &[1; 4])]);
            let sum = network.node("Add", &[&sum, x], vec![]);
            let bound = |network: &mut Network, value| network.number(value);
            match activation {
                "LeakyRelu" => network.node(activation, &[&sum], vec![float("alpha", 0.25)]),
                "Clip" => {
                    let (low, high) = (bound(network, -0.5), bound(network, 0.75));
                    network.node(activation, &[&sum, &low, &high], vec![])
                }
                _ => network.node(activation, &[&sum], vec![]),
            }
        });
        let fused = logits(|network, x| {
            let weights = network.weights(&[3, 3, 3, 3]);
            let mut attributes = vec![ints("pads", &[1; 4]), text("activation", activation)];
            let floats = match activation {
                "LeakyRelu" => vec![0.25],
                "Clip" => vec![-0.5, 0.75],
                _ => vec![],
            };
            let mut parameters = float("activation_params", 0.0);
            parameters.r#type = 6;
            parameters.floats = floats;
            attributes.push(parameters);
            network.of_microsoft("FusedConv", &[x, &weights, "", x], attributes)
        });
        close(&fused, &plain, 1e-6);
    }
}

#[test]
fn a_fused_product_may_be_transposed_and_scaled() {
    let plain = logits(|network, x| {
        let turned = network.node("Transpose", &[x], vec![ints("perm", &[0, 1, 3, 2])]);
        let product = network.node("MatMul", &[x, &turned], vec![]);
        let eighth = network.number(0.125);
        network.node("Mul", &[&product, &eighth], vec![])
    });
    let attributes = vec![float("alpha", 0.125), int("transB", 1)];
    let fused = logits(|network, x| network.of_microsoft("FusedMatMul", &[x, x], attributes));
    close(&fused, &plain, 1e-5);
}

/// As PyTorch writes it for opset 23: of heads that are an axis, or lie side by side, with a mask or without.
#[test]
fn an_attention_is_two_products_and_a_softmax() {
    const HEADS: i64 = 3;
    let turned = |network: &mut Network, x: &str, axes: [i64; 4]| {
        network.node("Transpose", &[x], vec![ints("perm", &axes)])
    };
    let reshaped = |network: &mut Network, x: &str, sides: &[i64]| {
        let sides = network.integers(sides);
        network.node("Reshape", &[x, &sides], vec![])
    };
    // A mask is added, or of truth values.
    for (scale, mask, is_flat) in [
        (Some(0.5), None, false),
        (None, Some("Identity"), false),
        (None, Some("Greater"), false),
        (None, None, true),
    ] {
        let mask_of = |network: &mut Network, op_type: &str| {
            let weights = network.weights(&[1, HEADS as usize, SIDE, SIDE]);
            let bound = network.number(-0.5);
            let inputs = [&*weights, &bound];
            let inputs = if op_type == "Greater" { &inputs[..] } else { &inputs[..1] };
            network.node(op_type, inputs, vec![])
        };
        let plain = logits(|network, x| {
            let mask = mask.map(|op_type| (op_type, mask_of(network, op_type)));
            let keys = turned(network, x, [0, 1, 3, 2]);
            let factor = network.number(scale.unwrap_or(1.0 / (SIDE as f32).sqrt()));
            let products = network.node("MatMul", &[x, &keys], vec![]);
            let products = network.node("Mul", &[&products, &factor], vec![]);
            let never = network.number(f32::NEG_INFINITY);
            let scores = match mask {
                Some(("Greater", mask)) => {
                    network.node("Where", &[&mask, &products, &never], vec![])
                }
                Some((_, mask)) => network.node("Add", &[&products, &mask], vec![]),
                None => products,
            };
            let shares = network.node("Softmax", &[&scores], vec![int("axis", -1)]);
            network.node("MatMul", &[&shares, x], vec![])
        });
        let composed = logits(|network, x| {
            let mask = mask.map_or(String::new(), |op_type| mask_of(network, op_type));
            let mut attributes: Vec<_> =
                scale.into_iter().map(|scale| float("scale", scale)).collect();
            if !is_flat {
                return network.node("Attention", &[x, x, x, &mask], attributes);
            }
            let places = turned(network, x, [0, 2, 1, 3]);
            let flat = reshaped(network, &places, &[0, 0, -1]);
            attributes.extend(["q_num_heads", "kv_num_heads"].map(|name| int(name, HEADS)));
            let made = network.node("Attention", &[&flat, &flat, &flat], attributes);
            let split = reshaped(network, &made, &[0, 0, HEADS, -1]);
            turned(network, &split, [0, 2, 1, 3])
        });
        close(&composed, &plain, 1e-5);
    }
}

#[test]
fn a_product_with_quantised_weights_is_the_quantised_product_made_real() {
    let with = |composed: bool| {
        logits(|network, x| {
            let weights = network.bytes(&[SIDE, SIDE]);
            let (step, zero) = (network.number(1.0 / 512.0), network.scalar_u8(120));
            let bias = network.weights(&[SIDE]);
            if composed {
                let inputs = [x, &weights, &step, &zero, &bias];
                return network.of_microsoft("DynamicQuantizeMatMul", &inputs, vec![]);
            }
            // The pictures reach from -1 to 1.
            let (scale, middle) = (network.number(2.0 / 255.0), network.scalar_u8(128));
            let q = network.node("QuantizeLinear", &[x, &scale, &middle], vec![]);
            let real = network.node("DequantizeLinear", &[&q, &scale, &middle], vec![]);
            let weights = network.node("DequantizeLinear", &[&weights, &step, &zero], vec![]);
            let product = network.node("MatMul", &[&real, &weights], vec![]);
            network.node("Add", &[&product, &bias], vec![])
        })
    };
    close(&with(true), &with(false), 0.02);
}

#[test]
fn a_sum_that_is_normalised_is_a_sum_and_a_normalisation() {
    let with = |fused: bool| {
        logits(|network, x| {
            let (gamma, beta) = (network.weights(&[SIDE]), network.weights(&[SIDE]));
            let epsilon = float("epsilon", 1e-5);
            if fused {
                let inputs = [x, x, &gamma, &beta];
                return network.of_microsoft("SkipLayerNormalization", &inputs, vec![epsilon]);
            }
            let sum = network.node("Add", &[x, x], vec![]);
            network.node("LayerNormalization", &[&sum, &gamma, &beta], vec![epsilon])
        })
    };
    close(&with(true), &with(false), 1e-5);
}

#[test]
fn quantised_tensors_are_joined_and_pooled() {
    let with = |composed: bool| {
        logits(|network, x| {
            let (scale, zero) = (network.number(1.0 / 64.0), network.scalar_u8(128));
            let q = network.node("QuantizeLinear", &[x, &scale, &zero], vec![]);
            let pool = vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])];
            let axis = vec![int("axis", 2)];
            let joined = if composed {
                let inputs = [&*q, &scale, &zero, &scale, &zero];
                let pooled = network.of_microsoft("QLinearAveragePool", &inputs, pool);
                let inputs = [&*scale, &zero, &pooled, &scale, &zero, &pooled, &scale, &zero];
                network.of_microsoft("QLinearConcat", &inputs, axis)
            } else {
                let real = network.node("DequantizeLinear", &[&q, &scale, &zero], vec![]);
                let pooled = network.node("AveragePool", &[&real], pool);
                let pooled = network.node("QuantizeLinear", &[&pooled, &scale, &zero], vec![]);
                let real = network.node("DequantizeLinear", &[&pooled, &scale, &zero], vec![]);
                let joined = network.node("Concat", &[&real, &real], axis);
                network.node("QuantizeLinear", &[&joined, &scale, &zero], vec![])
            };
            network.node("DequantizeLinear", &[&joined, &scale, &zero], vec![])
        })
    };
    close(&with(true), &with(false), 1e-6);
}

/// A convolution of weights without a sign and a residual sum, whether or not each is one operator.
#[test]
fn operators_of_quantised_tensors_are_fused_as_their_parts_are() {
    let model = |folded: bool| {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let (scale, zero) = (network.number(1.0 / 64.0), network.scalar_u8(128));
        let (step, middle) = (network.number(1.0 / 256.0), network.scalar_u8(131));
        let weights = network.bytes(&[3, 3, 3, 3]);
        let pads = || vec![ints("pads", &[1; 4])];
        let q = network.node("QuantizeLinear", &["image", &scale, &zero], vec![]);
        let sum = if folded {
            let inputs = [&*q, &scale, &zero, &weights, &step, &middle, &scale, &zero];
            let made = network.node("QLinearConv", &inputs, pads());
            let inputs = [&*q, &scale, &zero, &made, &scale, &zero, &scale, &zero];
            network.of_microsoft("QLinearAdd", &inputs, vec![])
        } else {
            let real = |network: &mut Network, x: &str, scale: &str, zero: &str| {
                network.node("DequantizeLinear", &[x, scale, zero], vec![])
            };
            let weights = real(&mut network, &weights, &step, &middle);
            let image = real(&mut network, &q, &scale, &zero);
            let made = network.node("Conv", &[&image, &weights], pads());
            let made = network.node("QuantizeLinear", &[&made, &scale, &zero], vec![]);
            let made = real(&mut network, &made, &scale, &zero);
            let sum = network.node("Add", &[&image, &made], vec![]);
            network.node("QuantizeLinear", &[&sum, &scale, &zero], vec![])
        };
        let sum = network.node("DequantizeLinear", &[&sum, &scale, &zero], vec![]);
        let scores =
            network.linear_of_mean(&sum, &[1.0, -2.0, 0.5, -0.25, 0.75, 3.0], &[0.125, -0.25]);
        network.output(&scores);
        network.finish()
    };
    let pixels = pixels(2, SIDE, 3);
    let load = |model: &[u8], lowering| {
        Model::with_lowering(model, &input(), &Outputs::default(), lowering).unwrap()
    };
    let [folded, parts] = [true, false].map(|folded| load(&model(folded), Lowering::Fused));
    assert_eq!((folded.fused_layers(), parts.fused_layers()), (2, 2));
    let expected = parts.infer(&pixels).unwrap().logits;
    assert_eq!(folded.infer(&pixels).unwrap().logits, expected);
    let stock = load(&model(true), Lowering::Stock).infer(&pixels).unwrap().logits;
    close(&stock, &expected, 1e-3);
}

/// A network whose activations are bytes with a sign has the same layers, and says the same.
#[test]
fn signed_activations_are_fused_as_unsigned_ones() {
    let mut network = quantised();
    let unsigned = network.clone().finish();
    let graph = network.graph();
    let made: Vec<String> = graph
        .node
        .iter()
        .filter(|node| node.op_type == "QuantizeLinear")
        .flat_map(|node| node.output.clone())
        .collect();
    let is_activation = |node: &&NodeProto| {
        node.op_type == "QuantizeLinear"
            || node.op_type == "DequantizeLinear" && made.contains(&node.input[0])
    };
    let zeros: HashSet<String> =
        graph.node.iter().filter(is_activation).map(|node| node.input[2].clone()).collect();
    for tensor in graph.initializer.iter_mut().filter(|tensor| zeros.contains(&tensor.name)) {
        tensor.data_type = DataType::Int8 as i32;
        tensor.raw_data[0] = tensor.raw_data[0].wrapping_sub(128);
    }
    let (unsigned, signed) = (load_raw(&unsigned), load_raw(&network.finish()));
    assert!(signed.fused_layers() >= 3);
    assert_eq!(signed.fused_layers(), unsigned.fused_layers());
    let pixels = pixels(2, SIDE, 5);
    assert_eq!(signed.infer(&pixels).unwrap(), unsigned.infer(&pixels).unwrap());
}

#[test]
fn a_real_bias_is_fused_and_says_the_same_within_a_step() {
    let mut network = quantised();
    let whole = network.clone().finish();
    let graph = network.graph();
    // The bias as it is: each count times its step.
    let convolutions = graph.node.iter().filter(|node| node.op_type == "Conv");
    let biases: Vec<String> = convolutions.map(|node| node.input[2].clone()).collect();
    for bias in &biases {
        let Some(at) = graph.node.iter().position(|node| node.output[0] == *bias) else { continue };
        let node = graph.node.remove(at);
        let constant = |name: &str| graph.initializer.iter().find(|tensor| tensor.name == name);
        let counts = constant(&node.input[0]).unwrap().raw_data.as_chunks::<4>().0;
        let steps = constant(&node.input[1]).unwrap().raw_data.as_chunks::<4>().0;
        let raw_data = counts.iter().enumerate().flat_map(|(channel, &count)| {
            let step = steps.get(channel).unwrap_or(&steps[0]);
            (i32::from_le_bytes(count) as f32 * f32::from_le_bytes(*step)).to_le_bytes()
        });
        let tensor = TensorProto {
            name: bias.clone(),
            dims: vec![counts.len() as i64],
            data_type: DataType::Float as i32,
            raw_data: raw_data.collect(),
            ..TensorProto::default()
        };
        graph.initializer.push(tensor);
    }
    let (whole, real) = (load_raw(&whole), load_raw(&network.finish()));
    assert_eq!(real.fused_layers(), whole.fused_layers());
    let pixels = pixels(2, SIDE, 5);
    let (found, expected) = (real.infer(&pixels).unwrap(), whole.infer(&pixels).unwrap());
    close(&found.logits, &expected.logits, 1e-5);
}

/// A SiLU between two quantised tensors, and one whose real numbers are read.
#[test]
fn what_is_computed_of_one_byte_is_looked_up() {
    const STEP: f32 = 0.0473;
    let (mut network, image) = Network::new(SIDE);
    let stem = network.quantise(&image.name, 3, STEP, 100);
    let silu = |network: &mut Network, x: &str| {
        let share = network.node("Sigmoid", &[x], vec![]);
        network.node("Mul", &[x, &share], vec![])
    };
    let real = network.real(&stem);
    let made = silu(&mut network, &real);
    let made = network.quantise(&made, 3, STEP, 60);
    let real = network.real(&made);
    let twice = silu(&mut network, &real);
    let scores =
        network.linear_of_mean(&twice, &[1.0, -2.0, 0.5, -0.25, 0.75, 3.0], &[0.125, -0.25]);
    network.output(&scores);
    let model = load_raw(&network.finish());
    let kernels: Vec<String> = model.layers().into_iter().map(|layer| layer.kernel).collect();
    assert!(kernels.iter().any(|kernel| kernel == "Table"), "{kernels:?}");

    let pixels = pixels(1, SIDE, 3);
    let silu = |x: f64| x / (1.0 + (-x).exp());
    let byte = |x: f64, zero: f64| {
        ((x / f64::from(STEP)).round_ties_even() + zero).clamp(0.0, 255.0) - zero
    };
    let mut means = [0.0; 3];
    for (at, &pixel) in pixels.iter().enumerate() {
        let x = byte((f64::from(pixel) - 127.0) / 128.0, 100.0) * f64::from(STEP);
        let x = byte(silu(x), 60.0) * f64::from(STEP);
        means[at % 3] += silu(x) / (SIDE * SIDE) as f64;
    }
    let [a, b, c] = means.map(|mean| mean as f32);
    let expected = [a - 2.0 * b + 0.5 * c + 0.125, -0.25 * a + 0.75 * b + 3.0 * c - 0.25];
    close(&model.infer(&pixels).unwrap().logits, &expected, 1e-4);
}

/// Of a Softmax, unlike of what is computed of one byte alone, no table can be made.
#[test]
fn a_softmax_between_two_quantisations_is_one_of_rows() {
    const STEP: f32 = 1.0 / 64.0;
    const SHARE: f32 = 1.0 / 255.0;
    for (onnx_type, share, zero) in [("Softmax", SHARE, 0), ("LogSoftmax", STEP, 255)] {
        let (mut network, image) = Network::new(SIDE);
        let x = network.quantise(&image.name, 3, STEP, 100);
        let real = network.real(&x);
        let made = network.node(onnx_type, &[&real], vec![int("axis", 1)]);
        let made = network.quantise(&made, 3, share, zero);
        let real = network.real(&made);
        let weights = [1.0, -2.0, 0.5, -0.25, 0.75, 3.0];
        let scores = network.linear_of_mean(&real, &weights, &[0.125, -0.25]);
        network.output(&scores);

        let pixels = pixels(1, SIDE, 3);
        let mut means = [0.0; 3];
        for pixel in pixels.as_chunks::<3>().0 {
            let byte = |x: f32, scale: f32, zero: u8| {
                ((x / scale).round_ties_even() + f32::from(zero)).clamp(0.0, 255.0)
                    - f32::from(zero)
            };
            let powers = pixel.map(|pixel| {
                f64::from(byte((f32::from(pixel) - 127.0) / 128.0, STEP, 100) * STEP).exp()
            });
            let sum: f64 = powers.iter().sum();
            for (mean, power) in means.iter_mut().zip(powers) {
                let real = if onnx_type == "Softmax" { power / sum } else { (power / sum).ln() };
                *mean += byte(real as f32, share, zero) * share / (SIDE * SIDE) as f32;
            }
        }
        let [a, b, c] = means;
        let expected = [a - 2.0 * b + 0.5 * c + 0.125, -0.25 * a + 0.75 * b + 3.0 * c - 0.25];
        close(&load_raw(&network.finish()).infer(&pixels).unwrap().logits, &expected, 1e-3);
    }
}

/// A block of a transformer on the columns of three planes, and a head that tells pictures apart; `round` is told
/// how far each tensor reaches, and may quantise it.
fn transformer(network: &mut Network, x: &str, round: fn(&mut Network, String, f32) -> String) {
    let matrix = |network: &mut Network| {
        let (bytes, step, zero) =
            (network.bytes(&[SIDE, SIDE]), network.number(1.0 / 512.0), network.scalar_u8(110));
        network.node("DequantizeLinear", &[&bytes, &step, &zero], vec![])
    };
    let normalised = |network: &mut Network, x: &str| {
        let (gamma, beta) = (network.numbers(&[1.0; SIDE]), network.weights(&[SIDE]));
        let made = network.node("LayerNormalization", &[x, &gamma, &beta], vec![int("axis", -1)]);
        round(network, made, 4.0)
    };
    let product = |network: &mut Network, x: &str, reach: f32| {
        let weights = matrix(network);
        let made = network.node("MatMul", &[x, &weights], vec![]);
        round(network, made, reach)
    };
    let x = round(network, x.into(), 1.0);
    let inner = normalised(network, &x);
    let [query, key, value] = [(); 3].map(|()| product(network, &inner, 3.0));
    let turned = network.node("Transpose", &[&key], vec![ints("perm", &[0, 1, 3, 2])]);
    let turned = round(network, turned, 3.0);
    let scores = network.node("MatMul", &[&query, &turned], vec![]);
    let scores = round(network, scores, 16.0);
    let shares = network.node("Softmax", &[&scores], vec![int("axis", -1)]);
    let shares = round(network, shares, 1.0);
    let mixed = network.node("MatMul", &[&shares, &value], vec![]);
    let mixed = round(network, mixed, 3.0);
    let sum = network.node("Add", &[&x, &mixed], vec![]);
    let sum = round(network, sum, 4.0);

    let inner = normalised(network, &sum);
    let inner = product(network, &inner, 4.0);
    let (root, one, half) =
        (network.number(2_f32.sqrt()), network.number(1.0), network.number(0.5));
    let erf = network.node("Div", &[&inner, &root], vec![]);
    let erf = network.node("Erf", &[&erf], vec![]);
    let erf = round(network, erf, 1.0);
    let above = network.node("Add", &[&erf, &one], vec![]);
    let above = round(network, above, 2.0);
    let gelu = network.node("Mul", &[&inner, &above], vec![]);
    let gelu = round(network, gelu, 8.0);
    let gelu = network.node("Mul", &[&gelu, &half], vec![]);
    let gelu = round(network, gelu, 4.0);
    let made = product(network, &gelu, 4.0);
    let made = network.node("Add", &[&sum, &made], vec![]);
    let made = round(network, made, 8.0);
    let scores = network.linear_of_mean(&made, &[1.0, -2.0, 0.5, -0.5, 0.75, 1.5], &[0.125, -0.25]);
    network.output(&scores);
}

#[test]
fn a_quantised_transformer_says_what_the_real_one_says() {
    let model = |round| {
        let (mut network, image) = Network::new(SIDE);
        transformer(&mut network, &image.name, round);
        load_raw(&network.finish())
    };
    let real = model(|_, x, _| x);
    let quantised = model(|network, x, reach| {
        let made = network.quantise(&x, 3, reach / 127.0, 128);
        network.real(&made)
    });
    let mut told = vec![];
    for seed in 1..5 {
        // Pictures of other lightness in each plane.
        let mut pixels = pixels(1, SIDE, seed);
        for (at, pixel) in pixels.iter_mut().enumerate() {
            *pixel = *pixel / 2 + (37 * seed as usize + 50 * (at % 3)) as u8 % 128;
        }
        let probability = |model: &Model| {
            let [a, b] = model.infer(&pixels).unwrap().logits[..] else { panic!("two classes") };
            1.0 / (1.0 + (a - b).exp())
        };
        let (expected, found) = (probability(&real), probability(&quantised));
        assert!((found - expected).abs() < 0.02, "{found}, not {expected}");
        told.push(expected);
    }
    told.sort_by(f32::total_cmp);
    let reach = told[3] - told[0];
    assert!(reach > 0.1 && told[0] > 0.02 && told[3] < 0.98, "it says the same of all: {told:?}");
}

/// As TorchScript and ONNX Runtime's quantiser write parameters that several layers share.
#[test]
fn what_is_quantised_for_a_batch_normalization_is_constant() {
    let with = |shared: bool| {
        logits(|network, x| {
            let [step, zero] = [network.number(0.0625), network.scalar_u8(4)];
            let mut real = match shared {
                true => {
                    let bytes = network.bytes(&[3]);
                    let tensor = network.graph().initializer.last_mut().unwrap();
                    tensor.raw_data = vec![36, 20, 12];
                    network.node("DequantizeLinear", &[&bytes, &step, &zero], vec![])
                }
                false => network.numbers(&[2.0, 1.0, 0.5]),
            };
            if shared {
                let alike = network.node("Identity", &[&real], vec![]);
                let bytes = network.node("QuantizeLinear", &[&alike, &step, &zero], vec![]);
                real = network.node("DequantizeLinear", &[&bytes, &step, &zero], vec![]);
            }
            network.node("BatchNormalization", &[x, &real, &real, &real, &real], vec![])
        })
    };
    close(&with(true), &with(false), 1e-6);
}

/// As trainers with simulated quantisation write them.
#[test]
fn weights_that_are_quantised_in_the_graph_are_constants() {
    let mut network = quantised();
    let whole = network.clone().finish();
    let graph = network.graph();
    let kernels: Vec<String> = graph
        .node
        .iter()
        .filter(|node| node.op_type == "Conv")
        .map(|node| node.input[1].clone())
        .collect();
    for kernel in kernels {
        let made = graph.node.iter().find(|node| node.output[0] == kernel).unwrap();
        let [bytes, scale, zero] = [0, 1, 2].map(|input| made.input[input].clone());
        let constant = |name: &str| graph.initializer.iter().position(|t| t.name == name).unwrap();
        let scales = graph.initializer[constant(&scale)].raw_data.as_chunks::<4>().0.to_vec();
        let at = constant(&bytes);
        let tensor = graph.initializer.remove(at);
        let depth = tensor.raw_data.len() / tensor.dims[0] as usize;
        let real = |(index, &byte): (usize, &u8)| {
            let scale = scales.get(index / depth).unwrap_or(&scales[0]);
            (f32::from(byte as i8) * f32::from_le_bytes(*scale)).to_le_bytes()
        };
        let name = format!("{bytes}/real");
        graph.initializer.push(TensorProto {
            name: name.clone(),
            data_type: DataType::Float as i32,
            raw_data: tensor.raw_data.iter().enumerate().flat_map(real).collect(),
            ..tensor
        });
        let node = NodeProto {
            op_type: "QuantizeLinear".into(),
            input: vec![name, scale, zero],
            output: vec![bytes],
            attribute: vec![int("axis", 0)],
            ..NodeProto::default()
        };
        graph.node.insert(0, node);
    }
    let (whole, folded) = (load_raw(&whole), load_raw(&network.finish()));
    assert!(folded.fused_layers() >= 3);
    assert_eq!(folded.fused_layers(), whole.fused_layers());
    let pixels = pixels(2, SIDE, 5);
    assert_eq!(folded.infer(&pixels).unwrap(), whole.infer(&pixels).unwrap());
}

/// A stem, a depthwise convolution, a sum; then real numbers, so that it is fused in part.
fn quantised() -> Network {
    let (mut network, image) = Network::new(SIDE);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    let deep = network.conv(&stem, Conv::depthwise(8, 3, 1));
    let thin = network.conv(&deep, Conv::new(8, 1, 1, Activation::Linear));
    let sum = network.add(&stem, &thin, Activation::Linear);
    network.float_head(&sum);
    network
}
