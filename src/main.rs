//! Command line: the same core and the same report as the page.

#[cfg(not(target_family = "wasm"))]
mod cli;

#[cfg(not(target_family = "wasm"))]
fn main() -> std::process::ExitCode {
    cli::main()
}

// Cargo builds the binary for every target; in a browser there is no command line.
#[cfg(target_family = "wasm")]
fn main() {}
