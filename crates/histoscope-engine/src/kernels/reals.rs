//! Real numbers in buffers of bytes, where activations of both kinds lie.

/// The numbers that `bytes` are.
///
/// # Panics
/// When they do not begin or end with a number.
pub(crate) fn of(bytes: &[u8]) -> &[f32] {
    // SAFETY: any four bytes are an `f32`.
    let (before, reals, behind) = unsafe { bytes.align_to() };
    assert!(before.is_empty() && behind.is_empty());
    reals
}

/// The same, to be written.
///
/// # Panics
/// As [`of`].
pub(crate) fn of_mut(bytes: &mut [u8]) -> &mut [f32] {
    // SAFETY: any four bytes are an `f32`, and the other way about.
    let (before, reals, behind) = unsafe { bytes.align_to_mut() };
    assert!(before.is_empty() && behind.is_empty());
    reals
}

/// The bytes of `reals`.
pub(crate) fn bytes(reals: &[f32]) -> &[u8] {
    // SAFETY: a byte has any value and any place.
    let (_, bytes, _) = unsafe { reals.align_to() };
    bytes
}
