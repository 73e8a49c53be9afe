//! Familiarity: how far an image is from what the model, or a lesson, has learned.
//!
//! The distance is that of Mahalanobis, in the space in which images of the training patients, and
//! what cameras, lamps and file formats make of them, scatter alike in all directions:
//!
//! ```text
//! d^2 = |W (x - mean)|^2 + |s * (x - mean)|^2 - |R (x - mean)|^2
//! ```
//!
//! with the features `x` of an image, the whitening `W [k][F]`, and for statistics of few images, as
//! those of lessons are, a scale `s [F]` of all features and the relief `R [r][F]` of the directions
//! in which images scatter more. Sums run in index order in f64 and nothing but `sqrt` is called, so
//! the distance has the same bits on every machine.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::features::{Features, Statistic};
use crate::manifest::is_sha256;

/// The only layout of statistics that this version understands.
pub const SCHEMA_VERSION: u32 = 1;

/// The most bytes of JSON that are read as statistics: a whitening of 4 million numbers has more.
pub const MAX_STATISTICS_BYTES: usize = 16 << 20;

/// The most rows of a whitening and of a relief.
const MAX_ROWS: usize = Features::MAX_LEN;

/// Why statistics are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the sentence of each variant says what it is and names its values")]
#[non_exhaustive]
pub enum FamiliarityProblem {
    #[error("they have {bytes} bytes; the limit is {max_bytes}")]
    TooLarge { bytes: usize, max_bytes: usize },
    #[error("they have not the form of statistics: {detail}")]
    Form { detail: String },
    #[error("their schema_version is {found}, this program reads {known}")]
    SchemaVersion { found: u32, known: u32 },
    #[error("they belong to the model with SHA-256 {found}, this one has {expected}")]
    OtherModel { expected: String, found: String },
    #[error("{field}: {found} where {expected} must be")]
    Length { field: &'static str, found: usize, expected: usize },
    #[error("{field} holds a number that cannot be one")]
    Number { field: &'static str },
    #[error("the file has SHA-256 {found}, but the manifest says {expected}")]
    OtherFile { expected: String, found: String },
    #[error("the model's manifest names no such file")]
    NoFeatures,
    #[error("the model has no such level or statistic")]
    NoSuchFeatures,
}

/// The greatest distance of what is familiar, for images of so many voters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// For images of so many voters or more; the mean of fewer patches scatters more.
    pub from_voters: u32,
    /// Above 0.
    pub limit: f64,
}

/// The numbers of [`Familiarity`], as files and lessons have them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Which levels of the manifest's features are looked at; all, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<String>>,
    /// Which statistics; all, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Vec<Statistic>>,
    /// `[F]`.
    pub mean: Vec<f64>,
    /// `[k][F]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub whitening: Vec<Vec<f64>>,
    /// `[F]`, or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scale: Vec<f64>,
    /// `[r][F]`, or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relief: Vec<Vec<f64>>,
    /// For any number of voters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// By the number of voters, ascending; in place of `limit`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
}

/// A file of statistics; what else it says, how they were made, is for people.
#[derive(Deserialize)]
struct StatisticsFile {
    schema_version: u32,
    model_sha256: String,
    #[serde(flatten)]
    statistics: Statistics,
}

/// What a report says of an image.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Familiar {
    /// Without a unit: 1 is a usual deviation in one direction.
    pub distance: f64,
    /// The greatest that is familiar.
    pub limit: f64,
    /// Whether the distance is not above the limit.
    pub familiar: bool,
}

/// Why a report says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// The model came without statistics.
    NoStatistics,
    /// Features are known only of a network that runs in integers from end to end.
    NoFeatures,
    /// No patch voted.
    NoVoters,
}

/// Checked statistics.
#[derive(Debug, Clone, PartialEq)]
pub struct Familiarity {
    /// Places in the features of a patch.
    places: Vec<usize>,
    statistics: Statistics,
    limits: Vec<Limit>,
}

impl Familiarity {
    /// Reads the file of the model with this SHA-256 and these features.
    ///
    /// # Errors
    /// [`Error::FamiliarityInvalid`] that names what is wrong, before anything is computed with it.
    pub fn from_json(json: &[u8], features: &Features, model_sha256: &str) -> Result<Self> {
        let (bytes, max_bytes) = (json.len(), MAX_STATISTICS_BYTES);
        if bytes > max_bytes {
            return Err(invalid(FamiliarityProblem::TooLarge { bytes, max_bytes }));
        }
        let written: StatisticsFile = serde_json::from_slice(json)
            .map_err(|error| invalid(FamiliarityProblem::Form { detail: error.to_string() }))?;
        if written.schema_version != SCHEMA_VERSION {
            let (found, known) = (written.schema_version, SCHEMA_VERSION);
            return Err(invalid(FamiliarityProblem::SchemaVersion { found, known }));
        }
        let found = written.model_sha256;
        if found != model_sha256 || !is_sha256(&found) {
            let expected = model_sha256.into();
            return Err(invalid(FamiliarityProblem::OtherModel { expected, found }));
        }
        Self::new(written.statistics, features).map_err(invalid)
    }

    /// Checks `statistics` of a model with these features.
    pub(crate) fn new(
        statistics: Statistics,
        features: &Features,
    ) -> Result<Self, FamiliarityProblem> {
        let all: Vec<String> = features.levels.iter().map(|level| level.name.clone()).collect();
        let levels = statistics.levels.as_ref().unwrap_or(&all);
        let kinds = statistics.statistics.as_ref().unwrap_or(&features.statistics);
        let places = features.select(levels, kinds).ok_or(FamiliarityProblem::NoSuchFeatures)?;
        let expected = places.len();
        let row = |field, found: usize| {
            let fits = found == expected && expected > 0;
            fits.then_some(()).ok_or(FamiliarityProblem::Length { field, found, expected })
        };
        row("mean", statistics.mean.len())?;
        if !statistics.scale.is_empty() {
            row("scale", statistics.scale.len())?;
        }
        for (field, rows) in [("whitening", &statistics.whitening), ("relief", &statistics.relief)]
        {
            if rows.len() > MAX_ROWS {
                let (found, expected) = (rows.len(), MAX_ROWS);
                return Err(FamiliarityProblem::Length { field, found, expected });
            }
            rows.iter().try_for_each(|values| row(field, values.len()))?;
        }
        if statistics.whitening.is_empty() && statistics.scale.is_empty() {
            return Err(FamiliarityProblem::Length { field: "whitening", found: 0, expected: 1 });
        }
        let Statistics { mean, whitening, scale, relief, .. } = &statistics;
        let sets = [
            ("mean", std::slice::from_ref(mean)),
            ("whitening", whitening.as_slice()),
            ("scale", std::slice::from_ref(scale)),
            ("relief", relief.as_slice()),
        ];
        for (field, rows) in sets {
            if !rows.iter().flatten().all(|value| value.abs() <= 1e12) {
                return Err(FamiliarityProblem::Number { field });
            }
        }
        let limits = limits(&statistics)?;
        Ok(Self { places, statistics, limits })
    }

    /// What an image is whose `voters` patches have the mean features `x`, all of the model's.
    pub fn of(&self, x: &[f64], voters: usize) -> Familiar {
        let distance = self.distance(x);
        let voters = u32::try_from(voters).unwrap_or(u32::MAX);
        let from = self.limits.iter().rev().find(|limit| limit.from_voters <= voters);
        let limit = from.unwrap_or(&self.limits[0]).limit;
        // What is no number is not familiar.
        Familiar { distance, limit, familiar: distance <= limit }
    }

    /// The distance of an image with the features `x`, all of the model's.
    pub fn distance(&self, x: &[f64]) -> f64 {
        let Statistics { mean, whitening, scale, relief, .. } = &self.statistics;
        let centred: Vec<f64> =
            self.places.iter().zip(mean).map(|(&place, mean)| x[place] - mean).collect();
        let mut sum = rows(whitening, &centred);
        for (scale, value) in scale.iter().zip(&centred) {
            sum += scale * value * (scale * value);
        }
        let left = sum - rows(relief, &centred);
        // Rounding may leave less than nothing; what is no number stays none.
        if left < 0.0 { 0.0 } else { left.sqrt() }
    }

    /// As a lesson holds them.
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }
}

/// `|M x|^2`, row after row.
fn rows(matrix: &[Vec<f64>], x: &[f64]) -> f64 {
    let mut sum = 0.0;
    for row in matrix {
        let mut product = 0.0;
        for (weight, value) in row.iter().zip(x) {
            product += weight * value;
        }
        sum += product * product;
    }
    sum
}

/// One for any number of voters, or a table that begins at one voter and ascends.
fn limits(statistics: &Statistics) -> Result<Vec<Limit>, FamiliarityProblem> {
    let limits = match (statistics.limit, statistics.limits.as_slice()) {
        (Some(limit), []) => vec![Limit { from_voters: 1, limit }],
        (None, table) => table.to_vec(),
        _ => vec![],
    };
    let ascends = limits.windows(2).all(|pair| pair[0].from_voters < pair[1].from_voters);
    let begins = limits.first().is_some_and(|first| first.from_voters == 1);
    let positive = limits.iter().all(|limit| limit.limit > 0.0 && limit.limit.is_finite());
    if begins && ascends && positive && limits.len() <= 64 {
        Ok(limits)
    } else {
        Err(FamiliarityProblem::Number { field: "limit" })
    }
}

fn invalid(problem: FamiliarityProblem) -> Error {
    Error::FamiliarityInvalid { problem }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Level;
    use serde_json::{Value, json};

    const MODEL: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn features() -> Features {
        let level = |name: &str| Level { name: name.into(), tensor: "t".into(), channels: 2 };
        Features {
            levels: vec![level("a"), level("b")],
            statistics: vec![Statistic::Mean, Statistic::MeanSquare],
        }
    }

    fn file() -> Value {
        json!({"schema_version": 1, "model_sha256": MODEL, "levels": ["b"], "statistics": ["mean"],
            "mean": [1.0, 2.0], "whitening": [[1.0, 0.0], [0.0, 0.5]], "limit": 2.0,
            "made": "by hand"})
    }

    fn read(file: &Value) -> Result<Familiarity> {
        Familiarity::from_json(file.to_string().as_bytes(), &features(), MODEL)
    }

    #[test]
    fn the_distance_is_that_of_the_whitened_features() {
        let familiarity = read(&file()).unwrap();
        // The level b, mean: places 2 and 3.
        let at = |b0: f64, b1: f64| familiarity.of(&[9.0, 9.0, b0, b1, 9.0, 9.0, 9.0, 9.0], 25);
        let near = at(1.0, 2.0);
        assert_eq!((near.distance, near.limit, near.familiar), (0.0, 2.0, true));
        assert_eq!(at(4.0, 10.0).distance, 5.0);
        assert!(!at(4.0, 10.0).familiar);
        assert!(at(3.0, 2.0).familiar, "the limit itself is familiar");
        assert!(!at(f64::NAN, 2.0).familiar);
    }

    #[test]
    fn scale_and_relief_are_a_whitening_in_short() {
        let mut file = file();
        file["whitening"] = json!([]);
        file["scale"] = json!([1.0, 1.0]);
        // Along the first feature the variance is 4: 1 - 1/4 of the square is taken off.
        file["relief"] = json!([[0.75f64.sqrt(), 0.0]]);
        let familiarity = read(&file).unwrap();
        let distance = familiarity.distance(&[0.0, 0.0, 5.0, 2.0, 0.0, 0.0, 0.0, 0.0]);
        assert!((distance - 2.0).abs() < 1e-12, "{distance}");
    }

    #[test]
    fn few_voters_may_have_another_limit() {
        let mut file = file();
        file.as_object_mut().unwrap().remove("limit");
        file["limits"] =
            json!([{"from_voters": 1, "limit": 8.0}, {"from_voters": 4, "limit": 3.0}]);
        let familiarity = read(&file).unwrap();
        let limit = |voters| familiarity.of(&[0.0; 8], voters).limit;
        assert_eq!([0, 1, 3, 4, 25].map(limit), [8.0, 8.0, 8.0, 3.0, 3.0]);
    }

    #[test]
    fn what_is_no_statistics_is_refused_by_name() {
        for (pointer, value, named) in [
            ("/schema_version", json!(2), "schema_version"),
            ("/model_sha256", json!("ab"), "belong to the model"),
            ("/levels", json!(["c"]), "no such level"),
            ("/statistics", json!(["median"]), "median"),
            ("/mean", json!([1.0]), "mean: 1 where 2"),
            ("/mean", json!([1.0, null]), "null"),
            ("/mean", json!([1.0, 1e300]), "mean holds"),
            ("/whitening", json!([[1.0]]), "whitening: 1 where 2"),
            ("/whitening", json!([]), "whitening: 0 where 1"),
            ("/whitening", json!([[1e13, 0.0]]), "whitening holds"),
            ("/limit", json!(0.0), "limit"),
            ("/limit", json!(-1.0), "limit"),
            ("/limit", json!(null), "limit"),
        ] {
            let mut file = file();
            *file.pointer_mut(pointer).unwrap() = value;
            let error = read(&file).unwrap_err();
            assert_eq!(error.code(), "familiarity_invalid");
            assert!(error.to_string().contains(named), "{pointer}: {error}");
        }
        let mut both = file();
        both["limits"] = json!([{"from_voters": 1, "limit": 1.0}]);
        assert!(read(&both).unwrap_err().to_string().contains("limit"));
        let late = json!([{"from_voters": 2, "limit": 1.0}]);
        both.as_object_mut().unwrap().remove("limit");
        both["limits"] = late;
        assert!(read(&both).unwrap_err().to_string().contains("limit"));
        let large = vec![b' '; MAX_STATISTICS_BYTES + 1];
        let error = Familiarity::from_json(&large, &features(), MODEL).unwrap_err();
        assert!(error.to_string().contains("the limit is"), "{error}");
    }

    #[test]
    fn no_spoilt_byte_makes_it_panic() {
        let text = file().to_string();
        for place in 0..text.len() {
            for byte in [b'0', b'9', b'-', b'"', b'[', b'}', b'e', 0, 0xff] {
                let mut spoilt = text.clone().into_bytes();
                spoilt[place] = byte;
                if let Ok(familiarity) = Familiarity::from_json(&spoilt, &features(), MODEL) {
                    familiarity.of(&[1.0; 8], 3);
                }
            }
        }
    }
}
