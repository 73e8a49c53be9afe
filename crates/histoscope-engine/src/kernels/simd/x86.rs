//! x86-64 kernels with AVX2, 256 bits wide.
//!
//! The scheme is that of the WebAssembly kernels (see `simd128.rs`), with a panel of eight channels
//! in one vector. A tile of the matrix product is two tiles of activations, eight rows, so that one
//! load of weights feeds eight dots: eight accumulators, two vectors of weights, two of
//! activations, the ones.
//!
//! 7-bit activations take `vpmaddubsw` (u8 times i8, pairs added in 16 bits; `2 * 127 * 128` does
//! not saturate) and `vpmaddwd` by ones, one for two words of eased panels; 8-bit ones take
//! `vpmaddwd` on 16-bit words.
//!
//! Depthwise kernels (see `row.rs`) interleave the bytes of the taps in 128 bits, which keeps the
//! channels in order, and join two such vectors for each dot.
use std::arch::x86_64::*;

use super::super::epilogue::Epilogue;
use super::super::layout::{GROUP, PANEL, TILE_ROWS, Word};
use super::super::quant::{OutputQuant, Terms};
use super::backend::{Backend, Multiplier};
use super::panels::Panels;
use super::row::{self, BLOCK, Row, RowSteps, Store, Stretch, ToBytes, ToSums};
use super::tiles::Tiles;

/// The backend of this machine, or `None` where it has no AVX2.
pub(super) fn choose(seven_bit: bool) -> Option<&'static dyn Backend> {
    if !std::arch::is_x86_feature_detected!("avx2") {
        return None;
    }
    Some(if seven_bit { &Avx2::<Quads>(Quads) } else { &Avx2::<Pairs>(Pairs) })
}

/// Multiplies words in 256 bits.
trait Dot256: Multiplier {
    /// `acc + dot(weights, activations)` for each of eight lanes of one word.
    ///
    /// # Safety
    /// The machine must have AVX2.
    unsafe fn add(acc: __m256i, weights: __m256i, activations: __m256i) -> __m256i;

    /// `acc` and the dots of two words, whose weights are eased where they are added in 16 bits.
    ///
    /// # Safety
    /// The machine must have AVX2.
    unsafe fn add_two(acc: __m256i, weights: [__m256i; 2], activations: [__m256i; 2]) -> __m256i;

    /// The words of 16 channels, in the order of the channels, from their bytes under each tap.
    ///
    /// # Safety
    /// The machine must have AVX2, and `GROUP` bytes must be readable from each of the word's taps.
    unsafe fn interleave(taps: [*const u8; 4]) -> [__m256i; 2];
}

#[derive(Clone, Copy, Debug)]
struct Quads;

#[derive(Clone, Copy, Debug)]
struct Pairs;

impl Multiplier for Quads {
    const NAME: &'static str = "avx2_quads";
    const WORD: Word = Word::Quad;
    const ADDS_IN_16_BITS: bool = true;
}

impl Dot256 for Quads {
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn add(acc: __m256i, weights: __m256i, activations: __m256i) -> __m256i {
        let pairs = _mm256_maddubs_epi16(activations, weights);
        _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn add_two(acc: __m256i, weights: [__m256i; 2], activations: [__m256i; 2]) -> __m256i {
        let first = _mm256_maddubs_epi16(activations[0], weights[0]);
        let pairs = _mm256_add_epi16(first, _mm256_maddubs_epi16(activations[1], weights[1]));
        _mm256_add_epi32(acc, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn interleave(taps: [*const u8; 4]) -> [__m256i; 2] {
        // SAFETY: the caller's promise.
        let [a, b, c, d] = taps.map(|tap| unsafe { _mm_loadu_si128(tap.cast()) });
        let (ab, cd) = (_mm_unpacklo_epi8(a, b), _mm_unpacklo_epi8(c, d));
        let low = _mm256_set_m128i(_mm_unpackhi_epi16(ab, cd), _mm_unpacklo_epi16(ab, cd));
        let (ab, cd) = (_mm_unpackhi_epi8(a, b), _mm_unpackhi_epi8(c, d));
        let high = _mm256_set_m128i(_mm_unpackhi_epi16(ab, cd), _mm_unpacklo_epi16(ab, cd));
        [low, high]
    }
}

impl Multiplier for Pairs {
    const NAME: &'static str = "avx2_pairs";
    const WORD: Word = Word::Pair;
    const ADDS_IN_16_BITS: bool = false;
}

impl Dot256 for Pairs {
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn add(acc: __m256i, weights: __m256i, activations: __m256i) -> __m256i {
        _mm256_add_epi32(acc, _mm256_madd_epi16(activations, weights))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn add_two(acc: __m256i, weights: [__m256i; 2], activations: [__m256i; 2]) -> __m256i {
        // SAFETY: the machine has AVX2, the caller's promise.
        unsafe { Self::add(Self::add(acc, weights[0], activations[0]), weights[1], activations[1]) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn interleave([a, b, ..]: [*const u8; 4]) -> [__m256i; 2] {
        // SAFETY: the caller's promise.
        let [a, b] = [a, b].map(|tap| unsafe { _mm_loadu_si128(tap.cast()) });
        [
            _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(a, b)),
            _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(a, b)),
        ]
    }
}

/// A [`Dot256`] on a machine that has AVX2: only [`choose`] makes one, after asking.
#[derive(Clone, Copy, Debug)]
struct Avx2<D>(D);

impl<D: Dot256> Backend for Avx2<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn word(&self) -> Word {
        D::WORD
    }

    fn eased_lanes(&self) -> Option<usize> {
        D::ADDS_IN_16_BITS.then_some(PANEL)
    }

    fn gemm_requantised(
        &self,
        tiles: &Tiles,
        panels: &Panels,
        epilogue: &Epilogue,
        out: &mut [u8],
    ) {
        // SAFETY: an `Avx2` exists only where AVX2 does.
        unsafe { gemm_requantised::<D>(tiles, panels, epilogue, out) }
    }

    fn gemm_accumulators(&self, tiles: &Tiles, panels: &Panels, sums: &mut [i32]) {
        // SAFETY: an `Avx2` exists only where AVX2 does.
        unsafe { gemm_accumulators::<D>(tiles, panels, sums) }
    }

    fn depthwise(&self, row: &Row, panels: &Panels, epilogue: &Epilogue, out: &mut [u8]) {
        // SAFETY: an `Avx2` exists only where AVX2 does.
        unsafe { depthwise(*self, row, panels, epilogue, epilogue.channels, out) }
    }

    fn depthwise_sums(&self, row: &Row, panels: &Panels, channels: usize, sums: &mut [i32]) {
        // SAFETY: an `Avx2` exists only where AVX2 does.
        unsafe { depthwise(*self, row, panels, row::Accumulators, channels, sums) }
    }

    fn add(
        &self,
        terms: &Terms,
        output: &OutputQuant,
        a: &[u8],
        b: &[u8],
        out: &mut [u8],
    ) -> usize {
        // SAFETY: an `Avx2` exists only where AVX2 does.
        unsafe { add(terms, output, a, b, out) }
    }
}

/// Tiles of activations that are multiplied together.
const TILES: usize = 2;
/// Rows of them.
const ROWS: usize = TILES * TILE_ROWS;

/// See [`Backend::gemm_requantised`].
#[target_feature(enable = "avx2")]
fn gemm_requantised<D: Dot256>(
    tiles: &Tiles,
    panels: &Panels,
    epilogue: &Epilogue,
    out: &mut [u8],
) {
    let channels = epilogue.channels;
    assert_eq!(tiles.rows().checked_mul(channels), Some(out.len()));
    assert_eq!(epilogue.multiplier.len(), panels.bias().len());
    assert_eq!(panels.bias().len(), channels.next_multiple_of(PANEL));
    let range = ToBytes256::new(&epilogue.output);
    for_each_tile::<D>(tiles, panels, |panel, starts, acc| {
        let first = panel * PANEL;
        // SAFETY: there is a multiplier for each channel of each panel, asserted above.
        let multiplier = unsafe { _mm256_loadu_ps(epilogue.multiplier.as_ptr().add(first)) };
        for (pair, acc) in acc.chunks_exact(2).enumerate() {
            let row = starts[pair * 2 / TILE_ROWS] + pair * 2 % TILE_ROWS;
            let bytes =
                range.narrow(range.scale(acc[0], multiplier), range.scale(acc[1], multiplier));
            let at = row * channels + first;
            let halves = [_mm_cvtsi128_si64(bytes), _mm_extract_epi64::<1>(bytes)];
            for (row, half) in halves.into_iter().enumerate() {
                let at = at + row * channels;
                let here = PANEL.min(channels - first);
                out[at..at + here].copy_from_slice(&half.to_le_bytes()[..here]);
            }
        }
    });
}

/// See [`Backend::gemm_accumulators`].
#[target_feature(enable = "avx2")]
fn gemm_accumulators<D: Dot256>(tiles: &Tiles, panels: &Panels, sums: &mut [i32]) {
    let stride = panels.bias().len();
    assert_eq!(tiles.rows().checked_mul(stride), Some(sums.len()));
    for_each_tile::<D>(tiles, panels, |panel, starts, acc| {
        for (index, acc) in acc.into_iter().enumerate() {
            let row = starts[index / TILE_ROWS] + index % TILE_ROWS;
            let sums = &mut sums[row * stride + panel * PANEL..][..PANEL];
            // SAFETY: the slice has room for eight `i32`.
            unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), acc) };
        }
    });
}

/// Runs `work(panel, first rows of the two tiles, accumulators of their rows)` for all tiles; an
/// odd last tile goes with the one before, or with itself.
#[inline]
#[target_feature(enable = "avx2")]
fn for_each_tile<D: Dot256>(
    tiles: &Tiles,
    panels: &Panels,
    mut work: impl FnMut(usize, [usize; TILES], [__m256i; ROWS]),
) {
    let depth = panels.depth();
    assert_eq!(tiles.depth(), depth);
    assert_eq!(panels.words().len(), panels.bias().len() * depth);
    assert_eq!(panels.bias().len() % PANEL, 0);
    let count = tiles.rows().div_ceil(TILE_ROWS);
    let start = |tile: usize| (tile * TILE_ROWS).min(tiles.rows() - TILE_ROWS);
    for panel in 0..panels.bias().len() / PANEL {
        let excess = panels.excess(panel);
        for index in (0..count).step_by(TILES) {
            let pair = [index.min(count.saturating_sub(TILES)), (index + 1).min(count - 1)];
            // SAFETY: AVX2 is enabled here; panel and tiles exist, as the lengths asserted above
            // say, and an excess is of one of the panel's words.
            let acc = unsafe {
                let mut acc =
                    [_mm256_loadu_si256(panels.bias().as_ptr().add(panel * PANEL).cast()); ROWS];
                let weights = panels.words().as_ptr().add(panel * PANEL * depth);
                let activations =
                    pair.map(|tile| tiles.words().as_ptr().add(tile * TILE_ROWS * depth));
                let at = |word: usize, row: usize| {
                    let x = activations[row / TILE_ROWS].add(word * TILE_ROWS + row % TILE_ROWS);
                    _mm256_set1_epi32(*x)
                };
                for word in (0..depth / 2 * 2).step_by(2) {
                    let w = [0, 1]
                        .map(|next| _mm256_loadu_si256(weights.add((word + next) * PANEL).cast()));
                    for (row, acc) in acc.iter_mut().enumerate() {
                        *acc = D::add_two(*acc, w, [at(word, row), at(word + 1, row)]);
                    }
                }
                let mut add_word = |word: usize, weights: *const i32| {
                    let w = _mm256_loadu_si256(weights.cast());
                    for (row, acc) in acc.iter_mut().enumerate() {
                        *acc = D::add(*acc, w, at(word, row));
                    }
                };
                if depth % 2 == 1 {
                    add_word(depth - 1, weights.add((depth - 1) * PANEL));
                }
                for over in excess {
                    debug_assert!(over.word() < depth);
                    add_word(over.word(), over.weights().as_ptr());
                }
                acc
            };
            work(panel, pair.map(start), acc);
        }
    }
}

/// See [`Backend::depthwise`] and [`Backend::depthwise_sums`].
#[target_feature(enable = "avx2")]
fn depthwise<D: Dot256, E: row::Ending>(
    kernel: Avx2<D>,
    row: &Row,
    panels: &Panels,
    ending: E,
    channels: usize,
    out: &mut [E::Element],
) {
    // SAFETY: AVX2 is enabled here.
    unsafe { row::run(kernel, row, panels, ending, channels, out) }
}

impl<D: Dot256> RowSteps for Avx2<D> {
    const WORD: Word = D::WORD;

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn interleave(self, taps: [*const u8; 4], to: *mut i32) {
        // SAFETY: the caller's promise.
        unsafe {
            let [low, high] = D::interleave(taps);
            _mm256_storeu_si256(to.cast(), low);
            _mm256_storeu_si256(to.add(PANEL).cast(), high);
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn outputs(self, stretch: &Stretch, to: ToBytes) {
        let mut ending = Requantised { range: ToBytes256::new(to.quant), to };
        // SAFETY: the caller's promise.
        unsafe { each_block::<D>(stretch, &mut ending) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn sums(self, stretch: &Stretch, mut to: ToSums) {
        // SAFETY: the caller's promise.
        unsafe { each_block::<D>(stretch, &mut to) }
    }
}

/// Accumulators become bytes.
struct Requantised<'a> {
    to: ToBytes<'a>,
    range: ToBytes256,
}

impl Store<__m256i> for Requantised<'_> {
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn store<const N: usize>(&mut self, channel: usize, output: usize, acc: [__m256i; N]) {
        let Self { to: ToBytes { multiplier, channels, out, .. }, range } = self;
        // SAFETY: the caller's promise: multipliers come in groups, and so do channels.
        unsafe {
            let multiplier = _mm256_loadu_ps(multiplier.as_ptr().add(channel));
            for pair in (0..N).step_by(2) {
                let next = (pair + 1).min(N - 1);
                let bytes = range
                    .narrow(range.scale(acc[pair], multiplier), range.scale(acc[next], multiplier));
                let to = out.as_mut_ptr().add(channel);
                _mm_storel_epi64(to.add((output + pair) * *channels).cast(), bytes);
                let high = _mm_unpackhi_epi64(bytes, bytes);
                _mm_storel_epi64(to.add((output + next) * *channels).cast(), high);
            }
        }
    }
}

impl Store<__m256i> for ToSums<'_> {
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn store<const N: usize>(&mut self, channel: usize, output: usize, acc: [__m256i; N]) {
        for (index, acc) in acc.into_iter().enumerate() {
            let at = (output + index) * self.channels + channel;
            // SAFETY: the caller's promise: eight sums from there on exist.
            unsafe { _mm256_storeu_si256(self.sums.as_mut_ptr().add(at).cast(), acc) };
        }
    }
}

/// Accumulates the stretch in blocks that fit the registers.
///
/// # Safety
/// As [`RowSteps::outputs`], for what `ending` stores.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn each_block<D: Dot256>(stretch: &Stretch, ending: &mut impl Store<__m256i>) {
    // SAFETY: the caller's promise.
    unsafe {
        if stretch.outputs < BLOCK {
            blocks::<D, 1>(stretch, ending);
        } else {
            blocks::<D, BLOCK>(stretch, ending);
        }
    }
}

/// Eight channels at a time, `N` outputs at a time. The last block ends with the last output and
/// may compute some again.
///
/// # Safety
/// As [`each_block`], with `N` outputs or more.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn blocks<D: Dot256, const N: usize>(stretch: &Stretch, ending: &mut impl Store<__m256i>) {
    for channel in (0..GROUP).step_by(PANEL) {
        // SAFETY: biases and words of weights and activations come in groups; the rest is the
        // caller's promise.
        unsafe {
            let bias = _mm256_loadu_si256(stretch.bias.as_ptr().add(channel).cast());
            for output in (0..stretch.outputs).step_by(N) {
                let output = output.min(stretch.outputs - N);
                let columns = stretch.columns.as_ptr().add(channel + output * stretch.step);
                let mut acc = [bias; N];
                for (word, offset) in stretch.offsets.iter().enumerate() {
                    let weights = stretch.weights.as_ptr().add(word * GROUP + channel);
                    let weights = _mm256_loadu_si256(weights.cast());
                    for (index, acc) in acc.iter_mut().enumerate() {
                        let x = columns.add(offset + index * stretch.step);
                        *acc = D::add(*acc, weights, _mm256_loadu_si256(x.cast()));
                    }
                }
                ending.store(channel, output, acc);
            }
        }
    }
}

/// See [`Backend::add`].
#[target_feature(enable = "avx2")]
fn add(terms: &Terms, output: &OutputQuant, a: &[u8], b: &[u8], out: &mut [u8]) -> usize {
    let range = ToBytes256::new(output);
    let zeros = terms.zeros.map(|zero| _mm256_set1_epi32(i32::from(zero)));
    let ratio = terms.ratio.map(|ratio| _mm256_set1_ps(ratio));
    let (a, _) = a.as_chunks::<16>();
    let (b, _) = b.as_chunks::<16>();
    let (out, _) = out.as_chunks_mut::<16>();
    for ((a, b), out) in a.iter().zip(b).zip(out.iter_mut()) {
        let half = |from: usize| {
            let steps = |x: &[u8; 16], side: usize| {
                // SAFETY: eight bytes from `from`, which is 0 or 8.
                let x = unsafe { _mm_loadl_epi64(x.as_ptr().add(from).cast()) };
                let x = _mm256_sub_epi32(_mm256_cvtepu8_epi32(x), zeros[side]);
                _mm256_mul_ps(_mm256_cvtepi32_ps(x), ratio[side])
            };
            range.round(_mm256_add_ps(steps(a, 0), steps(b, 1)))
        };
        let bytes = range.narrow(half(0), half(8));
        // SAFETY: sixteen bytes.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), bytes) };
    }
    out.len() * 16
}

/// From numbers in output steps to bytes: the constants of the epilogue.
#[derive(Clone, Copy)]
struct ToBytes256 {
    zero_point: __m256i,
    min: __m128i,
    max: __m128i,
}

impl ToBytes256 {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(output: &OutputQuant) -> Self {
        ToBytes256 {
            zero_point: _mm256_set1_epi32(i32::from(output.zero_point())),
            min: _mm_set1_epi8(output.min() as i8),
            max: _mm_set1_epi8(output.max() as i8),
        }
    }

    /// `round(acc * multiplier) + zero_point`.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn scale(self, acc: __m256i, multiplier: __m256) -> __m256i {
        self.round(_mm256_mul_ps(_mm256_cvtepi32_ps(acc), multiplier))
    }

    /// Rounds, half to even as the conversion does, and adds the zero point.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn round(self, steps: __m256) -> __m256i {
        _mm256_add_epi32(_mm256_cvtps_epi32(steps), self.zero_point)
    }

    /// Sixteen bytes in order, clamped to the output's range.
    ///
    /// Both narrowings saturate. They work within halves of 128 bits, so the quarters are put in
    /// order between them.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn narrow(self, low: __m256i, high: __m256i) -> __m128i {
        let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(low, high));
        let bytes =
            _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
        _mm_min_epu8(_mm_max_epu8(bytes, self.min), self.max)
    }
}
