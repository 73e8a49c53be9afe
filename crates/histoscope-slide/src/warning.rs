//! What the reader of a slide should know although it opens: in a sentence, and as a kind with its
//! values for whoever says it in words of their own.

use serde::{Serialize, Serializer};

/// What is to be said of a slide that is read all the same.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum Warning {
    #[error("Its directories run in a circle; each is read once.")]
    DirectoriesInACircle,
    #[error("Only the first {most} directories are read.")]
    TooManyDirectories { most: usize },
    #[error("A directory cannot be read: {detail}.")]
    DirectoryUnreadable { detail: String },
    #[error("A nested directory cannot be read: {detail}.")]
    NestedDirectoryUnreadable { detail: String },
    #[error("A level cannot be read: {detail}.")]
    LevelUnreadable { detail: String },
    #[error("An instance cannot be read: {detail}.")]
    InstanceUnreadable { detail: String },
    #[error("It holds several series; that of the finest picture is read.")]
    SeveralSeries,
    #[error("It holds {regions} regions; the largest is read.")]
    SeveralRegions { regions: usize },
    #[error("Regions that were scanned at a coarser scale, and are left out: {regions}.")]
    CoarserRegions { regions: usize },
    #[error("The file says {found} µm per pixel, which no slide has.")]
    ScaleImpossible { found: String },
    #[error(
        "The slide has {found} µm per pixel, coarser than the patches' {wanted}: they are enlarged, \
         and may be found blurred."
    )]
    PatchesEnlarged { found: f64, wanted: f64 },
    /// Said by whoever has looked at all patches: a slide knows its faults only one after the other.
    #[error(
        "Unreadable tiles of the slide, which count as glass: {tiles}. The first is {column}, {row} of \
         level {level}: {detail}."
    )]
    TilesUnreadable { tiles: usize, level: usize, column: u32, row: u32, detail: String },
}

/// Writes warnings as reports have them: each with its sentence, and its kind and values as `cause`.
pub(crate) fn noted<S: Serializer>(
    warnings: &impl AsRef<[Warning]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Note<'a> {
        sentence: String,
        cause: &'a Warning,
    }
    let notes = warnings.as_ref().iter().map(|cause| Note { sentence: cause.to_string(), cause });
    serializer.collect_seq(notes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_written_with_its_kind_and_its_values() {
        #[derive(Serialize)]
        struct Said(#[serde(serialize_with = "noted")] Vec<Warning>);
        let said = Said(vec![Warning::SeveralSeries, Warning::SeveralRegions { regions: 2 }]);
        let sentences = [
            "It holds several series; that of the finest picture is read.",
            "It holds 2 regions; the largest is read.",
        ];
        assert_eq!(
            serde_json::to_value(said).unwrap(),
            serde_json::json!([
                { "sentence": sentences[0], "cause": { "kind": "several_series" } },
                {
                    "sentence": sentences[1],
                    "cause": { "kind": "several_regions", "params": { "regions": 2 } },
                },
            ])
        );
    }
}
