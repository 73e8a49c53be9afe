//! Activations of the matrix product: where its rows lie in a picture, and how a block of them is packed.

use super::pack::Word;
use std::array::from_fn;
use std::ops::Range;

/// Rows of a tile of the matrix product.
pub const TILE_ROWS: usize = 4;

/// The rows of a matrix product, where they lie.
///
/// A row is the pixel that a 1x1 convolution sees, or the window that a larger one sees: its `parts` are the bytes
/// under one row of the kernel each, so windows that overlap are not written down one by one.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
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
    pub fn contiguous(data: &'a [u8], parts: usize, part_len: usize) -> Self {
        let step = parts * part_len;
        assert!(data.len().is_multiple_of(step));
        Self { data, count: data.len() / step, step, parts, part_step: part_len, part_len }
    }

    /// The windows of `count` outputs side by side, each `step` bytes on: `part_len` bytes of each of the `parts` lines
    /// of equal length that `data` consists of.
    ///
    /// # Panics
    /// When a line does not end with the last window.
    pub fn windows(
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

    /// From the first row's first byte to the last one's last, [`Rows::span`] of all.
    pub fn data(&self) -> &'a [u8] {
        self.data
    }

    /// Bytes from one row to the next.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Bytes from one part of a row to the next.
    pub fn part_step(&self) -> usize {
        self.part_step
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Parts of a row, at least one.
    pub fn parts(&self) -> usize {
        self.parts
    }

    /// Bytes of a part, at least one.
    pub fn part_len(&self) -> usize {
        self.part_len
    }

    /// Bytes that `count` of the rows span, from the first one's first to the last one's last. Of no more rows than there
    /// are: their span is the length of a slice, so this does not overflow.
    pub fn span(&self, count: usize) -> usize {
        match count.checked_sub(1) {
            Some(last) => last * self.step + (self.parts - 1) * self.part_step + self.part_len,
            None => 0,
        }
    }

    /// Some of the rows.
    pub fn range(&self, rows: Range<usize>) -> Self {
        assert!(rows.end <= self.count);
        let data = &self.data[rows.start * self.step..][..self.span(rows.len())];
        Self { data, count: rows.len(), ..*self }
    }

    /// Copies the rows to `to`, one after the other and each part behind the one before, see [`Rows::contiguous`].
    pub fn copy_to(&self, to: &mut [u8]) {
        let parts = (0..self.count).flat_map(|row| (0..self.parts).map(move |part| (row, part)));
        for ((row, part), to) in parts.zip(to.chunks_exact_mut(self.part_len)) {
            to.copy_from_slice(self.part(row, part));
        }
    }

    /// One part of a row.
    pub fn part(&self, row: usize, part: usize) -> &'a [u8] {
        &self.data[row * self.step + part * self.part_step..][..self.part_len]
    }

    /// Words of a row, see [`word_order`].
    pub fn depth(&self, word: Word) -> usize {
        self.depth_in(word.steps())
    }

    /// Words of so many steps.
    fn depth_in(&self, steps: usize) -> usize {
        let (whole, tail) = (self.part_len / steps, self.part_len % steps);
        self.parts * whole + (self.parts * tail).div_ceil(steps)
    }
}

/// The bytes of a row in the order in which they are packed: the whole words of each part, then what is left over of
/// all parts. So only the last word of a row has a gap, and most are loaded as they lie.
pub fn word_order(word: Word, parts: usize, part_len: usize) -> impl Iterator<Item = usize> {
    let whole = part_len - part_len % word.steps();
    let of_each = move |bytes: Range<usize>| {
        (0..parts).flat_map(move |part| bytes.clone().map(move |at| part * part_len + at))
    };
    of_each(0..whole).chain(of_each(whole..part_len))
}

/// Where each of the sixteen bytes of a load comes from.
pub type Shuffle = [u8; 16];

/// Which of the bytes in [`word_order`] each load of sixteen packs. The last load of a part ends with its last whole word
/// and packs what is new in it, the last of its bytes. Parts of fewer bytes than a load have none.
pub fn loads(parts: usize, part_len: usize) -> Vec<Range<usize>> {
    let whole = part_len - part_len % Word::Quad.steps();
    let of_part = |part: usize| {
        (0..whole).step_by(size_of::<Shuffle>()).map(move |start| {
            let end = whole.min(start + size_of::<Shuffle>());
            part * whole + start..part * whole + end
        })
    };
    (0..parts).flat_map(of_part).collect()
}

/// Packed activations of a block of rows: `[tile][word of the depth][row of the tile]`.
///
/// Tile `t` begins with row `min(t * TILE_ROWS, rows - TILE_ROWS)`: the last one ends with the last row and
/// may repeat some rows of the one before, so that every tile is full.
pub struct Tiles<'a> {
    words: &'a [i32],
    rows: usize,
    depth: usize,
}

impl<'a> Tiles<'a> {
    /// `rows` packed rows of `depth` words, of which the last may be part zeros.
    ///
    /// # Panics
    /// When there are fewer than [`TILE_ROWS`], or `words` are not as many as [`Tiles::len`] says.
    pub fn new(words: &'a [i32], rows: usize, depth: usize) -> Self {
        let expected = rows.next_multiple_of(TILE_ROWS).checked_mul(depth);
        assert!(rows >= TILE_ROWS && expected == Some(words.len()));
        Self { words, rows, depth }
    }

    /// As many tiles as the rows need.
    pub fn words(&self) -> &'a [i32] {
        self.words
    }

    /// At least [`TILE_ROWS`].
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Words of a row.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Words of `rows` rows.
    pub fn len(rows: usize, depth: usize) -> usize {
        rows.next_multiple_of(TILE_ROWS) * depth
    }

    /// The first row of each tile.
    pub fn starts(rows: usize) -> impl Iterator<Item = usize> {
        (0..rows).step_by(TILE_ROWS).map(move |row| row.min(rows - TILE_ROWS))
    }
}

/// Packs rows, at least [`TILE_ROWS`], into tiles.
pub fn pack_tiles(word: Word, rows: &Rows, words: &mut [i32]) {
    match word {
        Word::Quad => pack_words(rows, words, i32::from_le_bytes),
        Word::Pair => pack_words(rows, words, |[a, b]| i32::from(a) | i32::from(b) << 16),
    }
    pack_tails(word, rows, words);
}

/// Packs the whole words of each part, which are made of `N` bytes.
#[inline(always)]
fn pack_words<const N: usize>(rows: &Rows, words: &mut [i32], word: impl Fn([u8; N]) -> i32) {
    let whole = rows.part_len / N;
    let tile_words = rows.depth_in(N) * TILE_ROWS;
    for (start, tile) in Tiles::starts(rows.count).zip(words.chunks_exact_mut(tile_words)) {
        let (tile, _) = tile.as_chunks_mut::<TILE_ROWS>();
        for part in 0..rows.parts {
            let [a, b, c, d] = from_fn(|row| rows.part(start + row, part).as_chunks::<N>().0);
            let tile = tile[part * whole..][..whole].iter_mut();
            for ((((to, a), b), c), d) in tile.zip(a).zip(b).zip(c).zip(d) {
                *to = [word(*a), word(*b), word(*c), word(*d)];
            }
        }
    }
}

/// Packs the last words of each row: what is left over of its parts.
pub fn pack_tails(word: Word, rows: &Rows, words: &mut [i32]) {
    if rows.part_len.is_multiple_of(word.steps()) {
        return;
    }
    match word {
        Word::Quad => pack_tails_of::<4>(rows, words),
        Word::Pair => pack_tails_of::<2>(rows, words),
    }
}

/// [`pack_tails`] of words of `N` steps.
fn pack_tails_of<const N: usize>(rows: &Rows, words: &mut [i32]) {
    let (whole, tail) = (rows.part_len / N, rows.part_len % N);
    let tile_words = rows.depth_in(N) * TILE_ROWS;
    for part in 0..rows.parts {
        for at in 0..tail {
            let step = part * tail + at;
            let lane = step % N * (32 / N);
            let data = &rows.data[part * rows.part_step + whole * N + at..];
            let first = (rows.parts * whole + step / N) * TILE_ROWS;
            for (start, tile) in Tiles::starts(rows.count).zip(words.chunks_exact_mut(tile_words)) {
                for (row, to) in tile[first..][..TILE_ROWS].iter_mut().enumerate() {
                    let byte = i32::from(data[(start + row) * rows.step]) << lane;
                    *to = if lane == 0 { byte } else { *to | byte };
                }
            }
        }
    }
}
