//! Models at hand that nobody has to name: the built-in one, and those in folders where models are
//! looked for.
//!
//! A lesson says by a hash which network it was taught to; so who has a lesson need not know.

use std::env;
use std::path::{Path, PathBuf};

use histoscope::lesson::{self, Base};
use histoscope::manifest::{Manifest, Variant};

use crate::error::{Error, Result};
use crate::labelled::lesson_text;
use crate::model::{built_in, manifests, plain_name};

/// The variable that names a folder of models, which comes before the program's own.
pub const FOLDER: &str = "HISTOSCOPE_MODELS";

/// Of the deeper network for lessons. Its file is not built in: it has 2.7 MB, for few.
const DEEPER: &str = include_str!("../../../models/histoscope-teaching.json");

/// The model that judges: the one that is named, else the one that `lesson` was taught to, else the
/// built-in one, which is `None`.
///
/// # Errors
/// Of the lesson's file; [`Error::ModelNotAtHand`].
pub fn model(named: Option<&Path>, lesson: Option<&Path>) -> Result<Option<PathBuf>> {
    match (named, lesson) {
        (Some(named), _) => Ok(Some(named.into())),
        (None, Some(file)) => base(&lesson_text(file)?, file.parent()),
        (None, None) => Ok(None),
    }
}

/// The model that a lesson was taught to; `None` is the built-in one. `beside`: a folder that is
/// looked into first.
///
/// # Errors
/// [`histoscope::Error::LessonInvalid`]; [`Error::ModelNotAtHand`].
pub fn base(lesson: &str, beside: Option<&Path>) -> Result<Option<PathBuf>> {
    let base = lesson::read(lesson)?.model;
    let is_built_in = built_in()?.file(Variant::Int8)?.sha256 == base.sha256;
    if is_built_in { Ok(None) } else { find(&base, beside).map(Some) }
}

/// The deeper network for lessons.
///
/// # Errors
/// [`Error::ModelNotAtHand`].
pub fn deeper() -> Result<PathBuf> {
    let manifest = manifest()?;
    let sha256 = manifest.file(Variant::Int8)?.sha256.clone();
    find(&Base { name: manifest.name, version: manifest.version, sha256 }, None)
}

fn manifest() -> Result<Manifest> {
    Ok(Manifest::from_json(DEEPER)?)
}

fn find(wanted: &Base, beside: Option<&Path>) -> Result<PathBuf> {
    let folders = folders(beside);
    let found = folders.iter().find_map(|folder| file_in(folder, &wanted.sha256));
    found.ok_or_else(|| {
        let Base { name, version, sha256 } = wanted;
        let folders: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
        Error::ModelNotAtHand {
            model: format!("{name} {version}"),
            sha256: sha256.clone(),
            folders: folders.join(", "),
        }
    })
}

/// The int8 file with this hash that a manifest in `folder` names; the hash is verified where it is
/// loaded.
fn file_in(folder: &Path, sha256: &str) -> Option<PathBuf> {
    manifests(folder).find_map(|manifest| {
        let file = manifest.file(Variant::Int8).ok()?;
        let path = folder.join(plain_name(&file.file));
        (file.sha256 == sha256 && path.is_file()).then_some(path)
    })
}

/// `beside`, the folder that [`FOLDER`] names, that of the program, and `models` in it.
fn folders(beside: Option<&Path>) -> Vec<PathBuf> {
    let program = env::current_exe().ok().and_then(|program| Some(program.parent()?.to_owned()));
    let here = |folder: &Path| {
        // The parent of a bare file name is "", which is no folder that can be listed.
        if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
    };
    let named = env::var_os(FOLDER).filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let inner = program.as_ref().map(|folder| folder.join("models"));
    beside.map(here).into_iter().chain(named).chain(program).chain(inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deeper_network_is_another_than_the_built_in_one() {
        let [deeper, own] = [manifest().unwrap(), built_in().unwrap()];
        let sha256 = |manifest: &Manifest| manifest.file(Variant::Int8).unwrap().sha256.clone();
        assert_ne!(sha256(&deeper), sha256(&own));
        assert!(deeper.features.is_some());
    }

    #[test]
    fn the_folder_of_a_bare_name_is_this_one() {
        assert_eq!(folders(Path::new("ours.lesson.json").parent())[0], Path::new("."));
        assert_eq!(folders(Some(Path::new("/lessons")))[0], Path::new("/lessons"));
    }
}
