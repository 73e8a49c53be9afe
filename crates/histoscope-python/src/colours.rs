//! The colours of maps, those of the page and of the command line.

use histoscope::colours::{self, Rgb};
use pyo3::prelude::*;

/// Red, green and blue of a patch with these probabilities by class, as many as there are classes.
#[pyfunction]
pub(crate) fn colour(classes: Vec<String>, shares: Vec<f64>) -> (u8, u8, u8) {
    let [red, green, blue]: Rgb = colours::of_shares(&classes, &shares);
    (red, green, blue)
}
