//! One row of outputs of a depthwise convolution, sixteen channels at a time.
//!
//! A word holds several taps of one channel, so the bytes under the taps are interleaved first.
//! Most words are columns of the kernel, and then an interleaved column of the picture serves every
//! output that sees it,
//!
//! ```text
//!   columns          0   1   2   3   4       3x3, stride 1
//!   output 0        k0  k1  k2               k = the word of weights of the kernel's column
//!   output 1            k0  k1  k2
//!   output 2                k0  k1  k2
//! ```
//!
//! so a stretch of the row is interleaved once, into a buffer that stays in the first-level cache,
//! and the products read it from there. In the buffer the padding is zero points: the products know
//! no borders. And neither step keeps many values alive, whereas doing both at once spends a third
//! of its instructions on spilled registers, for WebAssembly engines give each load a register at
//! once.
//!
//! The words of one kind for all columns of the stretch are a *plane*. There is one for each band
//! of as many kernel rows as a word has steps, and one for each row that is left over, whose words
//! run along the row:
//!
//! ```text
//!   3x3, four steps        5x5, four steps        5x5, two steps
//!   | | |                  | | | | |              | | | | |      | words of columns
//!   | | |                  | | | | |              | | | | |      - words along a row
//!   | | |                  | | | | |              | | | | |
//!                          | | | | |              | | | | |
//!                          ------- -              --- --- -
//! ```

use std::array::from_fn;
use std::ops::Range;

use super::super::epilogue::Epilogue;
use super::super::layout::{GROUP, Word, group_start};
use super::super::quant::OutputQuant;
use super::super::scratch;
use super::super::shape::{ConvShape, MapSize};
use super::panels::Panels;

/// Most taps of a depthwise kernel that the backends take, filled up to whole words: 7 x 7 is 56.
pub(crate) const MAX_TAPS: usize = 56;
/// Most steps of a word.
const MAX_STEPS: usize = 4;
/// Most words.
const MAX_WORDS: usize = MAX_TAPS / 2;
/// Most planes: 7 x 7 in words of two steps.
const MAX_PLANES: usize = 4;
/// Outputs whose columns are interleaved together. With 5 x 5 taps and a stride of 2 the buffer
/// takes 15 KiB; with half of it, wide maps of few channels are a tenth slower.
const STRETCH: usize = 56;
/// Outputs whose accumulators the backends keep in registers. Maps of networks for 224 pixels are
/// multiples of seven wide.
pub(crate) const BLOCK: usize = 7;

/// What a row of outputs sees of a map.
pub(crate) struct Row<'a> {
    /// The map's row under each row of the kernel, `[width][channels]`; `None` above and below the
    /// map.
    pub seen: &'a [Option<&'a [u8]>],
    /// [`padding_len`] zero points.
    pub padding: &'a [u8],
    /// Columns of the map.
    pub width: usize,
    /// Of which the columns count.
    pub shape: ConvShape,
}

/// What an instruction set has to do for a row.
pub(crate) trait RowSteps: Copy {
    const WORD: Word;

    /// Stores the words of [`GROUP`] channels, in the order of the channels. Of `taps`, as many
    /// count as a word has steps.
    ///
    /// # Safety
    /// `GROUP` bytes must be readable from each of those taps and `GROUP` words of `to` writable,
    /// and the machine must have the instructions.
    unsafe fn interleave(self, taps: [*const u8; MAX_STEPS], to: *mut i32);

    /// Products and epilogue of [`GROUP`] channels of each output.
    ///
    /// # Safety
    /// With `n = stretch.outputs`, at least one:
    /// * `to.out` has at least `(n - 1) * to.channels + GROUP` bytes;
    /// * `columns` has at least `offset + (n - 1) * step + GROUP` words for each of the `offsets`;
    /// * `weights` has [`GROUP`] words for each of them, `bias` and `to.multiplier` have [`GROUP`]
    ///   elements;
    /// * the machine has the instructions.
    unsafe fn outputs(self, stretch: &Stretch, to: ToBytes);

    /// The accumulators themselves, of [`GROUP`] channels of each output.
    ///
    /// # Safety
    /// As [`RowSteps::outputs`], with `to.sums` for `to.out` and no multiplier.
    unsafe fn sums(self, stretch: &Stretch, to: ToSums);
}

/// Where the accumulators of a stretch go as bytes.
pub(crate) struct ToBytes<'a> {
    /// `[GROUP]`.
    pub multiplier: &'a [f32],
    pub quant: &'a OutputQuant,
    /// From one output to the next.
    pub channels: usize,
    /// From the first channel of the first output on.
    pub out: &'a mut [u8],
}

/// Where they go as they are.
pub(crate) struct ToSums<'a> {
    /// From one output to the next.
    pub channels: usize,
    /// From the first channel of the first output on.
    pub sums: &'a mut [i32],
}

/// What becomes of the accumulators of a block of outputs, which lie in registers `R`.
pub(crate) trait Store<R> {
    /// The channels of a register, from `channel` on, of `N` outputs from `output` on.
    ///
    /// # Safety
    /// These channels and outputs exist, and the machine has the instructions.
    unsafe fn store<const N: usize>(&mut self, channel: usize, output: usize, acc: [R; N]);
}

/// What becomes of the accumulators of a row.
pub(crate) trait Ending: Copy {
    /// What an output is.
    type Element;

    /// Whether it suits rows of so many channels.
    fn fits(self, channels: usize) -> bool;

    /// The outputs of a stretch, for the [`GROUP`] channels from `first` on.
    ///
    /// # Safety
    /// As [`RowSteps::outputs`], with elements of `out` for bytes; it fits rows of `channels`, and
    /// `first + GROUP` is at most that.
    unsafe fn run<K: RowSteps>(
        self,
        kernel: K,
        stretch: &Stretch,
        first: usize,
        channels: usize,
        out: &mut [Self::Element],
    );
}

/// Accumulators become bytes.
impl Ending for &Epilogue {
    type Element = u8;

    fn fits(self, channels: usize) -> bool {
        self.channels == channels && self.multiplier.len() >= channels
    }

    #[inline(always)]
    unsafe fn run<K: RowSteps>(
        self,
        kernel: K,
        stretch: &Stretch,
        first: usize,
        channels: usize,
        out: &mut [u8],
    ) {
        let multiplier = &self.multiplier[first..first + GROUP];
        let to = ToBytes { multiplier, quant: &self.output, channels, out };
        // SAFETY: the caller's promise.
        unsafe { kernel.outputs(stretch, to) }
    }
}

/// Accumulators stay what they are.
#[derive(Clone, Copy)]
pub(crate) struct Accumulators;

impl Ending for Accumulators {
    type Element = i32;

    fn fits(self, _channels: usize) -> bool {
        true
    }

    #[inline(always)]
    unsafe fn run<K: RowSteps>(
        self,
        kernel: K,
        stretch: &Stretch,
        _first: usize,
        channels: usize,
        out: &mut [i32],
    ) {
        // SAFETY: the caller's promise.
        unsafe { kernel.sums(stretch, ToSums { channels, sums: out }) }
    }
}

/// Interleaved columns of [`GROUP`] channels, and what is made of them.
pub(crate) struct Stretch<'a> {
    /// `[plane][column][GROUP]` words.
    pub columns: &'a [i32],
    /// For each word of weights, where the first output's word of activations lies in `columns`.
    pub offsets: &'a [usize],
    /// From one output's word to the next one's.
    pub step: usize,
    pub outputs: usize,
    /// `[word][GROUP]`.
    pub weights: &'a [i32],
    /// `[GROUP]`.
    pub bias: &'a [i32],
}

/// How the rows of a kernel are made into planes.
#[derive(Clone, Copy)]
struct Planes {
    steps: usize,
    bands: usize,
    count: usize,
}

impl Planes {
    /// Three of four rows count as a band.
    fn new(word: Word, height: usize) -> Self {
        let steps = word.steps();
        let bands = (height + steps / 4) / steps;
        Planes { steps, bands, count: bands + height.saturating_sub(bands * steps) }
    }

    /// The row of the kernel that a step of a plane's words sees, and how many columns to the
    /// right.
    fn tap(self, plane: usize, step: usize) -> [usize; 2] {
        match plane.checked_sub(self.bands) {
            None => [plane * self.steps + step, 0],
            Some(row) => [self.bands * self.steps + row, step],
        }
    }

    /// The kernel's words in order: each one's plane and column.
    fn words(self, columns: usize) -> impl Iterator<Item = [usize; 2]> {
        (0..self.count).flat_map(move |plane| {
            let along = if plane < self.bands { 1 } else { self.steps };
            (0..columns).step_by(along).map(move |column| [plane, column])
        })
    }
}

/// The tap, as an index in row-major order, of each step of a kernel's words; `None` fills up a
/// word.
pub(crate) fn tap_order(word: Word, [height, width]: [usize; 2]) -> Vec<Option<usize>> {
    let planes = Planes::new(word, height);
    let mut order = Vec::new();
    for [plane, column] in planes.words(width) {
        order.extend((0..word.steps()).map(|step| {
            let [row, right] = planes.tap(plane, step);
            let column = column + right;
            (row < height && column < width).then_some(row * width + column)
        }));
    }
    order
}

/// Whether the backends take a kernel.
pub(crate) fn takes(word: Word, [height, width]: [usize; 2]) -> bool {
    let planes = Planes::new(word, height);
    planes.words(width).count() * planes.steps <= MAX_TAPS && planes.count <= MAX_PLANES
}

/// Bytes of the padding for rows of so many outputs: all columns of a stretch.
pub(crate) fn padding_len(shape: &ConvShape, outputs: usize, channels: usize) -> usize {
    shape.columns_under(outputs.min(STRETCH)) * channels
}

/// A row of outputs, `out` `[outputs][channels]`, made by `ending`; panel `i` has the [`GROUP`]
/// channels from [`group_start`]`(i, channels)`, its words are those of [`tap_order`].
///
/// # Safety
/// The machine must have the instructions of `kernel`. Lengths are asserted here.
#[inline(always)]
pub(crate) unsafe fn run<K: RowSteps, E: Ending>(
    kernel: K,
    row: &Row,
    panels: &Panels,
    ending: E,
    channels: usize,
    out: &mut [E::Element],
) {
    let outputs = out.len() / channels;
    let groups = panels.bias().len() / GROUP;
    assert!(channels >= GROUP && (1..=2 * MapSize::MAX_SIDE).contains(&outputs));
    assert!(outputs * channels == out.len() && ending.fits(channels));
    assert_eq!(groups, channels.div_ceil(GROUP));
    let planes = Planes::new(K::WORD, row.seen.len());
    let at_once = outputs.min(STRETCH);
    // Both are small numbers, whatever the shape, so their product with a stride is one, too.
    let columns = row.shape.columns_under(at_once);
    let [stride, left] = [row.shape.stride()[1], row.shape.pad()[1]];
    let line = row.width.checked_mul(channels);
    assert_eq!(columns.checked_mul(channels), Some(row.padding.len()));
    assert!(row.seen.iter().flatten().all(|seen| Some(seen.len()) == line));
    assert!(panels.words().len() == panels.bias().len() * panels.depth());
    assert!(!row.seen.is_empty() && planes.count <= MAX_PLANES);

    let mut offsets = [0; MAX_WORDS];
    let mut words = 0;
    for [plane, column] in planes.words(row.shape.kernel()[1]) {
        offsets[words] = (plane * columns + column) * GROUP;
        words += 1;
    }
    assert_eq!(words, panels.depth());

    scratch::with(&scratch::COLUMNS, planes.count * columns * GROUP, |buffer| {
        for first in (0..outputs).step_by(at_once) {
            // The last stretch ends with the row and may compute some outputs again.
            let first = first.min(outputs - at_once);
            let under: [_; MAX_PLANES] = from_fn(|plane| {
                let begin = first * stride;
                (plane < planes.count)
                    .then(|| Under::new(row, left, channels, planes, plane, begin..begin + columns))
            });
            for group in 0..groups {
                let channel = group_start(group, channels);
                for (to, under) in
                    buffer.chunks_exact_mut(columns * GROUP).zip(under.iter().flatten())
                {
                    // SAFETY: the machine is the caller's promise; `group_start` leaves a group's
                    // channels, and the lengths of rows and padding are asserted above.
                    unsafe { under.interleave(kernel, channel, to) };
                }
                let panel = |of: usize| group * of..(group + 1) * of;
                let stretch = Stretch {
                    columns: buffer,
                    offsets: &offsets[..words],
                    step: stride * GROUP,
                    outputs: at_once,
                    weights: &panels.words()[panel(GROUP * words)],
                    bias: &panels.bias()[panel(GROUP)],
                };
                let out = &mut out[first * channels + channel..];
                // SAFETY: the machine is the caller's promise. `at_once` outputs from `first` on
                // exist, and the last of them sees the last of the columns; a group's channels do,
                // too, and `ending` fits them.
                unsafe { ending.run(kernel, &stretch, channel, channels, out) };
            }
        }
    });
}

/// What one tap of the words of a plane sees, for the columns of a stretch.
struct TapView {
    /// Under the first column: outside of the row where `inside` does not begin with it.
    at: *const u8,
    /// Columns under which it sees this row; under others it sees the padding.
    inside: Range<usize>,
}

/// What the words of a plane see, for the columns of a stretch.
struct Under<'a> {
    taps: [TapView; MAX_STEPS],
    /// Columns for which all taps are inside.
    inside: Range<usize>,
    padding: &'a [u8],
    channels: usize,
}

impl<'a> Under<'a> {
    /// `stretch`: its columns, of the row with `left` columns of padding before it.
    fn new(
        row: &Row<'a>,
        left: usize,
        channels: usize,
        planes: Planes,
        plane: usize,
        stretch: Range<usize>,
    ) -> Self {
        let (first, columns) = (stretch.start, stretch.len());
        let taps: [_; MAX_STEPS] = from_fn(|step| {
            let [tap, right] = planes.tap(plane, step);
            // A row that fills up a word has no weight: any will do.
            match row.seen[tap.min(row.seen.len() - 1)] {
                Some(seen) => {
                    let column = |column: usize| column.saturating_sub(first + right).min(columns);
                    let before = (first + right).wrapping_sub(left).wrapping_mul(channels);
                    TapView {
                        at: seen.as_ptr().wrapping_add(before),
                        inside: column(left)..column(left + row.width),
                    }
                }
                None => TapView { at: row.padding.as_ptr(), inside: 0..columns },
            }
        });
        let of_word = &taps[..planes.steps];
        let start = of_word.iter().map(|tap| tap.inside.start).fold(0, usize::max);
        let end = of_word.iter().map(|tap| tap.inside.end).fold(columns, usize::min);
        Under { taps, inside: start..end.max(start), padding: row.padding, channels }
    }

    /// Interleaves the columns, `to` is `[columns][GROUP]`.
    ///
    /// # Safety
    /// `channel + GROUP` must be at most `channels`, a row that is seen must have `channels` bytes
    /// for each column of the map, `padding` for each column of `to`, whose length is a multiple of
    /// [`GROUP`], and the machine must have the instructions of `kernel`.
    #[inline(always)]
    unsafe fn interleave<K: RowSteps>(&self, kernel: K, channel: usize, to: &mut [i32]) {
        let columns = to.len() / GROUP;
        let Range { start, end } = self.inside;
        let to = to.as_mut_ptr();
        let at = |column: usize| column * self.channels + channel;
        let under = |column: usize| {
            from_fn(|step| {
                let TapView { at: row, inside } = &self.taps[step];
                let padding = self.padding.as_ptr().wrapping_add(channel);
                if inside.contains(&column) { row.wrapping_add(at(column)) } else { padding }
            })
        };
        // SAFETY: `to` has `columns` columns, and so has the padding. A tap sees its row where it
        // is inside.
        unsafe {
            for column in 0..start {
                kernel.interleave(under(column), to.add(column * GROUP));
            }
            let mut taps = from_fn(|step| self.taps[step].at.wrapping_add(at(start)));
            for column in start..end {
                kernel.interleave(taps, to.add(column * GROUP));
                taps = taps.map(|tap| tap.wrapping_add(self.channels));
            }
            for column in end..columns {
                kernel.interleave(under(column), to.add(column * GROUP));
            }
        }
    }
}
