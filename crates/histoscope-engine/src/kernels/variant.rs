//! Which backend runs: what this build contains and what this machine can execute.

/// A backend of the kernels. All of them return the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// Portable Rust, available everywhere.
    Scalar,
    /// WebAssembly with the `simd128` target feature.
    Simd128,
    /// WebAssembly with `simd128` and `relaxed-simd`.
    Relaxed,
    /// x86-64 with AVX2, detected at run time.
    Avx2,
}

impl Variant {
    /// All variants, slowest first.
    const ALL: [Variant; 4] = [Variant::Scalar, Variant::Simd128, Variant::Relaxed, Variant::Avx2];

    /// The fastest variant that this build and this machine can run.
    pub fn best() -> Variant {
        Variant::available().last().unwrap_or(Variant::Scalar)
    }

    /// The variants that this build and this machine can run, slowest first; `Scalar` is always there.
    pub fn available() -> impl Iterator<Item = Variant> {
        Variant::ALL.into_iter().filter(|v| v.is_available())
    }

    /// Whether this build contains the variant and this machine can run it.
    ///
    /// WebAssembly has no run-time detection: a module with an unknown opcode does not even compile, so
    /// there the target features of the build decide. On x86-64 the processor is asked.
    pub fn is_available(self) -> bool {
        match self {
            Variant::Scalar => true,
            Variant::Simd128 => cfg!(all(target_arch = "wasm32", target_feature = "simd128")),
            Variant::Relaxed => cfg!(all(
                target_arch = "wasm32",
                target_feature = "simd128",
                target_feature = "relaxed-simd"
            )),
            #[cfg(target_arch = "x86_64")]
            Variant::Avx2 => std::arch::is_x86_feature_detected!("avx2"),
            #[cfg(not(target_arch = "x86_64"))]
            Variant::Avx2 => false,
        }
    }

    /// Short lower-case name for reports and benchmarks.
    pub fn name(self) -> &'static str {
        match self {
            Variant::Scalar => "scalar",
            Variant::Simd128 => "simd128",
            Variant::Relaxed => "relaxed",
            Variant::Avx2 => "avx2",
        }
    }
}
