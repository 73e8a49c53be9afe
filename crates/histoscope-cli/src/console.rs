//! What goes to standard output and error, and the exit status.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

use histoscope::error::Fault;
use histoscope::shown::printable;

use crate::trouble::Trouble;

pub(crate) const EXIT_FAILED: u8 = 1;
const EXIT_USAGE: u8 = 2;

/// The exit status of a run that this ended.
pub(crate) fn exit_status(trouble: &Trouble) -> ExitCode {
    ExitCode::from(if trouble.fault() == Fault::Options { EXIT_USAGE } else { EXIT_FAILED })
}

/// Help, the version, or what is wrong with the arguments.
pub(crate) fn usage(said: &clap::Error) -> ExitCode {
    match quietly(said.print()) {
        Ok(()) => ExitCode::from(if said.use_stderr() { EXIT_USAGE } else { 0 }),
        Err(error) => {
            complain(None, &error.into());
            ExitCode::from(EXIT_FAILED)
        }
    }
}

/// Says on standard error what went wrong. Where not even that can be written, the exit status
/// still tells.
pub(crate) fn complain(name: Option<&str>, trouble: &Trouble) {
    let name = name.map(|name| format!("{}: ", printable(name))).unwrap_or_default();
    let (code, remedy) = (trouble.code(), trouble.remedy());
    let message = printable(&trouble.to_string());
    let _ = writeln!(io::stderr(), "error[{code}]: {name}{message}\n  {remedy}");
}

/// Writes results to standard output, to the last byte.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Trouble> {
    let mut out = BufWriter::new(io::stdout().lock());
    Ok(quietly(write(&mut out).and_then(|()| out.flush()))?)
}

/// A closed pipe (`| head`) is no failure of ours; every other error of writing is one.
fn quietly(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
