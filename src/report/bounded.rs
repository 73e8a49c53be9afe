//! Lists out of a file, no longer than they may be: a file does not decide how much is allocated for it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

/// A list of at most `MOST` entries, for `deserialize_with`.
pub(super) fn list<'de, D, T, const MOST: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    List::<T, MOST>::deserialize(deserializer).map(|List(entries)| entries)
}

/// A list of at most `MOST` rows of at most `WIDEST` entries, for `deserialize_with`.
pub(super) fn rows<'de, D, T, const MOST: usize, const WIDEST: usize>(
    deserializer: D,
) -> Result<Vec<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let List(rows) = List::<List<T, WIDEST>, MOST>::deserialize(deserializer)?;
    Ok(rows.into_iter().map(|List(entries)| entries).collect())
}

/// A list of at most `MOST` entries.
#[derive(Debug)]
pub(super) struct List<T, const MOST: usize>(pub Vec<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for List<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Entries(PhantomData))
    }
}

struct Entries<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for Entries<T, MOST> {
    type Value = List<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MOST}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = sequence.next_element()? {
            if entries.len() == MOST {
                return Err(A::Error::custom(format_args!("a list of more than {MOST}")));
            }
            entries.push(entry);
        }
        Ok(List(entries))
    }
}
