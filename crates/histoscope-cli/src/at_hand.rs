//! The model that runs, and what a person did not say about it.

use std::io::{self, Write};
use std::path::Path;

use histoscope::manifest::Variant;
use histoscope::model::Runtime;
use histoscope::pipeline::Classifier;
use histoscope::shown::printable;
use histoscope_files::model;

use crate::trouble::Trouble;

/// Loads the model at `path`, or the built-in one. Says on standard error which one it is if it
/// was found and not named, and what is counted as malignant if no manifest says it.
///
/// # Errors
/// Of the model.
pub(crate) fn load(
    path: Option<&Path>,
    is_named: bool,
    variant: Variant,
    runtime: Runtime,
) -> Result<Classifier, Trouble> {
    let (classifier, malignant) = model::load_and_tell(path, variant, runtime)?;
    if let Some(path) = path.filter(|_| !is_named) {
        let manifest = classifier.manifest();
        let said = format!("{} {}, {}", manifest.name, manifest.version, path.display());
        let _ = writeln!(io::stderr(), "Model: {}", printable(&said));
    }
    if let Some(malignant) = malignant {
        let names = if malignant.is_empty() { "no class".into() } else { malignant.join(", ") };
        let names = printable(&names);
        let _ = writeln!(io::stderr(), "Without a manifest, counted as malignant: {names}");
    }
    Ok(classifier)
}
