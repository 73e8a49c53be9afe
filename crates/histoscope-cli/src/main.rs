//! Command line: the same core and the same report as the page.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod console;
mod files;
mod inputs;
mod model;
mod output;
mod predict;
#[cfg(feature = "serve")]
mod serve;
mod table;
mod trouble;

/// Benign or malignant: classifies breast micrographs (haematoxylin and eosin) on this machine.
///
/// For research use only; not a medical device.
#[derive(Parser)]
#[command(name = "histoscope", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Predict(predict::Predict),
    #[cfg(feature = "serve")]
    Serve(serve::Serve),
}

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(Cli { command: Command::Predict(arguments) }) => predict::run(&arguments),
        #[cfg(feature = "serve")]
        Ok(Cli { command: Command::Serve(arguments) }) => serve::run(arguments),
        Err(said) => console::usage(&said),
    }
}
