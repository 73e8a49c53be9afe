//! What the head that judged says, by the classes that it told apart, whichever field of the report has
//! it. The page reads reports by the same rule (`www/src/study/classes.ts`).

use super::{ImageReport, Taught};
use crate::class::Class;

impl ImageReport {
    /// What a head of other classes says, a lesson's or the model's own; `None` where benign and
    /// malignant were told apart, which the report's own fields say.
    pub fn otherwise(&self) -> Option<&Taught> {
        self.taught.as_ref().filter(|taught| !taught.is_in_place())
    }

    /// Names of the classes that were told apart, in the order of all shares.
    pub fn classes(&self) -> Vec<&str> {
        match self.otherwise() {
            Some(taught) => taught.classes.iter().map(String::as_str).collect(),
            None => Class::ALL.map(Class::name).into(),
        }
    }

    /// Of each patch its probabilities by [`Self::classes`]; `None` of one that did not vote.
    pub fn patch_shares(&self) -> Vec<Option<Vec<f64>>> {
        let Some(taught) = self.otherwise() else {
            let own = self.patches.iter().map(|patch| patch.probabilities);
            return own.map(|pair| pair.map(|pair| pair.into_array().into())).collect();
        };
        // All that may vote do, or none does.
        let mut voters = taught.voters.iter();
        let may_vote = self.patches.iter().map(|patch| patch.screen.may_vote());
        may_vote.map(|may| if may { voters.next().cloned() } else { None }).collect()
    }
}
