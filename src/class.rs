//! The two classes, and values that come one for each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a patch, an image or a patient can be said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// No cancer.
    Benign,
    /// Cancer.
    Malignant,
}

impl Class {
    /// In the order of every pair of scores, and of `prediction_idx` in reports.
    pub const ALL: [Self; 2] = [Self::Benign, Self::Malignant];

    /// "benign" or "malignant", as in reports and manifests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Benign => "benign",
            Self::Malignant => "malignant",
        }
    }

    /// Its place in [`Class::ALL`]: the reference API's `prediction_idx`.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A value for each class. In JSON an object with exactly these two keys, in any order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ByClass<T> {
    /// That of [`Class::Benign`].
    pub benign: T,
    /// That of [`Class::Malignant`].
    pub malignant: T,
}

impl<T> ByClass<T> {
    /// The value of one class.
    pub fn of(&self, class: Class) -> &T {
        match class {
            Class::Benign => &self.benign,
            Class::Malignant => &self.malignant,
        }
    }

    /// The value of one class, to change it.
    pub fn of_mut(&mut self, class: Class) -> &mut T {
        match class {
            Class::Benign => &mut self.benign,
            Class::Malignant => &mut self.malignant,
        }
    }

    /// The values in the order of [`Class::ALL`].
    pub fn into_array(self) -> [T; 2] {
        [self.benign, self.malignant]
    }

    /// Applies `f` to both values.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> ByClass<U> {
        ByClass { benign: f(self.benign), malignant: f(self.malignant) }
    }
}

impl<T: PartialOrd> ByClass<T> {
    /// The class with the greater value; benign, the first, of equals, as numpy and PyTorch do.
    pub fn greatest(&self) -> Class {
        if self.malignant > self.benign { Class::Malignant } else { Class::Benign }
    }
}

impl<T> From<[T; 2]> for ByClass<T> {
    /// From values in the order of [`Class::ALL`].
    fn from([benign, malignant]: [T; 2]) -> Self {
        Self { benign, malignant }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter_and_others_are_refused() {
        let read = |json: &str| serde_json::from_str::<ByClass<f64>>(json);
        let expected = ByClass { benign: 0.1, malignant: 0.9 };
        assert_eq!(read(r#"{"benign":0.1,"malignant":0.9}"#).unwrap(), expected);
        assert_eq!(read(r#"{"malignant":0.9,"benign":0.1}"#).unwrap(), expected);
        for (json, named) in [
            (r#"{"benign":0.1}"#, "malignant"),
            (r#"{}"#, "benign"),
            (r#"{"benign":0.1,"malignant":0.9,"other":0.7}"#, "other"),
            (r#"{"benign":0.1,"malignant":0.9,"benign":0.2}"#, "duplicate"),
            (r#"{"benign":null,"malignant":0.9}"#, "null"),
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(error.contains(named), "{json}: {error}");
        }
    }

    #[test]
    fn ties_go_to_the_first_class() {
        assert_eq!(ByClass::from([0.5, 0.5]).greatest(), Class::Benign);
        assert_eq!(ByClass::from([0.4, 0.6]).greatest(), Class::Malignant);
        assert_eq!(ByClass::from([3, 2]).greatest(), Class::Benign);
    }

    #[test]
    fn places_are_those_of_the_reference_api() {
        assert_eq!(Class::ALL.map(Class::index), [0, 1]);
        assert_eq!(Class::ALL.map(Class::name), ["benign", "malignant"]);
        assert_eq!(Class::ALL.map(Class::name), crate::colours::OWN_CLASSES);
        let by = ByClass::from([7, 8]);
        assert_eq!(Class::ALL.map(|class| *by.of(class)), by.into_array());
    }
}
