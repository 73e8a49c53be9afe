#!/usr/bin/env bash
# rustc with relaxed SIMD for what is compiled to WebAssembly: the RUSTC_WORKSPACE_WRAPPER of the second browser module.
#
# Cargo calls it for the crates of this checkout only. So both modules share the compiled dependencies, and only our
# kernels, which are what differs, are compiled twice.
#
# Loops keep the addresses that the kernels give them: LLVM's strength reduction rewrites them so that constant offsets
# no longer fit into the instructions, which makes a network 2 % slower (docs/decisions/0002-kernels.md).
set -euo pipefail
case " $* " in
    *" wasm32-"*) exec "$@" -Ctarget-feature=+relaxed-simd -Cllvm-args=-disable-lsr ;;
    *) exec "$@" ;;
esac
