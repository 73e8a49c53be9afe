//! What a caller may set about one image's classification.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Result};

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
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::All);
        }
        match text.parse() {
            Ok(count) if count > 0 => Ok(Self::AtMost(count)),
            _ => Err(format!("expected a whole number above 0 or \"all\", got \"{text}\"")),
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

/// Options of one run. `Default` is the reference pipeline, at most 25 patches, batches of 16, a
/// stride of one patch, behind the screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How many patches are classified at most.
    pub max_patches: MaxPatches,
    /// Patches in one forward pass, 1 to [`Options::MAX_BATCH_SIZE`]. Does not change the result.
    pub batch_size: u32,
    /// Distance between patches in pixels, at least [`Options::MIN_STRIDE`]; `None` is the model's
    /// patch size, so that patches touch and do not overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stride: Option<u32>,
    /// Whether only the patches that [`crate::screen`] finds assessable are classified.
    pub screen: bool,
    /// Confidence, 0.5 to 1, below which the verdict is "uncertain"; `None` is the model's own,
    /// `calibration.uncertain_below` of its manifest. 0.5 never abstains between two classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertain_below: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_patches: MaxPatches::AtMost(25),
            batch_size: 16,
            stride: None,
            screen: true,
            uncertain_below: None,
        }
    }
}

impl Options {
    /// The largest batch: 256 patches of 224x224 are 37 MiB of pixels.
    pub const MAX_BATCH_SIZE: u32 = 256;
    /// The least stride: below it the grid of a large image has millions of patches.
    pub const MIN_STRIDE: u32 = 16;

    /// Reads options from JSON; fields that are absent keep their defaults.
    ///
    /// # Errors
    /// [`Error::OptionsInvalid`] for text that is not JSON, unknown fields and values out of range.
    pub fn from_json(json: &str) -> Result<Self> {
        let options: Self = serde_json::from_str(json)
            .map_err(|e| Error::OptionsInvalid { option: "options", problem: e.to_string() })?;
        options.validate()?;
        Ok(options)
    }

    /// Checks every value against its range.
    ///
    /// # Errors
    /// [`Error::OptionsInvalid`] that names the option and the range.
    pub fn validate(&self) -> Result<()> {
        if self.max_patches == MaxPatches::AtMost(0) {
            return Err(Error::OptionsInvalid {
                option: "max_patches",
                problem: "must be at least 1, or \"all\"".into(),
            });
        }
        if !(1..=Self::MAX_BATCH_SIZE).contains(&self.batch_size) {
            return Err(Error::OptionsInvalid {
                option: "batch_size",
                problem: format!("{} is not in 1..={}", self.batch_size, Self::MAX_BATCH_SIZE),
            });
        }
        if let Some(stride) = self.stride
            && stride < Self::MIN_STRIDE
        {
            return Err(Error::OptionsInvalid {
                option: "stride",
                problem: format!("{stride} pixels is less than {}", Self::MIN_STRIDE),
            });
        }
        if let Some(threshold) = self.uncertain_below
            && !(0.5..=1.0).contains(&threshold)
        {
            return Err(Error::OptionsInvalid {
                option: "uncertain_below",
                problem: format!("{threshold} is not in 0.5..=1"),
            });
        }
        Ok(())
    }
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
            ("not json", "options"),
        ] {
            let error = Options::from_json(json).unwrap_err();
            assert_eq!(error.code(), "options_invalid", "{json}");
            assert!(error.to_string().contains(named), "{json}: {error}");
        }
    }
}
