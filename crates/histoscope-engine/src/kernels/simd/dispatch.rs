//! Which backend a layer gets.

use super::super::isa::Isa;
use super::backend::Backend;

/// The backend of a layer whose inputs have seven bits or eight, or `None` where the portable
/// kernels run.
pub(crate) fn choose(isa: Isa, seven_bit: bool) -> Option<&'static dyn Backend> {
    match (isa, seven_bit) {
        #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
        (Isa::Relaxed, true) => Some(super::relaxed::choose()),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        (Isa::Simd128 | Isa::Relaxed, _) => Some(&super::simd128::Pairs),
        #[cfg(target_arch = "x86_64")]
        (Isa::Avx2, seven_bit) => super::x86::choose(seven_bit),
        _ => None,
    }
}
