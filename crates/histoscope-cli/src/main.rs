//! Command line: the same core and the same report as the page.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod at_hand;
mod console;
mod evaluate;
mod export;
#[cfg(feature = "tract")]
mod inspect;
mod looking;
mod output;
mod predict;
#[cfg(feature = "serve")]
mod serve;
mod slide;
mod study;
mod table;
mod teach;
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
    Evaluate(evaluate::Evaluate),
    Teach(teach::Teach),
    Export(export::Export),
    #[cfg(feature = "tract")]
    Inspect(inspect::Inspect),
    #[cfg(feature = "serve")]
    Serve(serve::Serve),
}

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(Cli { command: Command::Predict(arguments) }) => predict::run(&arguments),
        Ok(Cli { command: Command::Evaluate(arguments) }) => evaluate::run(&arguments),
        Ok(Cli { command: Command::Teach(arguments) }) => teach::run(&arguments),
        Ok(Cli { command: Command::Export(arguments) }) => export::run(&arguments),
        #[cfg(feature = "tract")]
        Ok(Cli { command: Command::Inspect(arguments) }) => inspect::run(&arguments),
        #[cfg(feature = "serve")]
        Ok(Cli { command: Command::Serve(arguments) }) => serve::run(arguments),
        Err(said) => console::usage(&said),
    }
}
