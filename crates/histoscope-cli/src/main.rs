//! Command line: the same core and the same report as the page.
#![forbid(unsafe_code)]

mod files;
mod inputs;
mod model;
mod output;
mod predict;
mod trouble;

fn main() -> std::process::ExitCode {
    predict::main()
}
