//! The lessons that a server was started with, and which of them judges a request.

use std::collections::BTreeMap;
use std::sync::Arc;

use histoscope::Error;
use histoscope::lesson::Lesson;
use histoscope::options::OptionProblem;

/// Lessons by name; one of them may judge where a request names none.
#[derive(Debug, Clone, Default)]
pub struct Lessons {
    usual: Option<Arc<Lesson>>,
    by_name: BTreeMap<String, Arc<Lesson>>,
}

impl Lessons {
    /// Has a lesson judge whatever names no other.
    pub fn set_usual(&mut self, lesson: Lesson) {
        self.usual = Some(Arc::new(lesson));
    }

    /// Adds a lesson that requests may ask for.
    pub fn insert(&mut self, name: String, lesson: Lesson) {
        self.by_name.insert(name, Arc::new(lesson));
    }

    /// What requests may ask for, in the order of the alphabet.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// The lesson of a request; none if it asks for "none", or for nothing and none is usual.
    ///
    /// # Errors
    /// [`Error::OptionsInvalid`] that names what there is.
    pub(crate) fn of(&self, asked: Option<&str>) -> Result<Option<Arc<Lesson>>, Error> {
        match asked {
            None => Ok(self.usual.clone()),
            Some(Self::NONE) => Ok(None),
            Some(name) => self.by_name.get(name).cloned().map(Some).ok_or_else(|| {
                let known: Vec<&str> = self.names().chain([Self::NONE]).collect();
                let known = known.join(", ");
                let detail = format!("there is no lesson \"{name}\"; there are {known}");
                Error::OptionsInvalid { option: "lesson", problem: OptionProblem::Form { detail } }
            }),
        }
    }

    /// Asks for the model's own head.
    pub const NONE: &str = "none";
}
