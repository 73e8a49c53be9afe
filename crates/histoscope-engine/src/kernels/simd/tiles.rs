//! Activations of the matrix product: how a block of its rows is packed.

use std::array::from_fn;
use std::ops::Range;

use super::super::layout::{Shuffle, TILE_ROWS, Word};
use super::super::rows::Rows;

/// The bytes of a row in the order in which they are packed: the whole words of each part, then
/// what is left over of all parts. So only the last word of a row has a gap, and most are loaded as
/// they lie.
pub(crate) fn word_order(word: Word, parts: usize, part_len: usize) -> impl Iterator<Item = usize> {
    let whole = part_len - part_len % word.steps();
    let of_each = move |bytes: Range<usize>| {
        (0..parts).flat_map(move |part| bytes.clone().map(move |at| part * part_len + at))
    };
    of_each(0..whole).chain(of_each(whole..part_len))
}

/// Which of the bytes in [`word_order`] each load of sixteen packs. The last load of a part ends
/// with its last whole word and packs what is new in it, the last of its bytes. Parts of fewer
/// bytes than a load have none.
pub(crate) fn loads(parts: usize, part_len: usize) -> Vec<Range<usize>> {
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
/// Tile `t` begins with row `min(t * TILE_ROWS, rows - TILE_ROWS)`: the last one ends with the last
/// row and may repeat some rows of the one before, so that every tile is full.
pub(crate) struct Tiles<'a> {
    words: &'a [i32],
    rows: usize,
    depth: usize,
}

impl<'a> Tiles<'a> {
    /// `rows` packed rows of `depth` words, of which the last may be part zeros.
    ///
    /// # Panics
    /// When there are fewer than [`TILE_ROWS`], or `words` are not as many as [`Tiles::len`] says.
    pub(crate) fn new(words: &'a [i32], rows: usize, depth: usize) -> Self {
        let expected = rows.next_multiple_of(TILE_ROWS).checked_mul(depth);
        assert!(rows >= TILE_ROWS && expected == Some(words.len()));
        Self { words, rows, depth }
    }

    /// As many tiles as the rows need.
    pub(crate) fn words(&self) -> &'a [i32] {
        self.words
    }

    /// At least [`TILE_ROWS`].
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Words of a row.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Words of `rows` rows.
    pub(crate) fn len(rows: usize, depth: usize) -> usize {
        rows.next_multiple_of(TILE_ROWS) * depth
    }

    /// The first row of each tile.
    pub(crate) fn starts(rows: usize) -> impl Iterator<Item = usize> {
        (0..rows).step_by(TILE_ROWS).map(move |row| row.min(rows - TILE_ROWS))
    }
}

/// Packs rows, at least [`TILE_ROWS`], into tiles.
pub(crate) fn pack_tiles(word: Word, rows: &Rows, words: &mut [i32]) {
    match word {
        Word::Quad => pack_words(rows, words, i32::from_le_bytes),
        Word::Pair => pack_words(rows, words, |[a, b]| i32::from(a) | i32::from(b) << 16),
    }
    pack_tails(word, rows, words);
}

/// Packs the whole words of each part, which are made of `N` bytes.
#[inline(always)]
fn pack_words<const N: usize>(rows: &Rows, words: &mut [i32], word: impl Fn([u8; N]) -> i32) {
    let whole = rows.part_len() / N;
    let tile_words = rows.depth_in(N) * TILE_ROWS;
    for (start, tile) in Tiles::starts(rows.count()).zip(words.chunks_exact_mut(tile_words)) {
        let (tile, _) = tile.as_chunks_mut::<TILE_ROWS>();
        for part in 0..rows.parts() {
            let [a, b, c, d] = from_fn(|row| rows.part(start + row, part).as_chunks::<N>().0);
            let tile = tile[part * whole..][..whole].iter_mut();
            for ((((to, a), b), c), d) in tile.zip(a).zip(b).zip(c).zip(d) {
                *to = [word(*a), word(*b), word(*c), word(*d)];
            }
        }
    }
}

/// Packs the last words of each row: what is left over of its parts.
pub(crate) fn pack_tails(word: Word, rows: &Rows, words: &mut [i32]) {
    if rows.part_len().is_multiple_of(word.steps()) {
        return;
    }
    match word {
        Word::Quad => pack_tails_of::<4>(rows, words),
        Word::Pair => pack_tails_of::<2>(rows, words),
    }
}

/// [`pack_tails`] of words of `N` steps.
fn pack_tails_of<const N: usize>(rows: &Rows, words: &mut [i32]) {
    let (whole, tail) = (rows.part_len() / N, rows.part_len() % N);
    let tile_words = rows.depth_in(N) * TILE_ROWS;
    for part in 0..rows.parts() {
        for at in 0..tail {
            let step = part * tail + at;
            let lane = step % N * (32 / N);
            let (data, row_step) = rows.column(part, whole * N + at);
            let first = (rows.parts() * whole + step / N) * TILE_ROWS;
            for (start, tile) in Tiles::starts(rows.count()).zip(words.chunks_exact_mut(tile_words))
            {
                for (row, to) in tile[first..][..TILE_ROWS].iter_mut().enumerate() {
                    let byte = i32::from(data[(start + row) * row_step]) << lane;
                    *to = if lane == 0 { byte } else { *to | byte };
                }
            }
        }
    }
}
