#!/usr/bin/env bash
# Checks that this machine has what the project does not install itself. Prints every lack with its remedy, then fails.
# Adds to the Rust toolchain what rust-toolchain.toml names and it lacks: rustup does so by itself only where
# RUSTUP_AUTO_INSTALL allows.
#
#   tools/prerequisites.sh [PYTHON]     with PYTHON (a command), Python is checked too
set -uo pipefail
cd "$(dirname "$0")/.."

lacks=0
lack() {
    printf '  missing: %s\n           %s\n' "$1" "$2"
    lacks=$((lacks + 1))
}

# Is version $1 at least version $2? Both are dotted numbers.
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

rust_needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if ! command -v rustup >/dev/null; then
    lack "rustup" "Install Rust from https://rustup.rs (it brings cargo), then open a new shell."
elif ! rust_found=$(rustc --version 2>&1); then
    lack "a working stable Rust" "rustc said: $(printf '%s' "$rust_found" | tail -n 1). Try: rustup toolchain install stable"
elif ! at_least "$(printf '%s' "$rust_found" | sed 's/^rustc \([0-9.]*\).*/\1/')" "$rust_needed"; then
    lack "Rust $rust_needed or later (found: $rust_found)" "Run: rustup update stable"
else
    # What the file lists under a name, on one line: `targets = ["a", "b"]` gives "a b".
    named() { sed -n "s/^$1 *= *\[\(.*\)\].*/\1/p" rust-toolchain.toml | tr -d '"' | tr ',' ' '; }
    has() {
        case $1-$2 in
            target-*) [ -d "$(rustc --print sysroot)/lib/rustlib/$2" ] ;;
            component-clippy) cargo clippy --version >/dev/null 2>&1 ;;
            component-rustfmt) cargo fmt --version >/dev/null 2>&1 ;;
            *) false ;;
        esac
    }
    # Not everything needs all of it: what does will say so.
    add() {
        has "$1" "$2" && return
        printf 'Adding to the Rust toolchain: %s\n' "$2"
        rustup "$1" add "$2" || printf 'rustup could not add the %s %s; its reason is above.\n' "$1" "$2" >&2
    }
    for target in $(named targets); do add target "$target"; done
    for component in $(named components); do add component "$component"; done
fi

node_needed=$(sed -n 's/.*"node": ">=\([0-9.]*\)".*/\1/p' www/package.json)
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    lack "Node.js $node_needed or later, with npm" "Install it from https://nodejs.org or your package manager."
elif ! at_least "$(node --version | tr -d v)" "$node_needed"; then
    lack "Node.js $node_needed or later (found: $(node --version))" "Update it from https://nodejs.org or your package manager."
fi

if ! command -v cc >/dev/null && ! command -v gcc >/dev/null; then
    lack "a C compiler" "Rust links with it. Debian and Ubuntu: apt-get install gcc libc6-dev; macOS: xcode-select --install"
fi

if [ $# -gt 0 ]; then
    if ! command -v "$1" >/dev/null; then
        lack "Python 3.11 or later ($1)" "Install it, or name another command: make test PYTHON=python3.12"
    elif ! "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        lack "Python 3.11 or later (found: $("$1" --version 2>&1))" "Name another command: make test PYTHON=python3.12"
    elif ! "$1" -c 'import venv, ensurepip' 2>/dev/null; then
        lack "Python's venv module" "Debian and Ubuntu: apt-get install python3-venv"
    fi
fi

[ "$lacks" -eq 0 ] || exit 1
