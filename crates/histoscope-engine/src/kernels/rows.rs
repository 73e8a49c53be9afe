//! The rows of a matrix product, where they lie in a map.

use std::ops::Range;

use super::layout::Word;

/// The rows of a matrix product, where they lie.
///
/// A row is the pixel that a 1x1 convolution sees, or the window that a larger one sees: its
/// `parts` are the bytes under one row of the kernel each, so windows that overlap are not written
/// down one by one.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    /// From the first part of the first row to the last part of the last one, nothing more.
    data: &'a [u8],
    count: usize,
    /// From one row to the next.
    step: usize,
    /// At least one.
    parts: usize,
    /// From one part of a row to the next.
    part_step: usize,
    /// Bytes of a part, at least one.
    part_len: usize,
}

impl<'a> Rows<'a> {
    /// Rows of so many parts of `part_len` bytes that follow one another.
    ///
    /// # Panics
    /// When `data` is not made of such rows.
    pub(super) fn contiguous(data: &'a [u8], parts: usize, part_len: usize) -> Self {
        let step = parts * part_len;
        assert!(data.len().is_multiple_of(step));
        Self { data, count: data.len() / step, step, parts, part_step: part_len, part_len }
    }

    /// The windows of `count` outputs side by side, each `step` bytes on: `part_len` bytes of each
    /// of the `parts` lines of equal length that `data` consists of.
    ///
    /// # Panics
    /// When a line does not end with the last window.
    pub(super) fn windows(
        data: &'a [u8],
        count: usize,
        step: usize,
        parts: usize,
        part_len: usize,
    ) -> Self {
        let part_step = data.len() / parts;
        let last = count.checked_sub(1).and_then(|last| last.checked_mul(step));
        let line = last.and_then(|last| last.checked_add(part_len));
        assert!(part_len > 0 && line == Some(part_step) && data.len().is_multiple_of(parts));
        Self { data, count, step, parts, part_step, part_len }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Parts of a row, at least one.
    pub(super) fn parts(&self) -> usize {
        self.parts
    }

    /// Bytes of a part, at least one.
    pub(super) fn part_len(&self) -> usize {
        self.part_len
    }

    /// Bytes that `count` of the rows span, from the first one's first to the last one's last. Of
    /// no more rows than there are: their span is the length of a slice, so this does not overflow.
    pub(super) fn span(&self, count: usize) -> usize {
        match count.checked_sub(1) {
            Some(last) => last * self.step + (self.parts - 1) * self.part_step + self.part_len,
            None => 0,
        }
    }

    /// Some of the rows.
    pub(super) fn range(&self, rows: Range<usize>) -> Self {
        assert!(rows.end <= self.count);
        let data = &self.data[rows.start * self.step..][..self.span(rows.len())];
        Self { data, count: rows.len(), ..*self }
    }

    /// Copies the rows to `to`, one after the other and each part behind the one before, see
    /// [`Rows::contiguous`].
    pub(super) fn copy_to(&self, to: &mut [u8]) {
        let parts = (0..self.count).flat_map(|row| (0..self.parts).map(move |part| (row, part)));
        for ((row, part), to) in parts.zip(to.chunks_exact_mut(self.part_len)) {
            to.copy_from_slice(self.part(row, part));
        }
    }

    /// One part of a row.
    pub(super) fn part(&self, row: usize, part: usize) -> &'a [u8] {
        &self.data[row * self.step + part * self.part_step..][..self.part_len]
    }

    /// From the byte `at` of a part of the first row on, and the distance to that of the next row.
    pub(super) fn column(&self, part: usize, at: usize) -> (&'a [u8], usize) {
        (&self.data[part * self.part_step + at..], self.step)
    }

    /// Words of a row, see [`word_order`](super::simd::tiles::word_order).
    pub(super) fn depth(&self, word: Word) -> usize {
        self.depth_in(word.steps())
    }

    /// Words of so many steps.
    pub(super) fn depth_in(&self, steps: usize) -> usize {
        let (whole, tail) = (self.part_len / steps, self.part_len % steps);
        self.parts * whole + (self.parts * tail).div_ceil(steps)
    }
}

/// What the WebAssembly backend needs to read without checks.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
impl<'a> Rows<'a> {
    /// From the first row's first byte to the last one's last, [`Rows::span`] of all.
    pub(super) fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Bytes from one row to the next.
    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// Bytes from one part of a row to the next.
    pub(super) fn part_step(&self) -> usize {
        self.part_step
    }
}
