//! Reads files of a bounded size, and only regular ones: a pipe might never end, or never begin.

use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::Path;

/// Why a file was not read.
#[derive(Debug)]
pub enum Refusal {
    /// It is something else; this says what.
    NotRegular(&'static str),
    /// It has more bytes than it may have: so many, or more.
    TooLarge(u64),
    /// The system refuses.
    Unreadable(io::Error),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// The bytes of a regular file, or of what a symbolic link to one leads to.
///
/// No more than `most + 1` bytes are read, whatever the file says of its size and however it grows.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, Refusal> {
    // Asked before it is opened: opening a pipe waits until somebody writes to it.
    let about = std::fs::metadata(path)?;
    if !about.is_file() {
        return Err(Refusal::NotRegular(kind(about.file_type())));
    }
    if about.len() > most {
        return Err(Refusal::TooLarge(about.len()));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let length = bytes.len() as u64;
    if length > most { Err(Refusal::TooLarge(length)) } else { Ok(bytes) }
}

fn kind(of: FileType) -> &'static str {
    if of.is_dir() { "a folder" } else { "a device, pipe or socket" }
}
