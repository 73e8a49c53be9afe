//! The built-in model, or one from a file with its manifest or its makers' configurations, and
//! perhaps its weights, beside it.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use histoscope::configs::{self, Known};
use histoscope::engine::{self, DataFile, MAX_MODEL_BYTES};
use histoscope::familiarity::MAX_STATISTICS_BYTES;
use histoscope::inspection;
use histoscope::manifest::{MAX_MANIFEST_BYTES, Manifest, Variant};
use histoscope::model::Runtime;
use histoscope::pipeline::Classifier;

use crate::bounded::{self, Refusal};
use crate::error::{Error, Result};

const MANIFEST: &str = include_str!("../../../models/histoscope-v0.json");
const INT8: &[u8] = include_bytes!("../../../models/histoscope-v0.int8.onnx");
const FAMILIARITY: &[u8] = include_bytes!("../../../models/histoscope-v0.familiarity.json");
const F32: &[u8] = include_bytes!("../../../models/histoscope-v0.f32.onnx");

/// Loads the model at `path`, or the built-in one.
///
/// # Errors
/// Errors of the model; see [`Classifier::new`].
pub fn load(path: Option<&Path>, variant: Variant, runtime: Runtime) -> Result<Classifier> {
    load_and_tell(path, variant, runtime).map(|(classifier, _)| classifier)
}

/// [`load`], and where no manifest says it the names of the classes that are counted as malignant.
///
/// # Errors
/// As of [`load`].
pub fn load_and_tell(
    path: Option<&Path>,
    variant: Variant,
    runtime: Runtime,
) -> Result<(Classifier, Option<Vec<String>>)> {
    let Some(path) = path else {
        let model = match variant {
            Variant::Int8 => INT8,
            Variant::F32 => F32,
        };
        let classifier = Classifier::with_runtime(model, built_in()?, variant, runtime)?;
        return Ok((classifier.with_familiarity(FAMILIARITY)?, None));
    };
    let file = path.display().to_string();
    let mut model = read(path, MAX_MODEL_BYTES as u64)?;
    let beside = manifest_beside(path);
    let (beside, joined) = match (beside, with_data(path, &model)) {
        (beside, Ok(joined)) => (beside, joined),
        (Err(why), Err(_)) | (Ok(_), Err(why)) => return Err(why),
    };
    let mut malignant = None;
    let (manifest, found) = match (beside, &joined) {
        (Ok(Some((manifest, found))), None) => (manifest, found),
        (Ok(Some((manifest, found))), Some(joined)) => {
            (manifest.of_joined(found, &model, joined)?, found)
        }
        (beside, joined) => {
            let made = told_for_want(beside.err(), path, joined.as_ref().unwrap_or(&model))?;
            malignant = Some(made.malignant);
            (made.manifest, made.variant)
        }
    };
    model = joined.unwrap_or(model);
    if variant == Variant::F32 && found == Variant::Int8 {
        return Err(Error::ModelQuantised { file });
    }
    let statistics =
        manifest.familiarity.as_ref().map(|named| path.with_file_name(plain_name(&named.file)));
    let classifier = Classifier::with_runtime(&model, manifest, found, runtime)?;
    let Some(statistics) = statistics else { return Ok((classifier, malignant)) };
    let file = statistics.display().to_string();
    let refused = |detail| Error::ModelMissing { file: file.clone(), detail };
    let bytes =
        bounded::read(&statistics, MAX_STATISTICS_BYTES as u64).map_err(|why| match why {
            Refusal::NotRegular(kind) => refused(format!("it is no regular file but {kind}")),
            Refusal::TooLarge(bytes) => refused(format!("it has {bytes} bytes")),
            Refusal::Unreadable(error) => refused(error.to_string()),
        })?;
    Ok((classifier.with_familiarity(&bytes)?, malignant))
}

/// The bytes of the int8 model at `path`, with weights that lie beside it, or of the built-in one.
///
/// # Errors
/// [`Error::ModelMissing`] and [`Error::ModelTooLarge`]; errors of the model.
pub fn bytes(path: Option<&Path>) -> Result<Cow<'static, [u8]>> {
    let Some(path) = path else { return Ok(Cow::Borrowed(INT8)) };
    let model = read(path, MAX_MODEL_BYTES as u64)?;
    let joined = with_data(path, &model)?;
    Ok(Cow::Owned(joined.unwrap_or(model)))
}

/// The manifest of the model at `path`, whose bytes, with weights that lie beside it, are `model`:
/// the one that lies beside it, or what its configurations tell.
///
/// # Errors
/// [`Error::ManifestMissing`] and [`Error::ManifestIncomplete`]; that of a manifest which names the
/// model and cannot be read.
pub fn manifest(path: &Path, model: &[u8]) -> Result<Manifest> {
    match manifest_beside(path) {
        Ok(Some((manifest, _))) => Ok(manifest),
        beside => Ok(told_for_want(beside.err(), path, model)?.manifest),
    }
}

/// A manifest that was made up.
struct Made {
    manifest: Manifest,
    variant: Variant,
    /// The names of the classes that are counted so.
    malignant: Vec<String>,
}

/// [`told`] where no manifest can be read. What somebody wrote as one is not passed over for a
/// configuration, which may say something else; any other `why` counts only if nothing tells, for some
/// other JSON file in the folder must not stand in the way.
fn told_for_want(why: Option<Error>, path: &Path, model: &[u8]) -> Result<Made> {
    match why {
        Some(why @ Error::ManifestUnusable { .. }) => Err(why),
        why => told(path, model).map_err(|error| why.unwrap_or(error)),
    }
}

/// The manifest of a model that comes without one: what the file itself tells, and the
/// configurations of other programs beside it.
fn told(path: &Path, model: &[u8]) -> Result<Made> {
    let file = path.display().to_string();
    let inspection = inspection::inspect(model)?;
    let beside = configs_beside(path).fold(Known::default(), Known::or);
    let known = beside.or(configs::of_metadata(&inspection.metadata));
    if known == Known::default() {
        return Err(Error::ManifestMissing { file });
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let made = known.manifest(&inspection, &name).map_err(|lacks| Error::ManifestIncomplete {
        file: file.clone(),
        lacks: lacks.join("; "),
    })?;
    // Such as a deviation of 0: nobody wrote a manifest that could be blamed for it.
    let manifest = Manifest::from_json(&made.to_string()).map_err(|error| {
        Error::ManifestIncomplete { file, lacks: format!("what a manifest may say ({error})") }
    })?;
    let malignant = known.groups().map(|groups| groups.malignant).unwrap_or_default();
    let variant = if manifest.file(Variant::Int8).is_ok() { Variant::Int8 } else { Variant::F32 };
    Ok(Made { manifest, variant, malignant })
}

/// What the configurations beside the model say, that which counts more before the others. Files of
/// these names that are no configuration, or cannot be read, say nothing.
fn configs_beside(model: &Path) -> impl Iterator<Item = Known> {
    let own = model.with_extension("json");
    let usual = ["preprocessor_config.json", "config.json"].map(|name| model.with_file_name(name));
    [own].into_iter().chain(usual).filter_map(|path| {
        let bytes = bounded::read(&path, MAX_MANIFEST_BYTES as u64).ok()?;
        configs::read(&serde_json::from_slice(&bytes).ok()?)
    })
}

/// A file of the model, of at most so many bytes.
fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let file = path.display().to_string();
    bounded::read(path, most).map_err(|refusal| match refusal {
        Refusal::NotRegular(kind) => {
            Error::ModelMissing { file, detail: format!("it is no regular file but {kind}") }
        }
        Refusal::TooLarge(_) => Error::ModelTooLarge { file, max_bytes: MAX_MODEL_BYTES as u64 },
        Refusal::Unreadable(error) => Error::ModelMissing { file, detail: error.to_string() },
    })
}

/// The model with the weights that lie beside it, in one file; `None` if it has all of them.
fn with_data(path: &Path, model: &[u8]) -> Result<Option<Vec<u8>>> {
    let names = engine::data_files(model).map_err(histoscope::Error::from)?;
    let mut left = MAX_MODEL_BYTES as u64;
    let mut data = vec![];
    for name in &names {
        let beside = path.with_file_name(name);
        if !beside.exists() {
            return Err(histoscope::Error::ModelDataMissing { file: name.clone() }.into());
        }
        let bytes = read(&beside, left)?;
        left -= bytes.len() as u64;
        data.push(bytes);
    }
    if names.is_empty() {
        return Ok(None);
    }
    let files = names.iter().zip(&data).map(|(name, bytes)| DataFile { name, bytes });
    Ok(Some(engine::join(model, &files.collect::<Vec<_>>()).map_err(histoscope::Error::from)?))
}

/// The last part of a file's name: a manifest names files that lie beside it, and no others.
pub(crate) fn plain_name(file: &str) -> &OsStr {
    Path::new(file).file_name().unwrap_or_default()
}

/// The manifest of the built-in model.
pub(crate) fn built_in() -> Result<Manifest> {
    Ok(Manifest::from_json(MANIFEST)?)
}

/// The manifests in `folder`, by their names; other JSON files may lie there.
pub(crate) fn manifests(folder: &Path) -> impl Iterator<Item = Manifest> {
    json_files(folder).into_iter().filter_map(|file| {
        let bytes = bounded::read(&file, MAX_MANIFEST_BYTES as u64).ok()?;
        Manifest::from_json(std::str::from_utf8(&bytes).ok()?).ok()
    })
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new("json")))
        .collect();
    files.sort();
    files
}

/// The manifest in the model's folder that lists the model's file, and as which variant.
///
/// # Errors
/// [`Error::ManifestUnusable`] of what was meant as one; else that of a file that is too large to tell.
fn manifest_beside(model: &Path) -> Result<Option<(Manifest, Variant)>> {
    let Some(name) = model.file_name().and_then(OsStr::to_str) else { return Ok(None) };
    // The parent of a bare file name is "", which is no folder that can be listed.
    let folder = model.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let (mut unusable, mut too_large) = (None, None);
    for candidate in json_files(folder) {
        let text = match bounded::read(&candidate, MAX_MANIFEST_BYTES as u64) {
            Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
            Err(Refusal::TooLarge(bytes)) => {
                // What it names is not known; it counts if nothing else is found.
                let (bytes, max_bytes) = (bytes as usize, MAX_MANIFEST_BYTES);
                too_large.get_or_insert(histoscope::Error::ManifestTooLarge { bytes, max_bytes });
                continue;
            }
            // A folder or a pipe of that name, or nothing that we may read, is no manifest.
            Err(Refusal::NotRegular(_) | Refusal::Unreadable(_)) => continue,
        };
        match Manifest::from_json(&text) {
            Ok(manifest) => {
                if let Some(variant) = manifest.variant_of(name) {
                    return Ok(Some((manifest, variant)));
                }
            }
            // Other JSON files may lie there, some of which name the model, too; one that also has
            // variants was meant as its manifest.
            Err(histoscope::Error::ManifestInvalid { problem })
                if text.contains(name) && text.contains("\"variants\"") =>
            {
                let file = candidate.display().to_string();
                unusable.get_or_insert(Error::ManifestUnusable { file, problem });
            }
            Err(_) => {}
        }
    }
    unusable.or(too_large.map(Error::from)).map_or(Ok(None), Err)
}
