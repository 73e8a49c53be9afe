//! Slices that begin with a cache line: a vector that lies across two of them is loaded in two
//! steps.

use std::ops::{Deref, DerefMut, Range};

/// Bytes of a cache line.
const LINE: usize = 64;

/// Elements that a buffer needs so that `len` of them can begin with a cache line, wherever it
/// lies.
pub(super) fn enough<T>(len: usize) -> usize {
    len + LINE / size_of::<T>()
}

/// The first `len` elements of `buffer` that begin with a cache line.
pub(super) fn place<T>(buffer: &[T], len: usize) -> Range<usize> {
    let start = buffer.as_ptr().align_offset(LINE);
    start..start + len
}

/// A slice of its own that begins with a cache line.
#[derive(Debug)]
pub(super) struct Aligned<T> {
    buffer: Vec<T>,
    place: Range<usize>,
}

impl<T: Copy + Default> From<&[T]> for Aligned<T> {
    fn from(elements: &[T]) -> Self {
        let buffer = vec![T::default(); enough::<T>(elements.len())];
        let place = place(&buffer, elements.len());
        let mut aligned = Aligned { buffer, place };
        aligned.copy_from_slice(elements);
        aligned
    }
}

impl<T: Copy + Default> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        Aligned::from(&**self)
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.buffer[self.place.clone()]
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.buffer[self.place.clone()]
    }
}
