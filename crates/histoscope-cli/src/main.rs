//! Command line: the same core and the same report as the page.
#![forbid(unsafe_code)]

mod inputs;
mod model;
mod output;
mod predict;

fn main() -> std::process::ExitCode {
    predict::main()
}
