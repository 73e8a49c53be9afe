//! Buffers that a thread keeps between layers, so that running a layer allocates nothing after the first time.

use std::cell::Cell;
use std::thread::LocalKey;

thread_local! {
    /// Windows of a picture, gathered into rows.
    pub static WINDOWS: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// Packed activations of a block of the matrix product.
    pub static TILES: Cell<Vec<i32>> = const { Cell::new(Vec::new()) };
    /// Interleaved columns of a row of a depthwise convolution.
    pub static COLUMNS: Cell<Vec<i32>> = const { Cell::new(Vec::new()) };
    /// Accumulators of the classifier.
    pub static SUMS: Cell<Vec<i32>> = const { Cell::new(Vec::new()) };
}

/// Lends `len` elements of the thread's buffer to `work`; their values are whatever was left there.
///
/// The buffer is taken out meanwhile: a nested use of the same one is correct and merely allocates.
pub fn with<T: Copy + Default, R>(
    buffer: &'static LocalKey<Cell<Vec<T>>>,
    len: usize,
    work: impl FnOnce(&mut [T]) -> R,
) -> R {
    let mut owned = buffer.take();
    if owned.len() < len {
        owned.resize(len, T::default());
    }
    let result = work(&mut owned[..len]);
    buffer.set(owned);
    result
}
