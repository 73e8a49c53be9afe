//! Which files to classify, and their bytes.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use histoscope::decode::{LONGEST_BEGINNING, MAX_FILE_BYTES, is_picture};
use walkdir::WalkDir;

use crate::bounded::{self, Refusal};
use crate::error::{Error, Result};

/// Extensions that are picked up in folders. Of other files the content decides; one that is named by itself is tried.
pub const EXTENSIONS: [&str; 10] =
    ["png", "jpg", "jpeg", "jpe", "jfif", "tif", "tiff", "bmp", "dib", "webp"];

/// One file to classify, or a place where there may be some.
#[derive(Debug, Clone)]
pub struct Input {
    /// Name in the report: the file's name, or its path below the folder that was named. What is no
    /// Unicode in it is replaced.
    pub name: String,
    /// Where it lies, whether or not it can be read.
    pub path: PathBuf,
    /// The folder that was named, in which it was found; `None` of what was named itself.
    pub root: Option<PathBuf>,
    /// `path`, or why it is already known that it cannot be read.
    pub source: Result<PathBuf>,
    /// All files of a slide that lies in several, that of `source` first; empty of anything else.
    pub parts: Vec<PathBuf>,
}

impl Input {
    fn new(name: String, path: PathBuf, root: Option<&Path>, lack: Option<Error>) -> Self {
        let root = root.map(Path::to_path_buf);
        let source = lack.map_or_else(|| Ok(path.clone()), Err);
        Self { name, path, root, source, parts: Vec::new() }
    }
}

/// Expands folders, sorted by path so that a report does not depend on the file system.
///
/// Symbolic links are followed. What cannot be listed becomes an input that fails, so that a report
/// on the rest does not pass for one on all.
///
/// # Errors
/// [`Error::FolderWithoutImages`].
pub fn collect(paths: &[PathBuf]) -> Result<Vec<Input>> {
    collect_all(paths, &EXTENSIONS)
}

/// As [`collect`], of files with these extensions, and of others whose content is a picture's.
///
/// # Errors
/// As [`collect`].
pub fn collect_all(paths: &[PathBuf], extensions: &[&str]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in paths {
        if !path.is_dir() {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            inputs.push(Input::new(name, path.clone(), None, None));
            continue;
        }
        let before = inputs.len();
        let walk = WalkDir::new(path).follow_links(true).sort_by_file_name();
        inputs.extend(walk.into_iter().filter_map(|entry| match entry {
            Ok(entry) => image(path, entry, extensions),
            Err(error) => unreadable(path, error, extensions),
        }));
        if inputs.len() == before {
            return Err(Error::FolderWithoutImages {
                folder: path.display().to_string(),
                extensions: extensions.join(", "),
            });
        }
    }
    Ok(inputs)
}

/// An entry that has the name of an image, or its content: as in the page. One that is a pipe, say, fails when it is read.
/// Hidden files are what systems leave beside images.
fn image(root: &Path, entry: walkdir::DirEntry, extensions: &[&str]) -> Option<Input> {
    let about = entry.file_type();
    let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
    let found = !about.is_dir()
        && !is_hidden
        && (has_extension(entry.path(), extensions)
            || (about.is_file() && begins_as_picture(entry.path())));
    found.then(|| Input::new(name(root, entry.path()), entry.into_path(), Some(root), None))
}

/// Whether a file, whatever its name, begins as a picture does; not where it cannot be read.
fn begins_as_picture(path: &Path) -> bool {
    let mut beginning = [0; LONGEST_BEGINNING];
    let read = File::open(path).and_then(|mut file| file.read(&mut beginning));
    read.is_ok_and(|length| is_picture(&beginning[..length]))
}

/// What stands in the way of an entry, if it may be an image or hold some.
fn unreadable(root: &Path, error: walkdir::Error, extensions: &[&str]) -> Option<Input> {
    let path = error.path().unwrap_or(root).to_path_buf();
    // A link back to a folder that is being walked: all that it leads to is found there.
    if error.loop_ancestor().is_some() {
        return None;
    }
    let detail = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    let lack = match std::fs::metadata(&path) {
        Ok(about) if about.is_dir() => Error::FolderUnreadable { detail },
        // A link to nothing, which would have been no image either.
        Err(error) if error.kind() == ErrorKind::NotFound && !has_extension(&path, extensions) => {
            return None;
        }
        _ => Error::FileUnreadable { detail },
    };
    Some(Input::new(name(root, &path), path, Some(root), Some(lack)))
}

/// The path below `root`, parts separated by "/" on every system; of `root` itself, its own.
fn name(root: &Path, path: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(below) if below.components().next().is_some() => {
            let parts: Vec<_> =
                below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
            parts.join("/")
        }
        _ => path.to_string_lossy().into_owned(),
    }
}

/// Whether a file's extension is one of these, in letters of any case.
pub fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| extensions.contains(&extension.as_str()))
}

/// Reads an image file, no more of it than an image may have.
///
/// # Errors
/// [`Error::FileUnreadable`], [`Error::FileNotRegular`] or [`histoscope::Error::FileTooLarge`].
pub fn read(path: &Path) -> Result<Vec<u8>> {
    bounded::read(path, MAX_FILE_BYTES).map_err(|refusal| match refusal {
        Refusal::NotRegular(kind) => Error::FileNotRegular { kind },
        Refusal::TooLarge(bytes) => {
            histoscope::Error::FileTooLarge { bytes, max_bytes: MAX_FILE_BYTES }.into()
        }
        Refusal::Unreadable(error) => Error::FileUnreadable { detail: error.to_string() },
    })
}
