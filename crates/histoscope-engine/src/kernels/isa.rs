//! Instruction sets: what this build contains and what this machine can execute.

/// An instruction set that the kernels know. They return the same bytes on all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Isa {
    /// Portable Rust, available everywhere.
    Scalar,
    /// WebAssembly with the `simd128` target feature.
    Simd128,
    /// WebAssembly with `simd128` and `relaxed-simd`.
    Relaxed,
    /// x86-64 with AVX2, detected at run time.
    Avx2,
}

impl Isa {
    /// All of them, slowest first.
    const ALL: [Self; 4] = [Self::Scalar, Self::Simd128, Self::Relaxed, Self::Avx2];

    /// The fastest one that this build and this machine can run.
    pub fn best() -> Self {
        Self::available().last().unwrap_or(Self::Scalar)
    }

    /// Those that this build and this machine can run, slowest first; `Scalar` is always there.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|v| v.is_available())
    }

    /// Whether this build contains kernels for it and this machine can run it.
    ///
    /// WebAssembly has no run-time detection: a module with an unknown opcode does not even
    /// compile, so there the target features of the build decide. On x86-64 the processor is asked.
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            Self::Simd128 => cfg!(all(target_arch = "wasm32", target_feature = "simd128")),
            Self::Relaxed => cfg!(all(
                target_arch = "wasm32",
                target_feature = "simd128",
                target_feature = "relaxed-simd"
            )),
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => std::arch::is_x86_feature_detected!("avx2"),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 => false,
        }
    }

    /// Short lower-case name for reports and benchmarks.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Simd128 => "simd128",
            Self::Relaxed => "relaxed",
            Self::Avx2 => "avx2",
        }
    }
}
