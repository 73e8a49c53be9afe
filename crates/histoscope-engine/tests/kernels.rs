//! Every kernel on every backend of this build against a naive oracle: the same bytes, for any
//! shape and value.
//!
//! The properties run natively (`cargo test`) and in a browser (`wasm-bindgen-test`), from one
//! deterministic seed, so a failure anywhere can be repeated everywhere.
//!
//! With other tools, which want fewer cases, from the root of the workspace:
//!
//! ```text
//! undefined behaviour, scalar and AVX2 (rustup +nightly component add miri rust-src)
//!   RUSTFLAGS=-Ctarget-feature=+avx2 MIRIFLAGS=-Zmiri-disable-isolation \
//!     cargo +nightly miri test -p histoscope-engine --no-default-features --test kernels
//! reads beyond an allocation, of compiled code
//!   KERNEL_CASES=40 \
//!     CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="valgrind -q --error-exitcode=9" \
//!     cargo test -p histoscope-engine --no-default-features --test kernels
//! a usize of 32 bits outside of a browser (rustup target add i686-unknown-linux-musl)
//!   CARGO_TARGET_I686_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
//!     cargo test -p histoscope-engine --no-default-features --lib --test kernels \
//!     --target i686-unknown-linux-musl
//! ```

use std::ops::RangeInclusive;

use histoscope_engine::kernels::{
    Add, Conv, ConvShape, Depthwise, Dynamic, Head, InputQuant, Isa, LayerError, MapSize, MaxPool,
    OutputQuant, Pointwise, Range, Real, Requant, Weights, accumulator_fits,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// The definitions of `histoscope_engine::kernels`, as plain as they can be: 64-bit sums, one
/// output at a time.
mod oracle {
    use super::{ConvShape, InputQuant, OutputQuant};

    pub(crate) fn quantise(real: f32, output: &OutputQuant) -> u8 {
        let q = f64::from(real.round_ties_even()) + f64::from(output.zero_point());
        q.clamp(f64::from(output.min()), f64::from(output.max())) as u8
    }

    pub(crate) fn requantise(acc: i64, multiplier: f32, output: &OutputQuant) -> u8 {
        quantise(acc as i32 as f32 * multiplier, output)
    }

    /// Sum over the taps of one output; `channels` are the input channels that it sees and `weight`
    /// looks up a weight by `(channel within channels, ky, kx)`.
    pub(crate) fn window(
        x: &[u8],
        [h, w, c]: [usize; 3],
        shape: &ConvShape,
        [oy, ox]: [usize; 2],
        input: InputQuant,
        channels: std::ops::Range<usize>,
        weight: impl Fn(usize, usize, usize) -> i16,
    ) -> i64 {
        let mut acc = 0;
        for ky in 0..shape.kernel()[0] {
            for kx in 0..shape.kernel()[1] {
                let y = (oy * shape.stride()[0] + ky) as isize - shape.pad()[0] as isize;
                let x_at = (ox * shape.stride()[1] + kx) as isize - shape.pad()[1] as isize;
                if y < 0 || x_at < 0 || y >= h as isize || x_at >= w as isize {
                    continue;
                }
                for (index, channel) in channels.clone().enumerate() {
                    let value = x[(y as usize * w + x_at as usize) * c + channel];
                    let step = i64::from(value) - i64::from(input.zero_point());
                    acc += step * i64::from(weight(index, ky, kx));
                }
            }
        }
        acc
    }
}

/// Small deterministic generator (SplitMix64) for the contents of tensors; proptest chooses the
/// shapes.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// Activations in `0..=max`; in extreme tensors only the two ends.
    fn activations(&mut self, len: usize, max: u8, extreme: bool) -> Vec<u8> {
        let value =
            |n: u64| if extreme { (n & 1) as u8 * max } else { (n % (u64::from(max) + 1)) as u8 };
        (0..len).map(|_| value(self.next() >> 8)).collect()
    }

    /// Weights in `range`; in extreme tensors only the two ends.
    fn weights(&mut self, len: usize, range: RangeInclusive<i16>, extreme: bool) -> Vec<i16> {
        let (least, most) = range.into_inner();
        let count = (most - least) as u64 + 1;
        let value = |n: u64| {
            if extreme { [least, most][n as usize & 1] } else { least + (n % count) as i16 }
        };
        (0..len).map(|_| value(self.next() >> 8)).collect()
    }

    fn bias(&mut self, len: usize) -> Vec<i32> {
        (0..len).map(|_| self.below(40_001) as i32 - 20_000).collect()
    }

    /// Multipliers that spread a layer of this depth over the output range. Every fourth is a power
    /// of two, which makes exact halves frequent; every 16th is so large or small that everything
    /// saturates.
    fn multipliers(&mut self, len: usize, depth: usize) -> Vec<f32> {
        let usual = 1.0 / (64.0 * (depth as f32).sqrt() + 1.0);
        (0..len)
            .map(|_| match self.below(16) {
                0 => [1e9, 1e-9][self.below(2) as usize],
                1..4 => 0.5_f32.powi(self.below(12) as i32),
                _ => usual * (self.below(1000) as f32 / 500.0),
            })
            .collect()
    }
}

/// Everything about a layer but its shape.
#[derive(Clone, Debug)]
struct Nature {
    seed: u64,
    input: InputQuant,
    weights: RangeInclusive<i16>,
    extreme: bool,
    output: OutputQuant,
    /// Whether the degenerate multipliers, which always run on the portable path, are left out.
    moderate: bool,
}

impl Nature {
    fn multipliers(&self, noise: &mut Noise, channels: usize, depth: usize) -> Vec<f32> {
        let mut multiplier = noise.multipliers(channels, depth);
        if self.moderate {
            multiplier.iter_mut().for_each(|m| *m = m.min(0.25));
        }
        multiplier
    }

    fn requant(&self, multiplier: &[f32]) -> Requant {
        Requant::new(multiplier.to_vec(), self.output).unwrap()
    }
}

fn nature() -> impl Strategy<Value = Nature> {
    let input = prop_oneof![3 => Just(127_u8), 1 => Just(255_u8), 1 => 0..=255_u8];
    let range = prop_oneof![
        Just((0_u8, 127_u8)),
        (any::<u8>(), any::<u8>()).prop_map(|(a, b)| (a.min(b), a.max(b)))
    ];
    (
        any::<u64>(),
        input,
        any::<u8>(),
        prop_oneof![3 => Just(-128..=127), 1 => (0..=255_i16).prop_map(|zero| -zero..=255 - zero)],
        prop::bool::weighted(0.2),
        0..=255_u8,
        range,
        prop::bool::weighted(0.8),
    )
        .prop_map(
            |(seed, max, zero, weights, extreme, zero_point, (min, max_out), moderate)| Nature {
                seed,
                input: InputQuant::new(zero.min(max), max).unwrap(),
                weights,
                extreme,
                output: OutputQuant::new(zero_point, min, max_out).unwrap(),
                moderate,
            },
        )
}

/// Geometry with kernels up to `most` a side, square ones mostly.
fn shape(most: usize) -> impl Strategy<Value = ConvShape> {
    let kernel = (1..=most, 1..=most, prop::bool::weighted(0.8))
        .prop_map(|(a, b, square)| if square { [a, a] } else { [a, b] });
    let stride = prop_oneof![
        3 => Just([1, 1]),
        2 => Just([2, 2]),
        1 => prop::array::uniform2(1..=3_usize),
    ];
    (kernel, stride, prop::array::uniform4(0..=3_usize)).prop_map(bounded)
}

/// Geometry up to the limits of [`ConvShape`].
fn extreme_shape() -> impl Strategy<Value = ConvShape> {
    let kernel = prop::array::uniform2(prop_oneof![1..=9_usize, Just(ConvShape::MAX_KERNEL)]);
    let most = ConvShape::MAX_STRIDE;
    let stride = prop::array::uniform2(prop_oneof![1..=70_usize, most - 1..=most]);
    (kernel, stride, prop::array::uniform4(0..ConvShape::MAX_KERNEL)).prop_map(bounded)
}

/// The geometry with no pad as large as the kernel.
fn bounded((kernel, stride, pad): ([usize; 2], [usize; 2], [usize; 4])) -> ConvShape {
    let side = |at: usize| kernel[at % 2];
    let pad = std::array::from_fn(|at| pad[at] % side(at));
    ConvShape::new(kernel, stride, pad).unwrap()
}

/// Runs a property on `cases` inputs from a fixed seed, on fewer in Miri, which takes its time, and
/// on at most `KERNEL_CASES` where that is set.
fn check<S: Strategy>(
    cases: u32,
    inputs: S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let most = std::env::var("KERNEL_CASES").ok().and_then(|most| most.parse().ok());
    let cases = cases.min(most.unwrap_or(if cfg!(miri) { 4 } else { u32::MAX }));
    let max_global_rejects = if cfg!(miri) { 100_000 } else { 0 };
    let config =
        Config { cases, max_global_rejects, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    if let Err(failure) = TestRunner::new_with_rng(config, rng).run(&inputs, property) {
        panic!("{failure}");
    }
}

/// Miri passes over inputs that ask for more `work`, products and bytes, than it does in some seconds.
fn in_reach(work: usize) -> Result<(), TestCaseError> {
    if cfg!(miri) && work > 15_000 {
        return Err(TestCaseError::reject("more than Miri has time for"));
    }
    Ok(())
}

/// Values of a map and of the glass around it.
fn padded([h, w, channels]: [usize; 3], shape: &ConvShape) -> usize {
    let [top, left, bottom, right] = shape.pad();
    (h + top + bottom) * (w + left + right) * channels
}

/// A test natively and in the browser.
macro_rules! everywhere {
    ($($(#[$meta:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$meta])*
        #[cfg_attr(not(target_family = "wasm"), test)]
        #[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
        fn $name() $body
    )*};
}

everywhere! {
    fn pointwise_matches_oracle() {
        let inputs = (nature(), 0..=70_usize, 1..=70_usize, 1..=40_usize);
        check(600, inputs, |(nature, pixels, cin, cout)| pointwise(&nature, pixels, cin, cout));
    }

    /// More pixels than a block, whole words and not.
    fn pointwise_matches_oracle_across_blocks() {
        let cin = prop_oneof![1..=9_usize, Just(64), 250..=260_usize];
        let inputs = (nature(), 200..=700_usize, cin, 1..=17_usize);
        check(24, inputs, |(nature, pixels, cin, cout)| pointwise(&nature, pixels, cin, cout));
    }

    fn depthwise_matches_oracle() {
        let sides = (0..=12_usize, 0..=12_usize);
        check(600, (nature(), sides, 1..=70_usize, shape(7)), |(nature, (h, w), channels, shape)| {
            depthwise(&nature, [h, w, channels], shape)
        });
    }

    /// Rows wider than what is interleaved together.
    fn depthwise_matches_oracle_across_stretches() {
        let sizes = (1..=3_usize, 50..=260_usize, 16..=40_usize);
        check(40, (nature(), sizes, shape(7)), |(nature, (h, w, channels), shape)| {
            depthwise(&nature, [h, w, channels], shape)
        });
    }

    /// Strides and kernels that see little of a map, or nothing but padding beside it.
    fn depthwise_matches_oracle_on_extreme_shapes() {
        let sizes = (0..=70_usize, 0..=70_usize, 1..=40_usize);
        check(200, (nature(), sizes, extreme_shape()), |(nature, (h, w, channels), shape)| {
            depthwise(&nature, [h, w, channels], shape)
        });
    }

    fn dense_conv_matches_oracle_on_extreme_shapes() {
        let sizes = (0..=70_usize, 0..=70_usize, 1..=5_usize);
        let inputs = (nature(), sizes, 1..=9_usize, extreme_shape());
        check(120, inputs, |(nature, (h, w, cin), cout, shape)| {
            conv(&nature, [h, w, cin], cout, shape)
        });
    }

    fn dense_conv_matches_oracle() {
        let sizes = (0..=10_usize, 0..=10_usize, 1..=9_usize);
        check(400, (nature(), sizes, 1..=20_usize, shape(5)), |(nature, (h, w, cin), cout, shape)| {
            conv(&nature, [h, w, cin], cout, shape)
        });
    }

    fn head_matches_oracle() {
        let inputs = (nature(), 1..=60_usize, 1..=300_usize, 1..=12_usize);
        check(200, inputs, |(nature, pixels, cin, classes)| {
            head(&nature, pixels, cin, classes)
        });
    }

    fn max_pool_matches_oracle() {
        let inputs = (any::<u64>(), 0..=12_usize, 0..=12_usize, 1..=40_usize, shape(4));
        check(300, inputs, |(seed, h, w, channels, shape)| {
            let x = Noise(seed).activations(h * w * channels, 255, false);
            let map = MapSize::new(h, w, channels).unwrap();
            let layer = MaxPool::new(shape);
            let Ok(output) = layer.output(map) else {
                prop_assert!(map.is_empty() || shape.output(map, channels).is_err());
                return Ok(());
            };
            let under = |axis: usize, output: usize, at: usize| {
                let start = (output * shape.stride()[axis]) as isize - shape.pad()[axis] as isize;
                (start..start + shape.kernel()[axis] as isize).contains(&(at as isize))
            };
            let mut out = vec![0; output.len()];
            layer.run(&x, map, &mut out);
            for (index, &found) in out.iter().enumerate() {
                let (pixel, channel) = (index / channels, index % channels);
                let [oy, ox] = [pixel / output.width(), pixel % output.width()];
                let seen = (0..h * w).filter(|at| under(0, oy, at / w) && under(1, ox, at % w));
                let expected = seen.map(|at| x[at * channels + channel]).max();
                prop_assert_eq!(Some(found), expected);
            }
            Ok(())
        });
    }

    fn dynamic_dense_conv_matches_oracle() {
        let sizes = (0..=10_usize, 0..=10_usize, 1..=20_usize);
        check(400, (reals(), sizes, 1..=20_usize, shape(5)), |(reals, (h, w, cin), cout, shape)| {
            dynamic(&reals, [h, w, cin], Some(cout), shape)
        });
    }

    /// More pixels than are made real together.
    fn dynamic_pointwise_matches_oracle_across_blocks() {
        let sizes = (40..=90_usize, 40..=90_usize, 1..=9_usize);
        let pointwise = ConvShape::new([1, 1], [1, 1], [0; 4]).unwrap();
        check(12, (reals(), sizes, 1..=17_usize), |(reals, (h, w, cin), cout)| {
            dynamic(&reals, [h, w, cin], Some(cout), pointwise)
        });
    }

    fn dynamic_depthwise_matches_oracle() {
        let sizes = (0..=12_usize, 0..=70_usize, 1..=40_usize);
        check(400, (reals(), sizes, shape(8)), |(reals, (h, w, channels), shape)| {
            dynamic(&reals, [h, w, channels], None, shape)
        });
    }

    fn a_range_is_that_of_the_operator() {
        let of = |reals: &[f32]| {
            let range = Range::of(reals);
            (range.scale(), range.zero_point())
        };
        // The examples of ONNX's own tests.
        assert_eq!(of(&[0.0, 2.0, -3.0, -2.5, 1.34, 0.5]), (0.019_607_844, 153));
        assert_eq!(of(&[-1.0, -2.1, -1.3, -2.5, -3.34, -4.0]), (0.015_686_275, 255));
        assert_eq!(of(&[1.0, 2.1, 1.3, 2.5, 3.34, 4.0]), (0.015_686_275, 0));
        assert_eq!(of(&[]), (1.0, 0));
        assert_eq!(of(&[0.0; 40]), (1.0, 0));
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in [0, 17, 39] {
                let mut reals = [1.0; 40];
                reals[place] = odd;
                let range = Range::of(&reals);
                assert!(range.scale().is_nan());
                // Any bytes, but no panic.
                range.quantise(&reals, &mut [0; 40]);
            }
        }
        let reals = [-2.0, 253.0, 0.5, 1.5, 2.5, -0.5, -1.5, 0.0];
        let range = Range::of(&reals);
        assert_eq!((range.scale(), range.zero_point()), (1.0, 2));
        let mut bytes = [0; 8];
        range.quantise(&reals, &mut bytes);
        assert_eq!(bytes, [0, 255, 2, 4, 4, 2, 0, 2]);
    }

    /// What is no number stays none, and comes to every output.
    fn a_dynamic_conv_hides_no_odd_number() {
        for isa in Isa::available() {
            let real = Real { scale: vec![1.0; 3], bias: vec![0.0; 3], clip: [0.0, 6.0] };
            let shape = ConvShape::new([1, 1], [1, 1], [0; 4]).unwrap();
            let conv = Dynamic::dense(isa, &[1, 2, 3], 1, shape, real).unwrap();
            let mut out = [0.0; 6];
            conv.run(&[1.0, f32::NAN], MapSize::new(1, 2, 1).unwrap(), &mut out);
            assert!(out.iter().all(|value| value.is_nan()), "{isa:?} {out:?}");
        }
    }

    fn dynamic_layers_of_what_does_not_fit_are_refused() {
        let real = || Real { scale: vec![1.0; 2], bias: vec![0.0; 2], clip: [f32::MIN, f32::MAX] };
        let shape = ConvShape::new([1, 1], [1, 1], [0; 4]).unwrap();
        let dense = |weights: &[i16], real| Dynamic::dense(Isa::best(), weights, 2, shape, real);
        assert!(dense(&[1; 4], real()).is_ok());
        assert!(matches!(dense(&[1; 6], real()), Err(LayerError::Depth { .. })));
        assert!(matches!(dense(&[256; 4], real()), Err(LayerError::Weight(256))));
        assert!(dense(&[], Real { scale: vec![], bias: vec![], ..real() }).is_err());
        let few = Real { scale: vec![1.0], ..real() };
        assert!(matches!(dense(&[1; 4], few), Err(LayerError::Channels { .. })));
        let odd = Real { bias: vec![f32::NAN; 2], ..real() };
        assert!(matches!(dense(&[1; 4], odd), Err(LayerError::Scale)));
        let odd = Real { clip: [1.0, 0.0], ..real() };
        assert!(matches!(dense(&[1; 4], odd), Err(LayerError::Range)));
        let conv = dense(&[1; 4], real()).unwrap();
        assert!(conv.output(MapSize::new(1, 1, 3).unwrap()).is_err());
        let depthwise = Dynamic::depthwise(Isa::best(), &[1; 4], shape, real());
        assert!(matches!(depthwise, Err(LayerError::Depth { .. })));
    }

    fn add_matches_oracle() {
        let scale = prop_oneof![4 => 0.01..2.0_f32, 1 => Just(0.5_f32), 1 => 1e-6..1e6_f32];
        let scales = prop::array::uniform3(scale);
        let inputs = (nature(), any::<[u8; 2]>(), 0..=200_usize, scales);
        check(400, inputs, |(nature, zeros, len, scales)| {
            add(&nature, zeros, len, scales)
        });
    }

    /// Every pair of operands, with scales that make halves frequent.
    fn add_matches_oracle_on_all_bytes() {
        let a: Vec<u8> = (0..=255).flat_map(|a| [a; 256]).collect();
        let b: Vec<u8> = (0..=255).flat_map(|_| 0..=255).collect();
        for isa in Isa::available() {
            let output = OutputQuant::new(60, 0, 127).unwrap();
            let add = Add::new(isa, (64, 0.5), (3, 0.25), 1.0, output).unwrap();
            let mut out = vec![0; a.len()];
            add.run(&a, &b, &mut out);
            for ((&a, &b), q) in a.iter().zip(&b).zip(out) {
                let real = (f32::from(a) - 64.0) * 0.5 + (f32::from(b) - 3.0) * 0.25;
                let expected = (real.round_ties_even() + 60.0).clamp(0.0, 127.0);
                assert_eq!(f32::from(q), expected, "{a} {b} {isa:?}");
            }
        }
    }

    /// A layer gets the SIMD kernel that its input and its weights allow: of eight bits, or of nine,
    /// never the 7-bit one.
    fn layers_get_the_expected_kernels() {
        for isa in Isa::available() {
            let names = [(127, [1, -128]), (255, [1, 1]), (127, [1, 128])].map(|(max, ends)| {
                let output = OutputQuant::new(0, 0, 127).unwrap();
                let requant = Requant::new(vec![0.01; 16], output).unwrap();
                let input = InputQuant::new(0, max).unwrap();
                let shape = ConvShape::new([3, 3], [1, 1], [1; 4]).unwrap();
                let values = ends.repeat(128);
                let weights = |count| Weights::new(&values[..count], &[0; 16], input).unwrap();
                let [many, few] = [weights(256), weights(144)];
                let pointwise = Pointwise::new(isa, many, requant.clone()).unwrap();
                let depthwise = Depthwise::new(isa, few, shape, requant).unwrap();
                assert_eq!(pointwise.kernel_name(), depthwise.kernel_name());
                pointwise.kernel_name()
            });
            let expected = match isa {
                Isa::Scalar => ["scalar"; 3],
                Isa::Simd128 => ["simd128_pairs"; 3],
                Isa::Relaxed => ["relaxed_quads", "simd128_pairs", "simd128_pairs"],
                Isa::Avx2 => ["avx2_quads", "avx2_pairs", "avx2_pairs"],
            };
            assert_eq!(names, expected);
        }
    }

    fn best_variant_is_available_and_last() {
        assert!(Isa::best().is_available());
        assert_eq!(Isa::available().last(), Some(Isa::best()));
        assert_eq!(Isa::available().next(), Some(Isa::Scalar));
    }

    fn overflow_is_refused() {
        let input = InputQuant::new(0, 127).unwrap();
        let most = i32::MAX - 127 * 127 * 4;
        for (bias, fits) in [(0, true), (most, true), (most + 1, false)] {
            assert_eq!(accumulator_fits(&[127; 4], &[bias], input), fits);
            assert_eq!(Weights::new(&[127; 4], &[bias], input).is_ok(), fits);
        }
    }

    fn layers_that_do_not_fit_are_refused() {
        let input = InputQuant::new(0, 127).unwrap();
        let output = OutputQuant::new(0, 0, 127).unwrap();
        let requant = |channels: usize| Requant::new(vec![0.01; channels], output).unwrap();
        let shape = ConvShape::new([3, 3], [1, 1], [1; 4]).unwrap();
        assert!(matches!(InputQuant::new(128, 127), Err(LayerError::Range)));
        assert!(matches!(OutputQuant::new(0, 1, 0), Err(LayerError::Range)));
        for multiplier in [f32::NAN, f32::INFINITY] {
            assert!(matches!(Requant::new(vec![multiplier], output), Err(LayerError::Scale)));
        }
        for (weights, bias) in [(0, 0), (0, 1), (4, 0), (1, 2), (5, 2)] {
            let weights = Weights::new(&[1; 5][..weights], &[0; 2][..bias], input);
            assert!(matches!(weights, Err(LayerError::Weights { .. })));
        }
        let weights = Weights::new(&[1; 18], &[0; 2], input).unwrap();
        let isa = Isa::best();
        let channels = LayerError::Channels { expected: 2, found: 3 };
        let depth = LayerError::Depth { expected: 27, found: 9 };
        assert_eq!(Pointwise::new(isa, weights, requant(3)).unwrap_err(), channels);
        assert_eq!(Depthwise::new(isa, weights, shape, requant(3)).unwrap_err(), channels);
        assert_eq!(Conv::new(isa, weights, 3, shape, requant(2)).unwrap_err(), depth);
        assert!(Conv::new(isa, weights, usize::MAX / 3, shape, requant(2)).is_err());
        assert!(matches!(Head::new(isa, weights, vec![1.0; 3]), Err(LayerError::Channels { .. })));
        assert!(matches!(Head::new(isa, weights, vec![1.0, f32::NAN]), Err(LayerError::Scale)));
        assert!(matches!(Add::new(isa, (0, 1.0), (0, 1.0), 0.0, output), Err(LayerError::Scale)));
    }

    /// Maps that a layer would need too much memory for, or none of which it can make anything.
    #[cfg_attr(miri, ignore = "to pack its weights takes Miri an hour")]
    fn maps_that_do_not_fit_are_refused() {
        let input = InputQuant::new(0, 127).unwrap();
        let requant = Requant::new(vec![0.01], OutputQuant::new(0, 0, 127).unwrap()).unwrap();
        let map = |h: usize, w: usize, c: usize| MapSize::new(h, w, c).unwrap();
        let isa = Isa::best();
        let kernel = vec![0; 64 * 64 * 200];
        let weights = Weights::new(&kernel, &[0], input).unwrap();
        let shape = ConvShape::new([64, 64], [1, 1], [63; 4]).unwrap();
        let conv = Conv::new(isa, weights, 200, shape, requant.clone()).unwrap();
        assert!(conv.output(map(1, 30_000, 200)).is_ok());
        assert!(matches!(conv.output(map(1, 60_000, 200)), Err(LayerError::Memory(_))));
        assert!(matches!(conv.output(map(1, 1, 3)), Err(LayerError::Channels { .. })));

        let one = Weights::new(&[1], &[0], input).unwrap();
        let head = Head::new(isa, one, vec![1.0]).unwrap();
        assert!(matches!(head.output(map(1 << 12, 1 << 13, 1)), Err(LayerError::Memory(_))));
        assert!(head.output(map(0, 5, 1)).is_err());
        let shape = ConvShape::new([3, 1], [1, 1], [0; 4]).unwrap();
        let kernel = Weights::new(&[1; 3], &[0], input).unwrap();
        let depthwise = Depthwise::new(isa, kernel, shape, requant).unwrap();
        assert_eq!(depthwise.output(map(2, 5, 1)), Err(LayerError::MapBelowKernel([2, 5])));
    }
}

fn pointwise(nature: &Nature, pixels: usize, cin: usize, cout: usize) -> Result<(), TestCaseError> {
    in_reach(pixels * cin * cout)?;
    let mut noise = Noise(nature.seed);
    let x = noise.activations(pixels * cin, nature.input.max(), nature.extreme);
    let weights = noise.weights(cout * cin, nature.weights.clone(), nature.extreme);
    let bias = noise.bias(cout);
    let multipliers = nature.multipliers(&mut noise, cout, cin);
    let mut expected = Vec::new();
    for x in x.chunks_exact(cin) {
        for (channel, weights) in weights.chunks_exact(cin).enumerate() {
            let products = x.iter().zip(weights).map(|(&x, &w)| {
                (i64::from(x) - i64::from(nature.input.zero_point())) * i64::from(w)
            });
            expected.push(oracle::requantise(
                i64::from(bias[channel]) + products.sum::<i64>(),
                multipliers[channel],
                &nature.output,
            ));
        }
    }
    let weights = Weights::new(&weights, &bias, nature.input).unwrap();
    for isa in Isa::available() {
        let layer = Pointwise::new(isa, weights, nature.requant(&multipliers)).unwrap();
        let mut out = vec![0; pixels * cout];
        layer.run(&x, &mut out);
        prop_assert_eq!(&out, &expected, "{:?}", isa);
        prop_assert!(!nature.moderate || isa == Isa::Scalar || layer.kernel_name() != "scalar");
    }
    Ok(())
}

fn depthwise(nature: &Nature, size: [usize; 3], shape: ConvShape) -> Result<(), TestCaseError> {
    let [h, w, channels] = size;
    let taps = shape.taps();
    let map = MapSize::new(h, w, channels).unwrap();
    let output = shape.output(map, channels);
    let (oh, ow) = output.map_or((0, 0), |output| (output.height(), output.width()));
    in_reach((oh * ow).max(1) * channels * taps + padded(size, &shape))?;
    let mut noise = Noise(nature.seed);
    let x = noise.activations(h * w * channels, nature.input.max(), nature.extreme);
    let weights = noise.weights(channels * taps, nature.weights.clone(), nature.extreme);
    let bias = noise.bias(channels);
    let multipliers = nature.multipliers(&mut noise, channels, taps);
    let mut expected = Vec::new();
    for index in 0..oh * ow {
        for channel in 0..channels {
            let weight = |_, ky, kx| weights[channel * taps + ky * shape.kernel()[1] + kx];
            let at = [index / ow, index % ow];
            let acc =
                oracle::window(&x, size, &shape, at, nature.input, channel..channel + 1, weight);
            let acc = i64::from(bias[channel]) + acc;
            expected.push(oracle::requantise(acc, multipliers[channel], &nature.output));
        }
    }
    let weights = Weights::new(&weights, &bias, nature.input).unwrap();
    for isa in Isa::available() {
        let requant = nature.requant(&multipliers);
        let layer = Depthwise::new(isa, weights, shape, requant).unwrap();
        prop_assert_eq!(layer.output(map), output);
        let mut out = vec![0; expected.len()];
        if output.is_ok() {
            layer.run(&x, map, &mut out);
        }
        prop_assert_eq!(&out, &expected, "{:?}", isa);
    }
    Ok(())
}

fn conv(
    nature: &Nature,
    size: [usize; 3],
    cout: usize,
    shape: ConvShape,
) -> Result<(), TestCaseError> {
    let [h, w, cin] = size;
    let [kh, kw] = shape.kernel();
    let map = MapSize::new(h, w, cin).unwrap();
    let output = shape.output(map, cout);
    let (oh, ow) = output.map_or((0, 0), |output| (output.height(), output.width()));
    in_reach((oh * ow).max(1) * cout * cin * kh * kw + padded(size, &shape))?;
    let mut noise = Noise(nature.seed);
    let x = noise.activations(h * w * cin, nature.input.max(), nature.extreme);
    let weights = noise.weights(cout * cin * kh * kw, nature.weights.clone(), nature.extreme);
    let bias = noise.bias(cout);
    let multipliers = nature.multipliers(&mut noise, cout, cin * kh * kw);
    let mut expected = Vec::new();
    for index in 0..oh * ow {
        for channel in 0..cout {
            let weight = |c, ky, kx| weights[((channel * cin + c) * kh + ky) * kw + kx];
            let at = [index / ow, index % ow];
            let acc = oracle::window(&x, size, &shape, at, nature.input, 0..cin, weight);
            let acc = i64::from(bias[channel]) + acc;
            expected.push(oracle::requantise(acc, multipliers[channel], &nature.output));
        }
    }
    let weights = Weights::new(&weights, &bias, nature.input).unwrap();
    for isa in Isa::available() {
        let requant = nature.requant(&multipliers);
        let layer = Conv::new(isa, weights, cin, shape, requant).unwrap();
        prop_assert_eq!(layer.output(map), output);
        let mut out = vec![0; expected.len()];
        if output.is_ok() {
            layer.run(&x, map, &mut out);
        }
        prop_assert_eq!(&out, &expected, "{:?}", isa);
    }
    Ok(())
}

/// Everything about a dynamic layer but its shape.
#[derive(Clone, Debug)]
struct Reals {
    seed: u64,
    /// Times the numbers of 24 bits between -1 and 1, and what is added to them.
    factor: f32,
    offset: f32,
    weights: RangeInclusive<i16>,
    clip: [f32; 2],
}

fn reals() -> impl Strategy<Value = Reals> {
    let factor = prop_oneof![4 => 0.1..8.0_f32, 1 => Just(0.0), 1 => 1e-30..1e30_f32];
    let offset = prop_oneof![2 => Just(0.0), 1 => -9.0..9.0_f32];
    let weights =
        prop_oneof![2 => Just(-128..=127), 1 => (0..=255_i16).prop_map(|zero| -zero..=255 - zero)];
    let clip = prop_oneof![
        Just([0.0, 6.0]),
        Just([0.0, f32::INFINITY]),
        Just([f32::NEG_INFINITY, f32::INFINITY])
    ];
    (any::<u64>(), factor, offset, weights, clip).prop_map(
        |(seed, factor, offset, weights, clip)| Reals { seed, factor, offset, weights, clip },
    )
}

/// A dense convolution to `cout` channels, or a depthwise one.
fn dynamic(
    nature: &Reals,
    size: [usize; 3],
    cout: Option<usize>,
    shape: ConvShape,
) -> Result<(), TestCaseError> {
    let [h, w, cin] = size;
    let [kh, kw] = shape.kernel();
    let (channels, depth) = match cout {
        Some(cout) => (cout, cin),
        None => (cin, 1),
    };
    let map = MapSize::new(h, w, cin).unwrap();
    let output = shape.output(map, channels);
    let (oh, ow) = output.map_or((0, 0), |output| (output.height(), output.width()));
    in_reach((oh * ow).max(1) * channels * depth * kh * kw + padded(size, &shape))?;
    let mut noise = Noise(nature.seed);
    let mut real = || (noise.below(1 << 24) as f32 / f32::from(1_u16 << 15) / 256.0) - 1.0;
    let x: Vec<f32> = (0..h * w * cin).map(|_| real() * nature.factor + nature.offset).collect();
    let bias: Vec<f32> = (0..channels).map(|_| real()).collect();
    let scale: Vec<f32> = (0..channels).map(|_| 0.01 * real()).collect();
    let weights = noise.weights(channels * depth * kh * kw, nature.weights.clone(), false);

    let least = x.iter().copied().fold(0.0, f32::min);
    let most = x.iter().copied().fold(0.0, f32::max);
    let step = if least == most { 1.0 } else { (most - least) / 255.0 };
    let zero = (-least / step).round_ties_even();
    let bytes: Vec<u8> =
        x.iter().map(|x| ((x / step).round_ties_even() + zero).clamp(0.0, 255.0) as u8).collect();
    let input = InputQuant::new(zero as u8, 255).unwrap();
    let mut expected = Vec::new();
    for index in 0..oh * ow {
        for channel in 0..channels {
            let weight = |c, ky, kx| weights[((channel * depth + c) * kh + ky) * kw + kx];
            let at = [index / ow, index % ow];
            let seen = if cout.is_some() { 0..cin } else { channel..channel + 1 };
            let acc = oracle::window(&bytes, size, &shape, at, input, seen, weight);
            let real = acc as i32 as f32 * (step * scale[channel]) + bias[channel];
            expected.push(real.clamp(nature.clip[0], nature.clip[1]));
        }
    }
    for isa in Isa::available() {
        let real = Real { scale: scale.clone(), bias: bias.clone(), clip: nature.clip };
        let layer = match cout {
            Some(_) => Dynamic::dense(isa, &weights, cin, shape, real),
            None => Dynamic::depthwise(isa, &weights, shape, real),
        };
        let layer = layer.unwrap();
        prop_assert_eq!(layer.output(map), output);
        let mut out = vec![0.0; expected.len()];
        if output.is_ok() {
            layer.run(&x, map, &mut out);
        }
        prop_assert_eq!(&out, &expected, "{:?}", isa);
    }
    Ok(())
}

fn head(nature: &Nature, pixels: usize, cin: usize, classes: usize) -> Result<(), TestCaseError> {
    in_reach(pixels * cin * classes)?;
    let mut noise = Noise(nature.seed);
    let x = noise.activations(pixels * cin, nature.input.max(), nature.extreme);
    let weights = noise.weights(classes * cin, nature.weights.clone(), nature.extreme);
    let bias = noise.bias(classes);
    let scale = noise.multipliers(classes, cin);
    let mut cam = Vec::new();
    let mut sums = vec![0_i64; classes];
    for x in x.chunks_exact(cin) {
        for (class, weights) in weights.chunks_exact(cin).enumerate() {
            let products = x.iter().zip(weights).map(|(&x, &w)| {
                (i64::from(x) - i64::from(nature.input.zero_point())) * i64::from(w)
            });
            let acc = i64::from(bias[class]) + products.sum::<i64>();
            cam.push(acc as f32 * scale[class]);
            sums[class] += acc;
        }
    }
    let mean =
        |(&sum, &scale): (&i64, &f32)| (sum as f64 * f64::from(scale) / pixels as f64) as f32;
    let logits: Vec<f32> = sums.iter().zip(&scale).map(mean).collect();
    let weights = Weights::new(&weights, &bias, nature.input).unwrap();
    for isa in Isa::available() {
        let layer = Head::new(isa, weights, scale.clone()).unwrap();
        let (mut got_cam, mut got_logits) = (vec![0.0; pixels * classes], vec![0.0; classes]);
        layer.run(&x, &mut got_cam, &mut got_logits);
        prop_assert_eq!(&got_cam, &cam, "{:?}", isa);
        prop_assert_eq!(&got_logits, &logits, "{:?}", isa);
    }
    Ok(())
}

fn add(nature: &Nature, zeros: [u8; 2], len: usize, scales: [f32; 3]) -> Result<(), TestCaseError> {
    let mut noise = Noise(nature.seed);
    let [a, b] = [0, 1].map(|_| noise.activations(len, 255, nature.extreme));
    let ratio = [scales[0] / scales[2], scales[1] / scales[2]];
    let one = |value: u8, side: usize| (f32::from(value) - f32::from(zeros[side])) * ratio[side];
    let expected: Vec<u8> = a
        .iter()
        .zip(&b)
        .map(|(&a, &b)| oracle::quantise(one(a, 0) + one(b, 1), &nature.output))
        .collect();
    for isa in Isa::available() {
        let [sa, sb, out_scale] = scales;
        let (a_quant, b_quant) = ((zeros[0], sa), (zeros[1], sb));
        let layer = Add::new(isa, a_quant, b_quant, out_scale, nature.output).unwrap();
        let mut out = vec![0; len];
        layer.run(&a, &b, &mut out);
        prop_assert_eq!(&out, &expected, "{:?}", isa);
    }
    Ok(())
}
