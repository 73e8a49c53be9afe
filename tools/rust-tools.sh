#!/usr/bin/env bash
# Installs the Rust tools of the browser build into target/tools, unless the right ones are on PATH already.
#
# wasm-bindgen-cli has to be of exactly the version of the wasm-bindgen crate in Cargo.lock; of wasm-pack any recent one
# does. They are compiled here, because not every machine reaches the places with finished binaries. They are compiled
# with little optimisation: they run for seconds, and compiling them is most of the first build.
set -euo pipefail
cd "$(dirname "$0")/.."

WASM_PACK_VERSION=0.15.1
wasm_bindgen_version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print }' Cargo.lock)
export PATH="$PWD/target/tools/bin:$PATH"
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0

# install CRATE VERSION OPT_LEVEL
install() {
    echo "Compiling $1 $2 into target/tools (once; some minutes)"
    CARGO_PROFILE_RELEASE_OPT_LEVEL=$3 CARGO_TARGET_DIR=target/tools/build \
        cargo install --quiet --root target/tools --version "$2" "$1"
    # The intermediate files are of no use again.
    rm -rf target/tools/build
}

for tool in wasm-bindgen wasm-bindgen-test-runner; do
    if [ "$("$tool" --version 2>/dev/null | awk '{ print $2 }')" != "$wasm_bindgen_version" ]; then
        install wasm-bindgen-cli "$wasm_bindgen_version" 1
        break
    fi
done
# `wasm-pack build --profile` came with 0.14.
case "$(wasm-pack --version 2>/dev/null)" in
    "wasm-pack 0."1[4-9]* | "wasm-pack "[1-9]*) ;;
    *) install wasm-pack "$WASM_PACK_VERSION" 0 ;;
esac
echo "wasm-bindgen $wasm_bindgen_version: $(command -v wasm-bindgen)"
echo "wasm-pack: $(command -v wasm-pack)"
