//! What a caller may set about one image's classification.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};
use crate::scale;

/// Why an option is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum OptionProblem {
    /// No JSON, an option that is none, or a value of another type.
    #[error("{detail}")]
    Form { detail: String },
    #[error("expected a whole number above 0 or \"all\", got \"{found}\"")]
    NoCount { found: String },
    #[error("{found} is not in {least}..={most}")]
    OutOfRange { found: String, least: String, most: String },
    #[error("{found} is less than {least}")]
    TooSmall { found: u32, least: u32 },
    #[error("\"{found}\" is neither \"int8\" nor \"f32\"")]
    NoVariant { found: String },
    #[error("\"{found}\" is neither \"fused\" nor \"tract\"")]
    NoRuntime { found: String },
}

/// How many patches of an image are classified at most.
///
/// In JSON a positive integer, or the string `"all"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxPatches {
    /// Every patch of the grid.
    All,
    /// At most so many, spread evenly over the grid; see [`crate::grid::sample`].
    AtMost(u32),
}

impl std::str::FromStr for MaxPatches {
    type Err = OptionProblem;

    fn from_str(text: &str) -> Result<Self, OptionProblem> {
        if text == "all" {
            return Ok(Self::All);
        }
        match text.parse() {
            Ok(count) if count > 0 => Ok(Self::AtMost(count)),
            _ => Err(OptionProblem::NoCount { found: text.into() }),
        }
    }
}

impl Serialize for MaxPatches {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::AtMost(count) => serializer.serialize_u32(*count),
        }
    }
}

impl<'de> Deserialize<'de> for MaxPatches {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Count(u32),
            Word(String),
        }
        match Raw::deserialize(deserializer)? {
            Raw::Count(count) => Ok(Self::AtMost(count)),
            Raw::Word(word) => word.parse().map_err(de::Error::custom),
        }
    }
}

/// Options of one run. `Default` is the reference pipeline, at most 25 patches, a stride of one
/// patch, behind the screen, with 16 patches handed over at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How many patches are classified at most; [`crate::grid::MAX_PATCHES`] bounds them all.
    #[cfg_attr(test, ts(type = "number | \"all\""))]
    pub max_patches: MaxPatches,
    /// Patches that are handed to the engine at once, 1 to [`Options::MAX_BATCH_SIZE`] and no more
    /// than [`crate::pipeline::MAX_BATCH_BYTES`]: how fine progress is told, and what workers share
    /// out. The engine runs patch after patch, so it changes neither the result nor, by itself, the
    /// speed.
    pub batch_size: u32,
    /// Distance between patches in pixels, at least [`Options::MIN_STRIDE`]; `None` is the model's
    /// patch size, so that patches touch and do not overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub stride: Option<u32>,
    /// Whether only the patches that [`crate::screen`] finds assessable are classified.
    pub screen: bool,
    /// Confidence, 0.5 to 1, below which the verdict is "uncertain"; `None` is the model's own,
    /// `calibration.uncertain_below` of its manifest. 0.5 abstains only from a tie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub uncertain_below: Option<f64>,
    /// Micrometres per pixel, [`crate::scale::LEAST`] to [`crate::scale::MOST`], whatever the file
    /// says; of a slide, of its finest level. `None` takes the file's word. Changes no probability of
    /// an image; patches of a slide are cut by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub um_per_pixel: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_patches: MaxPatches::AtMost(25),
            batch_size: 16,
            stride: None,
            screen: true,
            uncertain_below: None,
            um_per_pixel: None,
        }
    }
}

impl Options {
    /// The most patches at once: of 224x224 pixels they are 37 MiB.
    pub const MAX_BATCH_SIZE: u32 = 256;
    /// The least stride: below it the grid of a large image has millions of patches. No patch is
    /// smaller either, so that the stride of one patch, the default, does not go below it.
    pub const MIN_STRIDE: u32 = 16;
    /// The threshold of "uncertain" that never abstains: of two classes one has a half.
    pub const NEVER_UNCERTAIN: f64 = 0.5;

    /// Reads options from JSON; fields that are absent keep their defaults.
    ///
    /// # Errors
    /// [`Error::OptionsInvalid`] for text that is not JSON, unknown fields and values out of range.
    pub fn from_json(json: &str) -> Result<Self> {
        let options: Self = serde_json::from_str(json).map_err(|error| {
            invalid("options", OptionProblem::Form { detail: error.to_string() })
        })?;
        options.validate()?;
        Ok(options)
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`Error::OptionsInvalid`] that names the option and the range.
    pub fn validate(&self) -> Result<()> {
        let Self { max_patches, batch_size, stride, screen: _, uncertain_below, um_per_pixel } =
            *self;
        if max_patches == MaxPatches::AtMost(0) {
            return Err(invalid("max_patches", OptionProblem::NoCount { found: "0".into() }));
        }
        within("batch_size", batch_size, 1, Self::MAX_BATCH_SIZE)?;
        if let Some(found) = stride
            && found < Self::MIN_STRIDE
        {
            let problem = OptionProblem::TooSmall { found, least: Self::MIN_STRIDE };
            return Err(invalid("stride", problem));
        }
        if let Some(threshold) = uncertain_below {
            within("uncertain_below", threshold, Self::NEVER_UNCERTAIN, 1.0)?;
        }
        if let Some(found) = um_per_pixel {
            within("um_per_pixel", found, scale::LEAST, scale::MOST)?;
        }
        Ok(())
    }
}

fn within<T>(option: &'static str, found: T, least: T, most: T) -> Result<()>
where
    T: PartialOrd + ToString,
{
    if least <= found && found <= most {
        return Ok(());
    }
    let [found, least, most] = [found, least, most].map(|value| value.to_string());
    Err(invalid(option, OptionProblem::OutOfRange { found, least, most }))
}

fn invalid(option: &'static str, problem: OptionProblem) -> Error {
    Error::OptionsInvalid { option, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_fields_keep_the_reference_defaults() {
        let options = Options::from_json("{}").unwrap();
        assert_eq!(options, Options::default());
        assert_eq!(options.max_patches, MaxPatches::AtMost(25));
        assert_eq!(options.batch_size, 16);
        assert!(options.screen);
    }

    #[test]
    fn all_is_a_word_and_round_trips() {
        let options = Options::from_json(
            r#"{"max_patches":"all","stride":112,"screen":false,"uncertain_below":0.75}"#,
        )
        .unwrap();
        assert_eq!(options.max_patches, MaxPatches::All);
        let json = serde_json::to_string(&options).unwrap();
        assert_eq!(Options::from_json(&json).unwrap(), options);
    }

    #[test]
    fn bad_values_name_the_option() {
        for (json, named) in [
            (r#"{"max_patches":0}"#, "max_patches"),
            (r#"{"max_patches":"some"}"#, "whole number"),
            (r#"{"batch_size":0}"#, "batch_size"),
            (r#"{"batch_size":257}"#, "batch_size"),
            (r#"{"stride":15}"#, "stride"),
            (r#"{"strides":224}"#, "strides"),
            (r#"{"screen":1}"#, "boolean"),
            (r#"{"uncertain_below":0.4}"#, "uncertain_below"),
            (r#"{"uncertain_below":1.01}"#, "uncertain_below"),
            (r#"{"um_per_pixel":0}"#, "um_per_pixel"),
            (r#"{"um_per_pixel":101}"#, "um_per_pixel"),
            ("not json", "options"),
        ] {
            let error = Options::from_json(json).unwrap_err();
            assert_eq!(error.code(), "options_invalid", "{json}");
            assert!(error.to_string().contains(named), "{json}: {error}");
        }
    }
}
