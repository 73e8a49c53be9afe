//! Sums of activations beside the outputs: exact, and of nothing that is not there.

use histoscope_engine::{Engine, Error, Input, Lowering};
use proptest::prelude::*;

use crate::onnx::{Activation, Conv, Network, Value, pixels};
use crate::{SIDE, inverted_residual, load};

/// A small network that is fused from end to end, and its activations.
fn network(widths: &[(usize, usize, usize)]) -> (Network, Vec<Value>) {
    let (mut network, image) = Network::new(SIDE as usize);
    let mut values = vec![network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6))];
    for &(cout, kernel, stride) in widths {
        let last = inverted_residual(&mut network, &values[values.len() - 1], cout, kernel, stride);
        values.push(last);
    }
    network.head(&values[values.len() - 1].clone(), 2);
    (network, values)
}

/// The bytes of `value`, `[channels][positions]` for each picture: as an output behind a DequantizeLinear of tract's.
fn bytes(network: &Network, value: &Value, pixels: &[u8]) -> Vec<u8> {
    let mut network = network.clone();
    let real = network.real(value);
    network.graph().output.clear();
    network.output(&real);
    let engine = load(&network.finish(), Lowering::Fused).unwrap();
    assert!(engine.fused_layers() > 0);
    let byte = |&real: &f32| (real / value.scale).round() as i32 + i32::from(value.zero_point);
    engine.infer(pixels).unwrap()[0].iter().map(|real| u8::try_from(byte(real)).unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]
    #[test]
    fn sums_are_those_of_the_activations(
        widths in proptest::collection::vec((4..40_usize, prop_oneof![Just(3), Just(5)], 1..3_usize), 1..4),
        seed in any::<u32>(),
    ) {
        let (network, values) = network(&widths);
        let mut engine = load(&network.clone().finish(), Lowering::Fused).unwrap();
        let pixels = pixels(2, SIDE as usize, seed);
        let untapped = engine.infer(&pixels).unwrap();
        // The last first: they come in the order in which they were asked for, not in that of the layers.
        for value in values.iter().rev() {
            engine.tap(&value.name).unwrap();
        }
        let inference = engine.infer_with_sums(&pixels).unwrap();
        prop_assert_eq!(&inference.outputs, &untapped);
        for ((value, sums), tap) in values.iter().rev().zip(&inference.sums).zip(engine.taps()) {
            prop_assert_eq!((&tap.tensor, tap.channels), (&value.name, value.channels));
            prop_assert_eq!((tap.scale, tap.zero_point), (value.scale, value.zero_point));
            let bytes = bytes(&network, value, &pixels);
            prop_assert_eq!(bytes.len(), 2 * tap.channels * tap.positions());
            let of = |f: fn(u64) -> u64| -> Vec<u64> {
                let planes = bytes.chunks_exact(tap.positions());
                planes.map(|plane| plane.iter().map(|&q| f(q.into())).sum()).collect()
            };
            prop_assert_eq!(&sums.plain, &of(|q| q));
            prop_assert_eq!(&sums.squares, &of(|q| q * q));
        }
    }
}

#[test]
fn a_tensor_has_two_names() {
    let (network, values) = network(&[(8, 3, 1)]);
    let mut engine = load(&network.clone().finish(), Lowering::Fused).unwrap();
    let value = &values[0];
    let reads = |node: &&histoscope_engine::proto::NodeProto| {
        node.op_type == "DequantizeLinear" && node.input[0] == value.name
    };
    let real = network.clone().graph().node.iter().find(reads).unwrap().output[0].clone();
    engine.tap(&value.name).unwrap();
    engine.tap(&real).unwrap();
    let inference = engine.infer_with_sums(&pixels(1, SIDE as usize, 3)).unwrap();
    assert_eq!(inference.sums[0], inference.sums[1]);
}

#[test]
fn what_is_not_there_is_named() {
    let (network, values) = network(&[(8, 3, 1)]);
    let model = network.clone().finish();
    let refused = |engine: &mut Engine, tensor: &str| match engine.tap(tensor).unwrap_err() {
        Error::NoTap { tensor: named, why } if named == tensor => why,
        other => panic!("{other}"),
    };
    let mut engine = load(&model, Lowering::Fused).unwrap();
    for tensor in ["", "elsewhere", "image", &format!("{}/nhwc", values[0].name)] {
        assert!(refused(&mut engine, tensor).contains("no layer makes"), "{tensor}");
    }
    assert!(engine.taps().is_empty());
    let mut planned = load(&model, Lowering::Planned).unwrap();
    assert!(refused(&mut planned, &values[0].name).contains("not fused from end to end"));
    // A layer that no output needs does not run.
    let (mut network, image) = Network::new(SIDE as usize);
    let stem = network.conv(&image, Conv::new(8, 3, 2, Activation::Relu6));
    network.head(&stem, 2);
    let unread = network.conv(&stem, Conv::new(4, 1, 1, Activation::Linear));
    network.head(&unread, 2);
    let first = |found: &[histoscope_engine::Output]| Ok((0..found.len()).take(1).collect());
    let mut engine = Engine::load(&network.finish(), &Input::raw(SIDE), &first).unwrap();
    engine.tap(&stem.name).unwrap();
    assert!(refused(&mut engine, &unread.name).contains("no layer makes"));
}
