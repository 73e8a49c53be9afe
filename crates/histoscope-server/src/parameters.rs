//! The options of a request, from its query.

use histoscope::Error;
use histoscope::options::{MaxPatches, OptionProblem, Options};
use histoscope::patients::Patients;
use histoscope::report::{Duplicates, Votes};
use serde::Deserialize;

/// `?max_patches=25|all&stride=224&screen=true&uncertain_below=0.6&lesson=NAME&keep_duplicates=false`
/// `&count_unfamiliar=true&one_patient=false`; each may be left out, and one that is unknown is refused.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    max_patches: Option<String>,
    stride: Option<u32>,
    screen: Option<bool>,
    uncertain_below: Option<f64>,
    lesson: Option<String>,
    keep_duplicates: Option<bool>,
    count_unfamiliar: Option<bool>,
    one_patient: Option<bool>,
}

impl Parameters {
    /// Reads a query.
    ///
    /// # Errors
    /// [`Error::OptionsInvalid`] that names the option or the form.
    pub(crate) fn read(query: &str) -> Result<Self, Error> {
        serde_urlencoded::from_str(query)
            .map_err(|error| invalid("query", OptionProblem::Form { detail: error.to_string() }))
    }

    /// As options of the core, checked.
    ///
    /// # Errors
    /// [`Error::OptionsInvalid`].
    pub(crate) fn options(&self) -> Result<Options, Error> {
        let defaults = Options::default();
        let max_patches = match &self.max_patches {
            Some(text) => {
                text.parse::<MaxPatches>().map_err(|problem| invalid("max_patches", problem))?
            }
            None => defaults.max_patches,
        };
        let options = Options {
            max_patches,
            stride: self.stride,
            screen: self.screen.unwrap_or(defaults.screen),
            uncertain_below: self.uncertain_below,
            ..defaults
        };
        options.validate()?;
        Ok(options)
    }

    /// The name of the lesson that is asked for.
    pub(crate) fn lesson(&self) -> Option<&str> {
        self.lesson.as_deref()
    }

    /// Which images of a folder vote, and with whom. The reference API lets every image vote, an
    /// unfamiliar one too.
    pub(crate) fn votes(&self) -> Votes<'static> {
        let duplicates = match self.keep_duplicates {
            Some(true) => Duplicates::Keep,
            _ => Duplicates::VoteOnce,
        };
        Votes {
            duplicates,
            unfamiliar: self.count_unfamiliar.unwrap_or(true),
            patients: if self.one_patient == Some(true) {
                Patients::One
            } else {
                Patients::ByNames
            },
        }
    }
}

fn invalid(option: &'static str, problem: OptionProblem) -> Error {
    Error::OptionsInvalid { option, problem }
}
