//! Which files to classify, and their bytes.

use std::path::{Path, PathBuf};

use histoscope::Error;
use histoscope::decode::MAX_FILE_BYTES;
use walkdir::WalkDir;

/// Extensions that are picked up in folders; a file that is named by itself may have any.
const EXTENSIONS: [&str; 7] = ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp"];

/// One file to classify.
pub(crate) struct Input {
    pub(crate) path: PathBuf,
    /// Name in the report: the file's name, or its path below the folder that was named.
    pub(crate) name: String,
}

/// Expands folders, sorted by path so that a report does not depend on the file system.
///
/// # Errors
/// [`Error::OptionsInvalid`] for a folder without images.
pub(crate) fn collect(paths: &[PathBuf]) -> Result<Vec<Input>, Error> {
    let mut inputs = Vec::new();
    for path in paths {
        if !path.is_dir() {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            inputs.push(Input { path: path.clone(), name });
            continue;
        }
        let before = inputs.len();
        // What cannot be listed is skipped here; a file that cannot be read is reported later.
        for entry in WalkDir::new(path).sort_by_file_name().into_iter().flatten() {
            if entry.file_type().is_file() && has_image_extension(entry.path()) {
                let below = entry.path().strip_prefix(path).unwrap_or(entry.path());
                let name = below.to_string_lossy().replace('\\', "/");
                inputs.push(Input { path: entry.into_path(), name });
            }
        }
        if inputs.len() == before {
            return Err(Error::OptionsInvalid {
                option: "PATH",
                problem: format!(
                    "the folder {} holds no image ({})",
                    path.display(),
                    EXTENSIONS.join(", ")
                ),
            });
        }
    }
    Ok(inputs)
}

fn has_image_extension(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// Reads a file, refusing one that is too large before it is in memory.
///
/// # Errors
/// [`Error::FileUnreadable`] or [`Error::FileTooLarge`].
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = |error: std::io::Error| Error::FileUnreadable { detail: error.to_string() };
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes > MAX_FILE_BYTES {
        return Err(Error::FileTooLarge { bytes, max_bytes: MAX_FILE_BYTES });
    }
    std::fs::read(path).map_err(unreadable)
}
