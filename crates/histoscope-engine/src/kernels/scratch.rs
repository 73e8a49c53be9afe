//! Buffers that a thread keeps between layers, so that running a layer allocates nothing after the
//! first time.

use super::aligned;
use std::cell::Cell;
use std::thread::LocalKey;

thread_local! {
    /// Lines of a map under a row of outputs, with padding.
    pub static LINES: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// A row of depthwise outputs of fewer channels than are computed.
    pub static WIDE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// Zero points beside a row of a depthwise convolution.
    pub static PADDING: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// What real numbers became as bytes.
    pub static QUANTISED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// Packed activations of a block of the matrix product.
    pub static TILES: Cell<Vec<i32>> = const { Cell::new(Vec::new()) };
    /// Interleaved columns of a row of a depthwise convolution.
    pub static COLUMNS: Cell<Vec<i32>> = const { Cell::new(Vec::new()) };
    /// Accumulators that become real numbers.
    pub static SUMS: Cell<Vec<i32>> = const { Cell::new(Vec::new()) };
}

/// Lends `len` elements of the thread's buffer to `work`, from the start of a cache line on; their
/// values are whatever was left there.
///
/// The buffer is taken out meanwhile: a nested use of the same one is correct and merely allocates.
pub(crate) fn with<T: Copy + Default, R>(
    buffer: &'static LocalKey<Cell<Vec<T>>>,
    len: usize,
    work: impl FnOnce(&mut [T]) -> R,
) -> R {
    let mut owned = buffer.take();
    let enough = aligned::enough::<T>(len);
    if owned.len() < enough {
        owned.resize(enough, T::default());
    }
    let place = aligned::place(&owned, len);
    let result = work(&mut owned[place]);
    buffer.set(owned);
    result
}
