#!/usr/bin/env bash
# rustc with relaxed SIMD for what is compiled to WebAssembly: the RUSTC_WORKSPACE_WRAPPER of the second browser module.
#
# Cargo calls it for the crates of this checkout only. So both modules share the compiled dependencies, and only our
# kernels, which are what differs, are compiled twice.
set -euo pipefail
case " $* " in
    *" wasm32-"*) exec "$@" -Ctarget-feature=+relaxed-simd ;;
    *) exec "$@" ;;
esac
