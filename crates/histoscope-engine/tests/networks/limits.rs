//! Files of a few hundred bytes that ask for gigabytes, for hours, or for what nobody here means:
//! each is refused with a reason, and nothing is made for it.

use histoscope_engine::input::{Channels, Dtype, Input, Layout, Normalisation};
use histoscope_engine::proto::{AttributeProto, ModelProto, OperatorSetIdProto};
use histoscope_engine::{Engine, Error, Lowering};
use prost::Message;

use crate::counting::allocated;
use crate::onnx::{DataType, Network, int, ints, pixels, text};

const SIDE: usize = 8;
/// Elements of a tensor of 1 GiB in `float32`, and the side of one that is square.
const HUGE: i64 = 1 << 28;
const HUGE_SIDE: i64 = 1 << 14;
/// More than a network of this size needs, and far less than what the files ask for.
const MODEST: usize = 64 << 20;

fn input() -> Input {
    Input {
        dtype: Dtype::Float32,
        layout: Layout::Nchw,
        channels: Channels::Rgb,
        patch_size: SIDE as u32,
        normalisation: Some(Normalisation { divisor: 1.0, mean: [0.0; 3], std: [1.0; 3] }),
    }
}

/// A network to whose scores the mean of whatever `odd` makes is added.
fn with(odd: impl FnOnce(&mut Network) -> String) -> Network {
    let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
    let odd = odd(&mut network);
    let odd = network.node("Cast", &[&odd], vec![int("to", DataType::Float as i64)]);
    let mean = network.node("ReduceMean", &[&odd], vec![int("keepdims", 0)]);
    let scores = network.linear_of_mean("image", &[1.0; 6], &[0.5; 2]);
    let scores = network.node("Add", &[&scores, &mean], vec![]);
    network.output(&scores);
    network
}

fn load(model: &[u8]) -> Result<Engine, Error> {
    let choose = &|found: &[histoscope_engine::Output]| Ok((0..found.len()).collect());
    Engine::with_lowering(model, &input(), choose, Lowering::Fused)
}

/// Why the network is refused: by the engine, and neither by a panic nor by the allocator.
fn refusal(what: &str, network: Network) -> String {
    let model = network.finish();
    let (result, bytes) = allocated(|| load(&model));
    let Err(error) = result else { panic!("{what} was not refused") };
    let Error::Invalid { detail } = error else { panic!("{what}: {error:?}") };
    assert!(bytes < MODEST, "{what} asked for {bytes} bytes before it was refused: {detail}");
    detail
}

/// A vector of `length` ones that the file does not hold.
fn ones(network: &mut Network, length: i64) -> String {
    let shape = network.integers(&[length]);
    let zeros = network.node("ConstantOfShape", &[&shape], vec![]);
    let one = network.number(1.0);
    network.node("Add", &[&zeros, &one], vec![])
}

type Build = fn(&mut Network) -> String;

/// Each would make 1 GiB or more, most of them from constants alone.
const MAKERS: [(&str, Build); 15] = [
    ("Expand", |network| {
        let (one, shape) = (network.number(1.0), network.integers(&[HUGE]));
        network.node("Expand", &[&one, &shape], vec![])
    }),
    ("ConstantOfShape", |network| {
        let shape = network.integers(&[HUGE_SIDE, HUGE_SIDE]);
        network.node("ConstantOfShape", &[&shape], vec![])
    }),
    ("Tile of a constant", |network| {
        let (one, times) = (ones(network, 1), network.integers(&[HUGE]));
        network.node("Tile", &[&one, &times], vec![])
    }),
    ("Tile of the picture", |network| {
        let times = network.integers(&[1, 1, 1 << 11, 1 << 11]);
        network.node("Tile", &["image", &times], vec![])
    }),
    ("Pad", |network| {
        let (one, pads) = (ones(network, 1), network.integers(&[0, HUGE]));
        network.node("Pad", &[&one, &pads], vec![])
    }),
    ("Range", |network| {
        let [start, end, step] = [0, HUGE, 1].map(|number| network.integer(number));
        network.node("Range", &[&start, &end, &step], vec![])
    }),
    ("Range downwards", |network| {
        let [start, end, step] = [HUGE, 0, -1].map(|number| network.integer(number));
        network.node("Range", &[&start, &end, &step], vec![])
    }),
    ("Range in small steps", |network| {
        let [start, end, step] = [0.0, 100.0, 1e-7].map(|number| network.number(number));
        network.node("Range", &[&start, &end, &step], vec![])
    }),
    ("Range in no steps", |network| {
        let [start, end, step] = [0, HUGE, 0].map(|number| network.integer(number));
        network.node("Range", &[&start, &end, &step], vec![])
    }),
    ("Resize to a size", |network| {
        let sizes = network.integers(&[1, 3, HUGE_SIDE, HUGE_SIDE]);
        network.node("Resize", &["image", "", "", &sizes], vec![text("mode", "nearest")])
    }),
    ("Resize by a factor", |network| {
        let scales = network.numbers(&[1.0, 1.0, 2048.0, 2048.0]);
        network.node("Resize", &["image", "", &scales], vec![text("mode", "linear")])
    }),
    ("OneHot", |network| {
        let (index, depth) = (network.integers(&[3]), network.integer(HUGE));
        let values = network.numbers(&[0.0, 1.0]);
        network.node("OneHot", &[&index, &depth, &values], vec![])
    }),
    ("a product of two vectors", |network| {
        let (a, b) = (ones(network, HUGE_SIDE), ones(network, HUGE_SIDE));
        let axis = network.integers(&[1]);
        let a = network.node("Unsqueeze", &[&a, &axis], vec![]);
        network.node("Mul", &[&a, &b], vec![])
    }),
    ("Einsum", |network| {
        let (a, b) = (ones(network, HUGE_SIDE), ones(network, HUGE_SIDE));
        network.node("Einsum", &[&a, &b], vec![text("equation", "i,j->ij")])
    }),
    ("a convolution with a thousand million outputs", |network| {
        let weights = network.weights(&[1, 3, 1, 1]);
        network.node("Conv", &["image", &weights], vec![ints("pads", &[HUGE_SIDE; 4])])
    }),
];

#[test]
fn tensors_past_the_limit_are_refused_and_not_made() {
    for (what, build) in MAKERS {
        for constants in ["initialisers", "nodes"] {
            let network = with(build);
            let network =
                if constants == "nodes" { network.with_constant_nodes() } else { network };
            let why = refusal(what, network);
            assert!(why.contains("limit"), "{what} with constants in {constants}: {why}");
        }
    }
}

#[test]
fn multiplications_are_counted() {
    let slow = with(|network| {
        let times = network.integers(&[1, 1, 1 << 8, 1 << 8]);
        let wide = network.node("Tile", &["image", &times], vec![]);
        let weights = network.weights(&[3, 3, 63, 63]);
        network.node("Conv", &[&wide, &weights], vec![ints("pads", &[31; 4])])
    });
    let why = refusal("a slow convolution", slow);
    assert!(why.contains("limit"), "{why}");

    // A pool looks at as many values as a convolution multiplies.
    for op_type in ["MaxPool", "AveragePool"] {
        let slow = with(|network| {
            let times = network.integers(&[1, 1, 1 << 8, 1 << 8]);
            let wide = network.node("Tile", &["image", &times], vec![]);
            let attributes = vec![ints("kernel_shape", &[255; 2]), ints("pads", &[127; 4])];
            network.node(op_type, &[&wide], attributes)
        });
        let why = refusal(op_type, slow);
        assert!(why.contains("limit"), "{why}");
    }

    // From constants, while shapes are inferred.
    let folded = with(|network| {
        let shape = network.integers(&[1, 1, 1 << 10, 1 << 10]);
        let zeros = network.node("ConstantOfShape", &[&shape], vec![]);
        network.node("Conv", &[&zeros, &zeros], vec![ints("pads", &[512; 4])])
    });
    let why = refusal("a convolution of constants", folded);
    assert!(why.contains("limit"), "{why}");
}

/// The picture, tiled to 480 MiB: within the limit of a tensor.
fn large(network: &mut Network) -> String {
    let times = network.integers(&[1, 1, 640, 1024]);
    network.node("Tile", &["image", &times], vec![])
}

/// Nothing is multiplied, and each value takes its time all the same.
#[test]
fn a_long_chain_on_a_large_tensor_is_refused() {
    let slow = with(|network| {
        let mut x = large(network);
        for _ in 0..200 {
            x = network.node("Sigmoid", &[&x], vec![]);
        }
        x
    });
    let why = refusal("a long chain", slow);
    assert!(why.contains("multiplications for one picture; the limit is"), "{why}");
}

#[test]
fn what_is_there_at_once_is_limited() {
    let build = |tensors: usize| {
        with(|network| {
            let mut made = vec![large(network)];
            for index in 1..tensors {
                made.push(network.node("Sigmoid", &[&made[index - 1]], vec![]));
            }
            // The last one made is read first: until then all of them are there.
            let last = made.pop().unwrap();
            made.iter().rev().fold(last, |sum, other| network.node("Add", &[&sum, other], vec![]))
        })
    };
    let why = refusal("six tensors", build(6));
    assert!(why.contains("bytes at once; the limit is 2147483648"), "{why}");
}

/// The outputs would fit. Their windows side by side would not.
#[test]
fn the_windows_of_a_convolution_are_limited() {
    let network = with(|network| {
        let times = network.integers(&[1, 1, 256, 256]);
        let wide = network.node("Tile", &["image", &times], vec![]);
        let weights = network.weights(&[1, 3, 31, 31]);
        network.node("Conv", &[&wide, &weights], vec![ints("pads", &[15; 4])])
    });
    let why = refusal("windows", network);
    assert!(why.contains("bytes of windows; the limit is"), "{why}");
}

/// The same file with other operators.
fn of_opset(network: Network, version: Option<i64>) -> Vec<u8> {
    let mut model = ModelProto::decode(&*network.finish()).unwrap();
    model.opset_import.clear();
    let version = version.map(|version| OperatorSetIdProto { domain: String::new(), version });
    model.opset_import.extend(version);
    model.encode_to_vec()
}

#[test]
fn operators_of_before_opset_9_are_refused_by_name() {
    let network = || {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let scores = network.linear_of_mean("image", &[1.0; 6], &[0.5; 2]);
        network.output(&scores);
        network
    };
    for version in [9, 11, 13] {
        load(&of_opset(network(), Some(version))).unwrap();
    }
    for (version, named) in [
        (Some(8), "opset 8"),
        (Some(1), "opset 1"),
        (Some(-1), "opset -1"),
        (None, "of which opset"),
    ] {
        let model = of_opset(network(), version);
        for why in [
            load(&model).unwrap_err().to_string(),
            histoscope_engine::inspect(&model).unwrap().problems[0].to_string(),
        ] {
            assert!(why.contains(named) && why.contains("export it with opset 9"), "{why}");
        }
    }
}

/// As ONNX Runtime does: the pixel below where a side grows, the one above where it shrinks.
#[test]
fn resize_of_opset_10_rounds_as_onnx_runtime_does() {
    let resized = |scales: [f32; 2]| {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let scales = network.numbers(&[1.0, 1.0, scales[0], scales[1]]);
        let resized = network.node("Resize", &["image", &scales], vec![]);
        network.output(&resized);
        of_opset(network, Some(10))
    };
    let pixels = pixels(1, SIDE, 5);
    for (scale, source) in [
        (1.5_f32, [0, 0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7].as_slice()),
        (0.75, &[0, 2, 3, 4, 6, 7]),
        (1.0, &[0, 1, 2, 3, 4, 5, 6, 7]),
    ] {
        let found = load(&resized([scale; 2])).unwrap().infer(&pixels).unwrap().swap_remove(0);
        let mut expected = vec![];
        for channel in 0..3 {
            for y in source {
                for x in source {
                    expected.push(f32::from(pixels[(y * SIDE + x) * 3 + channel]));
                }
            }
        }
        assert_eq!(found, expected, "by {scale}");
    }
    let why = load(&resized([1.5, 0.75])).unwrap_err().to_string();
    assert!(why.contains("export it with opset 11"), "{why}");
}

/// An optional input may be left out by an empty name, at the end, too.
#[test]
fn a_convolution_may_leave_its_bias_out_by_an_empty_name() {
    let scores = |inputs: &[&str]| {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let weights = network.weights(&[2, 3, 3, 3]);
        let inputs: Vec<&str> = ["image", &weights].iter().chain(inputs).copied().collect();
        let maps = network.node("Conv", &inputs, vec![]);
        let mean = network.node("GlobalAveragePool", &[&maps], vec![]);
        let scores = network.node("Flatten", &[&mean], vec![int("axis", 1)]);
        network.output(&scores);
        load(&network.finish()).unwrap().infer(&pixels(1, SIDE, 6)).unwrap()
    };
    assert_eq!(scores(&[""]), scores(&[]));
}

/// ONNX Runtime's own operators on quantised tensors say what ONNX's say on real ones.
#[test]
fn quantised_operators_of_onnx_runtime_are_composed() {
    // Scores of both, from the same quantised picture.
    let scores = |composed: bool| {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let [scale, half] = [1.0, 0.5].map(|scale| network.number(scale));
        let zero = network.scalar_u8(10);
        let quantised = network.node("QuantizeLinear", &["image", &scale, &zero], vec![]);
        let made = if composed {
            let sum = [&*quantised, &scale, &zero, &quantised, &half, &zero, &scale, &zero];
            let sum = network.node("QLinearAdd", &sum, vec![]);
            let mean = [&*sum, &scale, &zero, &half, &zero];
            let mean = network.node("QLinearGlobalAveragePool", &mean, vec![]);
            for node in &mut network.graph().node {
                if node.op_type.starts_with("QLinear") {
                    node.domain = "com.microsoft".into();
                }
            }
            mean
        } else {
            let [a, b] = [&scale, &half]
                .map(|scale| network.node("DequantizeLinear", &[&quantised, scale, &zero], vec![]));
            let sum = network.node("Add", &[&a, &b], vec![]);
            let sum = network.node("QuantizeLinear", &[&sum, &scale, &zero], vec![]);
            let sum = network.node("DequantizeLinear", &[&sum, &scale, &zero], vec![]);
            let mean = network.node("GlobalAveragePool", &[&sum], vec![]);
            network.node("QuantizeLinear", &[&mean, &half, &zero], vec![])
        };
        let real = network.node("DequantizeLinear", &[&made, &half, &zero], vec![]);
        let flat = network.node("Flatten", &[&real], vec![int("axis", 1)]);
        network.output(&flat);
        load(&network.finish()).unwrap().infer(&pixels(1, SIDE, 8)).unwrap()
    };
    let found = scores(true);
    assert_eq!(found, scores(false));
    assert!(found[0].iter().all(|&score| score > 10.0), "{found:?} says nothing");
}

/// What a transformer adds to keep a patch from attending to others.
#[test]
fn a_mask_of_zeros_and_negative_infinities_is_no_damage() {
    let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
    let scores = network.linear_of_mean("image", &[0.01; 6], &[0.5; 2]);
    let mask = network.numbers(&[0.0, f32::NEG_INFINITY]);
    let masked = network.node("Add", &[&scores, &mask], vec![]);
    let shares = network.node("Softmax", &[&masked], vec![int("axis", 1)]);
    network.output(&shares);
    let shares = load(&network.finish()).unwrap().infer(&pixels(1, SIDE, 7)).unwrap();
    assert_eq!(shares, [[1.0, 0.0]]);
}

/// Axes are a constant since opset 13. tract takes what it finds there out of a list.
#[test]
fn axes_that_there_are_not_are_refused_where_they_are_an_input() {
    for (op_type, axes) in [
        ("Squeeze", &[0, 7][..]),
        ("Squeeze", &[0, 0]),
        ("Squeeze", &[0, -4]),
        ("Squeeze", &[i64::MIN]),
        ("Unsqueeze", &[0, 6]),
        ("Unsqueeze", &[1, 1]),
        ("ReduceSum", &[-5]),
    ] {
        let network = with(|network| {
            let axes = network.integers(axes);
            network.node(op_type, &["image", &axes], vec![])
        });
        let why = refusal(op_type, network);
        assert!(why.contains("axis "), "{op_type} {axes:?}: {why}");
    }
    for (op_type, axes) in
        [("Squeeze", &[-4][..]), ("Unsqueeze", &[0, -1]), ("ReduceSum", &[1, -1])]
    {
        let network = with(|network| {
            let axes = network.integers(axes);
            network.node(op_type, &["image", &axes], vec![])
        });
        load(&network.finish()).unwrap();
    }
}

#[test]
fn places_that_there_are_not_are_refused() {
    for (op_type, places, fits) in [
        ("Gather", &[0, 8][..], false),
        ("Gather", &[-9], false),
        ("Gather", &[-8, 7], true),
        ("GatherElements", &[i64::MAX], false),
    ] {
        let network = with(|network| {
            let places = network.integers(places);
            let shape = network.integers(&[1, 1, 1, -1]);
            let places = match op_type {
                "Gather" => places,
                _ => network.node("Reshape", &[&places, &shape], vec![]),
            };
            network.node(op_type, &["image", &places], vec![int("axis", 3)])
        });
        if fits {
            load(&network.finish()).unwrap();
        } else {
            let why = refusal(op_type, network);
            assert!(why.contains("no place"), "{op_type} {places:?}: {why}");
        }
    }
    // The shape of one number has no fourth side.
    let of_shape = with(|network| {
        let (one, place) = (network.number(1.0), network.integer(3));
        let shape = network.node("Shape", &[&one], vec![]);
        network.node("Gather", &[&shape, &place], vec![])
    });
    let why = refusal("Gather of a shape", of_shape);
    assert!(why.contains("no place"), "{why}");
}

/// tract reads beyond the end of such a shape, without a panic.
#[test]
fn channels_that_there_are_not_are_refused() {
    for (op_type, shape) in [("BatchNormalization", &[-1][..]), ("BatchNormalization", &[])] {
        let network = with(|network| {
            let ones = network.numbers(&[1.0; 3]);
            let mean = vec![ints("axes", &[0, 1, 2, 3]), int("keepdims", 0)];
            let x = match shape {
                [] => network.node("ReduceMean", &["image"], mean),
                shape => {
                    let shape = network.integers(shape);
                    network.node("Reshape", &["image", &shape], vec![])
                }
            };
            network.node(op_type, &[&x, &ones, &ones, &ones, &ones], vec![])
        });
        let why = refusal(op_type, network);
        assert!(why.contains("no axis for channels"), "{op_type} {shape:?}: {why}");
    }
}

/// tract counts the axes behind the first that is normalised, of which there is none, without end.
#[test]
fn one_number_is_not_normalised() {
    let network = with(|network| {
        let mean = vec![ints("axes", &[0, 1, 2, 3]), int("keepdims", 0)];
        let (x, scale) = (network.node("ReduceMean", &["image"], mean), network.number(1.0));
        network.node("LayerNormalization", &[&x, &scale], vec![])
    });
    let why = refusal("LayerNormalization", network);
    assert!(why.contains("no axis to normalise along"), "{why}");
}

/// tract counts bytes in a byte, 256 of them as none, and divides by that; by the number of none it divides, too. ONNX has
/// no mean of bytes.
#[test]
fn a_mean_of_bytes_or_of_nothing_is_refused() {
    for op_type in ["ReduceMean", "Mean"] {
        let network = with(|network| {
            let (scale, zero) = (network.number(0.5), network.scalar_u8(0));
            let bytes = network.node("QuantizeLinear", &["image", &scale, &zero], vec![]);
            let mean = network.node(op_type, &[&bytes], vec![]);
            network.node("DequantizeLinear", &[&mean, &scale, &zero], vec![])
        });
        let why = refusal(op_type, network);
        assert!(why.contains("no mean of integers"), "{op_type}: {why}");
    }
    let network = with(|network| {
        let shape = network.node("Shape", &["image"], vec![]);
        let zero = network.integers(&[0]);
        let none = network.node("Slice", &[&shape, &zero, &zero], vec![]);
        network.node("ReduceMean", &[&none], vec![])
    });
    let why = refusal("ReduceMean", network);
    assert!(why.contains("no mean of no whole number"), "{why}");
}

/// tract panics at it, while it types the graph or in the middle of a picture.
#[test]
fn whole_numbers_are_divided_by_what_is_known_not_to_be_zero() {
    let to = |network: &mut Network, tensor: &str, dt: DataType| {
        network.node("Cast", &[tensor], vec![int("to", dt as i64)])
    };
    type Divisor = fn(&mut Network) -> String;
    let of_image: [(Divisor, &str); 6] = [
        (|network| network.integers(&[0]), "by zero"),
        // Of sizes tract takes 32 bits.
        (|network| network.integers(&[3 << 32]), "by zero"),
        (
            |network| network.node("Cast", &["image"], vec![int("to", DataType::Int64 as i64)]),
            "what is not known",
        ),
        (|network| network.integers(&[3]), ""),
        // So long that tract computes nothing of it while it types the graph, and of fewer axes.
        (|network| network.integers(&[5; SIDE]), ""),
        (
            |network| {
                let fives = network.integers(&[5; 3 * SIDE * SIDE]);
                let shape = network.integers(&[3, SIDE as i64, SIDE as i64]);
                network.node("Reshape", &[&fives, &shape], vec![])
            },
            "",
        ),
    ];
    for op_type in ["Div", "Mod"] {
        for (divisor, why) in of_image {
            let network = with(|network| {
                let image = to(network, "image", DataType::Int64);
                let divisor = divisor(network);
                network.node(op_type, &[&image, &divisor], vec![])
            });
            if why.is_empty() {
                load(&network.finish()).unwrap();
            } else {
                let said = refusal(op_type, network);
                assert!(said.contains(why), "{op_type}: {said}");
            }
        }
        let of_constants: [Divisor; 3] = [
            |network| network.integers(&[0]),
            |network| network.integers(&[1 << 32]),
            // Known when the graph is typed, and not before.
            |network| {
                let one = network.number(1.0);
                let shape = network.integers(&[2]);
                let ones = network.node("Expand", &[&one, &shape], vec![]);
                network.node("ArgMax", &[&ones], vec![int("axis", 0), int("keepdims", 0)])
            },
        ];
        for divisor in of_constants {
            let network = with(|network| {
                let (five, divisor) = (network.integers(&[5]), divisor(network));
                let quotient = network.node(op_type, &[&five, &divisor], vec![]);
                let quotient = to(network, &quotient, DataType::Float);
                network.node("Add", &["image", &quotient], vec![])
            });
            let said = refusal(op_type, network);
            assert!(said.contains("by zero"), "{op_type}: {said}");
        }
    }
}

/// It is not run.
#[test]
fn a_division_whose_output_is_not_read_is_no_reason_to_refuse() {
    let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
    let scores = network.linear_of_mean("image", &[1.0; 6], &[0.5; 2]);
    let image = network.node("Cast", &["image"], vec![int("to", DataType::Int64 as i64)]);
    let ratio = network.node("Div", &[&image, &image], vec![]);
    network.output(&scores);
    network.output(&ratio);
    let model = network.finish();
    let first = &|_: &[histoscope_engine::Output]| Ok(vec![0]);
    Engine::with_lowering(&model, &input(), first, Lowering::Fused).unwrap();
    assert!(load(&model).is_err());
}

#[test]
fn a_product_of_a_matrix_and_one_number_is_refused() {
    for op_type in ["MatMul", "Gemm"] {
        let network = with(|network| {
            let number = network.number(2.0);
            network.node(op_type, &["image", &number], vec![])
        });
        let why = refusal(op_type, network);
        assert!(why.contains("a factor of it has no axis"), "{op_type}: {why}");
    }
}

/// tract takes a value for each axis of the map, whether there is one or not.
#[test]
fn windows_of_another_rank_than_their_map_are_refused() {
    type Windowed = fn(&mut Network, Vec<AttributeProto>) -> String;
    let windowed: [(&str, Windowed); 4] = [
        ("MaxPool", |network, window| network.node("MaxPool", &["image"], window)),
        ("Conv", |network, window| {
            let weights = network.weights(&[1, 3, 3, 3]);
            network.node("Conv", &["image", &weights], window)
        }),
        ("ConvInteger", |network, window| {
            let (scale, zero) = (network.number(0.5), network.scalar_u8(1));
            let bytes = network.node("QuantizeLinear", &["image", &scale, &zero], vec![]);
            let weights = network.bytes(&[1, 3, 3, 3]);
            network.node("ConvInteger", &[&bytes, &weights, &zero, &zero], window)
        }),
        ("QLinearConv", |network, window| {
            let (scale, zero) = (network.number(0.5), network.scalar_u8(1));
            let bytes = network.node("QuantizeLinear", &["image", &scale, &zero], vec![]);
            let weights = network.bytes(&[1, 3, 3, 3]);
            let inputs = [&*bytes, &scale, &zero, &weights, &scale, &zero, &scale, &zero];
            network.node("QLinearConv", &inputs, window)
        }),
    ];
    for (op_type, build) in windowed {
        let kernel = || ints("kernel_shape", &[3, 3]);
        for odd in [
            ints("pads", &[1; 2]),
            ints("pads", &[1; 6]),
            ints("strides", &[1]),
            ints("dilations", &[1; 3]),
        ] {
            let why = refusal(op_type, with(|network| build(network, vec![kernel(), odd.clone()])));
            assert!(why.contains("a window of"), "{op_type} {odd:?}: {why}");
        }
        let whole = vec![kernel(), ints("pads", &[1; 4]), ints("strides", &[2; 2])];
        load(&with(|network| build(network, whole)).finish()).unwrap();
    }
}

#[test]
fn a_size_that_depends_on_the_picture_is_refused() {
    let network = with(|network| network.node("NonZero", &["image"], vec![]));
    let why = refusal("NonZero", network);
    assert!(why.contains("cannot be told before it runs"), "{why}");
}

#[test]
fn weights_that_are_no_numbers_are_refused_by_name() {
    for number in [f32::NAN, f32::INFINITY] {
        for in_nodes in [false, true] {
            let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
            let scores =
                network.linear_of_mean("image", &[1.0, 1.0, number, 1.0, 1.0, 1.0], &[0.5; 2]);
            network.output(&scores);
            let network = if in_nodes { network.with_constant_nodes() } else { network };
            let why = refusal("NaN", network);
            assert!(why.contains("the tensor \"constant_"), "{why}");
        }
    }
}

#[test]
fn a_foreign_operator_does_not_run_as_one_of_onnx() {
    for (domain, runs) in [
        ("", true),
        ("ai.onnx", true),
        ("com.example", false),
        ("ai.onnx.ml", false),
        ("com.microsoft", false),
    ] {
        let mut network = Network::with_input(DataType::Float, &[0, 3, SIDE, SIDE]);
        let scores = network.linear_of_mean("image", &[1.0; 6], &[0.5; 2]);
        network.output(&scores);
        network.graph().node.last_mut().unwrap().domain = domain.into();
        if runs {
            load(&network.finish()).unwrap();
        } else {
            let why = refusal(domain, network);
            assert!(why.contains("its layer \"Gemm_"), "{why}");
            assert!(why.contains(&format!("cannot run here, a {domain}.Gemm;")), "{why}");
        }
    }
}

/// tract would read scales of blocks as one for each index of the axis, and make `uint8` of a type
/// that it does not read.
#[test]
fn forms_of_quantisation_that_tract_does_not_know_are_refused() {
    for (op_type, attribute, value) in [
        ("DequantizeLinear", "block_size", 2),
        ("DequantizeLinear", "output_dtype", 10),
        ("QuantizeLinear", "block_size", 2),
        ("QuantizeLinear", "output_dtype", 3),
    ] {
        let network = with(|network| {
            let scale = network.numbers(&[0.5]);
            let quantised = network.node("QuantizeLinear", &["image", &scale], vec![]);
            let real = network.node("DequantizeLinear", &[&quantised, &scale], vec![]);
            let node = network.graph().node.iter_mut().find(|node| node.op_type == op_type);
            node.unwrap().attribute.push(int(attribute, value));
            real
        });
        let why = refusal(op_type, network);
        assert!(why.contains(&format!("{op_type} with {attribute} {value}")), "{why}");
    }
}

#[test]
fn initialisers_are_counted() {
    let network = with(|network| {
        for _ in 0..=histoscope_engine::MAX_INITIALISERS {
            network.number(1.0);
        }
        "image".into()
    });
    let why = refusal("initialisers", network);
    assert!(why.contains("constants, the limit is 20000"), "{why}");
}

#[test]
fn an_output_that_nothing_makes_is_named() {
    let mut network = with(|_| "image".into());
    network.output("nobody");
    let why = refusal("an output", network);
    assert!(why.contains("nothing makes its output \"nobody\""), "{why}");
}
