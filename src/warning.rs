//! What the reader of a report should know besides the verdict: in a sentence, and as a kind with its
//! values for whoever says it in words of their own.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Cause;

/// What is to be said of an image that is judged all the same.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum Warning {
    #[error("The TIFF file has several pages; only the first was read.")]
    SeveralPages,
    #[error(
        "The JPEG file lacks its end marker, as if it were cut short; all its pixels are there."
    )]
    NoEndMarker,
    #[error(
        "The file has a palette of at most 256 colours, too few for a stain: do not rely on the result."
    )]
    FewColours,
    #[error(
        "The file has a colour profile or a gamma of its own: viewers show other colours than the \
         model sees."
    )]
    ColoursManaged,
    /// `which` names the reasons with how many each.
    #[error("{left_out} of {total} patches did not vote: {which}.")]
    PatchesLeftOut { left_out: u64, total: u64, which: String },
    #[error(
        "Not assessable: {good} of {total} patches can be assessed ({which}). {remedy} To classify \
         it all the same, switch the screen off."
    )]
    NotAssessable { good: u64, total: u64, which: String, remedy: &'static str },
    #[error(
        "The scale, {found} µm per pixel, is outside what the model has learned from, {least} to \
         {most}: do not rely on the result."
    )]
    UnseenScale { found: f64, least: f64, most: f64 },
}

/// A warning as it goes through reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Note {
    /// For people, in English.
    pub sentence: String,
    /// Which it is, with its values.
    pub cause: Cause,
}

impl Note {
    /// Of a type whose kinds and values serde writes as [`Cause`] has them.
    pub fn of<W: fmt::Display + Serialize>(warning: &W) -> Self {
        let sentence = warning.to_string();
        let cause = serde_json::to_value(warning).and_then(serde_json::from_value);
        Self { cause: cause.unwrap_or_else(|_| Self::unknown()), sentence }
    }

    /// Of a report, which has no causes where an earlier version wrote it.
    pub fn of_report(sentences: Vec<String>, causes: Vec<Cause>) -> Vec<Self> {
        let causes = causes.into_iter().chain(std::iter::repeat_with(Self::unknown));
        sentences
            .into_iter()
            .zip(causes)
            .map(|(sentence, cause)| Self { sentence, cause })
            .collect()
    }

    fn unknown() -> Cause {
        Cause { kind: "other".into(), params: BTreeMap::new() }
    }
}

impl From<Warning> for Note {
    fn from(warning: Warning) -> Self {
        Self::of(&warning)
    }
}
